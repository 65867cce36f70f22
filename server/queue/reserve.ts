/**
 * The reservation: from "dial n now" to n committed attempts, each allowed by the gate under locks in the same transaction
 * (invariants I1, I2, I4).
 */
import { sql, type Kysely } from 'kysely';
import type { Seats } from '../agents/seats.ts';
import type { Catalogue } from '../compliance/catalogue.ts';
import { digestInputs } from '../compliance/digest.ts';
import { guidanceOf } from '../compliance/guidance.ts';
import { currentCatalogue, knownCatalogue, ruleMark, type RuleMark } from '../compliance/store.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../contract/campaigns.ts';
import type { Guidance } from '../contract/guidance.ts';
import type { HistoryEvent } from '../kernel/history.ts';
import { named } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';
import { LEAST_LOOK_BACK_DAYS, lookBackDays, phoneFacts, readFacts, type PersonFacts, type PhoneFacts } from './facts.ts';
import { judgePerson, type Judged } from './judge.ts';
import { compileCampaign, knownVersion, type GateCampaign } from './terms.ts';
import { lookAhead } from './look-ahead.ts';
import { nextRows, restriction, setAside, type Terms } from './next.ts';
import { promote } from './promote.ts';
import { refusedEvent, writeAttempts, writeRefusals, type NewAttempt, type Refused } from './store.ts';

export interface ReserveRequest {
  floorId: string;
  /** The epoch of the caller's lease; a floor that has moved on reserves nothing. */
  epoch: bigint;
  campaignId: string;
  count: number;
  /** Agents who may be given a callback that was promised with them by name; other people's wait until their time is over. */
  agents?: readonly string[];
  /** At most so many of numbers to which no recorded voice may be played: each needs an agent of its own. */
  withoutMessage?: number;
  /** Seats with agents who speak the debtors' languages; without them nobody's language matters. */
  seats?: Seats | null;
  /** The moment to judge by, for tests; the database's clock when left out. */
  now?: Temporal.Instant;
}

/** A call that may be placed until `permitUntil`. `number` is E.164; `language` the debtor's, where known. */
export interface ReservedAttempt {
  attemptId: string;
  partyId: string;
  phoneId: string;
  number: string;
  ringTimeoutMs: number;
  permitUntil: Temporal.Instant;
  language: string | null;
  /** Whether a recorded voice may be played to the number; without it every answer needs a person. */
  recordedSound: boolean;
  /** Who promised to call back in person, while that still stands. */
  agentId: string | null;
  /** What the rules it was judged by ask of the agent. */
  guidance: Guidance;
}

export interface Reservation {
  reserved: readonly ReservedAttempt[];
  refused: readonly Refused[];
  /** Why nothing could be reserved at all, or null. */
  stopped: 'stale_epoch' | 'campaign_not_running' | 'unknown_trunk' | null;
}

/** A permit is used at once or not at all: what it was judged by changes. */
const PERMIT_MS = 5_000;
/** Rows looked at per pass beyond the first: in the morning of a closed country thousands must move before one may be called. */
const PASS_ROWS = [0, 40, 100, 200, 200, 200] as const;
/** Passes up to so many rows have plans of their own. */
const MOST_NAMED = 200;
/** From so many on, a reservation that nobody else's would wait for goes in two halves: what is done twice then costs less than what is waited for. */
const LEAST_HALVED = 10;
const underWay = new WeakMap<Kysely<Schema>, number>();
/** Whoever's time has come is made ready by the worker; a reservation that finds too few helps itself to so many. */
const PROMOTED_AT_ONCE = 100;

/**
 * Reserves up to `count` of a running campaign's debtors, best first. People whom another reservation holds are passed over;
 * people whom the gate refuses are moved to their earliest lawful time with the reason. Fewer than asked means nobody else may be
 * called now. Throws only what the database throws.
 */
export async function reserve(database: Kysely<Schema>, request: ReserveRequest): Promise<Reservation> {
  const before = underWay.get(database) ?? 0;
  underWay.set(database, before + 1);
  const reservation = await reserveOrPromote(database, request, before === 0).finally(() => {
    underWay.set(database, (underWay.get(database) ?? 1) - 1);
  });
  if (reservation.reserved.length > 0) {
    // Not waited for. Half of them were looked at the last time: so a reservation may come while the other half is being read.
    void lookAhead(database, request.campaignId, { count: 2 * request.count, days: LEAST_LOOK_BACK_DAYS });
  }
  return reservation;
}

