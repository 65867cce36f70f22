/**
 * A role that does nothing: it says it is ready, unless `--never-ready`, and ends when asked, or,
 * with `--stubborn`, does not.
 */
import { setTimeout as after } from 'node:timers/promises';

const says = new Set(process.argv);
process.on('SIGTERM', () => {
  if (!says.has('--stubborn')) process.exit(0);
});
if (!says.has('--never-ready')) process.send?.('ready');
await after(2 ** 31 - 1);
