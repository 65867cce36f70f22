import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createPacer,
  PacingFault,
  type Env,
  type Pacer,
  type PacingConfig,
  type PacingEvent,
} from '../../server/pacing/index.ts';

const config: PacingConfig = {
  mode: 'progressive',
  cap: 0.03,
  window: { kind: 'campaign30d' },
  clockStart: 'greeting_end',
  connectWithinMs: 2_000,
  minRingMs: 15_000,
  countAmdFalsePositives: true,
  maxLinesPerAgent: 5,
  minAgentsForPredictive: 10,
  agentHoldback: 0,
};
const ample: Env = { linesFree: 1_000, cpsCredit: 1_000, leadsReady: 1_000 };

type EventBody = PacingEvent extends infer Each ? (Each extends PacingEvent ? Omit<Each, 'seq' | 't'> : never) : never;

/** A pacer with a clock and a counter of events. */
function floorOf(change: Partial<PacingConfig> = {}, agents = 0) {
  const pacer = createPacer({ ...config, ...change }, { seed: 1 });
  const floor = {
    pacer,
    seq: 0,
    now: 1_000,
    say(body: EventBody, t?: number) {
      this.seq += 1;
      pacer.apply({ ...body, seq: this.seq, t: t ?? this.now });
    },
    tick(env: Partial<Env> = {}) {
      return pacer.tick(this.now, { ...ample, ...env });
    },
  };
  for (let agent = 0; agent < agents; agent += 1) floor.say({ type: 'agent.available', agent });
  return floor;
}

describe('progressive pacing', () => {
  test('asks for one call per idle agent and no more until those are over', () => {
    const floor = floorOf({}, 3);
    expect(floor.tick()).toMatchObject({ dial: 3, why: { rule: 'progressive', dial: 3, figures: { able: 3, inFlight: 0 } } });
    // Not yet reported, but on their way.
    expect(floor.tick().dial).toBe(0);
    for (const call of [1, 2, 3]) floor.say({ type: 'call.dialed', call });
    expect(floor.tick().dial).toBe(0);
    floor.say({ type: 'call.ended', call: 2, cause: 'busy' });
    expect(floor.tick().dial).toBe(1);
  });

  test('takes a launch that was never reported for not made, after two seconds', () => {
    const floor = floorOf({}, 1);
    floor.tick();
    floor.now += 2_000;
    expect(floor.tick().dial).toBe(0);
    floor.now += 1;
    expect(floor.tick().dial).toBe(1);
  });

  test('leaves out agents who talk, wrap up, are away, reserved or about to leave', () => {
    const floor = floorOf({}, 6);
    floor.say({ type: 'call.dialed', call: 1 });
    floor.say({ type: 'call.ready', call: 1, deadline: 3_000 });
    floor.say({ type: 'call.connected', call: 1, agent: 0 });
    floor.say({ type: 'agent.wrap', agent: 1 });
    floor.say({ type: 'agent.away', agent: 2, from: 'idle' });
    floor.say({ type: 'agent.reserved', agent: 3, on: true });
    floor.say({ type: 'agent.announced', agent: 4, next: 'break' });
    expect(floor.tick()).toMatchObject({ dial: 1, why: { figures: { able: 1 } } });
    floor.say({ type: 'agent.announced', agent: 4, next: 'stay' });
    expect(floor.tick().dial).toBe(1);
  });

  test('advises to cancel the youngest unanswered call of an agent who is lost', () => {
    const floor = floorOf({}, 2);
    floor.tick();
    floor.say({ type: 'call.dialed', call: 1 });
    floor.now += 1_000;
    floor.say({ type: 'call.dialed', call: 2 });
    floor.say({ type: 'agent.away', agent: 0, from: 'idle' });
    expect(floor.tick()).toMatchObject({ dial: 0, cancel: [2] });
    floor.say({ type: 'call.answered', call: 2 });
    expect(floor.tick().cancel).toEqual([1]);
  });

  test('stands in for predictive pacing while the team is small, and says so', () => {
    expect(floorOf({ mode: 'predictive' }, 2).tick()).toMatchObject({ dial: 2, why: { rule: 'progressive_floor' } });
  });
});

