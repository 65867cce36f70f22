import type { AppliedCap } from './catalogue.ts';
import type { DebtFacts, PastContact } from './facts.ts';
import { localDay, localDayAt } from './zones.ts';

const MINUTE_MS = 60_000;

/**
 * The instant (epoch ms) from which `cap` allows one more contact, given what has happened and nothing more: -Infinity when it
 * never stood in the way. `contacts` are newest first and none later than now. Days are calendar days of each zone; the
 * strictest zone counts.
 */
export function capLiftsAt(
  cap: AppliedCap,
  contacts: readonly PastContact[],
  debts: readonly DebtFacts[],
  zones: readonly string[],
  firstConversationMs: number | null,
): number {
  switch (cap.rule.scope) {
    case 'person':
    case 'number':
      return liftsAt(cap, contacts, null, zones, firstConversationMs);
    case 'person+debt':
      return latest(debts, (debt) => liftsAt(cap, contacts, { debt: debt.id, product: null }, zones, firstConversationMs));
    case 'person+product':
      return latest(debts, (debt) =>
        liftsAt(cap, contacts, { debt: debt.id, product: debt.product }, zones, firstConversationMs),
      );
  }
}

interface About {
  debt: string;
  /** Null: the cap looks at the debt alone (a debt without a product is a product of its own). */
  product: string | null;
}

function liftsAt(
  cap: AppliedCap,
  contacts: readonly PastContact[],
  about: About | null,
  zones: readonly string[],
  firstConversationMs: number | null,
): number {
  const { rule } = cap;
  const fromMs = rule.startsAfter === undefined ? Number.NEGATIVE_INFINITY : (firstConversationMs ?? Number.POSITIVE_INFINITY);
  let counted = 0;
  for (const contact of contacts) {
    if (contact.atMs <= fromMs) break;
    if (!counts(cap, contact) || (about !== null && !isAbout(contact, about))) continue;
    counted += 1;
    // The newest `max` contacts fill the cap; it lifts when the oldest of them leaves the period.
    if (counted === rule.max) {
      if (rule.minutes !== undefined) return contact.atMs + rule.minutes * MINUTE_MS;
      return latest(zones, (zone) => localDay(zone, localDayAt(zone, contact.atMs).number + (rule.days ?? 1)).startMs);
    }
  }
  return Number.NEGATIVE_INFINITY;
}

function counts({ rule }: AppliedCap, contact: PastContact): boolean {
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

function isAbout(contact: PastContact, about: About): boolean {
  if (contact.debts.length === 0) return true;
  return contact.debts.includes(about.debt) || (about.product !== null && contact.products.includes(about.product));
}

/** The greatest of `of(item)`; -Infinity for an empty list. */
export function latest<Item>(items: readonly Item[], of: (item: Item) => number): number {
  let result = Number.NEGATIVE_INFINITY;
  for (const item of items) result = Math.max(result, of(item));
  return result;
}
