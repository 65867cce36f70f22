import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WAIT_LIMIT_MS = 10 * 60_000;

/** Does `work` while no other set-up of this folder is at it; waits for one that is. The lock of a dead process does not count. */
export async function alone(runtime, work) {
  mkdirSync(runtime, { recursive: true });
  const file = join(runtime, 'setup.lock');
  const start = Date.now();
  let said = false;
  while (!take(file)) {
    if (Date.now() - start > WAIT_LIMIT_MS) throw new Error(`Another set-up has held ${file} for ten minutes`);
    if (!said) process.stderr.write('  waiting for another set-up of this folder …\n');
    said = true;
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
  }
  try {
    work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  let holder;
  try {
    holder = Number(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
  // An empty file is one that its owner is just about to write.
  if (holder > 0 && !existsSync(`/proc/${holder}`)) rmSync(file, { force: true });
  return false;
}
