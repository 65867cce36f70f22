/** A floor to be simulated, fitted to what a real one was seen to do. */
import type { Ms } from '../interface.ts';
import { readScenario, type Scenario, type ScenarioText } from './scenario.ts';

/** One dial as it was seen. */
export interface SeenCall {
  /** `person`: wanted an agent. `machine`: answered, and was over before it wanted one. */
  outcome: 'person' | 'machine' | 'busy' | 'failed' | 'no_answer';
  /** From the dial to the first ringing; null when it never rang. */
  postDialMs: Ms | null;
  /** From the first ringing (or the dial) to the answer; null without one. */
  ringMs: Ms | null;
  /** From the answer until it wanted an agent or was over; null without an answer. */
  screeningMs: Ms | null;
  /** From wanting an agent until the time to connect is up, 0 where it was; null where that is not known. */
  patienceMs: Ms | null;
  /** From the dial to the end. */
  wholeMs: Ms;
}

/** What was seen of a floor. */
export interface SeenFloor {
  calls: readonly SeenCall[];
  talkMs: readonly Ms[];
  wrapMs: readonly Ms[];
}

/** Quantiles kept of a measured duration, and how many must have been seen for them. */
const QUANTILES = 41;
const LEAST_SEEN = 20;

/**
 * The floor that does what was seen, within the given limits (the words of a scenario). Durations are taken as they were measured; of
 * those seen fewer than 20 times the reference floor's are taken. Throws PacingFault for limits that cannot be.
 */
export function fitScenario(seen: SeenFloor, limits: Omit<ScenarioText, 'answerProbability' | 'measured'>): Scenario {
  const { calls } = seen;
  const share = (...outcomes: SeenCall['outcome'][]): number =>
    calls.filter((call) => outcomes.includes(call.outcome)).length / Math.max(1, calls.length);
  const of = (outcomes: SeenCall['outcome'][], value: (call: SeenCall) => Ms | null): number[] =>
    calls.filter((call) => outcomes.includes(call.outcome)).flatMap((call) => value(call) ?? []);
  const undecided = undecidedOf(of(['person'], (call) => call.patienceMs));
  const refused = of(['busy', 'failed'], (call) => call.wholeMs);
  const measured = {
    postDialS: quantiles(of(['person', 'machine', 'no_answer'], (call) => call.postDialMs ?? 0)),
    ringS: quantiles(of(['person'], (call) => call.ringMs)),
    machineRingS: quantiles(of(['machine'], (call) => call.ringMs)),
    screeningS: quantiles(of(['person'], (call) => call.screeningMs)),
    machineScreeningS: quantiles(of(['machine'], (call) => call.screeningMs)),
    refusedS: quantiles(refused),
    talkS: quantiles(seen.talkMs),
    wrapS: quantiles(seen.wrapMs),
  };
  return readScenario({
    ...limits,
    // What wanted an agent counts as a person, whoever it was: nobody can tell afterwards.
    answerProbability: share('person'),
    machineShare: share('machine'),
    busyShare: share('busy'),
    failShare: share('failed'),
    amdFalseMachine: 0,
    amdFalseHuman: 0,
    ...undecided,
    measured: Object.fromEntries(Object.entries(measured).filter(([, values]) => values !== null)),
  });
}

/** Whose time to wait was less than half of what is usual has been left undecided by detection. */
function undecidedOf(patienceMs: readonly Ms[]): { undecidedShare: number; undecidedWaitS?: number } {
  const sorted = patienceMs.toSorted((a, b) => a - b);
  const usual = sorted[Math.floor(0.9 * sorted.length)] ?? 0;
  const short = sorted.filter((left) => left < usual / 2);
  if (short.length === 0) return { undecidedShare: 0 };
  return {
    undecidedShare: short.length / sorted.length,
    undecidedWaitS: short.reduce((sum, left) => sum + left, 0) / short.length / 1_000,
  };
}

/** Evenly spaced quantiles in seconds, or null of too few. */
function quantiles(durationsMs: readonly Ms[]): number[] | null {
  if (durationsMs.length < LEAST_SEEN) return null;
  const sorted = durationsMs.toSorted((a, b) => a - b);
  return Array.from({ length: QUANTILES }, (_, index) => {
    const at = (index / (QUANTILES - 1)) * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
    return Math.max(0, (low + (high - low) * (at - Math.floor(at))) / 1_000);
  });
}

/** How far two floors are apart in what matters to pacing: size, chance of an answer, screening. */
function distance(a: Scenario, b: Pick<SoughtFloor, 'agents' | 'answerProbability' | 'amd'>): number {
  const answers = typeof a.answerProbability === 'number' ? a.answerProbability : meanStep(a.answerProbability);
  const size = Math.abs(Math.log(a.agents / Math.max(1, b.agents)));
  const chance = b.answerProbability === null ? 0 : 4 * Math.abs(answers - b.answerProbability);
  return size + chance + (a.amd === b.amd ? 0 : 2);
}

/** What is known of a floor that was never seen. */
export interface SoughtFloor {
  agents: number;
  /** Null: unknown. */
  answerProbability: number | null;
  amd: boolean;
}

/** The name of the floor most like this one. */
export function nearestScenario<Name extends string>(floors: Readonly<Record<Name, Scenario>>, sought: SoughtFloor): Name {
  const names = Object.keys(floors) as Name[];
  const [nearest] = names.toSorted((a, b) => distance(floors[a], sought) - distance(floors[b], sought));
  if (nearest === undefined) throw new RangeError('no floors to choose from');
  return nearest;
}

function meanStep(steps: readonly { value: number }[]): number {
  return steps.reduce((sum, step) => sum + step.value, 0) / steps.length;
}
