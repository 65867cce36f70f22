/** Predictive pacing: as many dials as still cost no more than the day's budget allows, and never fewer than one per idle agent. */
import type { PacingRule } from '../contract/wallboard.ts';
import { pay, setPrice } from './budget.ts';
import { createForecast, dialsWithin, foresee } from './forecast.ts';
import type { FloorState } from './floor.ts';
import type { Env } from './interface.ts';
import { machineOddsOf } from './learning.ts';
import { refresh } from './memory.ts';

/** Live answers before which the pacer still goes by what it believed beforehand. */
const COLD_ANSWERS = 30;

export interface Prediction {
  dial: number;
  rule: PacingRule;
  figures: Record<string, number>;
}

/** What predictive pacing needs of the moment besides the floor. */
export interface Moment {
  /** Agents on duty. */
  working: number;
  /** Idle agents without a call in flight; not below 0. */
  uncovered: number;
  /** The most that lines, rate, leads and lines per agent allow. */
  most: number;
}

/** A predictor with its working room. */
export function createPredictor(
  foresight?: (call: number) => number,
): (floor: FloorState, env: Env, moment: Moment) => Prediction {
  const forecast = createForecast();
  return (floor, env, { working, uncovered, most }) => {
    const { memory, config } = floor;
    if (refresh(floor)) {
      const machineOdds = machineOddsOf(memory.learning);
      setPrice(memory.budget, config, { now: floor.now, ledger: floor.ledger, agents: working, machineOdds });
    }
    const least = Math.min(uncovered, most);
    const { price, guard, rest, aimed } = memory.budget;
    const small = working < config.minAgentsForPredictive;
    if (small || guard) {
      pay(memory.budget, floor.now, 0);
      if (small) return { dial: least, rule: 'progressive_floor', figures: { working } };
      return { dial: least, rule: 'guard', figures: { working, answersToCome: rest } };
    }
    foresee(forecast, floor, memory.chances, foresight);
    const { calls, agents } = forecast;
    const { dials, marginal } = dialsWithin(forecast, floor, memory.chances, price, most, env.nextLeadP);
    pay(memory.budget, floor.now, marginal);
    const figures = {
      working,
      price,
      marginal,
      aimed,
      callsIn30s: calls,
      agentsIn30s: agents,
      answerLevel: memory.chances.level,
      answersToCome: rest,
    };
    const cold = floor.ledger.answered < COLD_ANSWERS;
    if (dials < least) return { dial: least, rule: 'progressive_floor', figures };
    return { dial: dials, rule: cold ? 'cold_start' : 'predictive', figures };
  };
}
