import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  CALL_STATES,
  endingOf,
  outlivesRest,
  testResultOf,
  trunkSaysOfTest,
  type CallState,
  type Ended,
} from '../../server/dialer/rules.ts';
import { answerRuleOf, countOf } from '../../server/compliance/ledger/rules.ts';
import { LEDGER_CAUSES } from '../../server/contract/abandonment.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { END_CLASSES } from '../../server/telephony/causes.ts';

const RULE = answerRuleOf(DEFAULT_CAMPAIGN_SETTINGS, []);
const anyCause = fc.constantFrom(...LEDGER_CAUSES.filter((cause) => cause !== 'inbound'));

function ended(change: Partial<Ended>): Ended {
  return {
    state: 'dialing',
    judged: null,
    recordedSound: true,
    apologised: false,
    hungUpByUs: false,
    calledOff: false,
    endClass: 'normal',
    ...change,
  };
}

describe('the states of a call', () => {
  it('may be skipped but never go back, however news is repeated or out of order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...CALL_STATES), { maxLength: 40 }), (news) => {
        let state: CallState = 'reserved';
        for (const to of news) {
          const before = CALL_STATES.indexOf(state);
          state = advance(state, to) ?? state;
          expect(CALL_STATES.indexOf(state)).toBeGreaterThanOrEqual(before);
        }
        const furthest = Math.max(0, ...news.map((to) => CALL_STATES.indexOf(to)));
        expect(state).toBe(CALL_STATES[furthest]);
      }),
    );
  });
});

describe('what a call came to', () => {
  it('is connected once it was bridged, whatever else is known', () => {
    fc.assert(
      fc.property(anyCause, fc.boolean(), fc.constantFrom(...END_CLASSES), (judged, hungUpByUs, endClass) => {
        expect(endingOf(ended({ state: 'connected', judged, hungUpByUs, endClass })).result).toBe('connected');
      }),
    );
  });

  it('is abandoned exactly where the ledger says so and nobody talked', () => {
    const states = CALL_STATES.filter((state) => state !== 'connected' && state !== 'ended');
    fc.assert(
      fc.property(
        anyCause,
        fc.constantFrom(...states),
        fc.boolean(),
        fc.boolean(),
        (judged, state, recordedSound, hungUpByUs) => {
          const { result } = endingOf(ended({ state, judged, recordedSound, hungUpByUs }));
          const talked = judged === 'agent' || judged === 'agent_late';
          expect(result === 'connected').toBe(talked);
          expect(result === 'abandoned').toBe(!talked && countOf(judged, RULE, null).abandoned);
        },
      ),
    );
  });

  it('names the agent’s lost leg when the debtor heard an apology', () => {
    expect(endingOf(ended({ state: 'connected', apologised: true, hungUpByUs: true }))).toMatchObject({ ending: 'agent_lost' });
  });

  it.each([
    ['no_agent_in_time', true, 'abandoned', 'no_agent_in_time'],
    ['agent_leg_failed', true, 'abandoned', 'no_agent_in_time'],
    ['no_agent_in_time', false, 'abandoned', 'cut_without_message'],
    ['cut_without_message', false, 'abandoned', 'cut_without_message'],
    ['left_early', true, 'cancelled', 'caller_hangup'],
    ['left_late', true, 'abandoned', 'left_late'],
    ['hung_up_unserved', true, 'abandoned', 'hung_up_unserved'],
    ['machine', true, 'screened', 'machine'],
  ] as const)('of an answer judged %s (message may be heard: %s) is %s, %s', (judged, recordedSound, result, ending) => {
    expect(endingOf(ended({ state: 'answered', judged, recordedSound }))).toEqual({ result, ending, counts: true });
  });

  it.each([
    ['busy', 'busy', true],
    ['declined', 'busy', true],
    ['no_answer', 'no_answer', true],
    ['dead_number', 'failed', true],
    ['congestion', 'failed', true],
    ['trunk_fault', 'failed', true],
    ['cancelled', 'cancelled', true],
    ['unknown', 'failed', true],
  ] as const)('of an unanswered call of class %s is %s, and counting towards caps is %s', (endClass, result, counts) => {
    expect(endingOf(ended({ state: 'ringing', endClass }))).toMatchObject({ result, counts });
  });

  it.each(['congestion', 'trunk_fault'] as const)('that the trunk refused (%s) before any ringing spends no try', (endClass) => {
    expect(endingOf(ended({ state: 'dialing', endClass }))).toMatchObject({ result: 'failed', counts: false });
  });

  it('is called off only where nobody had answered when we hung up: who had is abandoned, and counted so', () => {
    const off = { hungUpByUs: true, calledOff: true, endClass: 'normal' } as const;
    for (const state of ['dialing', 'ringing'] as const) {
      expect(endingOf(ended({ ...off, state }))).toEqual({ result: 'cancelled', ending: 'called_off', counts: true });
    }
    for (const state of ['answered', 'waiting'] as const) {
      expect(endingOf(ended({ ...off, state, judged: 'hung_up_unserved' }))).toMatchObject({
        result: 'abandoned',
        ending: 'hung_up_unserved',
      });
    }
    expect(endingOf(ended({ ...off, state: 'connected' })).result).toBe('connected');
  });
});

describe('a call whose trunk rests', () => {
  it('waits if its permit outlives the rest and the sending, and only while there is a rest', () => {
    expect(outlivesRest(2_000, 4_800)).toBe(true);
    expect(outlivesRest(4_000, 4_100)).toBe(false);
    expect(outlivesRest(2_000, -1)).toBe(false);
    expect(outlivesRest(0, 4_800)).toBe(false);
  });
});

describe('the test call of a trunk', () => {
  it('passes by the right key alone, and says of the trunk what a debtor’s call would', () => {
    expect(testResultOf({ answered: true, key: '1', endClass: 'normal' })).toBe('passed');
    expect(testResultOf({ answered: true, key: '2', endClass: 'normal' })).toBe('no_key');
    expect(testResultOf({ answered: true, key: null, endClass: 'normal' })).toBe('no_key');
    for (const endClass of END_CLASSES) {
      expect(['passed', 'no_key']).not.toContain(testResultOf({ answered: false, key: null, endClass }));
    }
    expect((['congestion', 'trunk_fault', 'unknown', 'passed'] as const).map(trunkSaysOfTest)).toEqual([
      'full',
      'refused',
      'unsent',
      'used',
    ]);
  });
});
