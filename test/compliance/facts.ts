import { NO_CAMPAIGN_RULES, createCatalogue, rulesOfPack } from '../../server/compliance/catalogue.ts';
import type { GateFacts, PastContact } from '../../server/compliance/facts.ts';
import { judge } from '../../server/compliance/gate.ts';
import { rulePackSchema, type RulePackData } from '../../server/compliance/packs.ts';
import { SHIPPED_PACKS } from '../../server/compliance/packs/shipped.ts';

export const RIYADH = 'Asia/Riyadh';
/** Within the hours of Saudi banks. */
export const SUNDAY_MORNING = local('2026-04-19T11:00', RIYADH);

/** Hours of a pack that close nothing. */
export const ALL_DAY = {
  days: [1, 2, 3, 4, 5, 6, 7],
  from: '00:00',
  to: '24:00',
  channels: 'all' as const,
  evidence: 'V0' as const,
};

/** What every version of a pack says of itself. */
export const ISSUED = { version: 1, author: 'test', reason: 'test', effectiveFrom: '2026-01-01' };

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

/** A pack of the test's own, named P. */
export function packOf(changes: Partial<RulePackData>) {
  return rulePackSchema.parse({ ...ISSUED, id: 'P', ...changes });
}

/** Ids of the reasons for which the gate refuses at that moment, none when it allows. */
export function reasons(changes: Partial<GateFacts>, now = SUNDAY_MORNING): string[] {
  return judge(factsOf(changes), now).reasons.map((reason) => reason.id);
}
