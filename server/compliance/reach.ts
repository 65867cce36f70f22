/** Whom a set of packs leaves nobody a time to call. */
import { NO_CAMPAIGN_RULES, rulesFor, type Catalogue } from './catalogue.ts';
import { judge } from './gate.ts';

/** People of one country (ISO 3166-1) who may be in the same zones. */
export interface PeopleOfPlace {
  country: string;
  /** ISO 3166-2, where it is known. */
  regions: readonly string[];
  zones: readonly string[];
  people: number;
}

/**
 * The groups whom nobody could ever call by `catalogue` from `now` on, whatever happened before: no common opening within 400 days, a
 * channel denied, or no rules at all.
 */
export function blockedForEver(catalogue: Catalogue, groups: readonly PeopleOfPlace[], now: Temporal.Instant): PeopleOfPlace[] {
  return groups.filter(({ country, regions, zones }) => {
    const verdict = judge(
      {
        rules: rulesFor(catalogue, [country], regions),
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
      },
      now,
    );
    return verdict.retryAt === null;
  });
}
