/** `npm stop`: ends the Wusul of this folder in order, or what one that was killed has left running. */
import { join } from 'node:path';
import { loadSettings } from '../server/config.ts';
import { readHolder } from '../server/machine/lock.ts';
import { endProcess, isAlive } from '../server/machine/process.ts';
import { openProcessRecord } from '../server/machine/record.ts';
import { removeReady } from '../server/machine/ready.ts';
import { lockFile } from '../server/machine/supervisor.ts';

/** The supervisor takes ten seconds at most; a little more, so that it is not killed in its last step. */
const LIMIT_MS = 10_500;

const { RUNTIME_DIR } = loadSettings();
const holder = readHolder(lockFile(RUNTIME_DIR));
if (holder !== null && isAlive(holder.identity)) {
  process.stdout.write('Stopping Wusul …\n');
  const how = await endProcess(holder.identity, 'SIGTERM', LIMIT_MS);
  if (how === 'killed') process.stdout.write('It did not end in time and was killed.\n');
}
const left = await openProcessRecord(join(RUNTIME_DIR, 'processes.json')).endAll();
removeReady(join(RUNTIME_DIR, 'ready.json'));
if (left.length > 0) process.stdout.write(`Ended what was left running: ${left.join(', ')}.\n`);
process.stdout.write(holder === null && left.length === 0 ? 'Wusul is not running.\n' : 'Stopped.\n');
