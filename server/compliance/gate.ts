/**
 * The contact gate: may we reach this person on this channel now, if not why, and when may we?
 *
 * One pure function. Everything that forbids is collected, not the first found, so that a refusal can be explained whole.
 */
import { capLiftsAt } from './caps.ts';
import { rangesByWeekday } from './catalogue.ts';
import { cooloffEndsAt } from './cooloffs.ts';
import { zonesOfCountry } from './countries.ts';
import type { GateFacts, NumberType, PastContact } from './facts.ts';
import { contactRevoked, holdThatBlocks } from './holds.ts';
import type { Evidence, Severity } from './packs.ts';
import { createWindow, nextOpening, openUntil, withoutRanges, type RuleOrigin, type WindowRule } from './windows.ts';
import { DAY_MS, isZone } from './zones.ts';

/** How far ahead an opening is looked for. */
export const SEARCH_DAYS = 400;

/** Numbers that are never called: they cost the person money, reach nobody, or are kept for need. */
const NEVER_CALLED: ReadonlySet<NumberType> = new Set([
  'premium_rate',
  'shared_cost',
  'satellite',
  'pager',
  'voicemail',
  'short',
  'emergency',
  'unknown',
]);
/** The demo's numbers are invented, so that no numbering plan knows them. */
const NEVER_CALLED_DEMO: ReadonlySet<NumberType> = new Set(['premium_rate', 'shared_cost', 'satellite', 'short', 'emergency']);
const TELEPHONE_CHANNELS: ReadonlySet<string> = new Set(['call', 'sms', 'whatsapp']);

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
  /** The earliest lawful instant, if nothing changes meanwhile; null when waiting does not help. For an allowance: now. */
  retryAt: Temporal.Instant | null;
  /** When an allowance ends because a window closes; null when that is more than a day away. */
  closesAt: Temporal.Instant | null;
  packVersions: Readonly<Record<string, number>>;
}

const HOUSE: RuleOrigin = { pack: 'house', version: 1, source: '', evidence: 'V1' };
const PERSON: RuleOrigin = { pack: 'person', version: 1, source: '', evidence: 'V1' };

/** Judges a contact at `now`. Never throws for odd facts: what it does not know it refuses. */
export function judge(facts: GateFacts, now: Temporal.Instant): Verdict {
  const nowMs = now.epochMilliseconds;
  const zones = zonesOf(facts);
  const found: Found[] = [];
  findPermanent(facts, nowMs, zones, found);
  findHistorical(facts, nowMs, zones, found);
  const windows = windowsOf(facts);
  const limitMs = nowMs + SEARCH_DAYS * DAY_MS;
  // A stretch is needed that holds the whole ringing; the moment of dialing itself must be inside.
  const lengthMs = Math.max(1, facts.ringTimeoutMs);
  findClosed(windows, zones, nowMs, lengthMs, limitMs, found);

  const { packVersions } = facts.rules;
  if (found.length === 0) {
    return {
      verdict: 'allow',
      reasons: [],
      binding: null,
      retryAt: now,
      closesAt: closingTime(windows, zones, nowMs),
      packVersions,
    };
  }
  let retryMs = latestOf(found);
  if (retryMs !== Number.POSITIVE_INFINITY) {
    const fromMs = retryMs;
    retryMs = zones.length === 0 ? Number.POSITIVE_INFINITY : firstOpening(facts, windows, zones, fromMs, lengthMs, limitMs);
    if (retryMs === Number.POSITIVE_INFINITY) found.push(finding('no_common_window', HOUSE, Number.POSITIVE_INFINITY));
  } else if (found.every((each) => each.window || each.untilMs !== Number.POSITIVE_INFINITY)) {
    found.push(finding('no_common_window', HOUSE, Number.POSITIVE_INFINITY));
  }
  const reasons = found.map(reasonOf);
  return {
    verdict: 'deny',
    reasons,
    binding: bindingOf(found, reasons),
    retryAt: instantOf(retryMs),
    closesAt: null,
    packVersions,
  };
}

interface Found {
  id: string;
  origin: RuleOrigin;
  severity: Severity;
  /** Infinity: not by waiting. */
  untilMs: number;
  window: boolean;
}

