import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPacer, PacingFault, type Decision, type Env, type Ms, type PacingEvent } from '../../server/pacing/index.ts';
import {
  pacingConfigFor,
  policyNamed,
  publicScenario,
  readScenario,
  runFloor,
  SCENARIO_NAMES,
  FAULTS,
  type Policy,
  type Scenario,
} from '../../server/pacing/simulator/index.ts';
import { createChance } from '../../server/pacing/simulator/random.ts';

function floorOf(name: string, hours: number): Scenario {
  const floor = publicScenario(name);
  if (floor === undefined) throw new RangeError(`no floor ${name}`);
  return { ...floor, hours };
}

function play(name: string, hours: number, policy: string, seed = 1) {
  const floor = floorOf(name, hours);
  return runFloor(floor, policyNamed(policy, floor, { cap: 0.03, seed }), { seed });
}

/** Dials as if by chance, whatever happens on the floor. */
function poissonPolicy(perSecond: number, seed: number): Policy {
  const chance = createChance(seed, 'poisson');
  return { apply: () => undefined, tick: () => ({ dial: chance.poisson(perSecond / 4) }) };
}

/** Share of calls that find all agents busy: Erlang's B formula for so many agents and so much work. */
function erlangB(agents: number, work: number): number {
  let blocked = 1;
  for (let count = 1; count <= agents; count += 1) blocked = (work * blocked) / (count + work * blocked);
  return blocked;
}

/** Everybody answers and nobody waits. */
const telephoneExchange = {
  answerProbability: 1,
  machineShare: 0,
  busyShare: 0,
  failShare: 0,
  ringTimeoutS: 120,
  amd: false,
  wrap: { shape: 1, meanS: 0 },
  breaks: false,
  logInSpreadS: 0,
  connectWithinS: 0.001,
  trunks: 10_000,
  dialsPerSecond: 1_000,
} as const;

describe('the simulated floor', () => {
  test.each([
    [10, 7],
    [30, 28],
  ])('loses of chance arrivals what Erlang B says: %i agents, %i Erlang', (agents, work) => {
    const talkS = 60;
    const floor = readScenario({
      ...telephoneExchange,
      agents,
      hours: 24,
      refusalShare: 1,
      refusal: { medianS: talkS / Math.exp(0.5 * 0.6 ** 2), sigma: 0.6 },
    });
    const shares = [1, 2, 3].map((seed) => runFloor(floor, () => poissonPolicy(work / talkS, seed), { seed }).abandonment);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean / erlangB(agents, work)).toBeGreaterThan(0.93);
    expect(mean / erlangB(agents, work)).toBeLessThan(1.07);
  });

  test("keeps Little's law: calls in flight = dials per second × their mean length", () => {
    const floor = floorOf('S04', 2);
    const run = runFloor(floor, policyNamed('ratio:1.5', floor, { cap: 0.03, seed: 1 }), { seed: 1 });
    const perMs = run.dials / (2 * 3_600_000);
    expect(run.callsInFlight / (perMs * run.callMs)).toBeCloseTo(1, 2);
  });

  test('agents spend their time: talk is what the connected calls last', () => {
    const run = play('S04', 8, 'progressive');
    const refusal = 14 * Math.exp(0.5 * 0.6 ** 2);
    const conversation = 110 * Math.exp(0.5 * 0.8 ** 2);
    const machines = run.connects - (run.persons - run.abandoned);
    const expected = (run.connects - machines) * (0.45 * refusal + 0.55 * conversation) + machines * 5.5;
    expect(run.talkS / expected).toBeGreaterThan(0.95);
    expect(run.talkS / expected).toBeLessThan(1.05);
  });

  test('plays the same day to the bit for the same seed, and another for another', () => {
    const [first, again, other] = [
      play('S03', 0.5, 'predictive'),
      play('S03', 0.5, 'predictive'),
      play('S03', 0.5, 'predictive', 2),
    ];
    expect(again).toEqual(first);
    expect({ ...other, seed: first.seed }).not.toEqual(first);
  });

  test.each([
    ['S01', 63.2, 64.1],
    ['S05', 43.6, 51.7],
    ['S06', 75.8, 76.4],
    ['S12', 50.6, 54.7],
  ])('gives the known policies their known figures: %s', (name, progressive, vicidial) => {
    expect(Math.abs(100 * play(name, 8, 'progressive').utilisation - progressive)).toBeLessThan(3.5);
    const best = ['hard_limit', 'average', 'tapered'].map((mode) => play(name, 8, `vicidial:${mode}`).utilisation);
    expect(Math.abs(100 * Math.max(...best) - vicidial)).toBeLessThan(3.5);
  });

  test('abandons nobody under progressive pacing, ours and the plain one', () => {
    for (const name of ['S01', 'S10', 'S13']) {
      const floor = floorOf(name, 3);
      expect(play(name, 3, 'progressive').abandoned).toBe(0);
      const pacer = createPacer({ ...pacingConfigFor(floor, 0.03), mode: 'progressive' }, { seed: 1 });
      expect(runFloor(floor, () => Object.assign(pacer, { holdsBreaks: true }), { seed: 1 }).abandoned).toBe(0);
    }
  });

  test('abandons nobody under progressive pacing on any floor', () => {
    const floors = fc.record({
      agents: fc.integer({ min: 1, max: 12 }),
      answerProbability: fc.double({ min: 0.05, max: 1, noNaN: true }),
      amd: fc.boolean(),
      wrap: fc.record({ shape: fc.constant(2), meanS: fc.integer({ min: 0, max: 30 }) }),
      breaks: fc.constantFrom(false as const, { everyMinutes: 3, minutes: [1, 2] as [number, number] }),
    });
    fc.assert(
      fc.property(floors, fc.nat(1_000), (text, seed) => {
        const floor = readScenario({ ...text, hours: 0.3, machineShare: 0, busyShare: 0, failShare: 0 });
        const pacer = createPacer({ ...pacingConfigFor(floor, 0.03), mode: 'progressive' }, { seed });
        expect(runFloor(floor, () => Object.assign(pacer, { holdsBreaks: true }), { seed })).toMatchObject({ abandoned: 0 });
      }),
      { numRuns: 40 },
    );
  });

  test('who knows which call will be answered does better than who does not', () => {
    const [knows, predicts] = [play('S01', 2, 'knows_the_calls'), play('S01', 2, 'predictive')];
    expect(knows.utilisation).toBeGreaterThan(predicts.utilisation + 0.04);
    expect(knows.abandonment).toBeLessThan(0.03);
  });

  test('has all public floors', () => {
    expect(SCENARIO_NAMES).toHaveLength(14);
    for (const name of SCENARIO_NAMES) expect(floorOf(name, 8).agents).toBeGreaterThan(0);
  });
});

