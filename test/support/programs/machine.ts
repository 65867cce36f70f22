/** A supervisor with idle roles; its argument is the settings as JSON. */
import { join } from 'node:path';
import type { Settings } from '../../../server/config.ts';
import { Machine } from '../../../server/machine/supervisor.ts';

const program = [join(import.meta.dirname, 'idle.ts')];
const settings = JSON.parse(process.argv[2] ?? '') as Settings;
const roles = ['web', 'dialer', 'worker'].map((name) => ({ name, program, saysReady: true }));
await new Machine(settings, () => undefined, roles).start();
process.send?.('ready');
