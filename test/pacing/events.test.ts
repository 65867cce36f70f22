import { describe, expect, test } from 'vitest';
import { createPacer, PacingFault, type Pacer, type PacingConfig } from '../../server/pacing/index.ts';
import { ample, config, floorOf, type EventBody } from '../support/pacing.ts';

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

  test('a wait past its deadline is over, and whoever seemed idle all the while is not counted on until told of', () => {
    const floor = floorOf({ mode: 'predictive' }, 12);
    floor.say({ type: 'call.dialed', call: 1 });
    floor.say({ type: 'call.ready', call: 1, deadline: floor.now + 1_400 });
    const outlook = () => {
      floor.tick({ leadsReady: 0 });
      return floor.pacer.outlook();
    };
    floor.now += 3_400;
    expect(outlook().answers).toBe(1);
    expect(outlook().agents).toBeGreaterThanOrEqual(12);
    floor.now += 1;
    const { answers, agents } = outlook();
    expect(answers).toBe(0);
    expect(agents).toBeGreaterThan(11);
    expect(agents).toBeLessThan(12);
    // Able all the same: where nobody else is left, one line is dialed for them.
    expect(floor.tick({ leadsReady: 0 }).why.figures).toMatchObject({ able: 12 });
    floor.say({ type: 'agent.available', agent: 0 });
    expect(outlook()).toEqual({ answers: 0, agents: 12 });
  });

  test('a wait past its deadline takes nobody who was free only later', () => {
    const floor = floorOf({ mode: 'predictive' });
    floor.say({ type: 'call.dialed', call: 1 });
    floor.say({ type: 'call.ready', call: 1, deadline: floor.now + 1_400 });
    floor.now += 1_401;
    floor.say({ type: 'agent.available', agent: 0 });
    floor.now += 2_100;
    floor.tick({ leadsReady: 0 });
    expect(floor.pacer.outlook()).toEqual({ answers: 0, agents: 1 });
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
