import type { PacingRule } from '../contract/wallboard.ts';
import { ableAgents, applyEvent, callsInFlight, CALL_STAGES, emptyFloor, reap, workingAgents, type FloorState } from './floor.ts';
import { checkTime } from './config.ts';
import type { Decision, Env, Ms, Pacer, PacingConfig } from './interface.ts';
import { createOutlook, type Outlook } from './outlook.ts';
import { createPredictor } from './predict.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

const TICK_MS = 250;
/** Older proof of life than this and the pictures of calls and agents may be wrong. */
const STALE_INPUT_MS = 5_000;

/**
 * A pacer for one campaign. With a snapshot it continues bit-identically, by the configuration the snapshot holds (send a `config`
 * event to change it); one of another version is a cold start, which the first decisions show as `snapshotRefused`.
 * Throws PacingFault for a configuration that cannot be.
 *
 * `progressive` keeps one call per able agent, so it abandons nobody; `ratio` keeps a fixed number; `predictive` dials ahead of
 * agents as far as the abandonment cap allows.
 */
export function createPacer(config: PacingConfig, options: PacerOptions): SeeingPacer {
  return createPacerWith(config, options);
}

export interface PacerOptions {
  seed: number;
  snapshot?: Uint8Array;
}

/** A pacer that also tells what it expects and what it believes, in every mode. */
export interface SeeingPacer extends Pacer {
  outlook(): Outlook;
  /** What it takes the window to hold: as last told, and what it has seen decided since. */
  counts(): { answered: number; abandoned: number };
}

/** A pacer that may be told when each call will want an agent, as only a simulated floor can tell. */
export function createPacerWith(config: PacingConfig, options: PacerOptions, foresight?: (call: number) => Ms): SeeingPacer {
  const restored = options.snapshot === undefined ? null : readSnapshot(options.snapshot);
  const floor = restored ?? emptyFloor(config);
  const refused = options.snapshot !== undefined && restored === null;
  const predict = createPredictor(foresight);
  return {
    apply: (event) => {
      applyEvent(floor, event);
    },
    tick: (now, env) => tick(floor, predict, now, env, refused ? { snapshotRefused: 1 } : {}),
    snapshot: () => writeSnapshot(floor),
    outlook: createOutlook(floor),
    counts: () => ({ ...floor.ledger }),
  };
}

type Predictor = ReturnType<typeof createPredictor>;

function tick(floor: FloorState, predict: Predictor, now: Ms, env: Env, notices: Record<string, number>): Decision {
  checkTime(now);
  const waiting = reap(floor, now);
  const able = ableAgents(floor);
  const inFlight = callsInFlight(floor);
  const lines = wholeNumber(env.linesFree);
  const credit = wholeNumber(env.cpsCredit);
  const leads = wholeNumber(env.leadsReady);
  const sight = { able, inFlight, lines, credit, leads };
  const bad = badFigures(env);
  const { dial, rule, figures } = decide(floor, predict, env, sight);
  if (dial > 0) floor.launches.push({ at: floor.now, left: dial });
  return {
    dial,
    cancel: callsTooMany(floor, able),
    nextTickAt: floor.now + TICK_MS,
    why: {
      rule,
      dial,
      figures: { able, inFlight, waiting, lines, credit, leads, ...figures, ...notices, ...(bad > 0 && { badFigures: bad }) },
    },
  };
}

interface Sight {
  able: number;
  inFlight: number;
  lines: number;
  credit: number;
  leads: number;
}

interface Verdict {
  dial: number;
  rule: PacingRule;
  figures: Record<string, number>;
}

function decide(floor: FloorState, predict: Predictor, env: Env, sight: Sight): Verdict {
  const { config } = floor;
  const { able, inFlight, lines, credit, leads } = sight;
  const working = config.mode === 'predictive' ? workingAgents(floor) : able;
  const wanted = Math.max(0, linesWanted(config, able) - inFlight);
  const no = (rule: PacingRule): Verdict => ({ dial: 0, rule, figures: { wanted } });
  // What is no age proves nothing alive.
  if (env.inputAgeMs !== undefined && !(isNumber(env.inputAgeMs) && env.inputAgeMs >= 0 && env.inputAgeMs <= STALE_INPUT_MS))
    return no('stale_input');
  if (config.closesAt !== undefined && floor.now >= config.closesAt) return no('off');
  if (working - config.agentHoldback <= 0) return no('no_agents');
  if (config.mode === 'predictive') {
    if (leads === 0) return no('no_leads');
    if (lines === 0 || credit === 0) return no('no_lines');
    const room = Math.max(0, Math.floor(config.maxLinesPerAgent * working) - inFlight);
    const predicted = predict(floor, env, { working, uncovered: wanted, most: Math.min(lines, credit, leads, room) });
    return { ...predicted, figures: { wanted, ...predicted.figures } };
  }
  if (wanted === 0) return no(config.mode);
  if (leads === 0) return no('no_leads');
  if (lines === 0 || credit === 0) return no('no_lines');
  return { dial: Math.min(wanted, lines, credit, leads), rule: config.mode, figures: { wanted } };
}

/** How many calls may be in flight for this many able agents. */
function linesWanted(config: PacingConfig, able: number): number {
  const agents = Math.max(0, able - config.agentHoldback);
  const perAgent =
    config.mode === 'ratio' ? Math.min(config.ratio ?? 1, config.maxLinesPerAgent) : Math.min(1, config.maxLinesPerAgent);
  return Math.floor(agents * perAgent);
}

/**
 * Without a ratio every call has its agent; when agents have been lost, the youngest calls that nobody has answered are too
 * many. Dialed ahead of agents, calls are too many only when there are no agents left.
 */
function callsTooMany(floor: FloorState, able: number): number[] {
  if (floor.config.mode === 'ratio') return [];
  if (floor.config.mode === 'predictive' && workingAgents(floor) > 0) return [];
  if (floor.calls.size <= able) return [];
  const unanswered = [...floor.calls].filter(([, call]) => CALL_STAGES.indexOf(call.stage) < CALL_STAGES.indexOf('screening'));
  const youngestFirst = unanswered.toSorted(([, a], [, b]) => b.since - a.since);
  return youngestFirst.slice(0, floor.calls.size - able).map(([id]) => id);
}

/** What is no number, or below zero, counts as nothing: the safe side. */
function wholeNumber(value: number): number {
  return value > 0 ? Math.floor(Math.min(value, Number.MAX_SAFE_INTEGER)) : 0;
}

/** How many of the host's figures are none; the decision says so. */
function badFigures(env: Env): number {
  const { linesFree, cpsCredit, leadsReady, inputAgeMs = 0 } = env;
  return [linesFree, cpsCredit, leadsReady, inputAgeMs].filter((value) => !isNumber(value) || value < 0).length;
}

/** A figure that is no number has become null where a record of it is read. */
function isNumber(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value);
}
