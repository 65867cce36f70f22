import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SCORECARD, QUEUE_ORDERS, type Scorecard } from '../../server/contract/scoring.ts';
import { previewScorecards, spreadOf } from '../../server/scoring/preview.ts';
import type { ScoreFacts } from '../../server/scoring/scorecard.ts';

const USUAL = new Map([['SAR', 100_000n]]);
const count = fc.nat({ max: 20 });
const debtor: fc.Arbitrary<ScoreFacts & { partyId: string }> = fc.record({
  partyId: fc.uuid(),
  balances: fc.array(fc.record({ currency: fc.constant('SAR'), minor: fc.bigInt({ min: 1n, max: 10n ** 8n }) }), {
    minLength: 1,
    maxLength: 2,
  }),
  daysOverdue: fc.nat({ max: 900 }),
  payments: count,
  lastPaymentDaysAgo: fc.option(fc.nat({ max: 900 })),
  tries: count,
  conversations: count,
  debtTypes: fc.constant([]),
  promisesKept: count,
  promisesBroken: count,
});
const share = fc.integer({ min: 0, max: 100 });
const scorecard: fc.Arbitrary<Scorecard> = fc.record({
  order: fc.constantFrom(...QUEUE_ORDERS),
  weights: fc.record({ amount: share, age: share, payments: share, contacts: share, debtType: share, promises: share }),
  debtTypes: fc.constant({}),
});

describe('a preview', () => {
  test('counts everybody before and after, and names only people who move, the farthest first', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(debtor, { selector: (each) => each.partyId, maxLength: 30 }),
        scorecard,
        scorecard,
        (debtors, before, after) => {
          const found = previewScorecards(debtors, USUAL, { before, after }, 5);
          for (const { counts } of [found.before, found.after])
            expect(counts.reduce((sum, each) => sum + each, 0)).toBe(debtors.length);
          expect(found.up.every((mover) => mover.placeAfter < mover.placeBefore)).toBe(true);
          expect(found.down.every((mover) => mover.placeAfter > mover.placeBefore)).toBe(true);
          for (const movers of [found.up, found.down]) {
            const steps = movers.map((mover) => Math.abs(mover.placeAfter - mover.placeBefore));
            expect(steps).toEqual(steps.toSorted((a, b) => b - a));
            expect(movers.length).toBeLessThanOrEqual(5);
          }
          expect(found.up.length === 0).toBe(found.down.length === 0);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('of the same scorecard moves nobody', () => {
    fc.assert(
      fc.property(fc.uniqueArray(debtor, { selector: (each) => each.partyId, maxLength: 30 }), (debtors) => {
        const found = previewScorecards(debtors, USUAL, { before: DEFAULT_SCORECARD, after: DEFAULT_SCORECARD }, 5);
        expect(found.up).toEqual([]);
        expect(found.down).toEqual([]);
        expect(found.before).toEqual(found.after);
      }),
    );
  });
});

describe('a spread', () => {
  test('puts the least and the greatest score into the first and the last step', () => {
    const { counts, median } = spreadOf([0, 49, 50, 999, 1_000]);
    expect([counts[0], counts[1], counts.at(-1)]).toEqual([2, 1, 2]);
    expect(median).toBe(50);
    expect(spreadOf([])).toMatchObject({ median: 0 });
  });
});
