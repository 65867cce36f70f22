/**
 * When a rule lets us call: wall-clock ranges per local day, turned into stretches of real time.
 *
 * An instant is inside a range when the wall clock of the zone then shows a time in [from, to): an hour that the clocks
 * skip opens nothing, an hour that they repeat is inside both times.
 */
import type { Evidence } from '../contract/rule-terms.ts';
import { DAY_MS, isRamadan, localDay, type LocalDay } from './zones.ts';

const MINUTE_MS = 60_000;
/** Stretches are worked out and kept for this many days at a time: one question looks at a few, a search for an opening at up to 400. */
const BLOCK_DAYS = 8;
const BLOCK_MS = BLOCK_DAYS * DAY_MS;
/** A block knows this many local days on either side of it, so that what begins in it is seen whole for a day at least. */
const MARGIN_DAYS = 2;
/** About three years of one rule in one zone, before they are worked out anew. */
const MAX_BLOCKS_KEPT = 128;

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
  /** Per zone and block of days: open stretches as [start, end, start, end …] in epoch milliseconds, those that touch merged. */
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
 * The end (epoch ms) of the open stretch of `rule` in `zone` that holds `atMs`, exact for a day ahead; null
 * when the rule is closed at `atMs`. Stretches that touch, also across midnight, count as one.
 */
export function openUntil(rule: WindowRule, zone: string, atMs: number): number | null {
  const stretches = stretchesOf(rule, zone, Math.floor(atMs / BLOCK_MS));
  const i = firstEndingAfter(stretches, atMs);
  return (stretches[i] ?? Number.POSITIVE_INFINITY) <= atMs ? (stretches[i + 1] ?? null) : null;
}

/**
 * The earliest instant ≥ `fromMs` from which `rule` stays open in `zone` for `lengthMs` (at most a day); Infinity when none begins by
 * `limitMs`.
 */
export function nextOpening(rule: WindowRule, zone: string, fromMs: number, lengthMs: number, limitMs: number): number {
  for (let block = Math.floor(fromMs / BLOCK_MS); block * BLOCK_MS <= limitMs; block += 1) {
    const stretches = stretchesOf(rule, zone, block);
    for (let i = firstEndingAfter(stretches, fromMs); i < stretches.length; i += 2) {
      const startMs = Math.max(stretches[i] ?? 0, fromMs);
      if (startMs > limitMs) return Number.POSITIVE_INFINITY;
      // The next block sees what lies beyond this one whole.
      if (startMs >= (block + 1) * BLOCK_MS) break;
      if (startMs + lengthMs <= (stretches[i + 1] ?? 0)) return startMs;
    }
  }
  return Number.POSITIVE_INFINITY;
}

/** Index of the first stretch that ends after `atMs`; the length of the list when none does. */
function firstEndingAfter(stretches: readonly number[], atMs: number): number {
  let low = 0;
  let high = stretches.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[2 * middle + 1] ?? 0) > atMs) high = middle;
    else low = middle + 1;
  }
  return 2 * low;
}

function stretchesOf(rule: WindowRule, zone: string, block: number): readonly number[] {
  let blocks = rule.kept.get(zone);
  if (blocks === undefined) {
    blocks = new Map();
    rule.kept.set(zone, blocks);
  }
  let stretches = blocks.get(block);
  if (stretches === undefined) {
    if (blocks.size >= MAX_BLOCKS_KEPT) blocks.clear();
    stretches = readStretches(rule, zone, block);
    blocks.set(block, stretches);
  }
  return stretches;
}

function readStretches(rule: WindowRule, zone: string, block: number): number[] {
  const spans: [number, number][] = [];
  const last = (block + 1) * BLOCK_DAYS + MARGIN_DAYS;
  for (let number = block * BLOCK_DAYS - MARGIN_DAYS; number <= last; number += 1) {
    const day = localDay(zone, number);
    const ranges = rule.rangesOn(day);
    for (const stretch of day.stretches) {
      for (const range of ranges) {
        const startMs = Math.max(stretch.startMs, stretch.startMs + range.from * MINUTE_MS - stretch.wallStartMs);
        const endMs = Math.min(stretch.endMs, stretch.startMs + range.to * MINUTE_MS - stretch.wallStartMs);
        if (startMs < endMs) spans.push([startMs, endMs]);
      }
    }
  }
  spans.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [startMs, endMs] of spans) {
    const lastEndMs = merged.at(-1);
    if (lastEndMs !== undefined && startMs <= lastEndMs) merged[merged.length - 1] = Math.max(lastEndMs, endMs);
    else merged.push(startMs, endMs);
  }
  return merged;
}
