import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chance } from '../../scripts/robots/chance.ts';
import { DEMO_HABITS, nextStep, outcomeFor, planCall, type Plan } from '../../scripts/robots/rules.ts';
import { AGENT_STATES, deskCommand, type Desk, type DeskCall, type DebtorFile } from '../../server/contract/desk.ts';
import { outcome, OUTCOME_CODES } from '../../server/contract/outcomes.ts';

const NOW = Temporal.Instant.from('2026-03-01T10:00:00Z');
const ATTEMPT = '01990000-0000-7000-8000-000000000001';
const CAMPAIGN = '01990000-0000-7000-8000-000000000002';

function file(balanceMinor: string): DebtorFile {
  return {
    partyId: CAMPAIGN,
    displayName: 'Invented',
    kind: 'person',
    country: 'EG',
    address: null,
    language: null,
    timeZones: ['Africa/Cairo'],
    phones: [],
    debts: [
      {
        id: CAMPAIGN,
        creditor: 'C',
        account: 'A',
        product: null,
        currency: 'EGP',
        balanceMinor,
        dueOn: null,
        state: 'open',
        role: 'debtor',
        others: [],
      },
    ],
    promises: [],
    holds: [],
    consents: [],
    preferences: [],
    attempts: [],
    score: null,
  };
}

function call(phase: DeskCall['phase']): DeskCall {
  return {
    attemptId: ATTEMPT,
    campaignId: CAMPAIGN,
    campaignName: 'Demo',
    number: '+201000000000',
    phoneId: CAMPAIGN,
    inbound: null,
    phase,
    muted: false,
    connectedAt: null,
    endedAt: null,
    recycling: { maxTries: 10, retryMinutes: 240 },
    file: file('100000'),
    guidance: null,
  };
}

function desk(change: Partial<Desk>): Desk {
  return {
    seq: 1,
    agentId: CAMPAIGN,
    state: 'ready',
    reason: null,
    since: NOW.toString(),
    serverTime: NOW.toString(),
    standsBy: false,
    campaignId: CAMPAIGN,
    campaigns: [],
    pauseAfterCall: null,
    logOutAfterCall: false,
    able: true,
    legUp: true,
    call: null,
    wrapUpEndsAt: null,
    lastEffect: null,
    ...change,
  };
}

const plan: Plan = { attemptId: ATTEMPT, hangUpAtMs: 5_000, outcomeCode: 'promise', wrapUpMs: 1_000, disposeAtMs: 9_000 };
const working = { campaignId: CAMPAIGN, leaving: false, now: NOW };

describe('what a robot does next', () => {
  test('it logs in, makes itself ready, and calls for its leg when that was lost', () => {
    expect(nextStep(desk({ state: 'offline' }), null, { ...working, nowMs: 0 })).toEqual({
      do: { type: 'log_in', campaignId: CAMPAIGN },
    });
    expect(nextStep(desk({ state: 'paused' }), null, { ...working, nowMs: 0 })).toEqual({ do: { type: 'ready' } });
    expect(nextStep(desk({ state: 'paused', legUp: false }), null, { ...working, nowMs: 0 })).toEqual({
      do: { type: 'reattach' },
    });
  });

  test('it hangs up when its time has come and not before', () => {
    const talking = desk({ state: 'talking', call: call('talking') });
    expect(nextStep(talking, plan, { ...working, nowMs: 4_000 })).toEqual({ waitMs: 1_000 });
    expect(nextStep(talking, plan, { ...working, nowMs: 5_000 })).toEqual({ do: { type: 'hang_up' } });
    expect(nextStep(talking, { ...plan, hangUpAtMs: null }, { ...working, nowMs: 5_000 })).toEqual({ waitMs: null });
  });

  test('it records the outcome when its wrap-up is over, at once when it leaves', () => {
    const wrapUp = desk({ state: 'wrap_up', call: call('ended') });
    expect(nextStep(wrapUp, plan, { ...working, nowMs: 8_000 })).toEqual({ waitMs: 1_000 });
    expect(nextStep(wrapUp, plan, { ...working, nowMs: 9_000 })).toMatchObject({ do: { type: 'dispose', next: 'ready' } });
    expect(nextStep(wrapUp, plan, { ...working, leaving: true, nowMs: 0 })).toMatchObject({
      do: { type: 'dispose', next: 'pause' },
    });
  });

  test('whatever its desk shows, what it asks is well-formed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...AGENT_STATES),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(...OUTCOME_CODES),
        fc.integer({ min: 0, max: 20_000 }),
        (state, legUp, leaving, outcomeCode, nowMs) => {
          const busy = state === 'talking' || state === 'wrap_up';
          const step = nextStep(
            desk({ state, legUp, call: busy ? call('talking') : null }),
            { ...plan, outcomeCode },
            { ...working, leaving, nowMs },
          );
          const wellFormed = 'do' in step ? deskCommand.safeParse(step.do).success : step.waitMs === null || step.waitMs > 0;
          expect(wellFormed).toBe(true);
        },
      ),
    );
  });
});

describe('the outcome a robot records', () => {
  test.each(OUTCOME_CODES)('%s has all its fields', (code) => {
    expect(outcome.parse(outcomeFor(code, { inbound: null, file: file('100000') }, NOW)).code).toBe(code);
  });

  test('speaks of no debt where the file has none', () => {
    expect(outcomeFor('promise', { inbound: null, file: null }, NOW)).toEqual({ code: 'no_contact' });
    expect(outcomeFor('promise', { inbound: null, file: file('3') }, NOW)).toEqual({ code: 'no_contact' });
  });
});

test('a seed decides every call the same way', () => {
  const plans = [1, 1, 2].map((seed) => {
    const random = chance(seed);
    return JSON.stringify(Array.from({ length: 20 }, () => planCall(ATTEMPT, DEMO_HABITS, random, 0)));
  });
  expect(plans[0]).toBe(plans[1]);
  expect(plans[0]).not.toBe(plans[2]);
});
