/** What simulated days come to, beside what is to be reached. */
import { GOALS, meanOf, SCENARIO_NAMES, type RunFigures, type ScenarioName } from '../../server/pacing/simulator/index.ts';
import { atLeast, atMost, type Check } from '../report.ts';
import type { Day } from './play.ts';

/** The days of one floor under one policy. */
export interface Sum {
  name: string;
  runs: RunFigures[];
  utilisation: { mean: number; standardError: number };
  abandonment: { mean: number; standardError: number };
  abandonWorstSeed: number;
  worstHour: number;
  /** Most that the first ten minutes of a seed exceeded cap × persons. */
  coldStartExcess: number;
}

/** Sums up the days of one floor; shares in percent. */
export function sumUp(name: string, cap: number, runs: RunFigures[]): Sum {
  const percent = (of: (run: RunFigures) => number) => meanOf(runs.map((run) => 100 * of(run)));
  return {
    name,
    runs,
    utilisation: percent((run) => run.utilisation),
    abandonment: percent((run) => run.abandonment),
    abandonWorstSeed: Math.max(...runs.map((run) => 100 * run.abandonment)),
    worstHour: percent((run) => run.worstHour).mean,
    coldStartExcess: Math.max(...runs.map(({ firstTenMinutes }) => firstTenMinutes.abandoned - cap * firstTenMinutes.persons)),
  };
}

/** The goal for a floor under these circumstances, in percent; null where none is set. */
export function goalFor(name: string, day: Day): { must: number; aim: number | null; worstHour: number | null } | null {
  if (!SCENARIO_NAMES.includes(name as ScenarioName) || day.policy !== 'predictive') return null;
  const goal = GOALS[name as ScenarioName];
  if (day.floor.hours !== 8) return null;
  if (day.cap === 0.01) return { must: goal.mustAtOne, aim: null, worstHour: null };
  if (day.cap !== 0.03) return null;
  const must = day.leadProbabilities ? goal.mustWithLeads : goal.must;
  // Nothing better is hoped for where something goes wrong, and an hour may be bad.
  if (day.fault !== null) return { must, aim: null, worstHour: null };
  return { must, aim: day.leadProbabilities ? goal.aimWithLeads : goal.aim, worstHour: goal.worstHour };
}

/** What a floor's days are held to: always the cap, the other goals where they are set. */
export function checksOf(sum: Sum, day: Day): Check[] {
  const cap = 100 * day.cap;
  const checks: Check[] = [];
  const goal = goalFor(sum.name, day);
  if (goal) checks.push(atLeast(`${sum.name}_utilisation`, sum.utilisation.mean, goal.must));
  if (day.policy !== 'predictive' && day.policy !== 'progressive') return checks;
  checks.push(atMost(`${sum.name}_abandon_worst_seed`, sum.abandonWorstSeed, day.policy === 'progressive' ? 0 : cap));
  if (goal?.worstHour) checks.push(atMost(`${sum.name}_worst_hour`, sum.worstHour, goal.worstHour));
  if (goal && day.cap === 0.03 && day.fault === null)
    checks.push(atMost(`${sum.name}_cold_start_excess`, sum.coldStartExcess, 5));
  const alone = sum.runs.reduce((total, run) => total + run.dialsWithoutAgents, 0);
  checks.push(atMost(`${sum.name}_dials_without_agents`, alone, 0));
  return checks;
}

/** Events of a day by the time it took to play it, the policy's ticks among it. */
export function eventsPerSecond({ events, wallMs }: RunFigures): number {
  return wallMs > 0 ? (1_000 * events) / wallMs : 0;
}

/** The mean of a figure over a floor's days. */
export function meanOfRuns({ runs }: Sum, of: (run: RunFigures) => number): number {
  return meanOf(runs.map(of)).mean;
}

/** A floor's figures for the report; shares in percent. */
export function figuresOf(sum: Sum): Record<string, unknown> {
  const { runs } = sum;
  const mean = (of: (run: RunFigures) => number): number => round(meanOfRuns(sum, of));
  return {
    utilisation: rounded(sum.utilisation),
    abandonment: rounded(sum.abandonment),
    abandonWorstSeed: round(sum.abandonWorstSeed),
    worstHour: round(sum.worstHour),
    idleSharePercent: mean((run) => 100 * (1 - run.utilisation)),
    idleHours: mean((run) => run.idleS / 3_600),
    dialsPerConnect: mean((run) => run.dialsPerConnect),
    connectDelayP99Ms: mean((run) => run.connectDelayP99Ms),
    tickP99Ms: round(Math.max(...runs.map((run) => run.tickP99Ms))),
    eventsPerSecond: Math.round(meanOfRuns(sum, eventsPerSecond)),
    seeds: runs.map((run) => ({
      seed: run.seed,
      utilisation: round(100 * run.utilisation),
      abandonment: round(100 * run.abandonment),
      worstHour: round(100 * run.worstHour),
      persons: run.persons,
      abandoned: run.abandoned,
      firstTenMinutes: run.firstTenMinutes,
      idleSharePercent: round(100 * (1 - run.utilisation)),
      idleHours: round(run.idleS / 3_600),
      dialsPerConnect: round(run.dialsPerConnect),
      connectDelayP99Ms: run.connectDelayP99Ms,
      tickP99Ms: round(run.tickP99Ms),
      events: run.events,
      eventsPerSecond: Math.round(eventsPerSecond(run)),
    })),
  };
}

function rounded({ mean, standardError }: { mean: number; standardError: number }) {
  return { mean: round(mean), standardError: round(standardError) };
}

function round(value: number): number {
  return Math.round(1_000 * value) / 1_000;
}
