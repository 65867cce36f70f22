/**
 * What a dial may cost. The price is the chance that one more call finds no agent; the day's budget of abandoned calls is spent at a
 * price as constant as can be, because a price that follows each abandoned call costs more than it saves.
 */
import type { Ms, PacingConfig } from './interface.ts';

/** Abandoned calls grow with the price like price^POWER. */
const POWER = 1.2;
/** Belief in the first relation of price and abandoned calls, in abandoned calls. */
const BELIEF = 12;
/** Live answers after which an observation of that relation weighs half. */
const RELATION_HALF_LIFE = 2_000;
/** The share aimed at for the rest of the day stays within these parts of the target. */
const LEAST_PART = 0.35;
const GREATEST_PART = 1.15;
/** A rest spent at this part of the target must still bring the day under the cap; else nothing but one line per agent. */
const GUARD_PART = 0.3;
const GUARD_MARGIN = 1.5;
const RECENT_HALF_LIFE_MS = 600_000;
const RECENT_GAIN = 0.35;
const RATE_HALF_LIFE_MS = 2_400_000;
/** Horizon without closing time. */
const OPEN_END_MS = 7_200_000;

/** Plain numbers, so that it is stored as it is. */
export interface Budget {
  /** Chance of finding no agent at which a dial is still placed. */
  price: number;
  /** Of late, by answers: abandoned calls, and Σ price^POWER. */
  relationAbandoned: number;
  relationPrice: number;
  /** Of late, by time. */
  recentAnswered: number;
  recentAbandoned: number;
  /** Answers and time of the rate; time runs from the first answer. */
  rateAnswered: number;
  rateMs: Ms;
  /** For a rolling window: what the window still holds. */
  windowAnswered: number;
  windowAbandoned: number;
  at: Ms;
  guard: boolean;
  rest: number;
  aimed: number;
}

export function emptyBudget(config: PacingConfig): Budget {
  return {
    price: firstPrice(targetOf(config, 0)),
    relationAbandoned: 0,
    relationPrice: 0,
    recentAnswered: 0,
    recentAbandoned: 0,
    rateAnswered: 0,
    rateMs: 0,
    windowAnswered: 0,
    windowAbandoned: 0,
    at: 0,
    guard: false,
    rest: 0,
    aimed: 0,
  };
}

/** The share aimed at: below the cap by what chance may add at the end of a day. */
export function targetOf(config: PacingConfig, agents: number): number {
  if (config.target !== undefined) return config.target;
  return config.cap <= 0.015 ? config.cap * (agents < 30 ? 0.85 : 0.92) : config.cap * 0.95;
}

/** The price that spends the target on most floors, whatever their size. */
function firstPrice(target: number): number {
  return 1.25 * target ** 0.94 * 1.0;
}

/** A live answer: connected, or abandoned. */
export function spend(budget: Budget, abandoned: boolean): void {
  const keep = 0.5 ** (1 / RELATION_HALF_LIFE);
  const lost = abandoned ? 1 : 0;
  budget.relationAbandoned = budget.relationAbandoned * keep + lost;
  budget.relationPrice = budget.relationPrice * keep + budget.price ** POWER;
  budget.recentAnswered += 1;
  budget.recentAbandoned += lost;
  budget.rateAnswered += 1;
  budget.windowAnswered += 1;
  budget.windowAbandoned += lost;
}

/** Sets the price anew from the ledger of the window so far. */
export function setPrice(
  budget: Budget,
  config: PacingConfig,
  now: Ms,
  ledger: { answered: number; abandoned: number },
  agents: number,
): void {
  age(budget, config, now);
  const target = targetOf(config, agents);
  const first = firstPrice(target);
  const relation = (BELIEF + budget.relationAbandoned) / ((BELIEF * first ** POWER) / target + budget.relationPrice);
  const rolling = rollingMs(config);
  const { answered, abandoned } =
    rolling === null ? ledger : { answered: budget.windowAnswered, abandoned: budget.windowAbandoned };
  const horizon = rolling ?? (config.closesAt === undefined ? OPEN_END_MS : Math.max(0, config.closesAt - now));
  const rate = budget.rateMs > 0 ? budget.rateAnswered / Math.max(300_000, budget.rateMs) : 0;
  const rest = Math.max(1, rate * horizon);
  const left = (target * (answered + rest) - abandoned) / rest;
  const aimed = Math.min(GREATEST_PART * target, Math.max(LEAST_PART * target, left));
  const expected = target * budget.recentAnswered;
  const bad = (budget.recentAbandoned - expected) / Math.sqrt(expected + 1);
  const haste = bad > 0 ? Math.exp(-RECENT_GAIN * bad) : 1;
  budget.price = (aimed / relation) ** (1 / POWER) * haste;
  budget.rest = rest;
  budget.aimed = aimed;
  budget.guard = abandoned + GUARD_MARGIN + GUARD_PART * target * rest > config.cap * (answered + rest) && abandoned > 0;
}

/** Lets time pass over what is of late. */
function age(budget: Budget, config: PacingConfig, now: Ms): void {
  const since = budget.at > 0 ? Math.max(0, now - budget.at) : 0;
  budget.at = now;
  const recent = 0.5 ** (since / RECENT_HALF_LIFE_MS);
  budget.recentAnswered *= recent;
  budget.recentAbandoned *= recent;
  if (budget.rateAnswered > 0) {
    const rate = 0.5 ** (since / RATE_HALF_LIFE_MS);
    budget.rateAnswered *= rate;
    budget.rateMs = budget.rateMs * rate + since;
  }
  const rolling = rollingMs(config);
  const window = rolling === null ? 1 : Math.exp(-since / rolling);
  budget.windowAnswered *= window;
  budget.windowAbandoned *= window;
}

/** A window of an hour or a few rolls along with the day: each moment has to keep the cap. */
function rollingMs(config: PacingConfig): Ms | null {
  const hours = config.window.hours ?? 24;
  return config.window.kind === 'rolling' && hours <= 4 ? hours * 3_600_000 : null;
}
