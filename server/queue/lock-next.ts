/** The first journey of a reservation: locks those who are next and reads what they are judged by. */
import { sql, type Kysely } from 'kysely';
import type { Catalogue } from '../compliance/catalogue.ts';
import { currentCatalogue, knownCatalogue, ruleMark, type RuleMark } from '../compliance/store.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../contract/campaigns.ts';
import { named, together } from '../kernel/statements.ts';
import type { Schema } from '../kernel/schema.ts';
import {
  leaveLocked,
  LEAST_LOOK_BACK_DAYS,
  lockedFacts,
  lookBackDays,
  phoneFacts,
  readFacts,
  told,
  type FactsClock,
  type PersonFacts,
  type PhoneFacts,
} from './facts.ts';
import { nextRows, type Terms } from './next.ts';
import { compileCampaign, knownVersion, type GateCampaign } from './terms.ts';

/** Queue rows that come next, and what they are judged by. */
export interface Locked {
  campaign: GateCampaign;
  catalogue: Catalogue;
  rows: QueueRow[];
  /** Those of them who are locked, with their facts. */
  people: PersonFacts[];
}

export interface QueueRow {
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

/** Why nothing may be reserved at all. */
export type Stopped = 'stale_epoch' | 'campaign_not_running' | 'unknown_trunk';

/** For whom: as in a request for a reservation. */
interface LockRequest {
  floorId: string;
  epoch: bigint;
  campaignId: string;
  agents?: readonly string[];
  now?: Temporal.Instant;
}

/** Passes up to so many rows have plans of their own. */
const MOST_NAMED = 200;
/** Clocks that differ by more than this are not believed. */
const MOST_SKEW_MS = 1_800_000;

/** How far back the rules in force looked when they were last asked: what the next reservation will most likely want. */
let usualDays = LEAST_LOOK_BACK_DAYS;

/** What the statement of the locks finds: floor, campaign and rules, and lists of what is locked. Null: none. */
type Found = RuleMark & {
  /** The database's clock as the statement began. */
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
 * Locks the next ready rows in the order of their standing, the score at this hour (index dial_queue_ready), then their persons, then those
 * persons' numbers, each sorted by id; whatever somebody else holds is passed over, so that two reservations in opposite order never wait for
 * each other. Locks leave foreign keys alone (no key update). A callback whose agent may still keep it is passed over unless it is one of the
 * request's `agents`; `agentId`: whose it is. Index: callback_pkey.
 *
 * With them come the campaign and the mark of the rules in force, which are read only where they have changed since they were last
 * compiled; or why nothing may be dialed. The lease is held until the transaction ends, so that a successor waits for it. The facts of those
 * who are locked come by a statement of its own, whose snapshot is younger than the locks, in the same journey.
 *
 * Its commit does not wait for the disk: whatever is dialed is committed once more, and that one waits for all before it (`dispatch`). A
 * reservation that a crash of the server takes back can not be dialed any more. Its statements keep the plans that were made for any number of
 * people: to plan one anew takes longer than to judge ten.
 */
export async function lockNext(
  transaction: Kysely<Schema>,
  { floorId, epoch, campaignId, agents = [], now }: LockRequest,
  limit: number,
  languages: Terms['languages'],
): Promise<Locked | Stopped> {
  // The limit stands in the text: a plan made for any limit would be one for a tenth of the queue.
  const { name, picked } = nextRows(campaignId, limit, { agents, languages });
  const locks = sql<Found>`${limit <= MOST_NAMED ? named(`reserve-lock-${name}`) : sql``}
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
        where id = any(array(select callback_id from picked)) and at > running.mine_since) as agents,
      ${leaveLocked(sql`array(select id from people)`, sql`array(select id from numbers)`)}
    from running`;
  const guessed = { now: now ?? null, begun: Temporal.Now.instant(), days: usualDays };
  const { first, second } = await together(transaction, locks, lockedFacts(campaignId, guessed));
  const [[found], [facts]] = [first, second];
  if (!found || !facts) return 'stale_epoch';
  const { version, settings, trunkKind } = found;
  if (version === null) return 'campaign_not_running';
  if (trunkKind === null) return 'unknown_trunk';
  const { catalogue } = knownCatalogue(found) ?? (await currentCatalogue(transaction));
  const campaign = compileCampaign({ id: campaignId, version, settings, trunkKind });
  const numbers = new Map(Object.entries(found.numbers ?? {}));
  const queued = rowsOf(found, numbers);
  // Somebody else holds the others just now: they are seen, so that a further pass looks past them.
  const locked = queued.filter((row) => row.locked);
  const clock = { now: now ?? null, begun: found.begun, days: lookBackDays(catalogue) };
  usualDays = clock.days;
  const people = isCovered(clock, guessed)
    ? told(locked, facts, numbers)
    : await readFacts(transaction, campaignId, locked, clock);
  return { campaign, catalogue, rows: queued, people };
}

/**
 * Whether what was read by a clock that was guessed holds all that this one asks for: our clock is near the database's, and the rules look
 * back no further than usual.
 */
function isCovered(clock: FactsClock, guessed: FactsClock): boolean {
  const skewMs = clock.begun.epochMilliseconds - guessed.begun.epochMilliseconds;
  return clock.days <= guessed.days && Math.abs(skewMs) < MOST_SKEW_MS;
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
