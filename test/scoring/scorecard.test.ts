import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SCORECARD, FACTORS, QUEUE_ORDERS, type Factor, type Scorecard } from '../../server/contract/scoring.ts';
import { explainScore, scoreDebtor, scoreOf, standingOf, type ScoreFacts } from '../../server/scoring/scorecard.ts';

const RUNS = { numRuns: 10_000 };
const USUAL = new Map([
  ['SAR', 120_000n],
  ['IRR', 90_000_000n],
]);
const count = fc.integer({ min: 0, max: 5_000 });
const balance = fc.record({
  currency: fc.constantFrom('SAR', 'IRR', 'KWD'),
  minor: fc.bigInt({ min: 0n, max: 10n ** 18n }),
});
const facts: fc.Arbitrary<ScoreFacts> = fc.record({
  balances: fc.array(balance, { minLength: 1, maxLength: 4 }),
  daysOverdue: count,
  payments: fc.integer({ min: 0, max: 20 }),
  lastPaymentDaysAgo: fc.option(count),
  tries: count,
  conversations: count,
  debtTypes: fc.array(fc.constantFrom('card', 'loan', 'phone'), { maxLength: 3 }),
  promisesKept: fc.integer({ min: 0, max: 20 }),
  promisesBroken: fc.integer({ min: 0, max: 20 }),
});
const share = fc.integer({ min: 0, max: 100 });
const scorecard: fc.Arbitrary<Scorecard> = fc.record({
  order: fc.constantFrom(...QUEUE_ORDERS),
  weights: fc.record({ amount: share, age: share, payments: share, contacts: share, debtType: share, promises: share }),
  debtTypes: fc.dictionary(fc.constantFrom('card', 'loan'), share),
});

function score(given: ScoreFacts, by: Scorecard): number {
  return scoreDebtor(given, by, USUAL).score;
}

