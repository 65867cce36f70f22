/** The scorecard: how likely a debtor is to pay, from four things known about them, each with its reason. */

export const FACTORS = ['amount', 'age', 'payments', 'contacts'] as const;
export type Factor = (typeof FACTORS)[number];

/** How much each factor weighs, 0–100; only their proportions matter. */
export type ScoreWeights = Readonly<Record<Factor, number>>;

/** What the scorecard looks at. Counts are integers ≥ 0. */
export interface ScoreFacts {
  /** Open balance over all debts of the campaign, minor units. */
  balanceMinor: bigint;
  /** A usual balance of the same list and currency, minor units: the amount that scores half. */
  usualBalanceMinor: bigint;
  /** Days the oldest debt is overdue; 0 when not yet due or not known. */
  daysOverdue: number;
  payments: number;
  /** Days since the last payment; null when there is none. */
  lastPaymentDaysAgo: number | null;
  attempts: number;
  conversations: number;
}

export interface ScoreReason {
  factor: Factor;
  /** 0–1000, high = likelier to pay. */
  value: number;
  weight: number;
}

export interface Score {
  /** Integer 0–1000, high = likelier to pay. */
  score: number;
  reasons: readonly ScoreReason[];
}

const DAYS_OVERDUE_AT_HALF = 90;
const PAYMENT_DAYS_AT_HALF = 60;

/** Scores a debtor: the weighted mean of the factors' values. Without any weight everyone scores 500. */
export function scoreDebtor(facts: ScoreFacts, weights: ScoreWeights): Score {
  const reasons = FACTORS.map((factor) => ({ factor, value: valueOf(factor, facts), weight: weights[factor] }));
  const total = reasons.reduce((sum, reason) => sum + reason.weight, 0);
  const weighted = reasons.reduce((sum, reason) => sum + reason.weight * reason.value, 0);
  return { score: total === 0 ? 500 : Math.floor(weighted / total), reasons };
}

function valueOf(factor: Factor, facts: ScoreFacts): number {
  switch (factor) {
    case 'amount':
      return amountValue(facts.balanceMinor, facts.usualBalanceMinor);
    case 'age':
      return Math.floor((1_000 * DAYS_OVERDUE_AT_HALF) / (DAYS_OVERDUE_AT_HALF + Math.max(0, facts.daysOverdue)));
    case 'payments':
      return paymentsValue(facts.payments, facts.lastPaymentDaysAgo);
    case 'contacts':
      // Laplace's rule: one answer and one silence are assumed before anything is known.
      return Math.min(1_000, Math.floor((1_000 * (facts.conversations + 1)) / (facts.attempts + 2)));
  }
}

/** Small balances are paid sooner: 1000 at nothing, 500 at the usual balance. */
function amountValue(balanceMinor: bigint, usualBalanceMinor: bigint): number {
  const usual = usualBalanceMinor > 0n ? usualBalanceMinor : 1n;
  const balance = balanceMinor > 0n ? balanceMinor : 0n;
  return Number((1_000n * usual) / (usual + balance));
}

/** Who has paid pays again, the more often and the more lately the likelier. */
function paymentsValue(payments: number, lastDaysAgo: number | null): number {
  if (payments === 0) return 200;
  const recency = lastDaysAgo === null ? 0 : PAYMENT_DAYS_AT_HALF / (PAYMENT_DAYS_AT_HALF + Math.max(0, lastDaysAgo));
  return Math.floor(400 + 120 * Math.min(3, payments) + 240 * recency);
}