describe('predictive pacing', () => {
  test('dials ahead of idle agents, with the numbers it went by', () => {
    const floor = floorOf({ mode: 'predictive' }, 20);
    const { dial, why } = floor.tick();
    expect(dial).toBeGreaterThan(20);
    expect(why).toMatchObject({ rule: 'cold_start', dial, figures: { able: 20, working: 20, inFlight: 0 } });
    expect(why.figures['price']).toBeGreaterThan(0);
    expect(floor.tick().dial).toBeLessThan(dial);
  });

  test('dials for agents who talk but will be free, and for none when all have gone', () => {
    const floor = floorOf({ mode: 'predictive', minAgentsForPredictive: 1 }, 60);
    for (let agent = 0; agent < 60; agent += 1) {
      floor.say({ type: 'call.dialed', call: agent });
      floor.say({ type: 'call.ready', call: agent, deadline: floor.now + 1_400 });
      floor.say({ type: 'call.connected', call: agent, agent });
    }
    floor.now += 30_000;
    expect(floor.tick()).toMatchObject({ why: { figures: { able: 0 } } });
    for (let agent = 0; agent < 60; agent += 1) floor.say({ type: 'agent.announced', agent, next: 'logout' });
    expect(floor.tick()).toMatchObject({ dial: 0, why: { rule: 'no_agents' } });
  });

  test('keeps to one call per agent once too many have been abandoned', () => {
    const floor = floorOf({ mode: 'predictive', closesAt: 700_000 }, 20);
    floor.say({ type: 'ledger', answered: 1_000, abandoned: 45 });
    expect(floor.tick()).toMatchObject({ dial: 20, why: { rule: 'guard' } });
  });

  test('keeps to the lines an agent may have', () => {
    expect(floorOf({ mode: 'predictive', maxLinesPerAgent: 1.2 }, 20).tick().dial).toBe(24);
  });

  test('advises to hang up what is not answered when everybody has left', () => {
    const floor = floorOf({ mode: 'predictive', minAgentsForPredictive: 1 }, 1);
    floor.say({ type: 'call.dialed', call: 7 });
    expect(floor.tick().cancel).toEqual([]);
    floor.say({ type: 'agent.away', agent: 0, from: 'idle' });
    expect(floor.tick()).toMatchObject({ dial: 0, cancel: [7], why: { rule: 'no_agents' } });
  });
});

describe('news that cannot be', () => {
  test.each<[string, EventBody, number]>([
    ['t', { type: 'agent.available', agent: 1 }, Number.NaN],
    ['t', { type: 'agent.available', agent: 1 }, -1],
    ['call', { type: 'call.dialed', call: Number.NaN }, 1_000],
    ['call', { type: 'call.ended', call: -1, cause: 'busy' }, 1_000],
    ['agent', { type: 'agent.away', agent: Number.NaN, from: 'idle' }, 1_000],
    ['agent', { type: 'call.connected', call: 1, agent: 0.5 }, 1_000],
    ['deadline', { type: 'call.ready', call: 1, deadline: Number.NaN }, 1_000],
    ['deadline', { type: 'call.ready', call: 1, deadline: -1 }, 1_000],
    ['pAnswer', { type: 'call.dialed', call: 1, lead: { pAnswer: Number.NaN } }, 1_000],
    ['pAnswer', { type: 'call.dialed', call: 1, lead: { pAnswer: 1.1 } }, 1_000],
    ['ledger', { type: 'ledger', answered: Number.NaN, abandoned: 0 }, 1_000],
    ['ledger', { type: 'ledger', answered: 10, abandoned: -1 }, 1_000],
    ['ledger', { type: 'ledger', answered: 10, abandoned: 11 }, 1_000],
  ])('is refused by name: %s', (field, body, t) => {
    const floor = floorOf({}, 1);
    expect(() => floor.say(body, t)).toThrow(expect.objectContaining({ field }) as PacingFault);
    expect(floor.tick().dial).toBe(1);
  });

  test('is not told by a tick without a time', () => {
    const floor = floorOf({}, 1);
    for (const now of [Number.NaN, -1, Infinity]) expect(() => floor.pacer.tick(now, ample)).toThrow(PacingFault);
    expect(floor.tick().dial).toBe(1);
  });
});

