/** Reads what the gate must know of queued people, in one statement. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Catalogue } from '../compliance/catalogue.ts';
import { named } from '../kernel/statements.ts';
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

/** Results of attempts in which nobody can have spoken with an agent: most of them, and no outcome need be looked up for any. */
const UNSPOKEN = '{no_answer,busy,failed,cancelled,screened}';

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

/** What the statement finds of all of them at once: lists of rows, each an array, since names would be most of their text. Null: none. */
export interface FactsRow {
  now: Temporal.Instant;
  people:
    | [
        id: string,
        attemptId: string,
        language: string | null,
        country: string,
        zones: string[],
        regions: string[],
        demo: boolean,
      ][]
    | null;
  numbers: [partyId: string, phoneId: string, rank: number, place: 'work' | 'other'][] | null;
  /** Of numbers that were not known. */
  phones: Record<string, PhoneFacts> | null;
  live: [partyId: string, phoneId: string][] | null;
  debts: [partyId: string, id: string, product: string | null, creditorId: string][] | null;
  otherProducts: Record<string, string> | null;
  tried: TriedRow[] | null;
  talks: Record<string, number> | null;
  outcomes: Record<string, string> | null;
  holds: (PersonFacts['holds'][number] & { partyId: string })[] | null;
  consents: (PersonFacts['consents'][number] & { partyId: string })[] | null;
  preferences: (Preference & { partyId: string })[] | null;
  overrides: [partyId: string, rule: string][] | null;
  firstTalks: Record<string, number> | null;
}

/** A past attempt, whoever was called. `connectedMs`: since when they spoke, or when it was reserved. */
type TriedRow = [
  id: string,
  partyId: string,
  phoneId: string,
  channel: string,
  inbound: boolean,
  atMs: number,
  connectedMs: number,
  result: string | null,
  debts: string[],
];

/** By which moment facts are read and how far back; `begun`: the database's clock, a moment ago. It bounds the ids looked at. */
export interface FactsClock {
  /** Null: the database's clock. */
  now: Temporal.Instant | null;
  begun: Temporal.Instant;
  /** Of past contacts. */
  days: number;
}

/**
 * Reads the facts of queued people with a fresh snapshot, at the database's clock or the moment given, with `days` of past contacts.
 */
export async function readFacts(
  database: Kysely<Schema>,
  campaignId: string,
  asked: readonly AskedPerson[],
  clock: FactsClock,
): Promise<PersonFacts[]> {
  if (asked.length === 0) return [];
  const partyIds = sql`${asked.map((person) => person.partyId)}::uuid[]`;
  const { rows } = await factsOf({ name: 'reserve-facts', campaignId, partyIds, knownIds: sql`'{}'::uuid[]` }, clock).execute(
    database,
  );
  const [found] = rows;
  return found === undefined ? [] : told(asked, found, new Map());
}

/** Settings of a transaction, in which a statement leaves what the next one asks about without a journey to us. */
const LOCKED_PEOPLE = 'wusul.locked_people';
const LOCKED_NUMBERS = 'wusul.locked_numbers';

/** Expressions that leave these ids (arrays of uuid) to the statement of `lockedFacts`. */
export function leaveLocked(people: RawBuilder<unknown>, numbers: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`set_config(${sql.lit(LOCKED_PEOPLE)}, ${people}::text, true),
    set_config(${sql.lit(LOCKED_NUMBERS)}, ${numbers}::text, true)`;
}

/**
 * The statement that reads the facts of the people whom the one before it in the transaction has left to it (`leaveLocked`), without those
 * of numbers that are locked, which are read with the lock. `told` tells what it found.
 */
export function lockedFacts(campaignId: string, clock: FactsClock): RawBuilder<FactsRow> {
  const left = (name: string): RawBuilder<unknown> => sql`nullif(current_setting(${sql.lit(name)}, true), '')::uuid[]`;
  return factsOf(
    {
      name: 'reserve-locked-facts',
      campaignId,
      before: sql`locked as materialized (select ${left(LOCKED_PEOPLE)} as people, coalesce(${left(LOCKED_NUMBERS)}, '{}') as numbers),`,
      partyIds: sql`(select people from locked)::uuid[]`,
      knownIds: sql`(select numbers from locked)::uuid[]`,
    },
    clock,
  );
}

interface Asking {
  /** One name, one text. */
  name: string;
  campaignId: string;
  /** Parts of the statement that come first. */
  before?: RawBuilder<unknown>;
  /** An array of uuid. */
  partyIds: RawBuilder<unknown>;
  /** The same of numbers that need not be read. */
  knownIds: RawBuilder<unknown>;
}

