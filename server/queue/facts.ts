/** Reads what the gate must know of queued people, in one statement, and puts it in the gate's own terms. */
import { sql, type Kysely } from 'kysely';
import { campaignRules, rulesFor, rulesOfPack, type CampaignRules, type Catalogue } from '../compliance/catalogue.ts';
import { NUMBER_TYPES, type ConsentFacts, type GateFacts, type NumberType, type PastContact } from '../compliance/facts.ts';
import { CHANNELS, type Channel } from '../compliance/packs.ts';
import { campaignSettings, type CampaignSettings } from '../contract/campaigns.ts';
import { regionsOfNumber } from '../debtors/regions.ts';
import { named } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';
import { orderPhones } from './turn.ts';

/** A campaign as the gate meets it. */
export interface GateCampaign {
  id: string;
  settings: CampaignSettings;
  rules: CampaignRules;
  trunkKind: 'demo' | 'real';
}

export interface PersonPhone {
  id: string;
  e164: string;
  country: string;
  type: string;
  zones: string[];
  rank: number;
  live: boolean;
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
  wantedPhoneId: string | null;
  phones: PersonPhone[];
  debts: { id: string; product: string | null; creditorId: string }[];
  holds: { kind: string; debtId: string | null; phoneId: string | null; fromMs: number; untilMs: number | null }[];
  consents: { channel: string; kind: string; phoneId: string | null; granted: boolean; atMs: number }[];
  contacts: ContactRow[];
  firstConversationMs: number | null;
}

interface ContactRow {
  partyId: string;
  phoneId: string;
  channel: string;
  atMs: number;
  result: string | null;
  conversationMs: number | null;
  /** The outcome of a call that was a conversation. */
  said: string | null;
  debts: string[];
  products: string[];
}

/** Caps of campaigns look back a week, and which number is next is better known from a month. */
const LEAST_LOOK_BACK_DAYS = 34;
/** A pack must not make each reservation read years. */
const MOST_LOOK_BACK_DAYS = 400;
/** A contact under way is looked at again after this long. */
const LIVE_CONTACT_RETRY_MS = 60_000;

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

const compiled = new Map<string, { version: number; settings: CampaignSettings; rules: CampaignRules }>();

/** A campaign's settings and compiled rules; compiled once per version. */
export function compileCampaign(row: {
  id: string;
  version: number;
  settings: unknown;
  trunkKind: 'demo' | 'real';
}): GateCampaign {
  let known = compiled.get(row.id);
  if (known?.version !== row.version) {
    const settings = campaignSettings.parse(row.settings);
    known = { version: row.version, settings, rules: campaignRules(settings) };
    compiled.set(row.id, known);
  }
  return { id: row.id, settings: known.settings, rules: known.rules, trunkKind: row.trunkKind };
}

/**
 * Reads the facts of queued people with a fresh snapshot, at the database's clock or the moment given, with `days` of past contacts.
 * `begun` is the database's clock a moment ago: it bounds the ids looked at, so that the planner leaves out months that hold nothing.
 * Indexes: party_pkey, party_phone_pkey, contact_attempt_by_party, contact_attempt_by_phone, conversation_debt_by_party.
 */