async function reserveOrPromote(database: Kysely<Schema>, request: ReserveRequest, isAlone: boolean): Promise<Reservation> {
  const first =
    isAlone && isDivisible(request) ? await reserveInHalves(database, request) : await reserveReady(database, request);
  if (first.stopped !== null || first.reserved.length >= request.count) return first;
  const promoted = await promote(database, { limit: PROMOTED_AT_ONCE, ...(request.now ? { now: request.now } : {}) });
  if (promoted === 0) return first;
  const count = request.count - first.reserved.length;
  const second = await reserveReady(database, { ...leftOf(request, first.reserved), count });
  return {
    reserved: [...first.reserved, ...second.reserved],
    refused: [...first.refused, ...second.refused],
    stopped: second.stopped,
  };
}

/** Whether two may share the request without knowing of one another. */
function isDivisible({ count, withoutMessage = Infinity }: ReserveRequest): boolean {
  return count >= LEAST_HALVED && withoutMessage >= count;
}

/**
 * Reserves in two halves side by side, each in a transaction of its own; who has a callback to make gets it in the first. Where one fails, what
 * the other has reserved is released once its permit has run out, as after a crash.
 */
async function reserveInHalves(database: Kysely<Schema>, request: ReserveRequest): Promise<Reservation> {
  const count = request.count >> 1;
  const [first, second] = await Promise.all([
    reserveReady(database, { ...request, count: request.count - count }),
    reserveReady(database, { ...request, count, agents: [] }),
  ]);
  return {
    reserved: [...first.reserved, ...second.reserved],
    refused: [...first.refused, ...second.refused],
    stopped: first.stopped ?? second.stopped,
  };
}

/** Reserves among those who are ready, pass by pass. */
async function reserveReady(database: Kysely<Schema>, request: ReserveRequest): Promise<Reservation> {
  const reserved: ReservedAttempt[] = [];
  const refused: Refused[] = [];
  for (const extra of PASS_ROWS) {
    const wanted = request.count - reserved.length;
    if (wanted <= 0) break;
    const limit = Math.max(wanted, extra);
    const left = leftOf(request, reserved);
    const pass = await database.transaction().execute((transaction) => reservePass(transaction, left, wanted, limit));
    if ('stopped' in pass) return { reserved, refused, stopped: pass.stopped };
    reserved.push(...pass.reserved);
    refused.push(...pass.refused);
    // Fewer rows than looked for, or none that moved: nobody is left.
    if (pass.setAside === 0 && (pass.seen < limit || pass.reserved.length + pass.refused.length === 0)) break;
  }
  return { reserved, refused, stopped: null };
}

/** What a further pass may still take: an agent has one callback at a time. */
function leftOf(request: ReserveRequest, reserved: readonly ReservedAttempt[]): ReserveRequest {
  const taken = new Set(reserved.map((attempt) => attempt.agentId));
  return {
    ...request,
    agents: (request.agents ?? []).filter((agentId) => !taken.has(agentId)),
    withoutMessage: (request.withoutMessage ?? Infinity) - reserved.filter((attempt) => !attempt.recordedSound).length,
  };
}

interface Pass {
  reserved: ReservedAttempt[];
  refused: Refused[];
  seen: number;
  /** People who made room for others, since nobody can speak with them. */
  setAside: number;
}

async function reservePass(
  transaction: Kysely<Schema>,
  request: ReserveRequest,
  wanted: number,
  limit: number,
): Promise<Pass | { stopped: NonNullable<Reservation['stopped']> }> {
  const languages = restriction(request.seats?.openLanguages() ?? null);
  const next = await lockNext(transaction, request, limit, languages);
  if (typeof next === 'string') return { stopped: next };
  const { campaign, catalogue, begun, numbers } = next;
  // Somebody else holds the others just now: they are seen, so that a further pass looks past them.
  const locked = next.rows.filter((row) => row.locked);
  const clock = { now: request.now ?? null, begun, days: lookBackDays(catalogue) };
  const people = await readFacts(transaction, request.campaignId, locked, clock, numbers);
  const rows = new Map(locked.map((row) => [row.partyId, row]));
  const attempts: NewAttempt[] = [];
  const refused: Refused[] = [];
  const taken = new Set<string>();
  const agents = new Set<string>();
  let withoutMessage = request.withoutMessage ?? Infinity;
  for (const person of people) {
    if (attempts.length === wanted) break;
    const row = rows.get(person.partyId);
    if (!row) continue;
    const { phoneIds, agentId } = row;
    if (agentId !== null && agents.has(agentId)) continue;
    const judged = judgePerson(catalogue, campaign, person, phoneIds, taken);
    if (judged === null) continue;
    if ('reason' in judged) {
      refused.push(judged);
      continue;
    }
    if (!judged.verdict.recordedSound && withoutMessage <= 0) continue;
    if (agentId === null && request.seats?.take(person.language) === false) continue;
    if (!judged.verdict.recordedSound) withoutMessage -= 1;
    if (agentId !== null) agents.add(agentId);
    taken.add(judged.phone.id);
    attempts.push(attemptOf(campaign, person, judged, row));
  }
  const refusals = refused.map((each) => refusedEvent(request.campaignId, 'dialer', each));
  await writeRefusals(transaction, request.campaignId, refused, refusals);
  const aside = next.rows.length < limit && languages !== null ? await setAside(transaction, request, languages) : 0;
  const events = attempts.map((attempt) => reservedEvent(request, attempt));
  // Nothing may be asked after it.
  const written = await writeAttempts(transaction, request, attempts, events);
  return {
    reserved: attempts.filter((attempt) => written.has(attempt.attemptId)).map(reservedOf),
    refused,
    seen: next.rows.length,
    setAside: aside,
  };
}