describe('ratio pacing', () => {
  test('keeps the ratio in flight, within the lines an agent may have', () => {
    expect(floorOf({ mode: 'ratio', ratio: 2.5 }, 3).tick()).toMatchObject({ dial: 7, why: { rule: 'ratio' } });
    expect(floorOf({ mode: 'ratio', ratio: 10 }, 3).tick().dial).toBe(15);
  });
});

describe('why nothing is dialed', () => {
  test.each<[string, Partial<Env>, Partial<PacingConfig>]>([
    ['no_lines', { linesFree: 0 }, {}],
    ['no_lines', { cpsCredit: 0.9 }, {}],
    ['no_leads', { leadsReady: 0 }, {}],
    ['no_agents', {}, { agentHoldback: 2 }],
    ['stale_input', { inputAgeMs: 5_001 }, {}],
    ['stale_input', { inputAgeMs: Number.NaN }, {}],
    ['stale_input', { inputAgeMs: -1 }, {}],
    ['no_lines', { linesFree: Number.NaN }, {}],
    ['no_leads', { leadsReady: -5 }, {}],
    ['off', {}, { closesAt: 1_000 }],
  ])('%s', (rule, env, change) => {
    expect(floorOf(change, 2).tick(env)).toMatchObject({ dial: 0, why: { rule, dial: 0 } });
  });

  test('says how many of the host’s figures are none', () => {
    const floor = floorOf({}, 2);
    expect(floor.tick({ linesFree: Number.NaN, leadsReady: -5 }).why.figures).toMatchObject({
      lines: 0,
      leads: 0,
      badFigures: 2,
    });
    expect(floor.tick().why.figures).not.toHaveProperty('badFigures');
  });

  test('a quiet floor is not a stale one', () => {
    expect(floorOf({}, 2).tick({ inputAgeMs: 5_000 }).dial).toBe(2);
  });
});

describe('events', () => {
  test('a doubled one is ignored', () => {
    const floor = floorOf({}, 2);
    floor.say({ type: 'agent.away', agent: 0, from: 'idle' });
    floor.pacer.apply({ type: 'agent.available', agent: 0, seq: floor.seq, t: 5_000 });
    expect(floor.tick().dial).toBe(1);
  });

  test('a late one does not undo what came after it', () => {
    const floor = floorOf({}, 1);
    floor.now += 1_500;
    floor.say({ type: 'agent.away', agent: 0, from: 'idle' });
    floor.say({ type: 'agent.available', agent: 0 }, floor.now - 500);
    expect(floor.tick().dial).toBe(0);
  });

  test('of calls and agents nobody knows are dropped', () => {
    const floor = floorOf({}, 1);
    floor.say({ type: 'call.ready', call: 99, deadline: 5_000 });
    floor.say({ type: 'agent.wrap', agent: 99 });
    expect(floor.tick()).toMatchObject({ dial: 1, why: { figures: { able: 1, inFlight: 0, waiting: 0 } } });
  });

  test.each<[string, ('call.ringing' | 'call.answered' | 'call.ready')[], number]>([
    ['dialed', [], 15_000],
    ['ringing', ['call.ringing'], 120_000],
    ['screening', ['call.ringing', 'call.answered'], 15_000],
    ['waiting', ['call.answered', 'call.ready'], 30_000],
  ])('a call lost while %s is forgotten at its greatest age', (_, path, age) => {
    const floor = floorOf({}, 1);
    floor.say({ type: 'call.dialed', call: 1 });
    for (const type of path) floor.say({ type, call: 1, deadline: 0 });
    floor.now += age;
    expect(floor.tick().dial).toBe(0);
    floor.now += 1;
    expect(floor.tick().dial).toBe(1);
  });

  test('a new configuration counts at the next tick', () => {
    const floor = floorOf({}, 2);
    floor.say({ type: 'config', config: { ...config, mode: 'ratio', ratio: 2 } });
    expect(floor.tick()).toMatchObject({ dial: 4, why: { rule: 'ratio' } });
  });
});