/**
 * What all of them have of a kind is found by one walk along its index, since a reservation is as slow as the pages it must look up, and
 * told as one list: whose is what is seen quicker here than by joining, grouping and sorting there.
 * Indexes: party_pkey, party_phone_pkey, phone_pkey, debt_party_by_party, debt_pkey, campaign_debt_pkey, contact_attempt_by_party,
 * contact_attempt_by_phone, conversation_debt_pkey, conversation_debt_by_party, overridden_warning_by_party.
 */
function factsOf(
  { name, campaignId, before = sql``, partyIds, knownIds }: Asking,
  { now, begun, days }: FactsClock,
): RawBuilder<FactsRow> {
  const whose = sql`party_id = any(${partyIds})`;
  const since = (now !== null && Temporal.Instant.compare(now, begun) < 0 ? now : begun).subtract({ hours: 24 * days + 1 });
  const [firstId, lastId] = [firstIdAt(since), firstIdAt(begun.add({ hours: 24 }))];
  // The later bound stands in an array, for which the planner leaves out months all the same: of two plain bounds that it does not know it
  // thinks that hardly anything lies between them, and would read all of it.
  return sql<FactsRow>`${named(name)}
    with ${before} moment as materialized (select coalesce(${now === null ? null : now.toString()}::timestamptz, clock_timestamp()) as now),
    number as materialized (
      select party_id, phone_id, rank, place from party_phone where ${whose} and state = 'active'
    ), owed as materialized (
      select dp.party_id, d.id, d.product, d.creditor_id from debt_party dp join debt d on d.id = dp.debt_id
      where dp.${whose} and dp.role <> 'attorney' and d.state = 'open' and d.balance_minor > 0
        and exists (select from campaign_debt cd where cd.campaign_id = ${campaignId} and cd.debt_id = d.id offset 0)
    ), tried as materialized (
      select a.id, a.party_id, a.phone_id, a.channel, a.direction, a.reserved_at, a.connected_at, a.result, a.debt_ids
      from moment, contact_attempt a
      where (a.${whose} or a.phone_id = any(array(select phone_id from number))) and a.counts
        and a.reserved_at > moment.now - ${days} * interval '1 day' and a.id >= ${firstId}::uuid and a.id < any(array[${lastId}::uuid])
    ), talk as materialized (
      select attempt_id, min(at) as at from conversation_debt
      where attempt_id = any(array(select id from tried where result is null or result <> all(${sql.lit(UNSPOKEN)}::text[])))
      group by attempt_id
    )
    select (select now from moment) as now,
      (select json_agg(json_build_array(id, uuidv7(), language, country, time_zones, regions, demo))
        from party where id = any(${partyIds})) as people,
      (select json_agg(json_build_array(party_id, phone_id, rank, place)) from number) as numbers,
      (select json_object_agg(id, ${phoneFacts}) from phone
        where id = any(array(select phone_id from number where phone_id <> all(${knownIds})))) as phones,
      (select json_agg(json_build_array(party_id, phone_id)) from live_contact
        where ${whose} or phone_id = any(array(select phone_id from number))) as live,
      (select json_agg(json_build_array(party_id, id, product, creditor_id)) from owed) as debts,
      (select json_object_agg(id, product) from debt
        where id = any(array(select unnest(debt_ids) from tried except select id from owed)) and product is not null) as "otherProducts",
      (select json_agg(json_build_array(id, party_id, phone_id, channel, direction = 'inbound', ${milliseconds(sql`reserved_at`)},
        ${milliseconds(sql`coalesce(connected_at, reserved_at)`)}, result, debt_ids)) from tried) as tried,
      (select json_object_agg(attempt_id, ${milliseconds(sql`at`)}) from talk) as talks,
      (select json_object_agg(attempt_id, code) from outcome where attempt_id = any(array(
        select id from tried where result = 'connected' union all select attempt_id from talk))) as outcomes,
      (select json_agg(json_build_object('partyId', party_id, 'kind', kind, 'debtId', debt_id, 'phoneId', phone_id,
        'fromMs', ${milliseconds(sql`starts_at`)}, 'untilMs', ceil(extract(epoch from ends_at) * 1000)))
        from hold, moment where ${whose} and (released_at is null or released_at > moment.now)
        and (ends_at is null or ends_at > moment.now)) as holds,
      (select json_agg(json_build_object('partyId', party_id, 'channel', channel, 'kind', kind, 'phoneId', phone_id, 'granted', granted,
        'atMs', ${milliseconds(sql`at`)})) from consent where ${whose}) as consents,
      (select json_agg(json_build_object('partyId', party_id, 'days', days, 'from', from_time, 'to', to_time, 'place', place))
        from preference, moment where ${whose} and at <= moment.now and (withdrawn_at is null or withdrawn_at > moment.now)) as preferences,
      (select json_agg(json_build_array(party_id, rule)) from overridden_warning, moment
        where ${whose} and at <= moment.now and ends_at > moment.now
        and (withdrawn_at is null or withdrawn_at > moment.now)) as overrides,
      (select json_object_agg(party_id, ms) from (
        select party_id, ${milliseconds(sql`min(at)`)} as ms from conversation_debt where ${whose} group by party_id) first) as "firstTalks"`;
}

