/** What a simulated day comes to. */
import type { Ms } from '../interface.ts';

export interface RunFigures {
  seed: number;
  /** (talk + wrap) / (talk + wrap + idle), 0–1. */
  utilisation: number;
  /** Persons abandoned / persons let through, 0–1. */
  abandonment: number;
  /** Greatest share over 60 minutes from the first full hour on, 0–1. */
  worstHour: number;
  persons: number;
  abandoned: number;
  /** In the first ten minutes. */
  firstTenMinutes: { persons: number; abandoned: number };
  idleS: number;
  talkS: number;
  wrapS: number;
  dials: number;
  connects: number;
  dialsPerConnect: number;
  /** From wanting an agent to having one. */
  connectDelayP99Ms: Ms;
  /** Mean number of calls that were dialed and neither ended nor connected. */
  callsInFlight: number;
  /** Mean time of a call in that state. */
  callMs: Ms;
  events: number;
  ticks: number;
  /** Of the policy, by the given stopwatch; 0 without one. */
  tickP99Ms: number;
  policyMs: number;
  /** What playing the day took, by the same stopwatch. */
  wallMs: number;
  /** Rate and share of time by minute of the day, for a chart. */
  minutes: Minutes;
  /** Dials placed while nobody had been on duty for two seconds. */
  dialsWithoutAgents: number;
}

export interface Minutes {
  persons: Uint32Array;
  abandoned: Uint32Array;
  /** Agents talking or wrapping up, and idle, summed over the minute's ticks. */
  working: Uint32Array;
  idle: Uint32Array;
}

/** Counts by minute of the day. */
export function createMinutes(hours: number): Minutes {
  const room = (): Uint32Array => new Uint32Array(Math.ceil(hours * 60) + 1);
  return { persons: room(), abandoned: room(), working: room(), idle: room() };
}

/** The greatest share abandoned over 60-minute windows, from the first full hour on; of a shorter run over the whole of it. */
export function worstHour(minutes: Pick<Minutes, 'persons' | 'abandoned'>, hours: number): number {
  const length = Math.max(1, Math.floor(hours * 60));
  const window = Math.min(60, length);
  let [persons, abandoned, worst] = [0, 0, 0];
  for (let minute = 0; minute < length; minute += 1) {
    persons += minutes.persons[minute] ?? 0;
    abandoned += minutes.abandoned[minute] ?? 0;
    if (minute >= window) {
      persons -= minutes.persons[minute - window] ?? 0;
      abandoned -= minutes.abandoned[minute - window] ?? 0;
    }
    if (minute >= window - 1 && persons > 0) worst = Math.max(worst, abandoned / persons);
  }
  return worst;
}

/** Mean and standard error of the mean. */
export function meanOf(values: readonly number[]): { mean: number; standardError: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1) / values.length) };
}

/** Counts of durations by whole units, from which a quantile is read. */
export function createDurations(size: number) {
  const counts = new Uint32Array(size);
  let total = 0;
  return {
    add(duration: number): void {
      const at = Math.min(size - 1, Math.max(0, Math.floor(duration)));
      counts[at] = (counts[at] ?? 0) + 1;
      total += 1;
    },
    /** The smallest unit that at least this share does not exceed; 0 of none. */
    quantile(share: number): number {
      let seen = 0;
      for (let at = 0; at < size; at += 1) {
        seen += counts[at] ?? 0;
        if (total > 0 && seen >= share * total) return at;
      }
      return 0;
    },
  };
}