interface Locked {
  campaign: GateCampaign;
  catalogue: Catalogue;
  /** The database's clock as the statement began. */
  begun: Temporal.Instant;
  rows: QueueRow[];
  /** The numbers that are locked, by their ids. */
  numbers: ReadonlyMap<string, PhoneFacts>;
}

interface QueueRow {
  /** False: the person is in other hands. */
  locked: boolean;
  partyId: string;
  /** Where the queue row lies, until the transaction writes it. */
  place: string;
  wishedPhoneId: string | null;
  phoneLast: boolean;
  /** Those of the person's numbers that could be locked. */
  phoneIds: string[];
  agentId: string | null;
}

/** What the statement finds: floor, campaign and rules, and lists of what is locked. Null: none. */
type Found = RuleMark & {
  begun: Temporal.Instant;
  version: number | null;
  /** Null where they are known in this version. */
  settings: unknown;
  trunkKind: 'demo' | 'real' | null;
  picked: [partyId: string, place: string, wishedPhoneId: string | null, phoneLast: boolean, callbackId: string | null][] | null;
  people: string[] | null;
  owned: [partyId: string, phoneId: string][] | null;
  numbers: Record<string, PhoneFacts> | null;
  /** Whose the callbacks are that stand as promised. */
  agents: Record<string, string | null> | null;
};

/**
 * Locks the next ready rows in the order of their standing, the score at this hour (index dial_queue_ready), then their persons, then those persons' numbers, each sorted
 * by id; whatever somebody else holds is passed over, so that two reservations in opposite order never wait for each other.
 * Locks leave foreign keys alone (no key update). A callback whose agent may still keep it is passed over unless it is one of the
 * request's `agents`; `agentId`: whose it is. Index: callback_pkey.
 *
 * With them come the campaign and the mark of the rules in force, which are read only where they have changed since they were last
 * compiled; or why nothing may be dialed. The lease is held until the transaction ends, so that a successor waits for it.
 *
 * Its commit does not wait for the disk: whatever is dialed is committed once more, and that one waits for all before it (`dispatch`). A
 * reservation that a crash of the server takes back can not be dialed any more. Its statements keep the plans that were made for any number of
 * people: to plan one anew takes longer than to judge ten.
 */
