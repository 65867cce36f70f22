/** How a trunk's calls are shared among the campaigns that want them: pure, so that its fairness can be tested. */

/** A campaign that wants to dial. `turn`: what it is owed (positive) or has had too much of, in calls times the weights together. */
export interface Claim {
  weight: number;
  wants: number;
  turn: number;
}

/**
 * Gives out up to `capacity` calls, one by one: before each, every campaign that wants one is owed its weight more, the one that is
 * owed most gets the call and pays the weights together. What is owed is kept from tick to tick, so that shares come out by weight
 * over time however few calls there are at once, and nobody starves; who wants nothing saves nothing up. Returns each one's calls
 * and its turn from now on, in the order given.
 */
export function shareOut(capacity: number, claims: readonly Claim[]): { calls: number; turn: number }[] {
  const shares = claims.map(({ turn, wants }) => ({ calls: 0, turn: wants > 0 ? turn : 0 }));
  for (let left = Math.floor(capacity); left > 0; left -= 1) {
    let first: { calls: number; turn: number } | null = null;
    let together = 0;
    for (const [index, claim] of claims.entries()) {
      const share = shares[index];
      if (share === undefined || share.calls >= claim.wants) continue;
      share.turn += claim.weight;
      together += claim.weight;
      if (first === null || share.turn > first.turn) first = share;
    }
    if (first === null) break;
    first.calls += 1;
    first.turn -= together;
  }
  return shares;
}
