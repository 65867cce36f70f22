import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOut } from '../../server/dialer/share.ts';

const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 });
const capacities = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 400 });

/** Runs ticks over campaigns of these weights, each with what it wants at a tick; returns the calls of each and the longest it waited. */
function run(
  given: readonly number[],
  ticks: readonly number[],
  wants: (campaign: number, tick: number) => number,
): { calls: number[]; total: number; waited: number[] } {
  const calls = given.map(() => 0);
  const waited = given.map(() => 0);
  const since = given.map(() => 0);
  let turns = given.map(() => 0);
  let total = 0;
  for (const [tick, capacity] of ticks.entries()) {
    const shares = shareOut(
      capacity,
      given.map((weight, index) => ({ weight, wants: wants(index, tick), turn: turns[index] ?? 0 })),
    );
    const now = shares.reduce((sum, share) => sum + share.calls, 0);
    total += now;
    for (const [index, share] of shares.entries()) {
      calls[index] = (calls[index] ?? 0) + share.calls;
      since[index] = share.calls > 0 || wants(index, tick) === 0 ? 0 : (since[index] ?? 0) + now;
      waited[index] = Math.max(waited[index] ?? 0, since[index] ?? 0);
    }
    turns = shares.map((share) => share.turn);
  }
  return { calls, total, waited };
}

describe('campaigns that share a trunk', () => {
  it('each get what their weight is worth, within one call for each campaign, however few there are at once', () => {
    fc.assert(
      fc.property(weights, capacities, (given, ticks) => {
        const together = given.reduce((sum, weight) => sum + weight, 0);
        const { calls, total } = run(given, ticks, () => 1_000);
        expect(total).toBe(ticks.reduce((sum, capacity) => sum + capacity, 0));
        for (const [index, weight] of given.entries()) {
          expect(Math.abs((calls[index] ?? 0) - (total * weight) / together)).toBeLessThanOrEqual(given.length);
        }
      }),
    );
  });

  it('never starve, whatever the others want and whenever', () => {
    fc.assert(
      fc.property(weights, capacities, fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 50 }), (given, ticks, wishes) => {
        const together = given.reduce((sum, weight) => sum + weight, 0);
        // The first always wants one.
        const wants = (campaign: number, tick: number): number =>
          campaign === 0 ? 1 : (wishes[(tick * 7 + campaign) % wishes.length] ?? 0);
        const { waited } = run(given, ticks, wants);
        expect(waited[0]).toBeLessThanOrEqual(2 * given.length * Math.ceil(together / (given[0] ?? 1)) + 7);
      }),
    );
  });

  it('leave no call unused that somebody wants, and give nobody more than they want', () => {
    const wishes = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 100 }), fc.nat({ max: 10 }), fc.integer({ min: -500, max: 500 })),
      {
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(wishes, fc.nat({ max: 40 }), (given, capacity) => {
        const claims = given.map(([weight, wants, turn]) => ({ weight, wants, turn }));
        const shares = shareOut(capacity, claims);
        const wanted = claims.reduce((sum, claim) => sum + claim.wants, 0);
        expect(shares.reduce((sum, share) => sum + share.calls, 0)).toBe(Math.min(capacity, wanted));
        for (const [index, share] of shares.entries()) expect(share.calls).toBeLessThanOrEqual(claims[index]?.wants ?? 0);
      }),
    );
  });
});
