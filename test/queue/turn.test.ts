import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerChanceOf, orderPhones, type NumberWish, type PastCall } from '../../server/queue/turn.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_000 * DAY_MS;
const phones = [
  { id: 'a', rank: 0 },
  { id: 'b', rank: 1 },
  { id: 'c', rank: 2 },
];
const NO_WISH: NumberWish = { id: null, last: false };
const call = (phoneId: string, answered: boolean | null, daysAgo = 1): PastCall => ({
  phoneId,
  answered,
  atMs: NOW_MS - daysAgo * DAY_MS,
});
const order = (calls: readonly PastCall[], wish = NO_WISH) => orderPhones(phones, wish, calls, NOW_MS).map((phone) => phone.id);

describe('the turn of numbers', () => {
  test('is the list’s order while nothing is known', () => {
    expect(order([])).toEqual(['a', 'b', 'c']);
  });

  test('begins with the one that is answered, and gives way after a try in vain', () => {
    expect(order([call('c', true)])).toEqual(['c', 'a', 'b']);
    expect(order([call('a', false)])).toEqual(['b', 'c', 'a']);
    expect(order([call('a', false), call('b', false), call('c', false)])).toEqual(['a', 'b', 'c']);
  });

  test('lets one try in vain pass where a number was answered twice', () => {
    expect(order([call('b', false), call('b', true, 2), call('b', true, 3)])).toEqual(['b', 'a', 'c']);
  });

  test('begins with the number wished for, and ends with the one that was just tried where another is wished', () => {
    expect(order([], { id: 'c', last: false })).toEqual(['c', 'a', 'b']);
    expect(order([call('a', true)], { id: 'a', last: true })).toEqual(['b', 'c', 'a']);
  });

  test('takes a busy line for no answer and no try', () => {
    expect(order([call('a', null)])).toEqual(['a', 'b', 'c']);
  });

  test('the documented example', () => {
    // Answered today, in vain today; the prior of the first of the list is 0.2 for two tries.
    const calls = [call('a', true, 0), call('a', false, 0)];
    expect(answerChanceOf({ id: 'a', rank: 0 }, calls, NOW_MS)).toBeCloseTo((1 + 0.4) / (2 + 2), 10);
    expect(answerChanceOf({ id: 'a', rank: 0 }, [call('a', true, 14)], NOW_MS)).toBeCloseTo((0.5 + 0.4) / (0.5 + 2), 10);
  });
});

describe('the chance of a number, whatever happened before', () => {
  const past = fc.array(
    fc.record({
      phoneId: fc.constantFrom('a', 'b', 'c'),
      answered: fc.constantFrom(true, false, null),
      atMs: fc.integer({ min: 0, max: NOW_MS + DAY_MS }),
    }),
    { maxLength: 12 },
  );
  const phone = fc.constantFrom(...phones);

  test('lies between never and always; an answer never lowers it, a try in vain never raises it', () => {
    fc.assert(
      fc.property(past, phone, fc.integer({ min: 0, max: NOW_MS }), (calls, one, atMs) => {
        const before = answerChanceOf(one, calls, NOW_MS);
        expect(before).toBeGreaterThan(0);
        expect(before).toBeLessThan(1);
        const after = (answered: boolean): number => answerChanceOf(one, [...calls, { phoneId: one.id, answered, atMs }], NOW_MS);
        expect(after(true)).toBeGreaterThanOrEqual(before);
        expect(after(false)).toBeLessThanOrEqual(before);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is moved less by a call the longer ago it was, and not at all by calls to other numbers', () => {
    fc.assert(
      fc.property(past, phone, fc.nat(60), fc.nat(60), fc.boolean(), (calls, one, days, more, answered) => {
        const before = answerChanceOf(one, calls, NOW_MS);
        const moved = (daysAgo: number): number =>
          Math.abs(answerChanceOf(one, [...calls, call(one.id, answered, daysAgo)], NOW_MS) - before);
        expect(moved(days + more)).toBeLessThanOrEqual(moved(days) + 1e-12);
        const others = calls.filter((each) => each.phoneId === one.id);
        expect(answerChanceOf(one, others, NOW_MS)).toBe(before);
      }),
      { numRuns: 1_000 },
    );
  });

  test('orders every number once, whatever the order of the calls', () => {
    fc.assert(
      fc.property(past, fc.constantFrom(null, 'a', 'c'), fc.boolean(), (calls, id, last) => {
        const ordered = order(calls, { id, last });
        expect(ordered.toSorted()).toEqual(['a', 'b', 'c']);
        const wished = ordered.at(last ? -1 : 0);
        expect(wished).toBe(id ?? wished);
      }),
      { numRuns: 1_000 },
    );
  });
});