function finding(id: string, origin: RuleOrigin, untilMs: number, severity: Severity = 'block', window = false): Found {
  return { id, origin, severity, untilMs, window };
}

/** What no waiting mends: places, channels, kinds of number, words of the person. */
function findPermanent(facts: GateFacts, nowMs: number, zones: readonly string[], found: Found[]): void {
  const { rules, phone, channel, person } = facts;
  const never = Number.POSITIVE_INFINITY;
  for (const problem of rules.problems) found.push(finding(problem.reason, { ...HOUSE, source: problem.what }, never));
  if (zones.length === 0 && !rules.problems.some((problem) => problem.reason === 'unknown_country')) {
    found.push(finding('unknown_country', HOUSE, never));
  }
  // Invented people are called on the demo carrier only, real people never there.
  if (person.demo !== (facts.trunkKind === 'demo')) found.push(finding('demo_and_real', HOUSE, never));
  const denied = rules.deniedChannels.get(channel);
  if (denied !== undefined) found.push(finding('channel', denied, never));
  if (TELEPHONE_CHANNELS.has(channel)) {
    const refused = person.demo ? NEVER_CALLED_DEMO : NEVER_CALLED;
    if (phone === null || refused.has(phone.numberType)) found.push(finding('number_type', HOUSE, never));
    if (phone !== null && phone.state === 'wrong') found.push(finding('wrong_number', PERSON, never));
    if (phone !== null && !person.demo) {
      if (phone.country === null) found.push(finding('unknown_country', HOUSE, never));
      else if (!facts.enabledCountries.includes(phone.country)) found.push(finding('country_not_enabled', HOUSE, never));
    }
  }
  if (phone?.state === 'revoked' || contactRevoked(facts.consents, channel, phone?.id ?? null, nowMs)) {
    found.push(finding('consent', PERSON, never));
  }
}

/** What time alone mends: holds with an end, caps, cool-offs, a contact under way. */
function findHistorical(facts: GateFacts, nowMs: number, zones: readonly string[], found: Found[]): void {
  const { rules, debts, phone } = facts;
  for (const hold of facts.holds) {
    if (hold.fromMs > nowMs || (hold.untilMs !== null && hold.untilMs <= nowMs)) continue;
    const origin = holdThatBlocks(rules, hold, debts, phone);
    if (origin !== null) found.push(finding(hold.flag, origin, hold.untilMs ?? Number.POSITIVE_INFINITY));
  }
  const contacts = newestFirst(facts.contacts, nowMs);
  if (contacts.length > 0) {
    const firstConversationMs =
      facts.firstConversationMs ?? contacts.findLast((each) => each.conversation && each.samePerson)?.atMs ?? null;
    for (const list of [rules.caps, facts.campaign.caps]) {
      for (const cap of list) {
        const untilMs = capLiftsAt(cap, contacts, debts, zones, firstConversationMs);
        if (untilMs > nowMs && !overridden(facts, cap.rule))
          found.push(finding(cap.rule.id, cap.origin, untilMs, cap.rule.severity));
      }
    }
    for (const cooloff of rules.cooloffs) {
      const untilMs = cooloffEndsAt(cooloff, contacts, debts, zones);
      if (untilMs > nowMs && !overridden(facts, cooloff.rule)) {
        found.push(finding(cooloff.rule.id, cooloff.origin, untilMs, cooloff.rule.severity));
      }
    }
  }
  if (facts.liveContact !== null) found.push(finding('live_contact', HOUSE, Math.max(facts.liveContact.untilMs, nowMs + 1_000)));
}

function overridden(facts: GateFacts, rule: { id: string; severity: Severity }): boolean {
  return rule.severity === 'warn' && facts.overrides.includes(rule.id);
}

/** The hours, each judged in every zone. Ramadan hours are named only where the pack's own hours are open. */
function findClosed(
  windows: readonly WindowRule[],
  zones: readonly string[],
  nowMs: number,
  lengthMs: number,
  limitMs: number,
  found: Found[],
): void {
  for (const rule of windows) {
    let untilMs = Number.NEGATIVE_INFINITY;
    for (const zone of zones) {
      const openMs = nextOpening(rule, zone, nowMs, lengthMs, limitMs);
      if (openMs > nowMs) untilMs = Math.max(untilMs, openMs);
    }
    if (untilMs === Number.NEGATIVE_INFINITY) continue;
    if (rule.reason === 'ramadan' && found.some((each) => each.id === 'hours' && each.origin.pack === rule.origin.pack)) continue;
    found.push(finding(rule.reason, rule.origin, untilMs, 'block', true));
  }
}