async function lockNext(
  transaction: Kysely<Schema>,
  { floorId, epoch, campaignId, agents = [], now }: ReserveRequest,
  limit: number,
  languages: Terms['languages'],
): Promise<Locked | NonNullable<Reservation['stopped']>> {
  // The limit stands in the text: a plan made for any limit would be one for a tenth of the queue.
  const { name, picked } = nextRows(campaignId, limit, { agents, languages });
  const { rows } = await sql<Found>`${limit <= MOST_NAMED ? named(`reserve-lock-${name}`) : sql``}
    with held as materialized (
      select clock_timestamp() as begun, set_config('synchronous_commit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)
      from floor where id = ${floorId} and epoch = ${epoch} for share
    ), running as materialized (
      select held.begun, campaign.version, campaign.settings, trunk.kind, ${ruleMark},
        coalesce(${now?.toString() ?? null}::timestamptz, held.begun) - interval '1 minute'
          * coalesce((campaign.settings ->> 'callbackMineMinutes')::int, ${DEFAULT_CAMPAIGN_SETTINGS.callbackMineMinutes}) as mine_since
      from held left join campaign on campaign.id = ${campaignId} and campaign.floor_id = ${floorId} and campaign.state = 'running'
      left join trunk on trunk.name = campaign.settings ->> 'trunk'
    ), ${picked}, people as materialized (
      select id from party where id in (select party_id from picked) order by id for no key update skip locked
    ), owned as materialized (
      select party_id, phone_id from party_phone where party_id = any(array(select id from people)) and state = 'active'
    ), numbers as materialized (
      select id, ${phoneFacts} as facts from phone where id = any(array(select phone_id from owned)) order by id for no key update skip locked
    )
    select running.begun, running.version, running.kind as "trunkKind", running."ruleSet", running."ruleDatabase", running."ruleClock",
      case when running.version is distinct from ${knownVersion(campaignId)} then running.settings end as settings,
      (select json_agg(json_build_array(party_id, place, phone_id, phone_last, callback_id) order by band desc, standing desc, party_id)
        from picked) as picked,
      (select json_agg(id) from people) as people,
      (select json_agg(json_build_array(party_id, phone_id)) from owned) as owned,
      (select json_object_agg(id, facts) from numbers) as numbers,
      (select json_object_agg(id, agent_id) from callback
        where id = any(array(select callback_id from picked)) and at > running.mine_since) as agents
    from running`.execute(transaction);
  const [found] = rows;
  if (!found) return 'stale_epoch';
  const { begun, version, settings, trunkKind } = found;
  if (version === null) return 'campaign_not_running';
  if (trunkKind === null) return 'unknown_trunk';
  const { catalogue } = knownCatalogue(found) ?? (await currentCatalogue(transaction));
  const campaign = compileCampaign({ id: campaignId, version, settings, trunkKind });
  const numbers = new Map(Object.entries(found.numbers ?? {}));
  return { campaign, catalogue, begun, rows: rowsOf(found, numbers), numbers };
}

function rowsOf({ picked, people, owned, agents }: Found, numbers: ReadonlyMap<string, PhoneFacts>): QueueRow[] {
  const locked = new Set(people);
  const phoneIds = Map.groupBy(owned ?? [], ([partyId]) => partyId);
  return (picked ?? []).map(([partyId, place, wishedPhoneId, phoneLast, callbackId]) => ({
    locked: locked.has(partyId),
    partyId,
    place,
    wishedPhoneId,
    phoneLast,
    phoneIds: (phoneIds.get(partyId) ?? []).flatMap(([, id]) => (numbers.has(id) ? [id] : [])),
    agentId: callbackId === null ? null : (agents?.[callbackId] ?? null),
  }));
}

function attemptOf(
  campaign: GateCampaign,
  person: PersonFacts,
  { phone, facts, verdict }: Judged,
  { place, agentId }: QueueRow,
): NewAttempt {
  const { ringTimeoutMs } = facts;
  const soon = person.now.add({ milliseconds: PERMIT_MS });
  const lastRing = verdict.closesAt?.subtract({ milliseconds: ringTimeoutMs }) ?? soon;
  return {
    attemptId: person.attemptId,
    partyId: person.partyId,
    place,
    phoneId: phone.id,
    number: phone.e164,
    language: person.language,
    creditorId: person.debts[0]?.creditorId ?? null,
    debtIds: facts.debts.map((debt) => debt.id),
    verdict: {
      verdict: 'allow',
      packs: verdict.packVersions,
      zones: facts.person.zones,
      closesAt: verdict.closesAt?.toString() ?? null,
      recordedSound: verdict.recordedSound,
      ...(verdict.overridden.length > 0 ? { overridden: verdict.overridden.map((each) => each.id) } : {}),
    },
    digest: digestInputs(facts, person.now),
    now: person.now,
    permitUntil: Temporal.Instant.compare(lastRing, soon) < 0 ? lastRing : soon,
    ringTimeoutMs,
    recordedSound: verdict.recordedSound,
    agentId,
    guidance: guidanceOf(facts.rules),
  };
}

function reservedOf(attempt: NewAttempt): ReservedAttempt {
  const { attemptId, partyId, phoneId, number, ringTimeoutMs, permitUntil, language, recordedSound, agentId, guidance } = attempt;
  return { attemptId, partyId, phoneId, number, ringTimeoutMs, permitUntil, language, recordedSound, agentId, guidance };
}

function reservedEvent(request: ReserveRequest, attempt: NewAttempt): HistoryEvent {
  const { campaignId, floorId, epoch } = request;
  const { partyId, phoneId, digest, verdict, debtIds } = attempt;
  return {
    kind: 'attempt.reserved',
    subject: 'attempt',
    subjectId: attempt.attemptId,
    actor: 'dialer',
    body: {
      campaignId,
      floorId,
      epoch: epoch.toString(),
      partyId,
      phoneId,
      debtIds,
      digest,
      verdict,
      permitUntil: attempt.permitUntil.toString(),
    },
  };
}
