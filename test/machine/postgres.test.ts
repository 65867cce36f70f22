import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { choosePort } from '../../server/machine/ports.ts';
import { startPostgres } from '../../server/machine/postgres.ts';
import { openTree } from '../../server/machine/tree.ts';
import { eventually } from '../support/conditions.ts';
import { childrenOf } from '../support/processes.ts';

describe('a PostgreSQL that was killed', () => {
  it('is started again once the last process of it is gone', async () => {
    mkdirSync(inject('runFolder'), { recursive: true });
    const folder = mkdtempSync(join(inject('runFolder'), 'postgres-'));
    const logFile = join(folder, 'postgres.log');
    const settings = {
      tree: openTree(inject('treeFolder')),
      dataFolder: join(folder, 'data'),
      port: await choosePort(null, 'tcp'),
      password: 'postgres-of-a-test',
      logFile,
      durable: false,
      diesWithUs: true,
    };
    const first = await startPostgres(settings);
    // One that is stopped cannot notice that its server died, and keeps the shared memory.
    const left = childrenOf(first.process.identity.pid)[0] ?? 0;
    expect(left).toBeGreaterThan(1);
    process.kill(left, 'SIGSTOP');
    process.kill(first.process.identity.pid, 'SIGKILL');
    await first.process.exited;
    const second = startPostgres(settings);
    await eventually('it is told that the folder is held', () => readFileSync(logFile, 'utf8').includes('still in use'), 30_000);
    process.kill(left, 'SIGKILL');
    await (await second).stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
