import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FACTORS, scoreDebtor, type ScoreFacts, type ScoreWeights } from '../../server/scoring/scorecard.ts';

const RUNS = { numRuns: 5_000 };
const count = fc.integer({ min: 0, max: 5_000 });
const facts: fc.Arbitrary<ScoreFacts> = fc.record({
  balanceMinor: fc.bigInt({ min: 0n, max: 10n ** 18n }),
  usualBalanceMinor: fc.bigInt({ min: 0n, max: 10n ** 18n }),
  daysOverdue: count,
  payments: fc.integer({ min: 0, max: 20 }),
  lastPaymentDaysAgo: fc.option(count),
  attempts: count,
  conversations: count,
});
const weight = fc.integer({ min: 0, max: 100 });
const weights: fc.Arbitrary<ScoreWeights> = fc.record({ amount: weight, age: weight, payments: weight, contacts: weight });

describe('the score', () => {
  test('is an integer between 0 and 1000 with one reason per factor, always the same', () => {
    fc.assert(
      fc.property(facts, weights, (given, by) => {
        const { score, reasons } = scoreDebtor(given, by);
        expect(Number.isInteger(score) && score >= 0 && score <= 1_000).toBe(true);
        expect(reasons.map((reason) => reason.factor)).toEqual(FACTORS);
        expect(reasons.every((reason) => Number.isInteger(reason.value) && reason.value >= 0 && reason.value <= 1_000)).toBe(
          true,
        );
        expect(scoreDebtor(given, by)).toEqual({ score, reasons });
      }),
      RUNS,
    );
  });

  test.each<[string, (given: ScoreFacts, by: number) => ScoreFacts]>([
    ['a greater balance', (given, by) => ({ ...given, balanceMinor: given.balanceMinor + BigInt(by) ** 4n })],
    ['an older debt', (given, by) => ({ ...given, daysOverdue: given.daysOverdue + by })],
    [
      'an older last payment',
      (given, by) => ({ ...given, lastPaymentDaysAgo: given.lastPaymentDaysAgo === null ? null : given.lastPaymentDaysAgo + by }),
    ],
    ['more attempts', (given, by) => ({ ...given, attempts: given.attempts + by })],
  ])('never rises with %s', (_, worse) => {
    fc.assert(
      fc.property(facts, weights, count, (given, by, step) => {
        expect(scoreDebtor(worse(given, step), by).score).toBeLessThanOrEqual(scoreDebtor(given, by).score);
      }),
      RUNS,
    );
  });

  test.each<[string, (given: ScoreFacts, by: number) => ScoreFacts]>([
    ['more payments', (given, by) => ({ ...given, payments: given.payments + by })],
    ['more conversations', (given, by) => ({ ...given, conversations: given.conversations + by })],
  ])('never falls with %s', (_, better) => {
    fc.assert(
      fc.property(facts, weights, count, (given, by, step) => {
        expect(scoreDebtor(better(given, step), by).score).toBeGreaterThanOrEqual(scoreDebtor(given, by).score);
      }),
      RUNS,
    );
  });

  test('is 500 for everyone when nothing weighs', () => {
    fc.assert(
      fc.property(facts, (given) => {
        expect(scoreDebtor(given, { amount: 0, age: 0, payments: 0, contacts: 0 }).score).toBe(500);
      }),
    );
  });
});
