import { NO_CAMPAIGN_RULES, createCatalogue, rulesOfPack } from '../../server/compliance/catalogue.ts';
import type { GateFacts, PastContact } from '../../server/compliance/facts.ts';
import { SHIPPED_PACKS } from '../../server/compliance/packs/shipped.ts';

/** The packs that ship. */
export const shipped = createCatalogue(SHIPPED_PACKS);

/** Facts of a person whom nothing forbids to call in Saudi Arabia during the banks' hours, changed as the test wants. */
export function factsOf(changes: Partial<GateFacts> = {}): GateFacts {
  return {
    rules: rulesOfPack(shipped, 'SA'),
    campaign: NO_CAMPAIGN_RULES,
    channel: 'call',
    person: { countries: ['SA'], zones: ['Asia/Riyadh'], demo: false },
    phone: { id: 'phone', country: 'SA', numberType: 'mobile', state: 'active', place: 'other' },
    debts: [{ id: 'debt', product: 'card' }],
    holds: [],
    consents: [],
    inconvenient: [],
    contacts: [],
    firstConversationMs: null,
    liveContact: null,
    enabledCountries: ['SA'],
    trunkKind: 'real',
    ringTimeoutMs: 0,
    overrides: [],
    ...changes,
  };
}

/** An unanswered call to the person and number about the debt. */
export function attemptAt(at: string | Temporal.Instant, changes: Partial<PastContact> = {}): PastContact {
  return {
    atMs: Temporal.Instant.from(at).epochMilliseconds,
    channel: 'call',
    attempt: true,
    couldLeaveMessage: true,
    conversation: false,
    samePerson: true,
    sameNumber: true,
    debts: ['debt'],
    products: ['card'],
    ...changes,
  };
}

/** A local time in a zone as an instant. */
export function local(text: string, zone: string): Temporal.Instant {
  return Temporal.PlainDateTime.from(text).toZonedDateTime(zone).toInstant();
}