describe('a setting that cannot be', () => {
  test.each<[string, Partial<PacingConfig>]>([
    ['cap', { cap: 0.06 }],
    ['cap', { cap: Number.NaN }],
    ['target', { target: 0.04 }],
    ['ratio', { ratio: 0.5 }],
    ['ratio', { ratio: 16 }],
    ['ratio', { mode: 'ratio' }],
    ['connectWithinMs', { connectWithinMs: 0 }],
    ['agentHoldback', { agentHoldback: -1 }],
    ['minRingMs', { minRingMs: Number.NaN }],
    ['window.hours', { window: { kind: 'rolling', hours: 0 } }],
    ['mode', { mode: 'guess' as 'ratio' }],
  ])('is refused: %s', (field, change) => {
    expect(() => createPacer({ ...config, ...change }, { seed: 1 })).toThrow(expect.objectContaining({ field }) as PacingFault);
  });

  test('is refused in mid-run too, and the old one stays', () => {
    const floor = floorOf({}, 1);
    expect(() => floor.say({ type: 'config', config: { ...config, cap: 1 } })).toThrow(PacingFault);
    expect(floor.tick().dial).toBe(1);
  });
});

describe('what the pacer learns', () => {
  /** What a pacer has learnt by now: the numbers that its snapshot keeps. */
  const learnt = (pacer: Pacer): unknown => {
    const { memory } = JSON.parse(new TextDecoder().decode(pacer.snapshot())) as {
      memory: { numbers: number[]; leads: unknown };
    };
    return { numbers: memory.numbers, leads: memory.leads };
  };

  test.each(['call.ringing', 'call.answered'] as const)('is nothing of a call that the host lost sight of after %s', (stage) => {
    const floor = floorOf({ mode: 'predictive' }, 20);
    floor.say({ type: 'call.dialed', call: 1, lead: { pAnswer: 0.4 } });
    floor.say({ type: 'call.dialed', call: 2, lead: { pAnswer: 0.1 } });
    floor.say({ type: stage, call: 2 });
    const before = learnt(floor.pacer);
    floor.now += 90_000;
    floor.say({ type: 'call.ended', call: 2, cause: 'lost' });
    expect(learnt(floor.pacer)).toEqual(before);
    expect(floor.tick().why.figures).toMatchObject({ inFlight: 0 });
  });

  test('is nothing of an agent whom the host lost sight of', () => {
    const floor = floorOf({ mode: 'predictive' }, 2);
    for (const agent of [0, 1]) floor.say({ type: 'call.connected', call: 9, agent });
    floor.say({ type: 'agent.wrap', agent: 1 });
    const before = learnt(floor.pacer);
    floor.now += 90_000;
    for (const agent of [0, 1]) floor.say({ type: 'agent.away', agent, from: 'lost' });
    expect(learnt(floor.pacer)).toEqual(before);
    expect(floor.tick()).toMatchObject({ dial: 0, why: { rule: 'no_agents' } });
  });

  test('is of a call that was given up no more than that nobody had answered until then', () => {
    const [givenUp, unanswered] = (['cancelled', 'no_answer'] as const).map((cause) => {
      const floor = floorOf({ mode: 'predictive' }, 20);
      for (let call = 0; call < 200; call += 1) {
        floor.say({ type: 'call.dialed', call });
        floor.say({ type: 'call.ringing', call });
      }
      floor.now += 3_000;
      for (let call = 0; call < 200; call += 1) floor.say({ type: 'call.ended', call, cause });
      return floor.tick();
    });
    expect(givenUp?.why.figures['answerLevel']).toBe(1);
    expect(givenUp?.dial).toBeLessThan(unanswered?.dial ?? 0);
  });

  test('shows in the counts it believes in, of calls that it still knew', () => {
    const floor = floorOf({}, 1);
    floor.say({ type: 'ledger', answered: 10, abandoned: 1 });
    floor.say({ type: 'call.dialed', call: 1 });
    floor.say({ type: 'call.abandoned', call: 1, legal: true });
    floor.say({ type: 'call.abandoned', call: 2, legal: true });
    expect(floor.pacer.counts()).toEqual({ answered: 11, abandoned: 2 });
  });
});

