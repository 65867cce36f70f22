/** Whom a set of packs lets us call, and when, before anything is known of the single person. */
import { NOBODY, NO_CAMPAIGN_RULES, rulesFor, type Behalf, type Catalogue } from './catalogue.ts';
import type { GateFacts } from './facts.ts';
import { judge } from './gate.ts';

/** People of one country (ISO 3166-1) who may be in the same zones. */
export interface PeopleOfPlace {
  country: string;
  /** ISO 3166-2, where it is known. */
  regions: readonly string[];
  zones: readonly string[];
  people: number;
}

/** How many people may be called by law at a moment. */
export interface CallableHour {
  at: Temporal.Instant;
  people: number;
}

/**
 * The groups whom nobody could ever call by `catalogue` from `now` on, on behalf of whom it may be, whatever happened before: no common
 * opening within 400 days, a channel denied, or no rules at all.
 */
export function blockedForEver(
  catalogue: Catalogue,
  groups: readonly PeopleOfPlace[],
  now: Temporal.Instant,
  behalf: Behalf = NOBODY,
): PeopleOfPlace[] {
  return groups.filter((group) => judge(strangerIn(catalogue, group, behalf), now).retryAt === null);
}

/** How many of the people may be called by hours and place alone at `from` and each of the following hours, `hours` in all. */
export function callableByHour(
  catalogue: Catalogue,
  groups: readonly PeopleOfPlace[],
  from: Temporal.Instant,
  hours: number,
  behalf: Behalf = NOBODY,
): CallableHour[] {
  const facts = groups.map((group) => ({ people: group.people, facts: strangerIn(catalogue, group, behalf) }));
  return Array.from({ length: hours }, (_, hour) => {
    const at = from.add({ hours: hour });
    const callable = facts.filter((group) => judge(group.facts, at).verdict === 'allow');
    return { at, people: callable.reduce((sum, group) => sum + group.people, 0) };
  });
}

/** Somebody with a mobile of their country, of whom nothing else is known. */
function strangerIn(catalogue: Catalogue, { country, regions, zones }: PeopleOfPlace, behalf: Behalf): GateFacts {
  return {
    rules: rulesFor(catalogue, [country], regions, behalf),
    campaign: NO_CAMPAIGN_RULES,
    channel: 'call',
    person: { countries: [country], zones, demo: false },
    phone: { id: '', country, numberType: 'mobile', state: 'active', place: 'other' },
    debts: [],
    holds: [],
    consents: [],
    inconvenient: [],
    contacts: [],
    firstConversationMs: null,
    liveContact: null,
    enabledCountries: [country],
    trunkKind: 'real',
    ringTimeoutMs: 0,
    overrides: [],
  };
}
