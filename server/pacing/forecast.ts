/** How many calls will want an agent and how many agents will be free, at each horizon, and what one more call would risk. */
import { agentRow, bySeconds, HORIZONS, HORIZON_S, rowOf, type Chances } from './chances.ts';
import { ableAgents, type FloorState } from './floor.ts';
import { leadOdds, nextLeadOdds } from './leads.ts';
import { voiceBin } from './learning.ts';

/** Calls less agents by horizon: mean, variance and third cumulant of a sum of independent chances. */
export interface Forecast {
  mean: Float64Array;
  variance: Float64Array;
  third: Float64Array;
  /** Expected calls and agents within 30 s, for the explanation. */
  calls: number;
  agents: number;
}

/** Room for one forecast, used again at each tick. */
export function createForecast(): Forecast {
  const room = (): Float64Array => new Float64Array(HORIZONS);
  return { mean: room(), variance: room(), third: room(), calls: 0, agents: 0 };
}

/** Fills the forecast from the floor as it is now. */
export function foresee(forecast: Forecast, floor: FloorState, chances: Chances, foresight?: (call: number) => number): void {
  const { mean, variance, third } = forecast;
  mean.fill(0);
  variance.fill(0);
  third.fill(0);
  let waiting = 0;
  const { leads } = floor.memory;
  for (const [id, call] of floor.calls) {
    if (call.stage === 'waiting') {
      if (call.deadline !== null) waiting += 1;
      continue;
    }
    if (foresight) {
      addKnown(forecast, foresight(id) - floor.now);
      continue;
    }
    const row = rowOf(call.stage, floor.now - call.since);
    let odds = 1;
    if (call.stage === 'screening') odds = call.rangMs === null ? 1 : (chances.voiceOdds[voiceBin(call.rangMs)] ?? 1);
    else odds = leadOdds(leads, call.logOdds);
    addCall(forecast, chances, row, odds, 1);
  }
  for (const launch of floor.launches) addCall(forecast, chances, 0, 1, launch.left);
  for (let horizon = 0; horizon < HORIZONS; horizon += 1) mean[horizon] = (mean[horizon] ?? 0) + waiting;
  forecast.calls = mean[HORIZONS - 1] ?? 0;
  addRenewals(forecast, chances);
  let idle = ableAgents(floor) - floor.config.agentHoldback;
  for (const agent of floor.agents.values()) {
    if (agent.leaving || agent.reserved) continue;
    const { takenSince } = agent;
    const busy = agent.doing === 'idle' && takenSince !== null ? 'talk' : agent.doing;
    if (busy !== 'talk' && busy !== 'wrap') continue;
    if (agent.doing === 'idle') idle -= 1;
    const table = busy === 'talk' ? chances.talk : chances.wrap;
    const from = agentRow(busy, floor.now - (takenSince ?? agent.since)) * HORIZONS;
    for (let horizon = 0; horizon < HORIZONS; horizon += 1) {
      const chance = table[from + horizon] ?? 0;
      const spread = chance * (1 - chance);
      mean[horizon] = (mean[horizon] ?? 0) - chance;
      variance[horizon] = (variance[horizon] ?? 0) + spread;
      third[horizon] = (third[horizon] ?? 0) - spread * (1 - 2 * chance);
    }
  }
  for (let horizon = 0; horizon < HORIZONS; horizon += 1) mean[horizon] = (mean[horizon] ?? 0) - idle;
  forecast.agents = forecast.calls - (mean[HORIZONS - 1] ?? 0);
}

/** Agents who take one of these calls and are free again within the horizon. */
function addRenewals(forecast: Forecast, chances: Chances): void {
  const { mean, variance, third } = forecast;
  const coming = new Float64Array(HORIZONS);
  for (let horizon = 0; horizon < HORIZONS; horizon += 1) {
    coming[horizon] = (mean[horizon] ?? 0) - (horizon === 0 ? 0 : (mean[horizon - 1] ?? 0));
  }
  for (let horizon = HORIZONS - 1; horizon >= 0; horizon -= 1) {
    let again = 0;
    for (let before = 0; before <= horizon; before += 1) {
      again += (coming[before] ?? 0) * bySeconds(chances.renewal, (horizon - before + 0.5) * HORIZON_S + chances.patienceS);
    }
    mean[horizon] = (mean[horizon] ?? 0) - again;
    variance[horizon] = (variance[horizon] ?? 0) + again;
    third[horizon] = (third[horizon] ?? 0) - again;
  }
}

