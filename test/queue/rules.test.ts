import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeAfter, type EndedAttempt } from '../../server/queue/rules.ts';

const MINUTE_MS = 60_000;
const attempt: EndedAttempt = {
  result: 'no_answer',
  ending: 'no_answer',
  counts: true,
  tries: 1,
  recycling: { maxTries: 5, retryMinutes: 240 },
  endedSo: 1,
  redialBlockMs: 72 * 60 * MINUTE_MS,
  otherNumbers: 1,
  calledOff: null,
};

describe('the next place of a debtor', () => {
  test.each<[string, Partial<EndedAttempt>, object]>([
    ['nobody answered: later, on the other number', {}, { place: 'waiting', waitMs: 240 * MINUTE_MS, number: 'other' }],
    ['busy: soon, on the same number', { result: 'busy', ending: 'busy' }, { waitMs: 15 * MINUTE_MS, number: 'same' }],
    ['a machine: later', { result: 'screened', ending: 'machine' }, { waitMs: 240 * MINUTE_MS }],
    [
      'no agent in time: three days of peace',
      { result: 'abandoned', ending: 'no_agent_in_time' },
      { waitMs: 72 * 60 * MINUTE_MS },
    ],
    [
      'no agent in time though one was held for the call: later, since another will be',
      { result: 'abandoned', ending: 'no_agent_in_time', redialBlockMs: 0 },
      { waitMs: 240 * MINUTE_MS, reason: 'abandoned' },
    ],
    ['lost: later, since unknown counts', { result: 'lost', ending: 'unknown_to_the_switch' }, { waitMs: 240 * MINUTE_MS }],
    [
      'spoke with an agent: the outcome will say',
      { result: 'connected', ending: 'caller_hangup' },
      { reason: 'awaiting_outcome' },
    ],
    ['a dead number: the next one at once', { result: 'failed', ending: 'dead_number' }, { place: 'waiting', number: 'leaves' }],
    [
      'the last number dead: out of the queue',
      { result: 'failed', ending: 'dead_number', otherNumbers: 0 },
      { place: 'done', reason: 'no_number_left' },
    ],
    [
      'the trunk was at fault: no try is spent',
      { result: 'failed', ending: 'congestion', counts: false, tries: 5 },
      { place: 'waiting' },
    ],
    [
      'called off by a hold: the gate is asked in a moment',
      { result: 'cancelled', ending: 'called_off', calledOff: 'dispute', tries: 5 },
      { place: 'waiting', reason: 'dispute', waitMs: MINUTE_MS, number: 'same' },
    ],
    [
      'called off since nothing is owed: out of the queue',
      { result: 'cancelled', ending: 'called_off', calledOff: 'no_open_debt' },
      { place: 'done', reason: 'no_open_debt' },
    ],
    [
      'called off since the number left: the next one',
      { result: 'cancelled', ending: 'called_off', calledOff: 'number_left' },
      { place: 'waiting', number: 'other' },
    ],
    [
      'called off since the last number left: out of the queue',
      { result: 'cancelled', ending: 'called_off', calledOff: 'number_left', otherNumbers: 0 },
      { place: 'done', reason: 'no_number_left' },
    ],
    ['all tries used up: out of the queue', { tries: 5 }, { place: 'done', reason: 'tries_used_up' }],
    [
      'the campaign’s own wait and number',
      { recycling: { ...attempt.recycling, after: { no_answer: { minutes: 30, number: 'best' } } } },
      { waitMs: 30 * MINUTE_MS, number: 'best' },
    ],
    [
      'as often as the campaign allows of its kind: out of the queue',
      { recycling: { ...attempt.recycling, after: { no_answer: { most: 2 } } }, tries: 3, endedSo: 2 },
      { place: 'done', reason: 'tries_used_up' },
    ],
    [
      'abandoned, with a short wait of the campaign’s own: three days of peace all the same',
      { result: 'abandoned', recycling: { ...attempt.recycling, after: { abandoned: { minutes: 5 } } } },
      { waitMs: 72 * 60 * MINUTE_MS },
    ],
  ])('%s', (_, change, expected) => {
    expect(placeAfter({ ...attempt, ...change })).toMatchObject(expected);
  });

  test('never waits less than nothing, and never longer than the peace after silence', () => {
    const any: fc.Arbitrary<EndedAttempt> = fc.record({
      result: fc.constantFrom('connected', 'abandoned', 'screened', 'no_answer', 'busy', 'failed', 'cancelled', 'lost'),
      ending: fc.constantFrom('busy', 'dead_number', 'congestion', 'permit_expired', 'no_answer'),
      counts: fc.boolean(),
      tries: fc.nat(60),
      recycling: fc.record({ maxTries: fc.integer({ min: 1, max: 50 }), retryMinutes: fc.integer({ min: 1, max: 72 * 60 }) }),
      endedSo: fc.nat(60),
      redialBlockMs: fc.integer({ min: 0, max: 72 * 60 * MINUTE_MS }),
      otherNumbers: fc.nat(4),
      calledOff: fc.constantFrom(null, 'do_not_call', 'no_open_debt', 'number_left', 'payment'),
    });
    fc.assert(
      fc.property(any, (each) => {
        const { waitMs, reason } = placeAfter(each);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(72 * 60 * MINUTE_MS);
        expect(reason).not.toBe('');
      }),
    );
  });
});
