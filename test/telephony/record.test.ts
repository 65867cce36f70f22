import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readRecord } from '../../server/telephony/asterisk/record.ts';

const FIRST_MS = 1_795_301_612_000;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'record-'));
});

afterAll(() => rm(folder, { recursive: true }));

function line(index: number, type = 'ANSWER', extra = ''): string {
  const ms = FIRST_MS + index * 100;
  const time = `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}789`;
  const cells = [type, time, `leg-${index}`, 'linked', 'PJSIP/trunk-demo-1', 'debtor', 's', 'Stasis', extra];
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`;
}

describe('the record of the switch', () => {
  test('is empty before anything happened', async () => {
    expect(await readRecord(join(folder, 'none.csv'), 0)).toEqual([]);
  });

  test('is read from a moment on, however long it is', async () => {
    const file = join(folder, 'long.csv');
    await writeFile(file, Array.from({ length: 20_000 }, (_, index) => line(index)).join(''));
    const events = await readRecord(file, FIRST_MS + 19_990 * 100);
    expect(events.map((event) => event.legId)).toEqual(Array.from({ length: 10 }, (_, index) => `leg-${19_990 + index}`));
    expect(events[0]?.stampMs).toBe(FIRST_MS + 19_990 * 100);
    expect(await readRecord(file, 0)).toHaveLength(20_000);
  });

  test('gives the text of our own events, and the switch’s own words as they are', async () => {
    const file = join(folder, 'extra.csv');
    await writeFile(file, line(1, 'MESSAGE', '{"extra":"deadline"}') + line(2, 'HANGUP', '{"hangupcause":16}'));
    expect((await readRecord(file, 0)).map((event) => event.extra)).toEqual(['deadline', '{"hangupcause":16}']);
  });

  test('takes the moment of a verdict from its text, as the application was told it', async () => {
    const file = join(folder, 'verdict.csv');
    const told = `{"extra":"HUMAN:HUMAN-610-600:${FIRST_MS + 150}"}`;
    await writeFile(file, line(2, 'SCREENED', told) + line(3, 'SCREENED', '{"extra":"HUMAN:HUMAN-610-600"}'));
    expect((await readRecord(file, 0)).map((event) => event.stampMs)).toEqual([FIRST_MS + 150, FIRST_MS + 300]);
  });

  test('leaves out a line that is still being written', async () => {
    const file = join(folder, 'torn.csv');
    await writeFile(file, line(1) + line(2).slice(0, 30));
    expect(await readRecord(file, 0)).toHaveLength(1);
    await appendFile(file, line(2).slice(30));
    expect(await readRecord(file, 0)).toHaveLength(2);
  });

  test('puts in order what threads wrote out of order', async () => {
    const file = join(folder, 'disorder.csv');
    await writeFile(file, line(3) + line(1) + line(2));
    expect((await readRecord(file, 0)).map((event) => event.legId)).toEqual(['leg-1', 'leg-2', 'leg-3']);
  });
});
