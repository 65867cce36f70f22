/**
 * What a dial may cost. The price is the chance that one more call finds no agent; the day's budget of abandoned calls is spent at a
 * price as constant as can be, because a price that follows each abandoned call costs more than it saves.
 */
import type { Ms, PacingConfig } from './interface.ts';

/** Abandoned calls grow with the price like price^POWER. */
const POWER = 0.8;
/** An answer belongs to what dials cost about so long before it. */
const PAID_MS = 20_000;
/** Belief in the first relation of price and abandoned calls, in abandoned calls. */
const BELIEF = 12;
/** Abandoned calls, as aimed at, after which an observation of that relation weighs half. */
const RELATION_HALF_LIFE = 60;
/** The share aimed at for the rest of the day stays within these parts of the target. */
const LEAST_PART = 0.15;
const GREATEST_PART = 1.15;
/** A rest spent at this part of the target must still end the day halfway between target and cap; else one line per agent. */
const GUARD_PART = 0.1;
const GUARD_MARGIN = 0.5;
/** Parts of the cap that the target stays between, and deviations of chance that it leaves to the cap. */
const LEAST_TARGET = 0.6;
const GREATEST_TARGET = 0.97;
const NOISE_MARGIN = 3;
/** A price of 4.5 % spends about 2.85 %; it falls a little slower than the target. */
const FIRST_PRICE = 0.045;
const FIRST_TARGET = 0.0285;
const FIRST_POWER = 0.86;
/** Before anything is seen: answers per agent and second, believed for so long. */
const FIRST_RATE = 1 / 150;
const FIRST_RATE_MS = 300_000;
/** A floor that is not known yet starts at this part of the price and has the whole of it after so long. */
const COLD_PART = 0.2;
const COLD_MS = 900_000;
const RECENT_HALF_LIFE_MS = 600_000;
const RECENT_GAIN = 0.35;
const RATE_HALF_LIFE_MS = 2_400_000;
/** Horizon without closing time. */
const OPEN_END_MS = 7_200_000;

/** Plain numbers, so that it is stored as it is. */
export interface Budget {
  /** Chance of finding no agent at which a dial is still placed. */
  price: number;
  /** What dials have cost of late, price^POWER: less than the price where lines, rate or leads allow no more; and until when. */
  paid: number;
  paidAt: Ms;
  /** Of late, by answers: abandoned calls, and Σ paid. */
  relationAbandoned: number;
  relationPrice: number;
  /** Of late, by time. */
  recentAnswered: number;
  recentAbandoned: number;
  /** Answers, time and agents' time of the rate; time runs from the first answer. */
  rateAnswered: number;
  rateMs: Ms;
  rateAgentMs: Ms;
  /** For a rolling window: what the window still holds. */
  windowAnswered: number;
  windowAbandoned: number;
  at: Ms;
  guard: boolean;
  rest: number;
  /** The share aimed at over the whole window, and for its rest. */
  target: number;
  aimed: number;
}

export function emptyBudget(config: PacingConfig): Budget {
  const price = firstPrice(targetOf(config, 1_000, 0.1));
  return {
    price,
    paid: price ** POWER,
    paidAt: 0,
    relationAbandoned: 0,
    relationPrice: 0,
    recentAnswered: 0,
    recentAbandoned: 0,
    rateAnswered: 0,
    rateMs: 0,
    rateAgentMs: 0,
    windowAnswered: 0,
    windowAbandoned: 0,
    at: 0,
    guard: false,
    rest: 0,
    target: config.cap,
    aimed: 0,
  };
}

/**
 * The share aimed at: below the cap by what chance may add. Some of those abandoned are machines taken for people, which nobody can
 * tell; how many of a day's `answers` they are varies by the root of their number.
 */
export function targetOf(config: PacingConfig, answers: number, machineOdds: number): number {
  if (config.target !== undefined) return config.target;
  const noise = Math.sqrt(machineOdds / Math.max(1, config.cap * answers));
  return config.cap * Math.max(LEAST_TARGET, GREATEST_TARGET - NOISE_MARGIN * noise);
}

/** The price that spends the target on most floors, whatever their size. */
function firstPrice(target: number): number {
  return FIRST_PRICE * (target / FIRST_TARGET) ** FIRST_POWER;
}