function addCall(forecast: Forecast, chances: Chances, row: number, odds: number, times: number): void {
  const { mean, variance, third } = forecast;
  const scale = oddsScale(chances, row, odds);
  const from = row * HORIZONS;
  for (let horizon = 0; horizon < HORIZONS; horizon += 1) {
    const chance = Math.min(1, (chances.call[from + horizon] ?? 0) * scale);
    const spread = times * chance * (1 - chance);
    mean[horizon] = (mean[horizon] ?? 0) + times * chance;
    variance[horizon] = (variance[horizon] ?? 0) + spread;
    third[horizon] = (third[horizon] ?? 0) + spread * (1 - 2 * chance);
  }
}

/** A call that is known to want an agent after so many ms. */
function addKnown(forecast: Forecast, inMs: number): void {
  for (let horizon = 0; horizon < HORIZONS; horizon += 1) {
    if (inMs <= (horizon + 1) * HORIZON_S * 1_000) forecast.mean[horizon] = (forecast.mean[horizon] ?? 0) + 1;
  }
}

/** By how much other odds change the chance that a call ever wants an agent; when it does, given that it does, stays. */
function oddsScale(chances: Chances, row: number, odds: number): number {
  if (odds === 1) return 1;
  const ever = chances.ever[row] ?? 0;
  return odds / (1 - ever + odds * ever);
}

/**
 * The greatest number of dials, up to `most`, of which the last still costs no more than `price`: the chance that it finds no agent,
 * given that a person answers it. Adds those dials to the forecast. Also tells what the next one would cost.
 */
export function dialsWithin(
  forecast: Forecast,
  floor: FloorState,
  chances: Chances,
  price: number,
  most: number,
  nextLeadP: Float64Array | undefined,
): { dials: number; marginal: number } {
  let dials = 0;
  let marginal = priceOfNext(forecast, chances);
  while (dials < most && marginal <= price) {
    addCall(forecast, chances, 0, nextLeadOdds(floor.memory.leads, nextLeadP?.[dials]), 1);
    dials += 1;
    marginal = priceOfNext(forecast, chances);
  }
  return { dials, marginal };
}

/** Chance that a call dialed now finds no agent, given that it wants one. */
function priceOfNext(forecast: Forecast, chances: Chances): number {
  let [risk, before, blocked] = [0, 0, 0];
  for (let horizon = 0; horizon < HORIZONS; horizon += 1) {
    const within = chances.call[horizon] ?? 0;
    blocked = chanceOfNone(forecast.mean[horizon] ?? 0, forecast.variance[horizon] ?? 0, forecast.third[horizon] ?? 0);
    risk += (within - before) * blocked;
    before = within;
  }
  // Calls that come after the last horizon meet about what is foreseen there.
  const ever = Math.max(before, chances.ever[0] ?? 0);
  return ever > 0 ? (risk + (ever - before) * blocked) / ever : 1;
}

/** P(calls − agents ≥ 0) of a whole number with these cumulants: Pearson III by Wilson and Hilferty, monotone in the mean. */
export function chanceOfNone(mean: number, variance: number, third: number): number {
  const deviation = Math.sqrt(variance + 1e-9);
  const x = (-0.5 - mean) / deviation;
  const skew = third / (deviation * deviation * deviation);
  if (skew < 1e-3 && skew > -1e-3) return upperTail(x);
  const base = 1 + (skew * x) / 2;
  if (base <= 0) return skew > 0 ? 1 : 0;
  return upperTail((6 / skew) * (Math.cbrt(base) - 1) + skew / 6);
}

/** Upper tail of the standard normal (Abramowitz and Stegun 26.2.17, error below 1e-7). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(z));
  const series = t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  const tail = 0.398_942_280_401_433 * Math.exp((-z * z) / 2) * series;
  return z >= 0 ? tail : 1 - tail;
}
