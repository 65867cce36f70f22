/** Reads what the gate must know of queued people, in one statement. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Catalogue } from '../compliance/catalogue.ts';
import { named } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';

/** A number by itself, whoever's it is. */
export interface PhoneFacts {
  e164: string;
  country: string;
  type: string;
  zones: string[];
}

export interface PersonPhone extends PhoneFacts {
  id: string;
  rank: number;
  live: boolean;
  place: 'work' | 'other';
}

/** One person with everything the gate asks about, as read at `now`. */
export interface PersonFacts {
  partyId: string;
  /** An id for the attempt, should there be one. */
  attemptId: string;
  now: Temporal.Instant;
  language: string | null;
  country: string;
  zones: string[];
  /** ISO 3166-2, of the address. */
  regions: string[];
  demo: boolean;
  live: boolean;
  wishedPhoneId: string | null;
  phoneLast: boolean;
  phones: PersonPhone[];
  debts: { id: string; product: string | null; creditorId: string }[];
  holds: { kind: string; debtId: string | null; phoneId: string | null; fromMs: number; untilMs: number | null }[];
  consents: { channel: string; kind: string; phoneId: string | null; granted: boolean; atMs: number }[];
  /** What the person finds inconvenient: a time of the week, or (then `days` is null) a place. */
  preferences: Preference[];
  /** Ids of rules that only warn, and that a supervisor has overridden for this person. */
  overrides: string[];
  contacts: ContactRow[];
  firstConversationMs: number | null;
}

type Preference =
  | { days: number[]; from: string; to: string; place: null }
  | { days: null; from: null; to: null; place: 'work' | 'other' };

/** A past contact with the person, or with anybody on one of their numbers. */
export interface ContactRow {
  partyId: string;
  phoneId: string;
  channel: string;
  /** They called us. */
  inbound: boolean;
  atMs: number;
  result: string | null;
  conversationMs: number | null;
  /** The outcome of a call that was a conversation. */
  said: string | null;
  debts: string[];
  products: string[];
}

/** Caps of campaigns look back a week, and which number is next is better known from a month. */
export const LEAST_LOOK_BACK_DAYS = 34;
/** A pack must not make each reservation read years. */
const MOST_LOOK_BACK_DAYS = 400;

const lookBacks = new WeakMap<Catalogue, number>();

/** How many days of past contacts the rules ask about, whomever they bind. */
export function lookBackDays(catalogue: Catalogue): number {
  let days = lookBacks.get(catalogue);
  if (days === undefined) {
    const rules = [...catalogue.packs.values(), ...catalogue.overrides.map((each) => each.pack)];
    // A local day begins up to a day before the contact, and in another zone up to a day earlier still.
    const longest = rules.flatMap(({ caps, cooloffs, abandonment }) => [
      ...caps.map((cap) => cap.days ?? Math.ceil((cap.minutes ?? 0) / 1_440)),
      ...cooloffs.map((cooloff) => cooloff.days + 1),
      Math.ceil((abandonment?.redialBlockHours ?? 0) / 24),
    ]);
    days = Math.min(MOST_LOOK_BACK_DAYS, Math.max(LEAST_LOOK_BACK_DAYS, ...longest.map((each) => each + 2)));
    lookBacks.set(catalogue, days);
  }
  return days;
}

/** A person to judge, and the number that is wished for next, or (`phoneLast`) only after the others. */
export interface AskedPerson {
  partyId: string;
  wishedPhoneId: string | null;
  phoneLast: boolean;
}

/** What the statement finds; contacts as arrays, whose names would be most of their text. */
type FactsRow = Omit<PersonFacts, 'contacts' | 'phones' | 'wishedPhoneId' | 'phoneLast'> & {
  /** `facts`: null of numbers that were known. */
  phones: (Omit<PersonPhone, keyof PhoneFacts> & { facts: PhoneFacts | null })[];
  contacts: [
    partyId: string,
    phoneId: string,
    channel: string,
    inbound: boolean,
    atMs: number,
    result: string | null,
    conversationMs: number | null,
    said: string | null,
    debts: string[],
    otherProducts: string[],
  ][];
};

/**
 * Reads the facts of queued people with a fresh snapshot, at the database's clock or the moment given, with `days` of past contacts.
 * `begun` is the database's clock a moment ago: it bounds the ids looked at, so that the planner leaves out months that hold nothing.
 * `known`: numbers by their ids that were read under a lock of theirs, and need not be once more.
 * What all of them have of a kind is found by one walk along its index, since a reservation is as slow as the pages it must look up.
 * Indexes: party_pkey, party_phone_pkey, phone_pkey, debt_party_by_party, debt_pkey, campaign_debt_pkey, contact_attempt_by_party,
 * contact_attempt_by_phone, conversation_debt_pkey, conversation_debt_by_party, overridden_warning_by_party.
 */