/**
 * Notes what the next dial would cost after those that were placed, at most the price. A price that nothing is dialed at teaches nothing:
 * where lines are short it would rise as long as nobody is abandoned, and be spent at once when they are not.
 */
export function pay(budget: Budget, now: Ms, cost: number): void {
  const keep = Math.exp(-Math.max(0, now - budget.paidAt) / PAID_MS);
  budget.paid = budget.paid * keep + Math.min(budget.price, cost) ** POWER * (1 - keep);
  budget.paidAt = Math.max(budget.paidAt, now);
}

/** A live answer: connected, or abandoned. */
export function spend(budget: Budget, abandoned: boolean): void {
  const keep = 0.5 ** (budget.target / RELATION_HALF_LIFE);
  const lost = abandoned ? 1 : 0;
  budget.relationAbandoned = budget.relationAbandoned * keep + lost;
  budget.relationPrice = budget.relationPrice * keep + budget.paid;
  budget.recentAnswered += 1;
  budget.recentAbandoned += lost;
  budget.rateAnswered += 1;
  budget.windowAnswered += 1;
  budget.windowAbandoned += lost;
}

/** What the price is set from, besides the budget itself. */
interface Standing {
  now: Ms;
  /** The window's counts so far. */
  ledger: { answered: number; abandoned: number };
  /** Agents on duty. */
  agents: number;
  /** Machines taken for people, per person. */
  machineOdds: number;
}

/** Sets the price anew. */
export function setPrice(budget: Budget, config: PacingConfig, standing: Standing): void {
  const { now, agents, machineOdds } = standing;
  age(budget, config, now, agents);
  const rolling = rollingMs(config);
  const { answered, abandoned } =
    rolling === null ? standing.ledger : { answered: budget.windowAnswered, abandoned: budget.windowAbandoned };
  const horizon = rolling ?? (config.closesAt === undefined ? OPEN_END_MS : Math.max(0, config.closesAt - now));
  const believedMs = FIRST_RATE_MS * agents;
  const perAgentMs = (budget.rateAnswered + (believedMs * FIRST_RATE) / 1_000) / (budget.rateAgentMs + believedMs);
  const rest = Math.max(1, (agents > 0 ? perAgentMs : 0) * agents * horizon);
  const target = targetOf(config, answered + rest, machineOdds);
  // Nobody may be abandoned at all: one line per agent.
  if (target <= 0) {
    budget.price = 0;
    budget.guard = true;
    return;
  }
  const first = firstPrice(target) ** POWER;
  const relation = (BELIEF + budget.relationAbandoned) / ((BELIEF * first) / target + budget.relationPrice);
  const left = (target * (answered + rest) - abandoned) / rest;
  const aimed = Math.min(GREATEST_PART * target, Math.max(LEAST_PART * target, left));
  const expected = target * budget.recentAnswered;
  const bad = (budget.recentAbandoned - expected) / Math.sqrt(expected + 1);
  const haste = bad > 0 ? Math.exp(-RECENT_GAIN * bad) : 1;
  const cold = Math.min(1, COLD_PART + ((1 - COLD_PART) * budget.rateMs) / COLD_MS);
  budget.price = (aimed / relation) ** (1 / POWER) * haste * cold;
  budget.rest = rest;
  budget.target = target;
  budget.aimed = aimed;
  // A window that rolls has no rest that could make good: it holds the cap at every moment.
  const ahead = rolling === null ? rest : 0;
  const margin = rolling === null ? GUARD_MARGIN : -GUARD_MARGIN;
  const limit = ((target + config.cap) / 2) * (answered + ahead) - margin;
  budget.guard = abandoned > 0 && abandoned + GUARD_PART * target * ahead > limit;
}

/** Lets time pass over what is of late. */
function age(budget: Budget, config: PacingConfig, now: Ms, agents: number): void {
  const since = budget.at > 0 ? Math.max(0, now - budget.at) : 0;
  budget.at = now;
  const recent = 0.5 ** (since / RECENT_HALF_LIFE_MS);
  budget.recentAnswered *= recent;
  budget.recentAbandoned *= recent;
  if (budget.rateAnswered > 0) {
    const rate = 0.5 ** (since / RATE_HALF_LIFE_MS);
    budget.rateAnswered *= rate;
    budget.rateMs = budget.rateMs * rate + since;
    budget.rateAgentMs = budget.rateAgentMs * rate + since * agents;
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