export async function readFacts(
  database: Kysely<Schema>,
  campaignId: string,
  partyIds: readonly string[],
  clock: { now: Temporal.Instant | null; begun: Temporal.Instant; days: number },
): Promise<PersonFacts[]> {
  if (partyIds.length === 0) return [];
  const { now, begun, days } = clock;
  const moment = sql`coalesce(${now === null ? null : now.toString()}::timestamptz, moment.now)`;
  const since = (now !== null && Temporal.Instant.compare(now, begun) < 0 ? now : begun).subtract({ hours: 24 * days });
  const [firstId, lastId] = [firstIdAt(since), firstIdAt(begun.add({ hours: 24 }))];
  const inside = sql`a.counts and a.reserved_at > ${moment} - ${days} * interval '1 day' and a.id >= ${firstId}::uuid and a.id < ${lastId}::uuid`;
  const { rows } = await sql<PersonFacts>`${named('reserve-facts')}
    with moment as materialized (select clock_timestamp() as now)
    select p.id as "partyId", uuidv7() as "attemptId", ${moment} as now, p.language, p.country, p.time_zones as zones, p.regions, p.demo,
      coalesce((select true from live_contact where party_id = p.id), false) as live,
      q.phone_id as "wantedPhoneId",
      coalesce(phones.list, '[]') as phones, coalesce(debts.list, '[]') as debts, coalesce(holds.list, '[]') as holds,
      coalesce(consents.list, '[]') as consents, coalesce(contacts.list, '[]') as contacts,
      (select floor(extract(epoch from min(at)) * 1000)::float8 from conversation_debt where party_id = p.id) as "firstConversationMs"
    from moment, unnest(${partyIds}::uuid[]) with ordinality as given (id, place)
    join party p on p.id = given.id
    left join dial_queue q on q.campaign_id = ${campaignId} and q.party_id = p.id
    left join lateral (
      select json_agg(json_build_object('id', n.id, 'e164', n.e164, 'country', n.country, 'type', n.number_type, 'zones', n.time_zones,
        'rank', pp.rank, 'live', coalesce((select true from live_contact where phone_id = n.id), false))) as list
      from party_phone pp join phone n on n.id = pp.phone_id where pp.party_id = p.id and pp.state = 'active'
    ) phones on true
    left join lateral (
      select json_agg(json_build_object('id', d.id, 'product', d.product, 'creditorId', d.creditor_id) order by d.id) as list
      from debt_party dp join debt d on d.id = dp.debt_id
      where dp.party_id = p.id and dp.role <> 'attorney' and d.state = 'open' and d.balance_minor > 0
        and exists (select from campaign_debt cd where cd.campaign_id = ${campaignId} and cd.debt_id = d.id offset 0)
    ) debts on true
    left join lateral (
      select json_agg(json_build_object('kind', kind, 'debtId', debt_id, 'phoneId', phone_id,
        'fromMs', floor(extract(epoch from starts_at) * 1000), 'untilMs', ceil(extract(epoch from ends_at) * 1000))) as list
      from hold where party_id = p.id and released_at is null and (ends_at is null or ends_at > ${moment})
    ) holds on true
    left join lateral (
      select json_agg(json_build_object('channel', channel, 'kind', kind, 'phoneId', phone_id, 'granted', granted,
        'atMs', floor(extract(epoch from at) * 1000))) as list
      from consent where party_id = p.id
    ) consents on true
    left join lateral (
      select json_agg(json_build_object('partyId', a.party_id, 'phoneId', a.phone_id, 'channel', a.channel,
        'atMs', floor(extract(epoch from a.reserved_at) * 1000), 'result', a.result,
        'conversationMs', floor(extract(epoch from talk.at) * 1000),
        'said', case when talk.at is not null then (select code from outcome where attempt_id = a.id) end,
        'debts', coalesce(about.debts, '[]'), 'products', coalesce(about.products, '[]')) order by a.reserved_at desc) as list
      from (
        select a.id, a.party_id, a.phone_id, a.channel, a.reserved_at, a.result from contact_attempt a
        where a.party_id = p.id and ${inside}
        union
        select a.id, a.party_id, a.phone_id, a.channel, a.reserved_at, a.result
        from party_phone pp join contact_attempt a on a.phone_id = pp.phone_id
        where pp.party_id = p.id and pp.state = 'active' and ${inside}
      ) a
      cross join lateral (select min(c.at) as at from conversation_debt c where c.attempt_id = a.id) talk
      left join lateral (
        select json_agg(d.id) as debts, json_agg(d.product) filter (where d.product is not null) as products
        from attempt_debt ad join debt d on d.id = ad.debt_id where ad.attempt_id = a.id
      ) about on true
    ) contacts on true
    order by given.place`.execute(database);
  return rows;
}

