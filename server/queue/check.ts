/** "May we call, if not why, and when?" for a person or a number at any moment, by the judge and the facts of the reservation. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { NO_CAMPAIGN_RULES, campaignRules, type Catalogue } from '../compliance/catalogue.ts';
import { digestInputs } from '../compliance/digest.ts';
import { judge, type Verdict } from '../compliance/gate.ts';
import { catalogueAt } from '../compliance/store.ts';
import { DEFAULT_CAMPAIGN_SETTINGS, campaignSettings, type CampaignState } from '../contract/campaigns.ts';
import type { CheckJudgement, NotRestored } from '../contract/contact-check.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Schema } from '../kernel/schema.ts';
import { lookBackDays, readFacts, type PersonFacts, type PersonPhone } from './facts.ts';
import { compileCampaign, gateFactsOf, phonesInTurn, type GateCampaign } from './terms.ts';

/** Whom to ask about: a debtor by id, or whoever a telephone (by id or E.164 number) belongs to. */
export type CheckSubject = { partyId: string } | { phoneId: string } | { number: string };

export interface ContactQuestion {
  subject: CheckSubject;
  /** Null: now, by the database's clock. */
  at: Temporal.Instant | null;
  /** Null: every campaign that has the person queued and has not ended, or the law alone where there is none. */
  campaignId: string | null;
}

export interface JudgedNumber {
  phone: PersonPhone;
  verdict: Verdict;
  /** Of all that the verdict was made of. */
  digest: string;
}

/** One person as one campaign (null: the law alone) would meet them. `numbers` stand in the order of their turn. */
export interface PersonJudgement {
  campaign: { id: string; name: string; state: CampaignState } | null;
  nothing: CheckJudgement['nothing'];
  numbers: readonly JudgedNumber[];
  /** The number that would be called, or else the one that may be called soonest. */
  chosen: JudgedNumber | null;
  queue: { state: string; reason: string | null; notBefore: Temporal.Instant | null; score: number } | null;
}

export interface CheckedPerson {
  partyId: string;
  displayName: string;
  country: string;
  timeZones: string[];
  judgements: readonly PersonJudgement[];
  /** Of a moment of the past: what is not known as it was then, so that it was judged as it is now. */
  notRestored: readonly NotRestored[];
}

export interface CheckedContact {
  at: Temporal.Instant;
  people: readonly CheckedPerson[];
}

/** A number that more people share is asked about by person. */
const PEOPLE_SHOWN = 20;
const NO_CAMPAIGN = '00000000-0000-0000-0000-000000000000';

/**
 * Judges without changing anything. A moment of the past is judged by the rules, holidays and settings in force then, by the holds, consents,
 * wishes and contacts known then; what is known only as it is now is named (`notRestored`). Throws `unknown_debtor`, `unknown_number` and `unknown_campaign`.
 */
export async function checkContact(database: Kysely<Schema>, question: ContactQuestion): Promise<CheckedContact> {
  const { people, now } = await findPeople(database, question.subject);
  const at = question.at ?? now;
  const { catalogue } = await catalogueAt(database, at);
  const past = Temporal.Instant.compare(at, now) < 0 ? at : null;
  const phoneId = 'partyId' in question.subject ? null : (people[0]?.phoneId ?? null);
  const places = await findPlaces(
    database,
    people.map((person) => person.partyId),
    question.campaignId,
    past,
  );
  const lost = past === null ? new Map<string, NotRestored[]>() : await findLost(database, people, past);
  const judged: CheckedPerson[] = [];
  for (const person of people) {
    const own = places.filter((place) => place.partyId === person.partyId);
    const judgements: PersonJudgement[] = [];
    for (const place of own.length > 0 ? own : [null]) {
      judgements.push(await judgeIn(database, { partyId: person.partyId, phoneId, place, catalogue, at, begun: now }));
    }
    const { partyId, displayName, country, timeZones } = person;
    const settings: NotRestored[] = own.some((place) => !place.settingsKnown) ? ['settings'] : [];
    const notRestored = [...settings, ...(lost.get(partyId) ?? [])];
    judged.push({ partyId, displayName, country, timeZones, judgements, notRestored });
  }
  return { at, people: judged };
}

interface FoundPerson {
  partyId: string;
  displayName: string;
  country: string;
  timeZones: string[];
  phoneId: string | null;
}

