import type { AppliedCooloff } from './applied.ts';
import { startOfDayAfter } from './caps.ts';
import type { DebtFacts, PastContact } from './facts.ts';

/**
 * The instant (epoch ms) at which `cooloff` ends, given the contacts so far: -Infinity when none began. Whoever called, the
 * conversation's own date in the person's zone is day one where the rule says so, and every debt discussed is covered; a
 * conversation about debts not known covers all.
 */
export function cooloffEndsAt(
  cooloff: AppliedCooloff,
  contacts: readonly PastContact[],
  debts: readonly DebtFacts[],
  nowMs: number,
  zones: readonly string[],
): number {
  const { rule } = cooloff;
  let beganMs = Number.NEGATIVE_INFINITY;
  for (const contact of contacts) {
    const atMs = momentOf(contact);
    if (atMs > beganMs && atMs <= nowMs && contact.samePerson && began(cooloff, contact) && covers(cooloff, contact, debts)) {
      beganMs = atMs;
    }
  }
  if (beganMs === Number.NEGATIVE_INFINITY) return beganMs;
  return startOfDayAfter(beganMs, rule.dayOneIsEventDay ? rule.days : rule.days + 1, zones);
}

/** The day counts on which they spoke, not the one on which the call was placed. */
function momentOf(contact: PastContact): number {
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
