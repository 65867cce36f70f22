import type { PacingRule } from '../contract/wallboard.ts';
import { ableAgents, applyEvent, callsInFlight, CALL_STAGES, emptyFloor, reap, type FloorState } from './floor.ts';
import type { Decision, Env, Ms, Pacer, PacingConfig } from './interface.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

const TICK_MS = 250;
/** Older proof of life than this and the pictures of calls and agents may be wrong. */
const STALE_INPUT_MS = 5_000;

/**
 * A pacer for one campaign. With a snapshot it continues bit-identically, by the configuration the snapshot holds (send a `config`
 * event to change it); one of another version is a cold start, which the first decisions show as `snapshotRefused`.
 * Throws PacingFault for a configuration that cannot be.
 *
 * `progressive` keeps one call per able agent, so it abandons nobody; `ratio` keeps a fixed number. `predictive` paces
 * progressively and says so.
 */
export function createPacer(config: PacingConfig, options: { seed: number; snapshot?: Uint8Array }): Pacer {
  const restored = options.snapshot === undefined ? null : readSnapshot(options.snapshot);
  const floor = restored ?? emptyFloor(config);
  const refused = options.snapshot !== undefined && restored === null;
  return {
    apply: (event) => {
      applyEvent(floor, event);
    },
    tick: (now, env) => tick(floor, now, env, refused ? { snapshotRefused: 1 } : {}),
    snapshot: () => writeSnapshot(floor),
  };
}

function tick(floor: FloorState, now: Ms, env: Env, notices: Record<string, number>): Decision {
  reap(floor, now);
  const able = ableAgents(floor);
  const inFlight = callsInFlight(floor);
  const lines = wholeNumber(env.linesFree);
  const credit = wholeNumber(env.cpsCredit);
  const leads = wholeNumber(env.leadsReady);
  const wanted = Math.max(0, linesWanted(floor.config, able) - inFlight);
  const { dial, rule } = decide(floor, env, { able, wanted, lines, credit, leads });
  if (dial > 0) floor.launches.push({ at: floor.now, left: dial });
  const waiting = [...floor.calls.values()].filter((call) => call.stage === 'waiting').length;
  const figures = { able, inFlight, waiting, wanted, lines, credit, leads, ...notices };
  return { dial, cancel: callsTooMany(floor, able), nextTickAt: floor.now + TICK_MS, why: { rule, dial, figures } };
}

interface Sight {
  able: number;
  wanted: number;
  lines: number;
  credit: number;
  leads: number;
}

function decide(floor: FloorState, env: Env, { able, wanted, lines, credit, leads }: Sight): { dial: number; rule: PacingRule } {
  const { config } = floor;
  // A figure that is no number proves nothing alive.
  if (env.inputAgeMs !== undefined && !(env.inputAgeMs <= STALE_INPUT_MS)) return { dial: 0, rule: 'stale_input' };
  if (config.closesAt !== undefined && floor.now >= config.closesAt) return { dial: 0, rule: 'off' };
  if (able - config.agentHoldback <= 0) return { dial: 0, rule: 'no_agents' };
  const rule = config.mode === 'predictive' ? 'progressive_floor' : config.mode;
  if (wanted === 0) return { dial: 0, rule };
  if (leads === 0) return { dial: 0, rule: 'no_leads' };
  if (lines === 0 || credit === 0) return { dial: 0, rule: 'no_lines' };
  return { dial: Math.min(wanted, lines, credit, leads), rule };
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
 * many.
 */
function callsTooMany(floor: FloorState, able: number): number[] {
  if (floor.config.mode === 'ratio' || floor.calls.size <= able) return [];
  const unanswered = [...floor.calls].filter(([, call]) => CALL_STAGES.indexOf(call.stage) < CALL_STAGES.indexOf('screening'));
  const youngestFirst = unanswered.toSorted(([, a], [, b]) => b.since - a.since);
  return youngestFirst.slice(0, floor.calls.size - able).map(([id]) => id);
}

/** What is no number, or below zero, counts as nothing: the safe side. */
function wholeNumber(value: number): number {
  return value > 0 ? Math.floor(Math.min(value, Number.MAX_SAFE_INTEGER)) : 0;
}
