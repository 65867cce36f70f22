import { describe, expect, it } from 'vitest';
import { createPacer, type PacingConfig, type PacingEvent } from '../../server/pacing/index.ts';
import {
  fitScenario,
  nearestScenario,
  pacingConfigFor,
  publicScenarios,
  readScenario,
  runFloor,
  type Scenario,
  type SeenCall,
  type SeenFloor,
} from '../../server/pacing/simulator/index.ts';

const TRUTH = readScenario({
  agents: 20,
  hours: 2,
  answerProbability: 0.25,
  machineShare: 0.3,
  undecidedShare: 0.1,
  ringing: { kind: 'weibull', a: 1.6, b: 11 },
  refusal: { medianS: 20, sigma: 0.4 },
  conversation: { medianS: 60, sigma: 0.5 },
  wrap: { shape: 3, meanS: 30 },
  breaks: false,
});
/** By ratio: nothing is learnt, so that a day is soon played. */
const configFor = (floor: Scenario): PacingConfig => ({ ...pacingConfigFor(floor, 0.03), mode: 'ratio', ratio: 2 });
const LIMITS = { agents: 20, hours: 2, breaks: false } as const;

/** What somebody would have seen of a simulated floor, and how busy its agents were. */
function watched(seed: number): { seen: SeenFloor; utilisation: number } {
  const stamps = new Map<number, Partial<Record<PacingEvent['type'], number>>>();
  const deadlines = new Map<number, number>();
  const calls: SeenCall[] = [];
  const [talkMs, wrapMs]: [number[], number[]] = [[], []];
  const began = new Map<number, number>();
  const { utilisation } = runFloor(TRUTH, () => createPacer(configFor(TRUTH), { seed }), {
    seed,
    watch(step) {
      if (!('event' in step)) return;
      const { event } = step;
      if ('agent' in event) {
        const since = began.get(event.agent) ?? event.t;
        if (event.type === 'agent.wrap') talkMs.push(event.t - since);
        if (event.type === 'agent.available' && began.has(event.agent)) wrapMs.push(event.t - since);
        began.set(event.agent, event.t);
      }
      if (!('call' in event)) return;
      const call = stamps.get(event.call) ?? {};
      call[event.type] = event.t;
      if (event.type === 'call.ready') deadlines.set(event.call, event.deadline);
      stamps.set(event.call, call);
      if (event.type !== 'call.ended' && event.type !== 'call.connected' && event.type !== 'call.abandoned') return;
      const { 'call.dialed': dialed = 0, 'call.ringing': rang, 'call.answered': answered, 'call.ready': ready } = call;
      const cause = event.type === 'call.ended' ? event.cause : null;
      calls.push({
        outcome:
          ready !== undefined ? 'person' : cause === 'machine' || cause === 'busy' || cause === 'failed' ? cause : 'no_answer',
        postDialMs: rang === undefined ? null : rang - dialed,
        ringMs: answered === undefined ? null : answered - (rang ?? dialed),
        patienceMs: ready === undefined ? null : (deadlines.get(event.call) ?? ready) - ready,
        screeningMs: answered === undefined ? null : (ready ?? event.t) - answered,
        wholeMs: event.t - dialed,
      });
    },
  });
  return { seen: { calls, talkMs, wrapMs }, utilisation };
}

describe('a floor fitted to what was seen', () => {
  it('comes to the same utilisation as the floor that was seen, within two points', () => {
    const { seen, utilisation } = watched(3);
    const like = fitScenario(seen, LIMITS);
    const again = runFloor(like, () => createPacer(configFor(like), { seed: 4 }), { seed: 4 });
    expect(Math.abs(again.utilisation - utilisation)).toBeLessThan(0.02);
    expect(Math.abs(like.undecidedShare - TRUTH.undecidedShare)).toBeLessThan(0.02);
  });

  it('takes the reference floor’s durations where too few were seen, and is still a floor when nothing was', () => {
    const like = fitScenario({ calls: [], talkMs: [1_000], wrapMs: [] }, LIMITS);
    expect(like).toMatchObject({ answerProbability: 0, undecidedShare: 0, measured: {} });
    expect(
      runFloor({ ...like, hours: 0.1 }, () => createPacer(pacingConfigFor(like, 0.03), { seed: 1 }), { seed: 1 }).persons,
    ).toBe(0);
  });

  it.each([
    [{ agents: 9, answerProbability: 0.31, amd: true }, 'S01'],
    [{ agents: 12, answerProbability: 0.08, amd: true }, 'S02'],
    [{ agents: 45, answerProbability: null, amd: false }, 'S10'],
    [{ agents: 280, answerProbability: 0.2, amd: true }, 'S07'],
  ] as const)('of which nothing was seen, %o, is most like %s', (sought, name) => {
    expect(nearestScenario(publicScenarios(), sought)).toBe(name);
  });
});
