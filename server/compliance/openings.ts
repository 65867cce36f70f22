/** Times of day: which rules are closed now, and when all of them are open together. */
import { rangesByWeekday } from './applied.ts';
import type { GateFacts, InconvenientTime } from './facts.ts';
import { NEVER, PERSON, finding, type Finding } from './finding.ts';
import { holdThatBlocks } from './holds.ts';
import { createWindow, nextOpening, openUntil, withoutRanges, type WindowRule } from './windows.ts';
import { DAY_MS } from './zones.ts';

/** What a contact needs of the hours: every window open in every zone, for as long as the phone may ring. */
export interface Opening {
  windows: readonly WindowRule[];
  zones: readonly string[];
  lengthMs: number;
  /** Nothing is looked for beyond. */
  limitMs: number;
}

/** The windows that bind a contact: of the packs, of the campaign, and of what the person finds inconvenient. */
export function windowsOf(facts: GateFacts): readonly WindowRule[] {
  const windows = facts.rules.windows[facts.channel];
  if (facts.campaign.windows.length === 0 && facts.inconvenient.length === 0) return windows;
  if (facts.inconvenient.length === 0) return [...windows, ...facts.campaign.windows];
  return [...windows, ...facts.campaign.windows, preferenceWindow(facts.inconvenient)];
}

const MAX_PREFERENCES_KEPT = 2_000;
/** Many people find the same times inconvenient, and the same person is asked about again and again. */
const preferences = new Map<string, WindowRule>();

function preferenceWindow(inconvenient: readonly InconvenientTime[]): WindowRule {
  const key = inconvenient.map(({ days, from, to }) => `${days.join('')} ${from} ${to}`).join();
  let window = preferences.get(key);
  if (window === undefined) {
    if (preferences.size >= MAX_PREFERENCES_KEPT) preferences.clear();
    const open = rangesByWeekday(inconvenient).map(withoutRanges);
    window = createWindow('preference', PERSON, (day) => open[day.weekday] ?? []);
    preferences.set(key, window);
  }
  return window;
}

/** Adds the hours that are closed, each judged in every zone. Ramadan hours are named only where the pack's own hours are open. */
export function findClosed({ windows, zones, lengthMs, limitMs }: Opening, nowMs: number, found: Finding[]): void {
  for (const rule of windows) {
    let untilMs = nowMs;
    for (const zone of zones) untilMs = Math.max(untilMs, nextOpening(rule, zone, nowMs, lengthMs, limitMs));
    if (untilMs === nowMs) continue;
    if (rule.reason === 'ramadan' && found.some((each) => each.id === 'hours' && each.origin.pack === rule.origin.pack)) continue;
    found.push(finding(rule.reason, rule.origin, untilMs));
  }
}

/** The earliest instant ≥ `fromMs` at which every window is open in every zone and no known hold stands; Infinity for none. */
export function firstOpening(facts: GateFacts, { windows, zones, lengthMs, limitMs }: Opening, fromMs: number): number {
  const holds = facts.holds.filter((hold) => holdThatBlocks(facts, hold) !== null);
  let atMs = fromMs;
  for (;;) {
    const startMs = atMs;
    for (const { fromMs: heldMs, untilMs } of holds) {
      if (heldMs <= atMs && (untilMs === null || atMs < untilMs)) atMs = untilMs ?? NEVER;
    }
    for (const rule of windows) {
      for (const zone of zones) {
        if (atMs > limitMs) return NEVER;
        atMs = nextOpening(rule, zone, atMs, lengthMs, limitMs);
      }
    }
    if (atMs > limitMs) return NEVER;
    if (atMs === startMs) return atMs;
  }
}

/** When the first of the windows closes after `nowMs`; Infinity when none does within a day. */
export function closingTime({ windows, zones }: Opening, nowMs: number): number {
  const horizonMs = nowMs + DAY_MS;
  let closesMs = horizonMs;
  for (const rule of windows) {
    for (const zone of zones) closesMs = Math.min(closesMs, openUntil(rule, zone, nowMs) ?? nowMs);
  }
  return closesMs >= horizonMs ? NEVER : closesMs;
}
