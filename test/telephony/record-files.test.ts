import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tendRecord } from '../../server/telephony/asterisk/keep-record.ts';
import { readRecord } from '../../server/telephony/asterisk/record.ts';
import { outlived, pastRecords, setAside } from '../../server/telephony/asterisk/record-files.ts';
import type { AsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import type { RecordedEvent } from '../../server/telephony/port.ts';
import { eventually } from '../support/conditions.ts';
import { listen, type News } from '../support/news.ts';
import { startSwitch, type TestSwitch } from '../support/switch.ts';
import { debtorLeg, switchOn } from '../support/telephone.ts';

const DAY_MS = 86_400_000;
const NOW = Temporal.Instant.from('2026-11-22T12:00:00Z');
/** Whatever its size: sets the record aside now. */
const AT_ONCE = { maxBytes: 1, maxAgeMs: Infinity };

function line(stampMs: number, legId: string): string {
  const time = `${Math.floor(stampMs / 1_000)}.${String(stampMs % 1_000).padStart(3, '0')}000`;
  return `${['HANGUP', time, legId, 'linked', 'PJSIP/x', 'debtor', 's', 'Stasis', ''].map((cell) => `"${cell}"`).join(',')}\n`;
}

describe('the files of a record', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wusul-record-'));
    file = join(folder, 'record.csv');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('are one until it is large or a day old, and then one more', async () => {
    expect(await setAside(file, { now: NOW, ...AT_ONCE })).toBeNull();
    writeFileSync(file, line(NOW.epochMilliseconds - DAY_MS + 1_000, 'leg'));
    const limits = { maxBytes: 1_000, maxAgeMs: DAY_MS };
    expect(await setAside(file, { now: NOW, ...limits })).toBeNull();
    const later = NOW.add({ seconds: 2 });
    expect(await setAside(file, { now: later, ...limits })).toMatch(/record\.csv\.20261122T120002Z-[0-9a-f]{8}$/);
    expect(await setAside(file, { now: later, ...limits })).toBeNull();
    writeFileSync(file, line(NOW.epochMilliseconds, 'leg').repeat(20));
    expect(await setAside(file, { now: NOW, ...limits })).not.toBeNull();
    expect(await pastRecords(file)).toHaveLength(2);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('are read as one, in order, whoever set them aside, but for what is compressed', async () => {
    const ms = Date.now();
    writeFileSync(`${file}.1`, line(ms, 'theirs'));
    writeFileSync(`${file}.2.gz`, line(ms, 'packed'));
    writeFileSync(file, line(ms + 1, 'first'));
    await setAside(file, { now: NOW, ...AT_ONCE });
    writeFileSync(file, line(ms + 2, 'second'));
    await setAside(file, { now: NOW, ...AT_ONCE });
    writeFileSync(file, line(ms + 3, 'third'));
    const legs = async (sinceMs: number) => (await readRecord(file, sinceMs)).map((event) => event.legId);
    expect(await legs(0)).toEqual(['theirs', 'first', 'second', 'third']);
    expect(await legs(ms + 2)).toEqual(['second', 'third']);
  });

  test('are read once each by a reader who had the present one open while it was set aside', async () => {
    writeFileSync(file, line(NOW.epochMilliseconds, 'first'));
    const held = await open(file, 'r');
    await setAside(file, { now: NOW, ...AT_ONCE });
    expect(await held.readFile('utf8')).toContain('first');
    await held.close();
    expect((await readRecord(file, 0)).map((event) => event.legId)).toEqual(['first']);
  });

  test('go when they are old or too much, oldest first, but never what is still needed or not ours', async () => {
    const ages = [40, 20, 10, 1];
    for (const days of ages) {
      writeFileSync(file, line(NOW.epochMilliseconds - days * DAY_MS, `${days} days`));
      const past = await setAside(file, { now: NOW, ...AT_ONCE });
      utimesSync(past ?? '', NOW.epochMilliseconds / 1_000, (NOW.epochMilliseconds - days * DAY_MS) / 1_000);
    }
    writeFileSync(`${file}.1`, '');
    utimesSync(`${file}.1`, 0, 0);
    const past = await pastRecords(file);
    const bytes = past.at(-1)?.bytes ?? 0;
    const going = (keep: { keepDays: number; keepBytes: number; neededDaysAgo: number }) =>
      outlived(past, { ...keep, now: NOW, neededSinceMs: NOW.epochMilliseconds - keep.neededDaysAgo * DAY_MS }).map(
        ({ writtenMs }) => Math.round((NOW.epochMilliseconds - writtenMs) / DAY_MS),
      );
    const plenty = 1_000 * bytes;
    expect(going({ keepDays: 35, keepBytes: plenty, neededDaysAgo: 0 })).toEqual([40]);
    expect(going({ keepDays: 5, keepBytes: plenty, neededDaysAgo: 0 })).toEqual([40, 20, 10]);
    expect(going({ keepDays: 35, keepBytes: 2 * bytes + 10, neededDaysAgo: 0 })).toEqual([40, 20]);
    expect(going({ keepDays: 5, keepBytes: bytes, neededDaysAgo: 15 })).toEqual([40, 20]);
    expect(going({ keepDays: 1, keepBytes: 1, neededDaysAgo: 50 })).toEqual([]);

    const keeping = { file, keepDays: 35, keepBytes: plenty };
    const unknown = { ...keeping, neededSinceMs: () => Promise.reject(new Error('the database is away')) };
    await expect(tendRecord(unknown, NOW)).rejects.toThrow('away');
    expect(await pastRecords(file)).toHaveLength(5);
    await tendRecord({ ...keeping, neededSinceMs: () => Promise.resolve(NOW.epochMilliseconds) }, NOW);
    expect(await pastRecords(file)).toHaveLength(4);
  });
});

describe('a record that is set aside again and again while the switch works', () => {
  const CALLS = 12;
  let asterisk: TestSwitch;
  let telephone: AsteriskSwitch;
  let news: News;
  beforeAll(async () => {
    asterisk = await startSwitch();
    telephone = switchOn(asterisk);
    news = listen(telephone);
    await telephone.open();
  });
  afterAll(async () => {
    await telephone.close();
    await asterisk.stop();
  });

  test('misses no event of any call, tells none twice, and a reader never sees it shrink', async () => {
    const legs = Array.from({ length: CALLS }, () => randomUUID());
    let sure: RecordedEvent[] = [];
    let turns = 0;
    let over = false;
    const turning = (async () => {
      while (!over) {
        await setAside(asterisk.recordFile, { now: Temporal.Now.instant(), ...AT_ONCE });
        const read = await readRecord(asterisk.recordFile, 0);
        const keys = new Set(read.map(key));
        expect(keys.size).toBe(read.length);
        expect(sure.filter((event) => !keys.has(key(event)))).toEqual([]);
        sure = read;
        turns += 1;
      }
    })();
    // Answered, talked for a moment, and hung up from the far end; busy ones between them.
    for (const [index, legId] of legs.entries()) {
      await telephone.callDebtor(debtorLeg(index % 3 === 0 ? '80' : '50', { legId, connectWithinMs: 30_000 }));
    }
    await Promise.all(legs.map((legId) => news.leg(legId, 'leg.ended', 60_000)));
    const ends = async () => (await readRecord(asterisk.recordFile, 0)).filter((event) => event.type === 'CHAN_END');
    await eventually('every end is on the record', async () => {
      const ended = new Set((await ends()).map((event) => event.legId));
      return legs.every((legId) => ended.has(legId));
    });
    over = true;
    await turning;
    const read = await readRecord(asterisk.recordFile, 0);
    for (const [index, legId] of legs.entries()) {
      const types = read.filter((event) => event.legId === legId).map((event) => event.type);
      for (const once of ['CHAN_START', 'HANGUP', 'CHAN_END']) expect(types.filter((type) => type === once)).toEqual([once]);
      expect(types.includes('ANSWER')).toBe(index % 3 !== 0);
    }
    expect(turns).toBeGreaterThan(2);
    expect((await pastRecords(asterisk.recordFile)).length).toBeGreaterThan(2);
  });

  function key(event: RecordedEvent): string {
    return [event.type, event.stampMs, event.legId, event.application, event.extra].join(' ');
  }
});
