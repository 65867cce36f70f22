import { describe, expect, test } from 'vitest';
import type { Env, PacingConfig } from '../../server/pacing/index.ts';
import { floorOf } from '../support/pacing.ts';

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
