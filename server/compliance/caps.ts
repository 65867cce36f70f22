import type { AppliedCap } from './applied.ts';
import type { DebtFacts, PastContact } from './facts.ts';
import type { Channel, CountedEvent } from './packs.ts';
import { DAY_MS, localDay, localDayAt } from './zones.ts';

const MINUTE_MS = 60_000;

/** Whether a rule about such events says anything about contact on this channel: rules about calls leave letters alone. */
export function limits(event: CountedEvent, channel: Channel): boolean {
  return event === 'contact' || channel === 'call';
}

/**
 * The instant (epoch ms) from which `cap` allows one more contact, given what has happened and nothing more: -Infinity when it
 * does not stand in the way now. `contacts` are newest first and none later than now. Days are calendar days of each zone; the
 * strictest zone counts.
 */
export function capLiftsAt(
  cap: AppliedCap,
  contacts: readonly PastContact[],
  debts: readonly DebtFacts[],
  nowMs: number,
  zones: readonly string[],
  firstConversationMs: number | null,
): number {
  const { rule } = cap;
  // What lies further back has left the period in every zone: a local day begins at most a day before the contact.
  const periodMs = rule.minutes === undefined ? ((rule.days ?? 1) + 1) * DAY_MS : rule.minutes * MINUTE_MS;
  const started = rule.startsAfter === undefined ? Number.NEGATIVE_INFINITY : (firstConversationMs ?? Number.POSITIVE_INFINITY);
  const afterMs = Math.max(nowMs - periodMs, started);
  if (rule.scope === 'person' || rule.scope === 'number') return liftsAt(cap, contacts, null, null, afterMs, zones);
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const debt of debts) {
    // A debt without a product is a product of its own.
    const product = rule.scope === 'person+product' ? debt.product : null;
    untilMs = Math.max(untilMs, liftsAt(cap, contacts, debt.id, product, afterMs, zones));
  }
  return untilMs;
}

/** Null for `debt`: whatever the contact was about. */
function liftsAt(
  { rule }: AppliedCap,
  contacts: readonly PastContact[],
  debt: string | null,
  product: string | null,
  afterMs: number,
  zones: readonly string[],
): number {
  let counted = 0;
  for (const contact of contacts) {
    if (contact.atMs <= afterMs) break;
    if (!counts(rule, contact) || (debt !== null && !isAbout(contact, debt, product))) continue;
    counted += 1;
    // The newest `max` contacts fill the cap; it lifts when the oldest of them leaves the period.
    if (counted < rule.max) continue;
    if (rule.minutes !== undefined) return contact.atMs + rule.minutes * MINUTE_MS;
    return startOfDayAfter(contact.atMs, rule.days ?? 1, zones);
  }
  return Number.NEGATIVE_INFINITY;
}

function counts(rule: AppliedCap['rule'], contact: PastContact): boolean {
  if (rule.scope === 'number' ? !contact.sameNumber : !contact.samePerson) return false;
  switch (rule.event) {
    case 'outbound_call_attempt':
      return contact.attempt && contact.channel === 'call';
    case 'outbound_call_attempt_able_to_leave_message':
      return contact.attempt && contact.channel === 'call' && contact.couldLeaveMessage;
    case 'contact':
      return true;
  }
}

function isAbout(contact: PastContact, debt: string, product: string | null): boolean {
  if (contact.debts.length === 0 || contact.debts.includes(debt)) return true;
  return product !== null && contact.products.includes(product);
}

/** The instant (epoch ms) at which the day `days` after that of `atMs` has begun in every one of the zones. */
export function startOfDayAfter(atMs: number, days: number, zones: readonly string[]): number {
  let startMs = Number.NEGATIVE_INFINITY;
  for (const zone of zones) {
    startMs = Math.max(startMs, localDay(zone, localDayAt(zone, atMs).number + days).startMs);
  }
  return startMs;
}
