/** A role that does nothing: it says it is ready and ends when asked, or, with `--stubborn`, does not. */
import { setTimeout as after } from 'node:timers/promises';

process.on('SIGTERM', () => {
  if (!process.argv.includes('--stubborn')) process.exit(0);
});
process.send?.('ready');
await after(2 ** 31 - 1);
