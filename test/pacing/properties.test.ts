import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPacer, type Env, type Pacer, type PacingConfig } from '../../server/pacing/index.ts';
import { ample, config, type EventBody } from '../support/pacing.ts';

/** Properties, over arbitrary histories of a floor. */

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

  test('it dials nothing once everybody has gone, whatever it was told before', () => {
    fc.assert(
      fc.property(history, mode, (steps, change) => {
        const pacer = createPacer({ ...config, ...change }, { seed: 1 });
        const at = { now: 0, seq: 0 };
        play(pacer, steps, at);
        for (let agent = 0; agent <= 6; agent += 1) {
          pacer.apply({ type: 'agent.away', agent, from: 'idle', seq: 1_000_000 + agent, t: at.now });
        }
        expect(pacer.tick(at.now, ample)).toMatchObject({ dial: 0, why: { figures: { able: 0 } } });
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