describe('the score', () => {
  test('is an integer between 0 and 1000, with a value for each factor, always the same', () => {
    fc.assert(
      fc.property(facts, scorecard, (given, by) => {
        const found = scoreDebtor(given, by, USUAL);
        expect(Number.isInteger(found.score) && found.score >= 0 && found.score <= 1_000).toBe(true);
        expect(found.values).toHaveLength(FACTORS.length);
        expect(found.values.every((value) => Number.isInteger(value) && value >= 0 && value <= 1_000)).toBe(true);
        expect(scoreOf(found.values, by.weights)).toBe(found.score);
        expect(scoreDebtor(given, by, USUAL)).toEqual(found);
      }),
      RUNS,
    );
  });

  test('is the sum of its reasons’ points, none of which is negative', () => {
    fc.assert(
      fc.property(facts, scorecard, (given, by) => {
        const found = scoreDebtor(given, by, USUAL);
        const reasons = explainScore(found.values, by.weights);
        expect(reasons.map((reason) => reason.factor)).toEqual(FACTORS);
        expect(reasons.every((reason) => reason.points >= 0)).toBe(true);
        const nothingWeighs = Object.values(by.weights).every((weight) => weight === 0);
        expect(reasons.reduce((sum, reason) => sum + reason.points, 0)).toBe(nothingWeighs ? 0 : found.score);
      }),
      RUNS,
    );
  });

  test.each<[string, (given: ScoreFacts, by: number) => ScoreFacts]>([
    [
      'a greater balance',
      (given, by) => ({ ...given, balances: given.balances.map((each) => ({ ...each, minor: each.minor + BigInt(by) ** 4n })) }),
    ],
    ['a further debt', (given, by) => ({ ...given, balances: [...given.balances, { currency: 'SAR', minor: BigInt(by) }] })],
    ['an older debt', (given, by) => ({ ...given, daysOverdue: given.daysOverdue + by })],
    [
      'an older last payment',
      (given, by) => ({ ...given, lastPaymentDaysAgo: given.lastPaymentDaysAgo === null ? null : given.lastPaymentDaysAgo + by }),
    ],
    ['more tries in vain', (given, by) => ({ ...given, tries: given.tries + by })],
    ['more broken promises', (given, by) => ({ ...given, promisesBroken: given.promisesBroken + by })],
  ])('never rises with %s', (_, worse) => {
    fc.assert(
      fc.property(facts, scorecard, count, (given, by, step) => {
        expect(score(worse(given, step), by)).toBeLessThanOrEqual(score(given, by));
      }),
      RUNS,
    );
  });

  test.each<[string, (given: ScoreFacts, by: number) => ScoreFacts]>([
    ['more payments', (given, by) => ({ ...given, payments: given.payments + by })],
    ['more conversations', (given, by) => ({ ...given, conversations: given.conversations + by })],
    ['more kept promises', (given, by) => ({ ...given, promisesKept: given.promisesKept + by })],
  ])('never falls with %s', (_, better) => {
    fc.assert(
      fc.property(facts, scorecard, count, (given, by, step) => {
        expect(score(better(given, step), by)).toBeGreaterThanOrEqual(score(given, by));
      }),
      RUNS,
    );
  });

  test('never falls when a type of debt is held to be paid more readily', () => {
    fc.assert(
      fc.property(facts, scorecard, share, (given, by, readily) => {
        const [type] = given.debtTypes;
        fc.pre(type !== undefined);
        const known = by.debtTypes[type] ?? 50;
        const after = { ...by, debtTypes: { ...by.debtTypes, [type]: Math.max(known, readily) } };
        expect(score(given, after)).toBeGreaterThanOrEqual(score(given, by));
      }),
      RUNS,
    );
  });

  test('is the one factor’s value where only that weighs', () => {
    fc.assert(
      fc.property(facts, fc.constantFrom<Factor>(...FACTORS), share, (given, factor, weight) => {
        const none = { amount: 0, age: 0, payments: 0, contacts: 0, debtType: 0, promises: 0 };
        const by = { ...DEFAULT_SCORECARD, weights: { ...none, [factor]: weight + 1 } };
        const found = scoreDebtor(given, by, USUAL);
        expect(found.score).toBe(found.values[FACTORS.indexOf(factor)]);
      }),
    );
  });

  test('is 500 for everyone when nothing weighs', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const weights = { amount: 0, age: 0, payments: 0, contacts: 0, debtType: 0, promises: 0 };
        expect(score(given, { ...DEFAULT_SCORECARD, weights })).toBe(500);
      }),
    );
  });

  test('of the usual balance alone is half', () => {
    const weights = { amount: 1, age: 0, payments: 0, contacts: 0, debtType: 0, promises: 0 };
    const plain: ScoreFacts = {
      balances: [{ currency: 'SAR', minor: 120_000n }],
      daysOverdue: 0,
      payments: 0,
      lastPaymentDaysAgo: null,
      tries: 0,
      conversations: 0,
      debtTypes: [],
      promisesKept: 0,
      promisesBroken: 0,
    };
    expect(score(plain, { ...DEFAULT_SCORECARD, weights })).toBe(500);
    expect(scoreDebtor(plain, { ...DEFAULT_SCORECARD, weights }, USUAL).expected).toBe(500);
  });
});

describe('the order of the queue', () => {
  test('is the score, or what may be expected of the debtor: an integer that a queue row can hold', () => {
    fc.assert(
      fc.property(facts, scorecard, (given, by) => {
        const found = scoreDebtor(given, by, USUAL);
        const standing = standingOf(found, by.order);
        expect(standing).toBe(by.order === 'score' ? found.score : found.expected);
        expect(Number.isInteger(standing) && standing >= 0 && standing < 2 ** 31).toBe(true);
      }),
      RUNS,
    );
  });

  test('by expected value puts the greater of two debts first where the chance is the same', () => {
    fc.assert(
      fc.property(facts, fc.bigInt({ min: 1n, max: 10n ** 12n }), (given, more) => {
        const weights = { amount: 0, age: 1, payments: 1, contacts: 1, debtType: 1, promises: 1 };
        const by: Scorecard = { order: 'expected_value', weights, debtTypes: {} };
        const richer = { ...given, balances: given.balances.map((each) => ({ ...each, minor: each.minor + more })) };
        expect(scoreDebtor(richer, by, USUAL).expected).toBeGreaterThanOrEqual(scoreDebtor(given, by, USUAL).expected);
      }),
      RUNS,
    );
  });
});
