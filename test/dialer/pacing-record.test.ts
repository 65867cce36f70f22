import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPacingRecord, recordFolder, removeOldRecords, type PacingRecord } from '../../server/dialer/pacing-record.ts';
import {
  createPacer,
  toBase64,
  type Env,
  type Pacer,
  type PacingConfig,
  type PacingEvent,
  type RecordHead,
} from '../../server/pacing/index.ts';
import { pacingConfigFor, readScenario, runFloor, type Scenario } from '../../server/pacing/simulator/index.ts';
import { partsOf, replayFiles } from '../../scripts/replay/read.ts';
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

/** What a pacer was told and asked on a simulated floor. */
function seenOn(floor: Scenario): ({ event: PacingEvent } | { now: number; env: Env })[] {
  const seen: ({ event: PacingEvent } | { now: number; env: Env })[] = [];
  const pacing = { ...pacingConfigFor(floor, 0.03), minAgentsForPredictive: 2 };
  runFloor(floor, () => createPacer(pacing, { seed: 5 }), { seed: 5, watch: (step) => seen.push(step) });
  return seen;
}

describe('the record of a pacer', () => {
  it('of a whole hour, with settings changed and its dialer started anew twice, replays to identical decisions', async () => {
    const floor = readScenario({ agents: 6, hours: 1 });
    const settings = (target: number): PacingConfig => ({ ...pacingConfigFor(floor, 0.03), minAgentsForPredictive: 2, target });
    let [config, seq, ticks] = [settings(0.02), 0, 0];
    let before: Uint8Array | null = null;
    const begin = (at: number): { pacing: Pacer; record: PacingRecord } => {
      const pacing = createPacer(config, { seed: 5, ...(before === null ? {} : { snapshot: before }) });
      const headOf = (snapshot: Uint8Array | null, continues: boolean, moment: number): RecordHead => ({
        ...headAt(moment, continues),
        seed: 5,
        config,
        snapshot: snapshot === null ? null : toBase64(snapshot),
      });
      const record = openPacingRecord({
        dataDir,
        epoch: 3,
        head: headOf(before, false, at),
        headNow: (continues) => headOf(pacing.snapshot(), continues, BEGAN + ticks * 250),
        onGap: () => {
          gaps += 1;
        },
        log: { error: () => undefined },
      });
      return { pacing, record };
    };
    let { pacing, record } = begin(BEGAN);
    const tell = (event: PacingEvent): void => {
      seq += 1;
      const told = { ...event, seq, t: BEGAN + event.t };
      pacing.apply(told);
      record.event(told);
    };
    for (const step of seenOn(floor)) {
      if ('event' in step) {
        tell(step.event);
        continue;
      }
      const { now, env } = step;
      record.tick(BEGAN + now, env, pacing.tick(BEGAN + now, env));
      ticks += 1;
      // What was learnt is stored some while before the end.
      if (ticks === 4_700 || ticks === 9_500) before = pacing.snapshot();
      if (ticks === 7_000) {
        config = settings(0.01);
        tell({ type: 'config', config, seq: 0, t: now });
      }
      if (ticks === 5_000 || ticks === 10_000) {
        await record.close();
        ({ pacing, record } = begin(BEGAN + now));
        tell({ type: 'ledger', answered: ticks / 50, abandoned: 2, seq: 0, t: now });
      }
    }
    await record.close();
    expect(gaps).toBe(0);
    const said = replayFiles(partsOf(folder, 0, Infinity), 0, Infinity);
    expect(said).toMatchObject({ difference: null, decisions: 14_400, events: seq, beginnings: 3 });
    // A new part after ten minutes, and at each start.
    expect(said.parts).toBe(8);
    const [from, to] = [BEGAN + 15 * 60_000, BEGAN + 35 * 60_000];
    expect(replayFiles(partsOf(folder, from, to), from, to)).toMatchObject({ difference: null, decisions: 4_800 });
  });

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