/** Who is meant, and the database's clock. Indexes: party_pkey, phone_e164_key, party_phone_by_phone. */
async function findPeople(
  database: Kysely<Schema>,
  subject: CheckSubject,
): Promise<{ people: FoundPerson[]; now: Temporal.Instant }> {
  const whose =
    'partyId' in subject
      ? sql`select coalesce(merged_into, id) as party_id, null::uuid as phone_id from party where id = ${subject.partyId}`
      : sql`select pp.party_id, pp.phone_id from phone n join party_phone pp on pp.phone_id = n.id
          where ${'phoneId' in subject ? sql`n.id = ${subject.phoneId}` : sql`n.e164 = ${subject.number}`}
          order by pp.party_id limit ${PEOPLE_SHOWN}`;
  const { rows } = await sql<FoundPerson & { now: Temporal.Instant }>`
    select p.id as "partyId", p.display_name as "displayName", p.country, p.time_zones as "timeZones", whose.phone_id as "phoneId",
      clock_timestamp() as now
    from (${whose}) whose join party p on p.id = whose.party_id order by p.id`.execute(database);
  const [first] = rows;
  if (!first) {
    throw 'partyId' in subject
      ? new Refusal('unknown_debtor', 'There is no such debtor.', { field: 'partyId', status: 404 })
      : new Refusal('unknown_number', 'Nobody has this number.', { field: 'number', status: 404 });
  }
  return { people: rows, now: first.now };
}

/** A campaign for one person, as it stands now. */
interface Place {
  partyId: string;
  id: string;
  name: string;
  state: CampaignState;
  version: number;
  settings: unknown;
  /** The settings are those of the moment asked about; else they are those of now. */
  settingsKnown: boolean;
  /** They are those of now, in this version. */
  current: boolean;
  trunkKind: 'demo' | 'real' | null;
  queueState: string | null;
  reason: string | null;
  notBefore: Temporal.Instant | null;
  score: number | null;
  wishedPhoneId: string | null;
  phoneLast: boolean;
}

/**
 * The campaigns to judge by, with their settings at a moment of the past as the history tells them (null: as they are now). Indexes:
 * dial_queue_by_party, dial_queue_pkey, campaign_pkey, event_by_subject.
 */
async function findPlaces(
  database: Kysely<Schema>,
  partyIds: readonly string[],
  campaignId: string | null,
  past: Temporal.Instant | null,
): Promise<Place[]> {
  const queued = sql`q.state as "queueState", q.reason, q.not_before as "notBefore", q.score, q.phone_id as "wishedPhoneId", coalesce(q.phone_last, false) as "phoneLast"`;
  const campaign = sql`c.id, c.name, c.state, c.version, coalesce(was.settings, c.settings) as settings, was.settings is null as current,
    ${past === null} or was.settings is not null or (c.created_at <= ${past?.toString() ?? null}::timestamptz and not was.changed) as "settingsKnown",
    t.kind as "trunkKind"`;
  const settings = past === null ? sql`cross join (select null::jsonb as settings, false as changed) was` : settingsAt(past);
  const trunk = sql`${settings} left join trunk t on t.name = coalesce(was.settings, c.settings) ->> 'trunk'`;
  const { rows } =
    campaignId === null
      ? await sql<Place>`
          select q.party_id as "partyId", ${campaign}, ${queued} from dial_queue q join campaign c on c.id = q.campaign_id ${trunk}
          where q.party_id = any(${partyIds}::uuid[]) and c.state <> 'ended' order by c.name, c.id`.execute(database)
      : await sql<Place>`
          select given.id as "partyId", ${campaign}, ${queued} from campaign c cross join unnest(${partyIds}::uuid[]) as given (id)
          left join dial_queue q on q.campaign_id = c.id and q.party_id = given.id ${trunk}
          where c.id = ${campaignId}`.execute(database);
  if (campaignId !== null && rows.length === 0) {
    throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'campaignId', status: 404 });
  }
  return rows;
}

/** The settings of campaign `c` at a moment, and whether they were changed since. */
function settingsAt(moment: Temporal.Instant): RawBuilder<unknown> {
  const events = sql`event e where e.subject_id = c.id::text and e.subject = 'campaign' and e.kind in ('campaign.created', 'campaign.changed')`;
  return sql`cross join lateral (
    select (select e.body -> 'settings' from ${events} and e.at <= ${moment.toString()}::timestamptz order by e.id desc limit 1) as settings,
      exists (select from ${events} and e.at > ${moment.toString()}::timestamptz) as changed) was`;
}

/** What of people is known only as it is now: numbers that have left, debts that changed since, and always where they may be. */
async function findLost(
  database: Kysely<Schema>,
  people: readonly FoundPerson[],
  past: Temporal.Instant,
): Promise<Map<string, NotRestored[]>> {
  const { rows } = await sql<{ id: string; numbers: boolean; debts: boolean }>`
    select p.id, exists (select from party_phone where party_id = p.id and state <> 'active') as numbers,
      exists (select from debt_party dp join debt d on d.id = dp.debt_id where dp.party_id = p.id and (
        d.state <> 'open' or d.created_at > ${past.toString()}::timestamptz
        or exists (select from posting where debt_id = d.id and at > ${past.toString()}::timestamptz))) as debts
    from party p where p.id = any(${people.map((person) => person.partyId)}::uuid[])`.execute(database);
  return new Map(
    rows.map(({ id, numbers, debts }) => [
      id,
      [...(numbers ? ['numbers' as const] : []), ...(debts ? ['debts' as const] : []), 'place' as const],
    ]),
  );
}

