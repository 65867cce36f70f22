/** Which of a person's numbers may be called, or why none may and when. */
import type { Catalogue } from '../compliance/catalogue.ts';
import { digestInputs } from '../compliance/digest.ts';
import type { GateFacts } from '../compliance/facts.ts';
import { judge, type Verdict } from '../compliance/gate.ts';
import type { PersonFacts, PersonPhone } from './facts.ts';
import { refusedBy, type Refused } from './store.ts';
import { gateFactsOf, phonesInTurn, type GateCampaign } from './terms.ts';

/** A number that may be called, with what it was judged by. */
export interface Judged {
  phone: PersonPhone;
  facts: GateFacts;
  verdict: Verdict;
}

/** The first of the person's numbers that may be called, or why none may and when; null: its numbers are in other hands just now. */
export function judgePerson(
  catalogue: Catalogue,
  campaign: GateCampaign,
  person: PersonFacts,
  lockedIds: readonly string[],
  taken: ReadonlySet<string>,
): Judged | Refused | null {
  const refusal = {
    partyId: person.partyId,
    phoneId: null,
    reasons: [],
    unverified: [],
    retryAt: null,
    packVersions: {},
    digest: null,
  };
  if (person.phones.length === 0) return { ...refusal, reason: 'no_number_left', leaves: true };
  if (person.debts.length === 0) return { ...refusal, reason: 'no_open_debt', leaves: true };
  let soonest: Judged | null = null;
  const phones = phonesInTurn(person, lockedIds).filter((phone) => !taken.has(phone.id));
  for (const phone of phones) {
    const facts = gateFactsOf(catalogue, campaign, person, phone);
    const verdict = judge(facts, person.now);
    if (verdict.verdict === 'allow') return { phone, facts, verdict };
    if (soonest === null || isSooner(verdict.retryAt, soonest.verdict.retryAt)) soonest = { phone, facts, verdict };
  }
  // Some of the numbers could not be looked at: another of them may be free in a moment.
  if (soonest === null || (phones.length < person.phones.length && soonest.verdict.retryAt === null)) return null;
  const { verdict } = soonest;
  return {
    ...refusal,
    phoneId: soonest.phone.id,
    ...refusedBy(verdict),
    digest: digestInputs(soonest.facts, person.now),
    leaves: false,
  };
}

function isSooner(a: Temporal.Instant | null, b: Temporal.Instant | null): boolean {
  return a !== null && (b === null || Temporal.Instant.compare(a, b) < 0);
}
