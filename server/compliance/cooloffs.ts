import { latest } from './caps.ts';
import type { AppliedCooloff } from './catalogue.ts';
import type { DebtFacts, PastContact } from './facts.ts';
import { localDay, localDayAt } from './zones.ts';

/**
 * The instant (epoch ms) at which `cooloff` ends, given the contacts so far (newest first, none later than now): -Infinity when
 * none began. Whoever called, the conversation's own date in the person's zone is day one where the rule says so, and every
 * debt discussed is covered; a conversation about debts not known covers all.
 */
export function cooloffEndsAt(
  cooloff: AppliedCooloff,
  contacts: readonly PastContact[],
  debts: readonly DebtFacts[],
  zones: readonly string[],
): number {
  const { rule } = cooloff;
  const days = rule.dayOneIsEventDay ? rule.days : rule.days + 1;
  const contact = contacts.find((each) => each.samePerson && began(cooloff, each) && covers(cooloff, each, debts));
  if (contact === undefined) return Number.NEGATIVE_INFINITY;
  return latest(zones, (zone) => localDay(zone, localDayAt(zone, beganAt(contact)).number + days).startMs);
}

/** The day counts on which they spoke, not the one on which the call was placed. */
function beganAt(contact: PastContact): number {
  return contact.conversationAtMs ?? contact.atMs;
}

function began({ rule }: AppliedCooloff, contact: PastContact): boolean {
  switch (rule.after) {
    case 'phone_conversation':
      return contact.conversation && contact.channel === 'call';
    case 'promise':
      return contact.promise === true;
    case 'dispute':
      return contact.dispute === true;
  }
}

function covers({ rule }: AppliedCooloff, contact: PastContact, debts: readonly DebtFacts[]): boolean {
  return rule.scope === 'person' || contact.debts.length === 0 || debts.some((debt) => contact.debts.includes(debt.id));
}