/** The earliest instant ≥ `fromMs` at which every window is open in every zone and no known hold stands. */
function firstOpening(
  facts: GateFacts,
  windows: readonly WindowRule[],
  zones: readonly string[],
  fromMs: number,
  lengthMs: number,
  limitMs: number,
): number {
  const holds = facts.holds.filter((hold) => holdThatBlocks(facts.rules, hold, facts.debts, facts.phone) !== null);
  let atMs = fromMs;
  for (;;) {
    const startMs = atMs;
    for (const hold of holds) {
      if (hold.fromMs <= atMs && atMs < (hold.untilMs ?? Number.POSITIVE_INFINITY))
        atMs = hold.untilMs ?? Number.POSITIVE_INFINITY;
    }
    for (const rule of windows) {
      for (const zone of zones) {
        if (atMs > limitMs) return Number.POSITIVE_INFINITY;
        atMs = nextOpening(rule, zone, atMs, lengthMs, limitMs);
      }
    }
    if (atMs > limitMs) return Number.POSITIVE_INFINITY;
    if (atMs === startMs) return atMs;
  }
}

function closingTime(windows: readonly WindowRule[], zones: readonly string[], nowMs: number): Temporal.Instant | null {
  const horizonMs = nowMs + DAY_MS;
  let closesMs = horizonMs;
  for (const rule of windows) {
    for (const zone of zones) closesMs = Math.min(closesMs, openUntil(rule, zone, nowMs, horizonMs) ?? nowMs);
  }
  return closesMs >= horizonMs ? null : instantOf(closesMs);
}

function windowsOf(facts: GateFacts): readonly WindowRule[] {
  const windows = facts.rules.windows[facts.channel];
  if (facts.campaign.windows.length === 0 && facts.inconvenient.length === 0) return windows;
  if (facts.inconvenient.length === 0) return [...windows, ...facts.campaign.windows];
  const closed = rangesByWeekday(facts.inconvenient);
  const preference = createWindow('preference', PERSON, (day) => withoutRanges(closed[day.weekday] ?? []));
  return [...windows, ...facts.campaign.windows, preference];
}

function zonesOf(facts: GateFacts): readonly string[] {
  const { zones, countries } = facts.person;
  const known = zones.every(isZone) ? zones : zones.filter(isZone);
  if (known.length > 0) return known;
  return countries.length === 1 ? zonesOfCountry(countries[0] ?? '') : [...new Set(countries.flatMap(zonesOfCountry))];
}

function newestFirst(contacts: readonly PastContact[], nowMs: number): readonly PastContact[] {
  let sorted = true;
  for (let i = 0; i < contacts.length && sorted; i += 1) {
    const atMs = contacts[i]?.atMs ?? 0;
    sorted = atMs <= nowMs && (i === 0 || atMs <= (contacts[i - 1]?.atMs ?? 0));
  }
  return sorted ? contacts : contacts.filter((each) => each.atMs <= nowMs).toSorted((a, b) => b.atMs - a.atMs);
}

function latestOf(found: readonly Found[]): number {
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const each of found) untilMs = Math.max(untilMs, each.untilMs);
  return untilMs;
}

function bindingOf(found: readonly Found[], reasons: readonly Reason[]): Reason | null {
  let best = 0;
  for (const [i, each] of found.entries()) {
    if (each.untilMs > (found[best]?.untilMs ?? 0)) best = i;
  }
  return reasons[best] ?? null;
}

function reasonOf({ id, origin, severity, untilMs }: Found): Reason {
  const { pack, version, evidence, source } = origin;
  return { id, severity, pack, version, evidence, source, retryAt: instantOf(untilMs) };
}

function instantOf(ms: number): Temporal.Instant | null {
  return Number.isFinite(ms) ? Temporal.Instant.fromEpochMilliseconds(ms) : null;
}
