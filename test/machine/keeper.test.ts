import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { environmentWith } from '../../server/config.ts';
import { keepAlive } from '../../server/machine/keeper.ts';
import { endProcess, isAlive, type ProcessIdentity, type StartWatch } from '../../server/machine/process.ts';
import { openProcessRecord } from '../../server/machine/record.ts';
import { startRole } from '../../server/machine/role.ts';
import { eventually } from '../support/conditions.ts';

const IDLE = join(import.meta.dirname, '../support/programs/idle.ts');

let folder: string;
let spawned: ProcessIdentity[];
beforeEach(() => {
  mkdirSync(inject('runFolder'), { recursive: true });
  folder = mkdtempSync(join(inject('runFolder'), 'keeper-'));
  spawned = [];
});
afterEach(async () => {
  for (const identity of spawned) await endProcess(identity, 'SIGKILL', 0);
  rmSync(folder, { recursive: true, force: true });
});

const onSpawn = (identity: ProcessIdentity): void => void spawned.push(identity);
const start = (flags: string[], watch: StartWatch = {}) =>
  startRole({ name: 'idle', program: [IDLE, ...flags], saysReady: true }, environmentWith({}), join(folder, 'log'), {
    onSpawn,
    ...watch,
  });

it('tells a process as soon as it lives, and ends it when its start is broken off', async () => {
  const breakOff = new AbortController();
  const starting = start(['--never-ready', '--stubborn'], { signal: breakOff.signal });
  await eventually('it lives', () => spawned.length === 1);
  breakOff.abort();
  await expect(starting).rejects.toThrow('aborted');
  expect(spawned.filter(isAlive)).toEqual([]);
});

it('lets go of a process that is just being started again by breaking the start off', async () => {
  const troubles: string[] = [];
  const first = await start([]);
  const kept = keepAlive({
    name: 'idle',
    first,
    start: (signal) => start(['--never-ready', '--stubborn'], { signal }),
    onChange: () => undefined,
    onTrouble: (what) => troubles.push(what),
  });
  await endProcess(first.identity, 'SIGKILL', 0);
  await eventually('the next one lives', () => spawned.length === 2);
  await kept.release();
  expect(kept.running()).toBeNull();
  expect(spawned.filter(isAlive)).toEqual([]);
  expect(troubles).toHaveLength(1);
});

it('kills everything recorded, however stubborn, for somebody who will not wait', async () => {
  const file = join(folder, 'processes.json');
  const stubborn = await start(['--stubborn']);
  openProcessRecord(file).add('idle', stubborn.identity);
  openProcessRecord(file).killAll();
  await stubborn.exited;
  expect(isAlive(stubborn.identity)).toBe(false);
  expect(await openProcessRecord(file).endAll()).toEqual([]);
});
