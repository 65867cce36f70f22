import { describe, expect, it } from 'vitest';
import {
  createPacer,
  eventLine,
  headLine,
  readLine,
  startReplay,
  tickLine,
  toBase64,
  type Pacer,
  type PacingConfig,
  type RecordDifference,
} from '../../server/pacing/index.ts';
import { pacingConfigFor, readScenario, runFloor } from '../../server/pacing/simulator/index.ts';

const FLOOR = readScenario({ agents: 8, hours: 0.4 });
const CONFIG: PacingConfig = pacingConfigFor(FLOOR, 0.03);

/** The record of a simulated floor, a new part beginning after `partTicks` ticks. */
function recorded(partTicks: number): string[] {
  let ticks = 0;
  const pacer: Pacer = createPacer(CONFIG, { seed: 7 });
  const head = { campaignId: 'floor', seed: 7, config: CONFIG, at: 0, commit: null, node: '26' };
  const lines = [headLine({ ...head, snapshot: null, continues: false })];
  const policy = {
    apply(event: Parameters<Pacer['apply']>[0]) {
      pacer.apply(event);
      lines.push(eventLine(event));
    },
    tick(now: number, env: Parameters<Pacer['tick']>[1]) {
      const decision = pacer.tick(now, env);
      lines.push(tickLine(now, env, decision));
      ticks += 1;
      if (ticks === partTicks) lines.push(headLine({ ...head, snapshot: toBase64(pacer.snapshot()), continues: true }));
      return decision;
    },
  };
  runFloor(FLOOR, () => policy, { seed: 7, leadProbabilities: true });
  return lines;
}

function replay(lines: readonly string[]): { compared: number; difference: RecordDifference | null; at: number } {
  const replaying = startReplay();
  let compared = 0;
  for (const [at, text] of lines.entries()) {
    const entry = readLine(text);
    if (entry === null) throw new Error(`line ${at} cannot be read`);
    const step = replaying.step(entry);
    if (step.compared) compared += 1;
    if (step.difference !== null) return { compared, difference: step.difference, at };
  }
  return { compared, difference: null, at: lines.length };
}

describe('the record of a pacer', () => {
  const lines = recorded(3_000);

  it('replays to the same decisions bit for bit, told chances of leads among what it saw', () => {
    expect(replay(lines)).toMatchObject({ compared: 0.4 * 3_600 * 4, difference: null });
  });

  it('replays from the snapshot that any part begins with', () => {
    const part = lines.findLastIndex((line) => line.startsWith('{'));
    expect(replay(lines.slice(part))).toMatchObject({ compared: 0.4 * 3_600 * 4 - 3_000, difference: null });
  });

  it('shows the first decision that comes out differently when something is missing', () => {
    const missing = lines.findIndex((line) => line.includes('agent.available'));
    const { difference, at } = replay(lines.toSpliced(missing, 1));
    expect(difference?.what).toBe('decision');
    expect(at).toBeGreaterThanOrEqual(missing);
    expect(JSON.parse(difference?.recorded ?? '')).toHaveProperty('dial');
  });

  it('shows where a part does not begin as the one before it ended', () => {
    const missing = lines.findIndex((line) => line.includes('call.ended'));
    const part = lines.findLastIndex((line) => line.startsWith('{'));
    const quiet = lines.filter((line, index) => index !== missing && (index > part || !line.startsWith('["t"')));
    expect(replay(quiet).difference?.what).toBe('snapshot');
  });

  it('has no line that is of another version or nothing at all', () => {
    for (const text of ['', '[]', '["x",1]', lines[0]?.replace('"record":1', '"record":2') ?? ''])
      expect(readLine(text)).toBeNull();
  });
});