describe('a snapshot', () => {
  test('of another version is a cold start, and says so', () => {
    const pacer = createPacer(config, { seed: 1, snapshot: new TextEncoder().encode('{"version":0}') });
    expect(pacer.tick(0, ample)).toMatchObject({ dial: 0, why: { figures: { snapshotRefused: 1, able: 0 } } });
  });
});

// ── properties, over arbitrary histories of a floor ──

const id = fc.integer({ min: 0, max: 6 });
const body: fc.Arbitrary<EventBody> = fc.oneof(
  fc.record({ type: fc.constant('call.dialed' as const), call: id }),
  fc.record({ type: fc.constant('call.ringing' as const), call: id }),
  fc.record({ type: fc.constant('call.answered' as const), call: id }),
  fc.record({ type: fc.constant('call.ready' as const), call: id, deadline: fc.nat(10_000) }),
  fc.record({ type: fc.constant('call.ended' as const), call: id, cause: fc.constant('busy' as const) }),
  fc.record({ type: fc.constant('call.connected' as const), call: id, agent: id }),
  fc.record({ type: fc.constant('call.abandoned' as const), call: id, legal: fc.boolean() }),
  fc.record({ type: fc.constant('agent.available' as const), agent: id }),
  fc.record({ type: fc.constant('agent.wrap' as const), agent: id }),
  fc.record({ type: fc.constant('agent.away' as const), agent: id, from: fc.constant('idle' as const) }),
  fc.record({
    type: fc.constant('agent.announced' as const),
    agent: id,
    next: fc.constantFrom('break' as const, 'stay' as const),
  }),
  fc.record({ type: fc.constant('agent.reserved' as const), agent: id, on: fc.boolean() }),
);
const env = fc.record({ linesFree: fc.nat(8), cpsCredit: fc.double({ min: 0, max: 8, noNaN: true }), leadsReady: fc.nat(20) });
const step = fc.record({ wait: fc.nat(3_000), seq: fc.nat(3), lateness: fc.nat(2_000), body, env, ticks: fc.boolean() });
const history = fc.array(step, { maxLength: 60 });
const mode = fc.constantFrom<Partial<PacingConfig>>(
  { mode: 'progressive' },
  { mode: 'ratio', ratio: 1.7 },
  { mode: 'ratio', ratio: 4, agentHoldback: 1 },
  { mode: 'predictive' },
  { mode: 'predictive', minAgentsForPredictive: 0 },
  { mode: 'predictive', minAgentsForPredictive: 2, agentHoldback: 1, cap: 0.05, closesAt: 100_000 },
);

/** Plays steps on a pacer and returns its decisions, with the figures each saw. */
function play(
  pacer: Pacer,
  steps: readonly { wait: number; seq: number; lateness: number; body: EventBody; env: Env; ticks: boolean }[],
  from = { now: 0, seq: 0 },
) {
  return steps.flatMap((each) => {
    from.now += each.wait;
    // A step of 0 repeats a number: a doubled event.
    from.seq += each.seq;
    pacer.apply({ ...each.body, seq: from.seq, t: Math.max(0, from.now - each.lateness) });
    return each.ticks ? [{ env: each.env, decision: pacer.tick(from.now, each.env) }] : [];
  });
}

const RUNS = { numRuns: 1_500 };

