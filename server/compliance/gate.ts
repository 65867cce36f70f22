/**
 * The contact gate: may we reach this person on this channel now, if not why, and when may we?
 *
 * One pure function. Everything that forbids is collected, not the first found, so that a refusal can be explained whole.
 */
import { zonesOfCountry } from './countries.ts';
import type { GateFacts } from './facts.ts';
import { HOUSE, NEVER, finding, type Finding } from './finding.ts';
import { recordedSoundAllowed } from './holds.ts';
import { closingTime, findClosed, firstOpening, windowsOf, type Opening } from './openings.ts';
import type { Evidence, Severity } from '../contract/rule-terms.ts';
import { findPast } from './past.ts';
import { findStanding } from './standing.ts';
import { DAY_MS, isZone } from './zones.ts';

/** How far ahead an opening is looked for. */
export const SEARCH_DAYS = 400;

/** One thing that forbids the contact. */
export interface Reason {
  /** A cap's, cool-off's or hold's own id, or one of the general ids (`hours`, `holiday`, `country_not_enabled` …). */
  id: string;
  severity: Severity;
  /** The pack (or `campaign`, `person`, `house`) and its version that forbids. */
  pack: string;
  version: number;
  evidence: Evidence;
  source: string;
  /** When this reason alone would no longer stand; null: not by waiting. */
  retryAt: Temporal.Instant | null;
}

export interface Verdict {
  verdict: 'allow' | 'deny';
  /** All that forbids; empty for an allowance. */
  reasons: readonly Reason[];
  /** The reason that stands longest. */
  binding: Reason | null;
  /** Warnings that would forbid too, had a supervisor not overridden them for this person. */
  overridden: readonly Reason[];
  /** The earliest lawful instant, if nothing changes meanwhile; null when waiting does not help. For an allowance: now. */
  retryAt: Temporal.Instant | null;
  /** When an allowance ends because a window closes; null when that is more than a day away. */
  closesAt: Temporal.Instant | null;
  /** Whether a recorded voice may be played to the number; without it every answer needs a person on our end. */
  recordedSound: boolean;
  packVersions: Readonly<Record<string, number>>;
}

/** Judges a contact at `now`. Never throws for odd facts: what it does not know it refuses. */
export function judge(facts: GateFacts, now: Temporal.Instant): Verdict {
  const nowMs = now.epochMilliseconds;
  const zones = zonesOf(facts);
  const recordedSound = facts.phone !== null && recordedSoundAllowed(facts.rules, facts.phone, facts.consents, nowMs);
  const all: Finding[] = [];
  findStanding(facts, nowMs, zones, recordedSound, all);
  findPast(facts, nowMs, zones, all);
  const { found, overridden } = withoutOverridden(all, facts.overrides);
  const mendedByTime = !found.some((each) => each.untilMs === NEVER);
  const opening: Opening = {
    windows: windowsOf(facts),
    zones,
    // A stretch is needed that holds the whole ringing; the moment of dialing itself must be inside.
    lengthMs: Math.max(1, facts.ringTimeoutMs),
    limitMs: nowMs + SEARCH_DAYS * DAY_MS,
  };
  findClosed(opening, nowMs, found);

  const { packVersions } = facts.rules;
  if (found.length === 0) {
    const closesAt = instantOf(closingTime(opening, nowMs));
    return { verdict: 'allow', reasons: [], binding: null, overridden, retryAt: now, closesAt, recordedSound, packVersions };
  }
  let retryMs = NEVER;
  if (mendedByTime) {
    const allPastMs = latestOf(found);
    if (allPastMs !== NEVER) retryMs = firstOpening(facts, opening, allPastMs);
    if (retryMs === NEVER) found.push(finding('no_common_window', HOUSE, NEVER));
  }
  const reasons = found.map(reasonOf);
  const binding = bindingOf(found, reasons);
  const retryAt = instantOf(retryMs);
  return { verdict: 'deny', reasons, binding, overridden, retryAt, closesAt: null, recordedSound, packVersions };
}

const NONE: readonly Reason[] = [];

/** What forbids, apart from the warnings that a supervisor has overridden. */
function withoutOverridden(all: Finding[], overrides: readonly string[]): { found: Finding[]; overridden: readonly Reason[] } {
  if (overrides.length === 0) return { found: all, overridden: NONE };
  const isOverridden = ({ id, severity }: Finding): boolean => severity === 'warn' && overrides.includes(id);
  return { found: all.filter((each) => !isOverridden(each)), overridden: all.filter(isOverridden).map(reasonOf) };
}

/** Every zone the person may be in; where none is known, all of the countries'. */
function zonesOf({ person: { zones, countries } }: GateFacts): readonly string[] {
  const known = zones.every(isZone) ? zones : zones.filter(isZone);
  if (known.length > 0) return known;
  return countries.length === 1 ? zonesOfCountry(countries[0] ?? '') : [...new Set(countries.flatMap(zonesOfCountry))];
}

function latestOf(found: readonly Finding[]): number {
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const each of found) untilMs = Math.max(untilMs, each.untilMs);
  return untilMs;
}

/** The reason that stands longest: of equals the first, but the lack of a common window before each window that lacks one. */
function bindingOf(found: readonly Finding[], reasons: readonly Reason[]): Reason | null {
  const last = reasons.at(-1) ?? null;
  if (last?.id === 'no_common_window') return last;
  let longest = 0;
  for (const [i, each] of found.entries()) {
    if (each.untilMs > (found[longest]?.untilMs ?? 0)) longest = i;
  }
  return reasons[longest] ?? null;
}

function reasonOf({ id, origin, severity, untilMs }: Finding): Reason {
  const { pack, version, evidence, source } = origin;
  return { id, severity, pack, version, evidence, source, retryAt: instantOf(untilMs) };
}

const MINUTE_MS = 60_000;
const MAX_INSTANTS_KEPT = 20_000;
/** People of a place are refused until the same openings and midnights, and to make an instant costs ten times as much as to find it. */
const instants = new Map<number, Temporal.Instant>();

function instantOf(ms: number): Temporal.Instant | null {
  if (ms === NEVER) return null;
  // Moments off the minute come once and would only push out the others.
  if (ms % MINUTE_MS !== 0) return Temporal.Instant.fromEpochMilliseconds(ms);
  let instant = instants.get(ms);
  if (instant === undefined) {
    if (instants.size >= MAX_INSTANTS_KEPT) instants.clear();
    instant = Temporal.Instant.fromEpochMilliseconds(ms);
    instants.set(ms, instant);
  }
  return instant;
}
