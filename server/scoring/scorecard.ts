/** The scorecard: how likely a debtor is to pay, from six things known about them, each with its reason. */
import { FACTORS, type Factor, type Scorecard, type ScoreReason, type ScoreWeights } from '../contract/scoring.ts';

/** What the scorecard looks at. Counts are integers ≥ 0. */
export interface ScoreFacts {
  /** Open debts of the campaign, minor units. */
  balances: readonly { currency: string; minor: bigint }[];
  /** Days the oldest debt is overdue; 0 when not yet due or not known. */
  daysOverdue: number;
  payments: number;
  /** Days since the last payment; null when there is none. */
  lastPaymentDaysAgo: number | null;
  tries: number;
  conversations: number;
  /** Types of the open debts, as their lists name them; empty where they do not. */
  debtTypes: readonly string[];
  promisesKept: number;
  promisesBroken: number;
}

/** By currency, a usual balance of the same list, minor units: the amount that scores half. */
export type UsualBalances = ReadonlyMap<string, bigint>;

export interface Score {
  /** Integer 0–1000, high = likelier to pay. */
  score: number;
  /** Thousandths of a usual balance that may be expected: score as a chance, times what is owed. */
  expected: number;
  /** One value 0–1000 per factor, in the order of `FACTORS`: with the weights they explain the score. */
  values: readonly number[];
}

const DAYS_OVERDUE_AT_HALF = 90;
const PAYMENT_DAYS_AT_HALF = 60;
const WITHOUT_WEIGHTS = 500;
/** What a queue row can hold. */
const GREATEST_EXPECTED = 2_000_000_000;

/** Scores a debtor: the weighted mean of the factors' values. Without any weight everyone scores 500. */
export function scoreDebtor(facts: ScoreFacts, scorecard: Scorecard, usual: UsualBalances): Score {
  const owed = owedInUsual(facts.balances, usual);
  const values = FACTORS.map((factor) => valueOf(factor, facts, owed, scorecard));
  const score = scoreOf(values, scorecard.weights);
  return { score, expected: Math.min(GREATEST_EXPECTED, Math.floor(score * owed)), values };
}

/** What the queue orders a debtor by: an integer ≥ 0, the greatest first. */
export function standingOf(score: Score, order: Scorecard['order']): number {
  return order === 'expected_value' ? score.expected : score.score;
}

/** The score that values of all factors come to. */
export function scoreOf(values: readonly number[], weights: ScoreWeights): number {
  let total = 0;
  let weighted = 0;
  FACTORS.forEach((factor, index) => {
    total += weights[factor];
    weighted += weights[factor] * (values[index] ?? 0);
  });
  return total === 0 ? WITHOUT_WEIGHTS : Math.floor(weighted / total);
}

/**
 * What each factor adds to the score. Points are the steps of the running total rounded down, so that they add up to the score exactly;
 * without any weight there are none.
 */
export function explainScore(values: readonly number[], weights: ScoreWeights): ScoreReason[] {
  const total = FACTORS.reduce((sum, factor) => sum + weights[factor], 0);
  let weighted = 0;
  return FACTORS.map((factor, index) => {
    const value = values[index] ?? 0;
    const before = weighted;
    weighted += weights[factor] * value;
    const points = total === 0 ? 0 : Math.floor(weighted / total) - Math.floor(before / total);
    return { factor, value, weight: weights[factor], points };
  });
}

function valueOf(factor: Factor, facts: ScoreFacts, owed: number, { debtTypes }: Scorecard): number {
  switch (factor) {
    case 'amount':
      // Small balances are paid sooner: 1000 at nothing, 500 at the usual balance.
      return Math.floor(1_000 / (1 + owed));
    case 'age':
      return Math.floor((1_000 * DAYS_OVERDUE_AT_HALF) / (DAYS_OVERDUE_AT_HALF + Math.max(0, facts.daysOverdue)));
    case 'payments':
      return paymentsValue(facts.payments, facts.lastPaymentDaysAgo);
    case 'contacts':
      return ruleOfSuccession(facts.conversations, facts.tries);
    case 'debtType':
      return debtTypeValue(facts.debtTypes, debtTypes);
    case 'promises':
      return ruleOfSuccession(facts.promisesKept, facts.promisesKept + facts.promisesBroken);
  }
}

/** Laplace's rule of succession: one success and one failure are assumed before anything is known. */
function ruleOfSuccession(successes: number, trials: number): number {
  return Math.min(1_000, Math.floor((1_000 * (successes + 1)) / (trials + 2)));
}

/** What is owed, in usual balances of each debt's currency; a currency without one counts as usual. */
function owedInUsual(balances: ScoreFacts['balances'], usual: UsualBalances): number {
  return balances.reduce((sum, { currency, minor }) => {
    const half = usual.get(currency);
    const owed = minor > 0n ? Number(minor) : 0;
    if (half === undefined) return sum + (owed > 0 ? 1 : 0);
    return sum + owed / Math.max(1, Number(half));
  }, 0);
}

/** Who has paid pays again, the more often and the more lately the likelier. */
function paymentsValue(payments: number, lastDaysAgo: number | null): number {
  if (payments === 0) return 200;
  const recency = lastDaysAgo === null ? 0 : PAYMENT_DAYS_AT_HALF / (PAYMENT_DAYS_AT_HALF + Math.max(0, lastDaysAgo));
  return Math.floor(400 + 120 * Math.min(3, payments) + 240 * recency);
}

/** The mean over the person's debts of what the scorecard says of their types. */
function debtTypeValue(types: readonly string[], table: Scorecard['debtTypes']): number {
  if (types.length === 0) return 500;
  const sum = types.reduce((total, type) => total + (Object.hasOwn(table, type) ? (table[type] ?? 50) : 50), 0);
  return Math.floor((10 * sum) / types.length);
}
