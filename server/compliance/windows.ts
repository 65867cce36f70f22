/**
 * When a rule lets us call: wall-clock ranges per local day, turned into stretches of real time.
 *
 * An instant is inside a range when the wall clock of the zone then shows a time in [from, to): an hour that the clocks
 * skip opens nothing, an hour that they repeat is inside both times.
 */
import { isRamadan, localDayAt, type LocalDay } from './zones.ts';
import type { Evidence } from './packs.ts';

const MINUTE_MS = 60_000;
const MAX_DAYS_KEPT = 2_000;

/** Minutes since local midnight, [from, to), 0 ≤ from < to ≤ 1440. */
export interface WallRange {
  from: number;
  to: number;
}

/** Where a rule stands: the pack (or `campaign`, `person`), its source and how well that source is known. */
export interface RuleOrigin {
  pack: string;
  version: number;
  source: string;
  evidence: Evidence;
}

/** A rule about time of day. Refusals by it carry `reason`. Create with `createWindow`, which adds the memory. */
export interface WindowRule {
  reason: string;
  origin: RuleOrigin;
  rangesOn: (day: LocalDay) => readonly WallRange[];
  /** Per zone and day: open stretches as [start, end, start, end …] in epoch milliseconds. */
  kept: Map<string, Map<number, readonly number[]>>;
}

/** Makes a window rule of a function that names the open wall-clock ranges of a local day. */
export function createWindow(reason: string, origin: RuleOrigin, rangesOn: (day: LocalDay) => readonly WallRange[]): WindowRule {
  return { reason, origin, rangesOn, kept: new Map() };
}

/** A window that is open in `byWeekday` (index 1 = Monday … 7 = Sunday) and closed else. */
export function weeklyWindow(reason: string, origin: RuleOrigin, byWeekday: readonly (readonly WallRange[])[]): WindowRule {
  return createWindow(reason, origin, (day) => byWeekday[day.weekday] ?? []);
}

/** A window that narrows the days of Ramadan to `range` and leaves the others whole. */
export function ramadanWindow(reason: string, origin: RuleOrigin, range: WallRange): WindowRule {
  const narrow = [range];
  return createWindow(reason, origin, (day) => (isRamadan(day.number) ? narrow : WHOLE_DAY));
}

/** A window closed on the given days (numbers since 1970-01-01) and open on all others. */
export function closedDaysWindow(reason: string, origin: RuleOrigin, days: ReadonlySet<number>): WindowRule {
  return createWindow(reason, origin, (day) => (days.has(day.number) ? [] : WHOLE_DAY));
}

/** The ranges that remain of a day when `closed` ranges are taken out of it. */
export function withoutRanges(closed: readonly WallRange[]): WallRange[] {
  const open: WallRange[] = [];
  let from = 0;
  for (const range of closed.toSorted((a, b) => a.from - b.from)) {
    if (range.from > from) open.push({ from, to: range.from });
    from = Math.max(from, range.to);
  }
  if (from < 1440) open.push({ from, to: 1440 });
  return open;
}

export const WHOLE_DAY: readonly WallRange[] = [{ from: 0, to: 1440 }];

/** Minutes since midnight of "HH:MM", 0 … 1440; throws RangeError for anything else. */
export function minutesOfClock(clock: string): number {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(clock);
  const minutes = match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
  if (!(minutes <= 1440)) throw new RangeError(`not a time of day between 00:00 and 24:00: ${clock}`);
  return minutes;
}

/**
 * The end (epoch ms) of the open stretch of `rule` in `zone` that holds `atMs`, looked up no further than `untilMs`; null
 * when the rule is closed at `atMs`. Stretches that touch, also across midnight, count as one.
 */
export function openUntil(rule: WindowRule, zone: string, atMs: number, untilMs: number): number | null {
  let day = localDayAt(zone, atMs);
  let endMs = endOfStretch(openStretches(rule, zone, day), atMs);
  if (endMs === null) return null;
  while (endMs < untilMs && endMs >= day.endMs) {
    day = localDayAt(zone, day.endMs);
    const next = endOfStretch(openStretches(rule, zone, day), day.startMs);
    if (next === null) break;
    endMs = next;
  }
  return endMs;
}

/** The earliest instant ≥ `fromMs` from which `rule` stays open in `zone` for `lengthMs`; Infinity when none begins by `limitMs`. */
export function nextOpening(rule: WindowRule, zone: string, fromMs: number, lengthMs: number, limitMs: number): number {
  let day = localDayAt(zone, fromMs);
  while (day.startMs <= limitMs) {
    const stretches = openStretches(rule, zone, day);
    for (let i = 0; i < stretches.length; i += 2) {
      const startMs = Math.max(stretches[i] ?? 0, fromMs);
      const endMs = stretches[i + 1] ?? 0;
      if (endMs <= fromMs) continue;
      if (startMs > limitMs) return Number.POSITIVE_INFINITY;
      if (startMs + lengthMs <= endMs) return startMs;
      // A stretch that reaches midnight may go on in the next day.
      if (endMs === day.endMs && (openUntil(rule, zone, startMs, startMs + lengthMs) ?? 0) >= startMs + lengthMs) return startMs;
    }
    day = localDayAt(zone, day.endMs);
  }
  return Number.POSITIVE_INFINITY;
}

function endOfStretch(stretches: readonly number[], atMs: number): number | null {
  for (let i = 0; i < stretches.length; i += 2) {
    if (atMs >= (stretches[i] ?? 0) && atMs < (stretches[i + 1] ?? 0)) return stretches[i + 1] ?? null;
  }
  return null;
}

function openStretches(rule: WindowRule, zone: string, day: LocalDay): readonly number[] {
  let days = rule.kept.get(zone);
  if (days === undefined) {
    days = new Map();
    rule.kept.set(zone, days);
  }
  let stretches = days.get(day.number);
  if (stretches === undefined) {
    if (days.size >= MAX_DAYS_KEPT) days.clear();
    stretches = readStretches(rule.rangesOn(day), day);
    days.set(day.number, stretches);
  }
  return stretches;
}

function readStretches(ranges: readonly WallRange[], day: LocalDay): number[] {
  const spans: [number, number][] = [];
  for (const stretch of day.stretches) {
    for (const range of ranges) {
      const startMs = Math.max(stretch.startMs, stretch.startMs + range.from * MINUTE_MS - stretch.wallStartMs);
      const endMs = Math.min(stretch.endMs, stretch.startMs + range.to * MINUTE_MS - stretch.wallStartMs);
      if (startMs < endMs) spans.push([startMs, endMs]);
    }
  }
  spans.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [startMs, endMs] of spans) {
    const last = merged.at(-1);
    if (last !== undefined && startMs <= last) merged[merged.length - 1] = Math.max(last, endMs);
    else merged.push(startMs, endMs);
  }
  return merged;
}