describe('whatever happens on the floor', () => {
  test('it dials a whole number ≥ 0 within lines, rate and leads, and nothing without agents', () => {
    fc.assert(
      fc.property(history, mode, (steps, change) => {
        for (const { env: given, decision } of play(createPacer({ ...config, ...change }, { seed: 1 }), steps)) {
          expect(Number.isInteger(decision.dial) && decision.dial >= 0).toBe(true);
          expect(decision.dial).toBeLessThanOrEqual(Math.min(given.linesFree, given.cpsCredit, given.leadsReady));
          const { able = 0, working = able } = decision.why.figures;
          expect(decision.dial === 0 || working > 0).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test('progressive pacing never has more calls on their way than agents for them after it dials', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const { decision } of play(createPacer(config, { seed: 1 }), steps)) {
          const { able = 0, inFlight = 0 } = decision.why.figures;
          expect(decision.dial === 0 || inFlight + decision.dial <= able).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test('one more idle agent never means fewer calls, whatever is in flight', () => {
    fc.assert(
      fc.property(history, mode, fc.nat(6), (steps, change, lately) => {
        const [few, many] = [0, 1].map((extra) => {
          const pacer = createPacer({ ...config, ...change }, { seed: 1 });
          const at = { now: 0, seq: 0 };
          play(
            pacer,
            steps.map((each) => ({ ...each, ticks: false })),
            at,
          );
          // Whatever became of those before, these are on their way.
          for (let call = 1; call <= lately; call += 1) {
            pacer.apply({ type: 'call.dialed', call: 2_000 + call, seq: 1_000_000 + call, t: at.now });
          }
          if (extra === 1) pacer.apply({ type: 'agent.available', agent: 1_000, seq: 2_000_000, t: at.now });
          // At once: a moment later and the calls in flight would be forgotten, with all that they say.
          return pacer.tick(at.now, ample);
        });
        expect(few?.why.figures['inFlight'] ?? lately).toBeGreaterThanOrEqual(lately);
        expect(many?.dial ?? 0).toBeGreaterThanOrEqual(few?.dial ?? 0);
      }),
      RUNS,
    );
  });

  test('a replay, and a run continued from a snapshot at any point, decide the same to the bit', () => {
    fc.assert(
      fc.property(history, history, mode, (before, after, change) => {
        const settings = { ...config, ...change };
        const straight = createPacer(settings, { seed: 7 });
        const position = { now: 0, seq: 0 };
        play(straight, before, position);
        const restored = createPacer(settings, { seed: 7, snapshot: straight.snapshot() });
        const replayed = createPacer(settings, { seed: 7 });
        play(replayed, before);
        const decisions = play(straight, after, { ...position });
        expect(play(restored, after, { ...position })).toEqual(decisions);
        expect(play(replayed, after, { ...position })).toEqual(decisions);
        expect(restored.snapshot()).toEqual(straight.snapshot());
        expect(replayed.snapshot()).toEqual(straight.snapshot());
      }),
      RUNS,
    );
  });
});

describe('the outlook of the next 30 s', () => {
  test.each(['progressive', 'ratio', 'predictive'] as const)('is told in mode %s and changes nothing', (mode) => {
    const floor = floorOf({ mode, ratio: 2, minAgentsForPredictive: 1 }, 4);
    floor.say({ type: 'call.dialed', call: 9 });
    floor.say({ type: 'call.answered', call: 9 });
    floor.say({ type: 'call.ready', call: 9, deadline: floor.now + 2_000 });
    floor.say({ type: 'call.connected', call: 9, agent: 0 });
    floor.tick({ leadsReady: 0 });
    const before = floor.pacer.snapshot();
    const idle = floor.pacer.outlook();
    expect(idle.answers).toBe(0);
    // Three are idle; the fourth may be back by then.
    expect(idle.agents).toBeGreaterThanOrEqual(3);
    expect(idle.agents).toBeLessThan(4);
    expect(floor.pacer.snapshot()).toEqual(before);

    for (let call = 10; call < 14; call += 1) floor.say({ type: 'call.dialed', call });
    floor.say({ type: 'call.answered', call: 10 });
    const ringing = floor.pacer.outlook();
    expect(ringing.answers).toBeGreaterThan(0.5);
    expect(ringing.answers).toBeLessThan(4);
  });
});
