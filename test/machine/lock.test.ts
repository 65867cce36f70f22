import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { takeLock } from '../../server/machine/lock.ts';
import { endProcess, identify, isAlive } from '../../server/machine/process.ts';
import { openProcessRecord } from '../../server/machine/record.ts';

describe('the lock', () => {
  it('says who holds it', () => {
    const file = join(folder(), 'lock.json');
    const first = takeLock(file);
    expect('release' in first).toBe(true);
    expect(takeLock(file)).toMatchObject({ identity: { pid: process.pid } });
  });

  it('of a dead process, or one whose number was given to another, is taken over', () => {
    const file = join(folder(), 'lock.json');
    const now = identify(process.pid);
    writeFileSync(file, JSON.stringify({ identity: { ...now, startTicks: '1' }, url: null }));
    expect('release' in takeLock(file)).toBe(true);
  });
});

describe('the record of processes', () => {
  it('ends what it names and nothing that merely has its number', async () => {
    const file = join(folder(), 'processes.json');
    const [mine, foreign] = [await sleeper(), await sleeper()];
    const record = openProcessRecord(file);
    record.add('mine', mine);
    record.add('foreign', { ...foreign, startTicks: '1' });
    expect(await openProcessRecord(file).endAll()).toEqual(['mine']);
    expect([isAlive(mine), isAlive(foreign)]).toEqual([false, true]);
    await endProcess(foreign, 'SIGKILL', 1_000);
  });

  it('counts as empty when it is damaged', async () => {
    const file = join(folder(), 'processes.json');
    writeFileSync(file, '{"half":');
    expect(await openProcessRecord(file).endAll()).toEqual([]);
  });
});

async function sleeper() {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const identity = identify(child.pid ?? 0);
  if (identity === null) throw new Error('sleep did not start');
  return identity;
}

function folder(): string {
  return mkdtempSync(join(inject('runFolder'), 'lock-'));
}