interface Case {
  partyId: string;
  /** Only this number is asked about. */
  phoneId: string | null;
  place: Place | null;
  catalogue: Catalogue;
  at: Temporal.Instant;
  begun: Temporal.Instant;
}

async function judgeIn(
  database: Kysely<Schema>,
  { partyId, phoneId, place, catalogue, at, begun }: Case,
): Promise<PersonJudgement> {
  const asked = { partyId, wishedPhoneId: place?.wishedPhoneId ?? null, phoneLast: place?.phoneLast ?? false };
  const [person] = await readFacts(database, place?.id ?? NO_CAMPAIGN, [asked], {
    now: at,
    begun,
    days: lookBackDays(catalogue),
  });
  if (!person) throw new Refusal('unknown_debtor', 'There is no such debtor.', { field: 'partyId', status: 404 });
  // Whoever is on the line now need not be then.
  if (Temporal.Instant.compare(at, begun) > 0) silence(person);
  if (place === null) person.debts = await readOpenDebts(database, partyId);
  const trunkKind = place?.trunkKind ?? (person.demo ? 'demo' : 'real');
  const campaign = place === null ? lawAlone(person, trunkKind) : campaignOf({ ...place, trunkKind });
  const turn = phonesInTurn(person, null);
  const numbers = turn
    .filter((phone) => phoneId === null || phone.id === phoneId)
    .map((phone) => {
      const facts = gateFactsOf(catalogue, campaign, person, phone);
      return { phone, verdict: judge(facts, person.now), digest: digestInputs(facts, person.now) };
    });
  return {
    campaign: place === null ? null : { id: place.id, name: place.name, state: place.state },
    nothing: nothingToJudge(person, numbers),
    numbers,
    chosen: choose(numbers),
    queue: queueOf(place),
  };
}

/** Settings of the past are compiled apart: those of now are kept by their version. */
function campaignOf(place: Place & { trunkKind: 'demo' | 'real' }): GateCampaign {
  if (place.current) return compileCampaign(place);
  const settings = campaignSettings.parse(place.settings);
  return { id: place.id, settings, rules: campaignRules(settings), trunkKind: place.trunkKind };
}

function silence(person: PersonFacts): void {
  person.live = false;
  for (const phone of person.phones) phone.live = false;
}

/** A campaign that asks nothing beyond the packs and may call wherever the person is. */
function lawAlone(person: PersonFacts, trunkKind: 'demo' | 'real'): GateCampaign {
  const countries = [...new Set([person.country, ...person.phones.map((phone) => phone.country)])];
  return { id: NO_CAMPAIGN, settings: { ...DEFAULT_CAMPAIGN_SETTINGS, countries }, rules: NO_CAMPAIGN_RULES, trunkKind };
}

async function readOpenDebts(database: Kysely<Schema>, partyId: string): Promise<PersonFacts['debts']> {
  return database
    .selectFrom('debt_party')
    .innerJoin('debt', 'debt.id', 'debt_party.debt_id')
    .select(['debt.id', 'debt.product', 'debt.creditor_id as creditorId'])
    .where('debt_party.party_id', '=', partyId)
    .where('debt_party.role', '!=', 'attorney')
    .where('debt.state', '=', 'open')
    .where('debt.balance_minor', '>', 0n)
    .orderBy('debt.id')
    .execute();
}

function nothingToJudge(person: PersonFacts, numbers: readonly JudgedNumber[]): PersonJudgement['nothing'] {
  if (person.phones.length === 0) return 'no_number_left';
  if (numbers.length === 0) return 'number_left';
  return person.debts.length === 0 ? 'no_open_debt' : null;
}

function choose(numbers: readonly JudgedNumber[]): JudgedNumber | null {
  const allowed = numbers.find((each) => each.verdict.verdict === 'allow');
  if (allowed) return allowed;
  return numbers.reduce<JudgedNumber | null>(
    (best, each) => (best === null || retryMs(each) < retryMs(best) ? each : best),
    null,
  );
}

function retryMs({ verdict }: JudgedNumber): number {
  return verdict.retryAt?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
}

function queueOf(place: Place | null): PersonJudgement['queue'] {
  if (place === null || place.queueState === null) return null;
  const { queueState: state, reason, notBefore, score } = place;
  return { state, reason, notBefore, score: score ?? 0 };
}