/** The least UUID v7 of a moment: what was made later sorts after it. */
function firstIdAt(moment: Temporal.Instant): string {
  const hex = moment.epochMilliseconds.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The person's numbers in the order of their turn, without those not in `lockedIds` (null: all). */
export function phonesInTurn(person: PersonFacts, lockedIds: readonly string[] | null): PersonPhone[] {
  const phones = lockedIds === null ? person.phones : person.phones.filter((phone) => lockedIds.includes(phone.id));
  const calls = person.contacts.map(({ phoneId, conversationMs }) => ({ phoneId, conversation: conversationMs !== null }));
  return orderPhones(phones, person.wantedPhoneId, calls);
}

/** The facts of a call to one of the person's numbers, with the rules of the place. Debts on hold are left out, unless all are. */
export function gateFactsOf(catalogue: Catalogue, campaign: GateCampaign, person: PersonFacts, phone: PersonPhone): GateFacts {
  const { settings } = campaign;
  const nowMs = person.now.epochMilliseconds;
  const holds = person.holds.map(({ kind, ...hold }) => ({ flag: kind, ...hold }));
  const free = person.debts.filter((debt) => !holds.some((hold) => hold.debtId === debt.id && hold.fromMs <= nowMs));
  const asked = free.length > 0 ? free : person.debts;
  const debts = asked.map(({ id, product }) => ({ id, product }));
  const countries = [...new Set([person.country, phone.country])];
  const rules = person.demo
    ? rulesOfPack(catalogue, 'demo')
    : rulesFor(catalogue, countries, regionsOf(person), {
        creditorIds: [...new Set(asked.map((debt) => debt.creditorId))],
        campaignId: campaign.id,
      });
  return {
    rules,
    campaign: campaign.rules,
    channel: 'call',
    person: {
      countries,
      // The person may be wherever the address or any of the numbers says.
      zones: [...new Set([...person.zones, ...person.phones.flatMap((each) => each.zones)])],
      demo: person.demo,
    },
    phone: { id: phone.id, country: phone.country, numberType: numberTypeOf(phone.type), state: 'active', place: 'other' },
    debts,
    holds,
    consents: person.consents.flatMap(consentOf),
    inconvenient: [],
    contacts: person.contacts.map((row) => pastContact(person, row, phone.id)),
    firstConversationMs: person.firstConversationMs,
    liveContact: person.live || phone.live ? { untilMs: nowMs + LIVE_CONTACT_RETRY_MS } : null,
    enabledCountries: settings.countries,
    trunkKind: campaign.trunkKind,
    // Whoever is called may let it ring for as long as their law says.
    ringTimeoutMs: person.demo ? settings.ringTimeoutMs : Math.max(settings.ringTimeoutMs, rules.abandonment.minimumRingMs),
    // Progressive pacing places no call without an agent of its own.
    ...(settings.pacing.mode === 'progressive' ? { agentHeld: true } : {}),
    overrides: [],
  };
}

/** Every region whose rules bind: that of the address, and those of the numbers, since the person may be there. */
function regionsOf({ regions, phones }: PersonFacts): string[] {
  return [...new Set([...regions, ...phones.flatMap((phone) => regionsOfNumber(phone.e164, phone.country))])];
}

/** A network's refusal (busy included) cannot have left a message; anything unknown could. */
const NO_MESSAGE_POSSIBLE: ReadonlySet<string | null> = new Set(['failed', 'busy']);

function pastContact(person: PersonFacts, row: ContactRow, phoneId: string): PastContact {
  return {
    atMs: row.atMs,
    channel: channelOf(row.channel),
    attempt: true,
    couldLeaveMessage: !NO_MESSAGE_POSSIBLE.has(row.result),
    conversation: row.conversationMs !== null,
    ...(row.conversationMs === null ? {} : { conversationAtMs: row.conversationMs }),
    ...(row.said === 'promise' ? { promise: true } : {}),
    ...(row.said === 'dispute' ? { dispute: true } : {}),
    ...(row.result === 'abandoned' ? { abandoned: true } : {}),
    samePerson: row.partyId === person.partyId,
    sameNumber: row.phoneId === phoneId,
    debts: row.debts,
    products: row.products,
  };
}

function channelOf(text: string): Channel {
  return CHANNELS.find((channel) => channel === text) ?? 'call';
}

function numberTypeOf(text: string): NumberType {
  return NUMBER_TYPES.find((type) => type === text) ?? 'unknown';
}

/** A word about a channel that is none of ours is taken for all of them when it refuses, and for none when it allows. */
function consentOf(row: PersonFacts['consents'][number]): ConsentFacts[] {
  const channel = row.channel === 'all' ? 'all' : CHANNELS.find((each) => each === row.channel);
  if (channel === undefined && row.granted) return [];
  const kind = row.kind === 'recorded_sound' ? 'recorded_sound' : 'contact';
  return [{ channel: channel ?? 'all', kind, phoneId: row.phoneId, granted: row.granted, atMs: row.atMs }];
}