/**
 * What was found, person by person, in the order they were asked about; whoever was not found is left out. `known`: numbers by their ids that
 * were not read with the rest.
 */
export function told(asked: readonly AskedPerson[], found: FactsRow, known: ReadonlyMap<string, PhoneFacts>): PersonFacts[] {
  const { now } = found;
  const people = new Map((found.people ?? []).map((row) => [row[0], row]));
  const live = new Set((found.live ?? []).flat());
  const numbers = Map.groupBy(found.numbers ?? [], ([partyId]) => partyId);
  const debts = Map.groupBy((found.debts ?? []).toSorted(byId), ([partyId]) => partyId);
  const contacts = contactsOf(found).toSorted((a, b) => b.atMs - a.atMs);
  const [contactsOfPeople, contactsOfNumbers] = [
    Map.groupBy(contacts, (row) => row.partyId),
    Map.groupBy(contacts, (row) => row.phoneId),
  ];
  const holds = Map.groupBy(found.holds ?? [], (row) => row.partyId);
  const consents = Map.groupBy(found.consents ?? [], (row) => row.partyId);
  const preferences = Map.groupBy(found.preferences ?? [], (row) => row.partyId);
  const overrides = Map.groupBy(found.overrides ?? [], ([partyId]) => partyId);
  return asked.flatMap(({ partyId, wishedPhoneId, phoneLast }) => {
    const person = people.get(partyId);
    if (person === undefined) return [];
    const [, attemptId, language, country, zones, regions, demo] = person;
    const own = numbers.get(partyId) ?? [];
    return {
      partyId,
      attemptId,
      now,
      language,
      country,
      zones,
      regions,
      demo,
      live: live.has(partyId),
      wishedPhoneId,
      phoneLast,
      phones: own.flatMap(([, id, rank, place]) => {
        const facts = found.phones?.[id] ?? known.get(id);
        return facts === undefined ? [] : [{ id, rank, live: live.has(id), place, ...facts }];
      }),
      debts: (debts.get(partyId) ?? []).map(([, id, product, creditorId]) => ({ id, product, creditorId })),
      holds: holds.get(partyId) ?? [],
      consents: consents.get(partyId) ?? [],
      preferences: preferences.get(partyId) ?? [],
      overrides: [...new Set((overrides.get(partyId) ?? []).map(([, rule]) => rule))],
      contacts: [
        ...new Set([
          ...(contactsOfPeople.get(partyId) ?? []),
          ...own.flatMap(([, phoneId]) => contactsOfNumbers.get(phoneId) ?? []),
        ]),
      ],
      firstConversationMs: found.firstTalks?.[partyId] ?? null,
    };
  });
}

function contactsOf({ tried, talks, outcomes, debts, otherProducts }: FactsRow): ContactRow[] {
  const products = new Map((debts ?? []).map(([, id, product]) => [id, product]));
  return (tried ?? []).map(([id, partyId, phoneId, channel, inbound, atMs, connectedMs, result, about]) => {
    const said = outcomes?.[id] ?? null;
    // They have spoken, and the agent has not said with whom: a conversation until that is known.
    const conversationMs = talks?.[id] ?? (result === 'connected' && said === null ? connectedMs : null);
    return {
      partyId,
      phoneId,
      channel,
      inbound,
      atMs,
      result,
      conversationMs,
      said: conversationMs === null ? null : said,
      debts: about,
      products: about.flatMap((debtId) => products.get(debtId) ?? otherProducts?.[debtId] ?? []),
    };
  });
}

function byId(a: readonly [string, string, ...unknown[]], b: readonly [string, string, ...unknown[]]): number {
  return a[1] < b[1] ? -1 : 1;
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