describe('a floor that cannot be', () => {
  test.each<[string, unknown]>([
    ['lines', { agents: 5, lines: 3 }],
    ['agents', {}],
    ['agents', { agents: Number.NaN }],
    ['agents', { agents: -1 }],
    ['answerProbability', { agents: 5, answerProbability: 1.2 }],
    ['wrap.mean', { agents: 5, wrap: { shape: 2, meanS: 5, mean: 5 } }],
    ['hours', { agents: 5, hours: 0 }],
    ['machineShare', { agents: 5, machineShare: 0.95 }],
    ['shifts', { agents: 5, shifts: [{ agents: 3, fromHour: 0, toHour: 8 }] }],
    ['connectWithinS', { agents: 5, connectWithinS: 0.5 }],
  ])('is refused by name: %s', (field, text) => {
    expect(() => readScenario(text)).toThrow(expect.objectContaining({ field }) as PacingFault);
  });

  test('is not played under a policy that is none', () => {
    expect(() => policyNamed('guess', floorOf('S01', 1), { cap: 0.03, seed: 1 })).toThrow(PacingFault);
    expect(() => policyNamed('ratio:16', floorOf('S01', 1), { cap: 0.03, seed: 1 })).toThrow(PacingFault);
  });
});

describe('predictive pacing on a simulated floor', () => {
  test('keeps agents far busier than progressive pacing and stays under the cap', () => {
    const [predictive, progressive] = [play('S03', 2, 'predictive'), play('S03', 2, 'progressive')];
    expect(predictive.utilisation).toBeGreaterThan(progressive.utilisation + 0.15);
    expect(predictive.abandonment).toBeLessThan(0.03);
  });

  test.each(FAULTS)('holds the cap over the day and never dials without agents under the fault %s', (fault) => {
    const floor = floorOf('S03', 3.7);
    const run = runFloor(floor, policyNamed('predictive', floor, { cap: 0.03, seed: 3 }), { seed: 3, fault });
    expect(run.abandonment).toBeLessThanOrEqual(0.03);
    expect(run.dialsWithoutAgents).toBe(0);
    expect(run.utilisation).toBeGreaterThan(0.7);
  });

  test('holds the cap where detection leaves one in six undecided, with no time to wait', () => {
    const floor = { ...floorOf('S03', 1), undecidedShare: 1 / 6 };
    const run = (policy: string) => runFloor(floor, policyNamed(policy, floor, { cap: 0.03, seed: 1 }), { seed: 1 });
    expect(run('predictive').abandonment).toBeLessThan(0.03);
    expect(run('ratio:1.5').abandonment).toBeGreaterThan(0.05);
  });

  test('decides the same to the bit when its day is replayed, and when it goes on from a snapshot', () => {
    const floor = floorOf('S01', 0.75);
    const config = pacingConfigFor(floor, 0.03);
    const pacer = createPacer(config, { seed: 1 });
    const log: ({ event: PacingEvent } | { now: Ms; env: Env; decision: Decision; snapshot?: Uint8Array })[] = [];
    let ticks = 0;
    const recorded: Policy = {
      apply(event) {
        log.push({ event: structuredClone(event) });
        pacer.apply(event);
      },
      tick(now, env) {
        const decision = pacer.tick(now, env);
        ticks += 1;
        log.push({ now, env: structuredClone(env), decision, ...(ticks === 5_432 ? { snapshot: pacer.snapshot() } : {}) });
        return decision;
      },
    };
    runFloor(floor, () => recorded, { seed: 5, leadProbabilities: true });
    const replayed = createPacer(config, { seed: 1 });
    let restored: typeof replayed | null = null;
    const differing: number[] = [];
    let compared = 0;
    for (const each of log) {
      if ('event' in each) {
        replayed.apply(each.event);
        restored?.apply(each.event);
        continue;
      }
      const again = [replayed.tick(each.now, each.env), restored?.tick(each.now, each.env)].filter(
        (decision) => decision !== undefined,
      );
      if (again.some((decision) => !isDeepStrictEqual(decision, each.decision))) differing.push(each.now);
      compared += again.length;
      if (each.snapshot) restored = createPacer(config, { seed: 1, snapshot: each.snapshot });
    }
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(ticks + 5_000);
    expect(restored?.snapshot()).toEqual(pacer.snapshot());
  });
});
