/** What told chances of leads are worth: learnt from who answered, so that only their ratios matter. */

/** Plain numbers, so that it is stored as it is. */
export interface LeadWorth {
  /** Running mean of the told chances and its weight. */
  mean: number;
  weight: number;
  /** How far told log-odds are true: 1 wholly, 0 not at all; and the precision of that belief. */
  slope: number;
  precision: number;
}

const FIRST_SLOPE = 0.8;
const FIRST_PRECISION = 25;
/** Leads after which the mean forgets half. */
const MEAN_HALF_LIFE = 1_000;

export function unknownLeads(): LeadWorth {
  return { mean: 0, weight: 0, slope: FIRST_SLOPE, precision: FIRST_PRECISION };
}

/** A lead of this told chance is dialed; returns its log-odds relative to the mean lead, 0 where nothing usable is told. */
export function tellLead(worth: LeadWorth, told: number | undefined): number {
  if (!isChance(told)) return 0;
  const keep = 0.5 ** (1 / MEAN_HALF_LIFE);
  worth.weight = worth.weight * keep + 1;
  worth.mean += (told - worth.mean) / worth.weight;
  return relative(worth, told);
}

/** Odds of a lead to the mean lead's, as far as told chances have proved true. */
export function leadOdds(worth: LeadWorth, relativeLogOdds: number): number {
  return relativeLogOdds === 0 ? 1 : Math.exp(worth.slope * relativeLogOdds);
}

/** Odds of a lead that is still to be dialed. */
export function nextLeadOdds(worth: LeadWorth, told: number | undefined): number {
  return worth.weight > 0 && isChance(told) ? leadOdds(worth, relative(worth, told)) : 1;
}

/** The lead's call turned out a person, or not, where `population` of all calls do: one step of Bayesian logistic regression. */
export function learnLead(worth: LeadWorth, relativeLogOdds: number, population: number, person: boolean): void {
  if (relativeLogOdds === 0) return;
  const base = Math.min(0.99, Math.max(0.01, population));
  const logOdds = Math.log(base / (1 - base)) + worth.slope * relativeLogOdds;
  const chance = 1 / (1 + Math.exp(-logOdds));
  worth.precision += chance * (1 - chance) * relativeLogOdds * relativeLogOdds;
  worth.slope += (((person ? 1 : 0) - chance) * relativeLogOdds) / worth.precision;
  worth.slope = Math.min(1.5, Math.max(0, worth.slope));
}

function relative(worth: LeadWorth, told: number): number {
  const limit = (logOdds: number): number => Math.min(3, Math.max(-3, logOdds));
  return limit(Math.log(told / (1 - told)) - Math.log(worth.mean / (1 - worth.mean)));
}

function isChance(told: number | undefined): told is number {
  return told !== undefined && told > 0 && told < 1;
}
