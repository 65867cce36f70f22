import type { AppliedCap } from './applied.ts';
import type { DebtFacts, PastContact } from './facts.ts';
import type { CapScope, Channel, CountedEvent } from '../contract/rule-terms.ts';
import { DAY_MS, localDay, localDayAt } from './zones.ts';

const MINUTE_MS = 60_000;

/** Whether a rule about such events says anything about contact on this channel: rules about calls leave letters alone. */
export function limits(event: CountedEvent, channel: Channel): boolean {
  return event === 'contact' || channel === 'call';
}

/** Past contacts by what a cap of a scope counts apart: one list for the person or the number, one for each debt or product. */
export function countedApart(
  scope: CapScope,
  contacts: readonly PastContact[],
  debts: readonly DebtFacts[],
): readonly (readonly PastContact[])[] {
  switch (scope) {
    case 'number':
      return [contacts.filter((contact) => contact.sameNumber)];
    case 'person':
      return [contacts.filter((contact) => contact.samePerson)];
    case 'person+debt':
      return debts.map(({ id }) => contacts.filter((contact) => contact.samePerson && isAbout(contact, id, null)));
    case 'person+product':
      // A debt without a product is a product of its own.
      return debts.map(({ id, product }) => contacts.filter((contact) => contact.samePerson && isAbout(contact, id, product)));
  }
}

/**
 * The instant (epoch ms) from which `cap` allows one more contact, given what has happened and nothing more: -Infinity when it
 * does not stand in the way now. `lists` are those of `countedApart`, newest first and none later than now. Days are calendar days of
 * each zone; the strictest zone counts.
 */
export function capLiftsAt(
  { rule }: AppliedCap,
  lists: readonly (readonly PastContact[])[],
  nowMs: number,
  zones: readonly string[],
  firstConversationMs: number | null,
): number {
  // What lies further back has left the period in every zone: a local day begins at most a day before the contact.
  const periodMs = rule.minutes === undefined ? ((rule.days ?? 1) + 1) * DAY_MS : rule.minutes * MINUTE_MS;
  const started = rule.startsAfter === undefined ? Number.NEGATIVE_INFINITY : (firstConversationMs ?? Number.POSITIVE_INFINITY);
  const afterMs = Math.max(nowMs - periodMs, started);
  let filledMs = Number.NEGATIVE_INFINITY;
  for (const contacts of lists) filledMs = Math.max(filledMs, filledSince(rule, contacts, afterMs));
  if (filledMs === Number.NEGATIVE_INFINITY) return filledMs;
  if (rule.minutes !== undefined) return filledMs + rule.minutes * MINUTE_MS;
  return startOfDayAfter(filledMs, rule.days ?? 1, zones);
}

/** When the oldest of the newest `max` contacts was, which fill the cap until it leaves the period; -Infinity when they are fewer. */
function filledSince(rule: AppliedCap['rule'], contacts: readonly PastContact[], afterMs: number): number {
  let counted = 0;
  for (const contact of contacts) {
    if (contact.atMs <= afterMs) break;
    if (!counts(rule, contact)) continue;
    counted += 1;
    if (counted === rule.max) return contact.atMs;
  }
  return Number.NEGATIVE_INFINITY;
}

function counts(rule: AppliedCap['rule'], contact: PastContact): boolean {
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
