import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPacingRecord, recordFolder, removeOldRecords, type PacingRecord } from '../../server/dialer/pacing-record.ts';
import { createPacer, type PacingConfig, type RecordHead } from '../../server/pacing/index.ts';
import { eventually } from '../support/conditions.ts';

const CONFIG: PacingConfig = {
  mode: 'progressive',
  cap: 0.03,
  window: { kind: 'day' },
  clockStart: 'greeting_end',
  connectWithinMs: 2_000,
  minRingMs: 15_000,
  countAmdFalsePositives: true,
  maxLinesPerAgent: 5,
  minAgentsForPredictive: 5,
  agentHoldback: 0,
};
const ENV = { linesFree: 10, cpsCredit: 10, leadsReady: 10 };
const BEGAN = Temporal.Instant.from('2026-11-22T08:00:00Z').epochMilliseconds;
const DAY_MS = 86_400_000;

let dataDir: string;
let folder: string;
let gaps: number;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'wusul-record-'));
  folder = recordFolder(dataDir, 'june');
  mkdirSync(folder, { recursive: true });
  gaps = 0;
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const pacer = createPacer(CONFIG, { seed: 1 });
function headAt(at: number, continues = false): RecordHead {
  return { campaignId: 'june', seed: 1, config: CONFIG, snapshot: null, continues, at, commit: null, node: '26' };
}

/** A record that begins at `at`, and a way to decide in it. */
function open(at = BEGAN): { record: PacingRecord; decideAt: (now: number) => void } {
  let now = at;
  const record = openPacingRecord({
    dataDir,
    epoch: 3,
    head: headAt(at),
    headNow: (continues) => headAt(now, continues),
    onGap: () => {
      gaps += 1;
    },
    log: { error: () => undefined },
  });
  return {
    record,
    decideAt(moment) {
      now = moment;
      record.tick(now, ENV, pacer.tick(now, ENV));
    },
  };
}
const nameOf = (at: number): string => `${new Date(at).toISOString().replaceAll(/[-:]/g, '')}-3.jsonl`;

describe('the record of a pacer', () => {
  it('on a full disk tells of one gap, keeps nobody waiting, and begins anew once there is room', async () => {
    // Takes nothing, as a disk without room does.
    symlinkSync('/dev/full', join(folder, nameOf(BEGAN)));
    const { record, decideAt } = open();
    decideAt(BEGAN + 200);
    await eventually('the gap is told', () => record.broken());
    for (let tick = 2; tick < 100; tick += 1) decideAt(BEGAN + tick * 200);
    expect(gaps).toBe(1);
    decideAt(BEGAN + 31_000);
    decideAt(BEGAN + 31_200);
    await record.close();
    expect(record.broken()).toBe(false);
    const [head = '', tick = ''] = readFileSync(join(folder, nameOf(BEGAN + 31_000)), 'utf8').split('\n');
    expect(head).toContain('"continues":false');
    expect(tick).toMatch(/^\["t"/);
    expect(gaps).toBe(1);
  });

  it('is without parts that are older than they may be, though its campaign has ended and records nothing any more', async () => {
    const old = { dataDir, keepDays: 2, nowMs: BEGAN };
    for (const days of [1, 1.9, 2.1, 40]) writeFileSync(join(folder, nameOf(BEGAN - days * DAY_MS)), '');
    await removeOldRecords(old);
    expect(readdirSync(folder).toSorted()).toEqual([1.9, 1].map((days) => nameOf(BEGAN - days * DAY_MS)));
    await removeOldRecords({ ...old, dataDir: join(dataDir, 'nothing-recorded-yet') });
  });
});