export async function readFacts(
  database: Kysely<Schema>,
  campaignId: string,
  asked: readonly AskedPerson[],
  clock: { now: Temporal.Instant | null; begun: Temporal.Instant; days: number },
  known: ReadonlyMap<string, PhoneFacts> = new Map(),
): Promise<PersonFacts[]> {
  if (asked.length === 0) return [];
  const { now, begun, days } = clock;
  const partyIds = asked.map((person) => person.partyId);
  const moment = sql`coalesce(${now === null ? null : now.toString()}::timestamptz, moment.now)`;
  const since = (now !== null && Temporal.Instant.compare(now, begun) < 0 ? now : begun).subtract({ hours: 24 * days });
  const [firstId, lastId] = [firstIdAt(since), firstIdAt(begun.add({ hours: 24 }))];
  // The later bound stands in an array, for which the planner leaves out months all the same: of two plain bounds that it does not know it
  // thinks that hardly anything lies between them, and would read all of it.
  const { rows } = await sql<FactsRow>`${named('reserve-facts')}
    with moment as materialized (select clock_timestamp() as now),
    number as materialized (
      select party_id, phone_id, rank, place from party_phone where party_id = any(${partyIds}::uuid[]) and state = 'active'
    ), live as materialized (
      select party_id, phone_id from live_contact
      where party_id = any(${partyIds}::uuid[]) or phone_id = any(array(select phone_id from number))
    ), phone_found as materialized (
      select id, ${phoneFacts} as facts from phone
      where id = any(array(select phone_id from number where phone_id <> all(${[...known.keys()]}::uuid[])))
    ), phones as materialized (
      select number.party_id, json_agg(json_build_object('id', number.phone_id, 'rank', number.rank,
        'live', number.phone_id in (select phone_id from live), 'place', number.place, 'facts', n.facts)) as list
      from number left join phone_found n on n.id = number.phone_id group by number.party_id
    ), owed as materialized (
      select dp.party_id, d.id, d.product, d.creditor_id from debt_party dp join debt d on d.id = dp.debt_id
      where dp.party_id = any(${partyIds}::uuid[]) and dp.role <> 'attorney' and d.state = 'open' and d.balance_minor > 0
        and exists (select from campaign_debt cd where cd.campaign_id = ${campaignId} and cd.debt_id = d.id offset 0)
    ), debts as materialized (
      select party_id, json_agg(json_build_object('id', id, 'product', product, 'creditorId', creditor_id) order by id) as list
      from owed group by party_id
    ), tried as materialized (
      select a.id, a.party_id, a.phone_id, a.channel, a.direction, a.reserved_at, a.connected_at, a.result, a.debt_ids
      from moment, contact_attempt a
      where (a.party_id = any(${partyIds}::uuid[]) or a.phone_id = any(array(select phone_id from number))) and a.counts
        and a.reserved_at > ${moment} - ${days} * interval '1 day' and a.id >= ${firstId}::uuid and a.id < any(array[${lastId}::uuid])
    ), talk as materialized (
      select attempt_id, min(at) as at from conversation_debt where attempt_id = any(array(select id from tried)) group by attempt_id
      union all
      -- They have spoken, and the agent has not said with whom: a conversation until that is known.
      select id, coalesce(connected_at, reserved_at) from tried where result = 'connected'
        and not exists (select from outcome where attempt_id = tried.id)
        and not exists (select from conversation_debt where attempt_id = tried.id)
    ), other_debt as materialized (
      select id, product from debt
      where id = any(array(select unnest(debt_ids) from tried except select id from owed)) and product is not null
    ), contacts as materialized (
      select whose.person, json_agg(json_build_array(a.party_id, a.phone_id, a.channel, a.direction = 'inbound', ${milliseconds(sql`a.reserved_at`)}, a.result,
        ${milliseconds(sql`talk.at`)}, case when talk.at is not null then (select code from outcome where attempt_id = a.id) end,
        a.debt_ids, array(select product from other_debt where id = any(a.debt_ids))) order by a.reserved_at desc) as list
      from (select party_id as person, id from tried union select number.party_id, id from number join tried using (phone_id)) whose
      join tried a using (id) left join talk on talk.attempt_id = a.id group by whose.person
    ), holds as materialized (
      select party_id, json_agg(json_build_object('kind', kind, 'debtId', debt_id, 'phoneId', phone_id,
        'fromMs', ${milliseconds(sql`starts_at`)}, 'untilMs', ceil(extract(epoch from ends_at) * 1000))) as list
      from hold, moment where party_id = any(${partyIds}::uuid[]) and (released_at is null or released_at > ${moment})
        and (ends_at is null or ends_at > ${moment}) group by party_id
    ), consents as materialized (
      select party_id, json_agg(json_build_object('channel', channel, 'kind', kind, 'phoneId', phone_id, 'granted', granted,
        'atMs', ${milliseconds(sql`at`)})) as list
      from consent where party_id = any(${partyIds}::uuid[]) group by party_id
    ), preferences as materialized (
      select party_id, json_agg(json_build_object('days', days, 'from', from_time, 'to', to_time, 'place', place)) as list
      from preference, moment where party_id = any(${partyIds}::uuid[]) and at <= ${moment}
        and (withdrawn_at is null or withdrawn_at > ${moment}) group by party_id
    ), overridden as materialized (
      select party_id, json_agg(distinct rule) as list from overridden_warning, moment
      where party_id = any(${partyIds}::uuid[]) and at <= ${moment} and ends_at > ${moment}
        and (withdrawn_at is null or withdrawn_at > ${moment}) group by party_id
    ), first_talk as materialized (
      select party_id, ${milliseconds(sql`min(at)`)} as ms from conversation_debt where party_id = any(${partyIds}::uuid[]) group by party_id
    )
    select p.id as "partyId", uuidv7() as "attemptId", ${moment} as now, p.language, p.country, p.time_zones as zones, p.regions, p.demo,
      p.id in (select party_id from live) as live, coalesce(phones.list, '[]') as phones, coalesce(debts.list, '[]') as debts,
      coalesce(holds.list, '[]') as holds, coalesce(consents.list, '[]') as consents,
      coalesce(preferences.list, '[]') as preferences, coalesce(overridden.list, '[]') as overrides, coalesce(contacts.list, '[]') as contacts, first_talk.ms as "firstConversationMs"
    from moment, unnest(${partyIds}::uuid[]) with ordinality as given (id, place)
    join party p on p.id = given.id
    left join phones on phones.party_id = p.id
    left join debts on debts.party_id = p.id
    left join contacts on contacts.person = p.id
    left join first_talk on first_talk.party_id = p.id
    left join overridden on overridden.party_id = p.id
    left join holds on holds.party_id = p.id
    left join consents on consents.party_id = p.id
    left join preferences on preferences.party_id = p.id
    order by given.place`.execute(database);
  const wanted = new Map(asked.map((person) => [person.partyId, person]));
  const owed = new Map(rows.flatMap((row) => row.debts.map((debt) => [debt.id, debt.product] as const)));
  return rows.map((row) => ({
    ...row,
    wishedPhoneId: wanted.get(row.partyId)?.wishedPhoneId ?? null,
    phoneLast: wanted.get(row.partyId)?.phoneLast ?? false,
    phones: row.phones.flatMap(({ facts, ...phone }) => {
      const found = facts ?? known.get(phone.id);
      return found === undefined ? [] : [{ ...phone, ...found }];
    }),
    contacts: row.contacts.map((contact) => contactRow(contact, owed)),
  }));
}

/** `owed`: products of the debts that were read anyway. */
function contactRow(contact: FactsRow['contacts'][number], owed: ReadonlyMap<string, string | null>): ContactRow {
  const [partyId, phoneId, channel, inbound, atMs, result, conversationMs, said, debts, otherProducts] = contact;
  const products = [...debts.flatMap((id) => owed.get(id) ?? []), ...otherProducts];
  return { partyId, phoneId, channel, inbound, atMs, result, conversationMs, said, debts, products };
}

/** What is asked of a row of `phone`, as JSON. */
export const phoneFacts = sql`json_build_object('e164', e164, 'country', country, 'type', number_type, 'zones', time_zones)`;

/** Whole milliseconds since 1970 of a timestamp, by the quicker floating-point way; the addend undoes its rounding. */
function milliseconds(timestamp: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`floor(date_part('epoch', ${timestamp}) * 1000 + 0.0005)`;
}

/** The least UUID v7 of a moment: what was made later sorts after it. */
function firstIdAt(moment: Temporal.Instant): string {
  const hex = moment.epochMilliseconds.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
