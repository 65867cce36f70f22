/** What scores are made of and where they are kept: scorecards by version, facts of debtors, scores in the queue. */
import { sql, type Kysely } from 'kysely';
import {
  DEFAULT_SCORECARD,
  scorecard,
  type RescoreProgress,
  type Scorecard,
  type ScorecardVersion,
} from '../contract/scoring.ts';
import { LEAST_ID } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';
import { learnModel, segmentOf, talliesOf, type HourModel, type HourTallies } from './hours.ts';
import type { ScoreFacts, UsualBalances } from './scorecard.ts';

type Store = Kysely<Schema>;

/** Debts that a usual balance is taken from. */
const USUAL_OF_DEBTS = 1_000;

/** What a campaign scores by now. */
export interface ActiveScorecard {
  campaignId: string;
  version: number;
  scorecard: Scorecard;
  usual: UsualBalances;
}

/** The scorecards of campaigns by id: the newest version of each, or the house's own. Campaigns that are not there are left out. */
export async function readScorecards(database: Store, campaignIds: readonly string[]): Promise<Map<string, ActiveScorecard>> {
  if (campaignIds.length === 0) return new Map();
  const { rows } = await sql<{ id: string; version: number | null; body: unknown; usual: Record<string, string> | null }>`
    select campaign.id, newest.version, newest.body,
      (select json_object_agg(currency, minor::text) from usual_balance where campaign_id = campaign.id) as usual
    from campaign left join lateral (
      select version, body from scorecard_version where campaign_id = campaign.id order by version desc limit 1
    ) newest on true
    where campaign.id = any(${campaignIds}::uuid[])`.execute(database);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        campaignId: row.id,
        version: row.version ?? 0,
        scorecard: row.body === null ? DEFAULT_SCORECARD : scorecard.parse(row.body),
        usual: new Map(Object.entries(row.usual ?? {}).map(([currency, minor]) => [currency, BigInt(minor)])),
      },
    ]),
  );
}

/** Every version of a campaign's scorecard, newest first; the house's own is not among them. */
export async function listScorecards(database: Store, campaignId: string): Promise<ScorecardVersion[]> {
  const { rows } = await sql<{ version: number; body: unknown; note: string; author: string | null; at: Temporal.Instant }>`
    select version, body, note, app_user.display_name as author, scorecard_version.created_at as at
    from scorecard_version left join app_user on app_user.id = created_by
    where campaign_id = ${campaignId} order by version desc`.execute(database);
  return rows.map(({ body, at, ...row }) => ({ ...row, scorecard: scorecard.parse(body), at: at.toString() }));
}

/** Writes the next version of a campaign's scorecard and puts its rescore at the beginning; returns the version. The caller locks the campaign. */
export async function writeScorecard(
  transaction: Store,
  campaignId: string,
  change: { scorecard: Scorecard; note: string; userId: string },
): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    with written as (
      insert into scorecard_version (campaign_id, version, body, note, created_by)
      select ${campaignId}, coalesce(max(version), 0) + 1, ${JSON.stringify(change.scorecard)}::jsonb, ${change.note}, ${change.userId}
      from scorecard_version where campaign_id = ${campaignId} returning version
    )
    insert into rescore (campaign_id, version) select ${campaignId}, version from written
    on conflict (campaign_id) do update set version = excluded.version, state = 'queued', total = 0, done = 0,
      after_party = ${LEAST_ID}, started_at = null, ended_at = null
    returning version`.execute(transaction);
  return rows[0]?.version ?? 0;
}

/**
 * Takes a campaign's usual balances anew: by currency the median of its first thousand debts, so that a score does not move with each
 * batch of a long list. Index: campaign_debt_pkey.
 */
export async function refreshUsualBalances(database: Store, campaignId: string): Promise<void> {
  await sql`
    insert into usual_balance as known (campaign_id, currency, minor)
    select ${campaignId}, d.currency, percentile_disc(0.5) within group (order by d.balance_minor)
    from (select debt_id from campaign_debt where campaign_id = ${campaignId} order by debt_id limit ${USUAL_OF_DEBTS}) first
    join debt d on d.id = first.debt_id where d.balance_minor > 0 group by d.currency order by d.currency
    on conflict (campaign_id, currency) do update set minor = excluded.minor where known.minor <> excluded.minor`.execute(
    database,
  );
}

/** A person as a debtor of one campaign. */
export interface Standing {
  campaignId: string;
  partyId: string;
}

export interface DebtorFacts extends Standing, ScoreFacts {}

interface FactsRow extends Standing {
  currencies: string[];
  balances: string[];
  debtTypes: string[];
  daysOverdue: number;
  payments: number;
  lastPaymentDaysAgo: number | null;
  tries: number;
  conversations: number;
  promisesKept: number;
  promisesBroken: number;
}

/**
 * What scores are made of; people who owe nothing in the campaign are left out. Looked up person by person, with joins the planner
 * cannot turn around (`offset 0`): in the middle of an import it knows nothing yet of the tables' sizes. An open promise whose day
 * has passed counts as broken until it is said otherwise. Indexes: debt_party_by_party, debt_pkey, campaign_debt_pkey,
 * posting_payments, contact_tally_pkey, promise_by_party.
 */
export async function readDebtors(database: Store, standings: readonly Standing[]): Promise<DebtorFacts[]> {
  if (standings.length === 0) return [];
  const { rows } = await sql<FactsRow>`
    select given.campaign_id as "campaignId", given.party_id as "partyId", owed.currencies, owed.balances, owed.types as "debtTypes",
      greatest(0, coalesce(current_date - owed.due_on, 0)) as "daysOverdue", owed.payments,
      (extract(epoch from clock_timestamp() - owed.paid_at) / 86400)::int as "lastPaymentDaysAgo",
      coalesce(tally.tries, 0) as tries, coalesce(tally.conversations, 0) as conversations,
      promised.kept as "promisesKept", promised.broken as "promisesBroken"
    from unnest(${standings.map((each) => each.campaignId)}::uuid[], ${standings.map((each) => each.partyId)}::uuid[]) as given (campaign_id, party_id)
    cross join lateral (
      select array_agg(d.currency) as currencies, array_agg(d.balance_minor::text) as balances, min(d.due_on) as due_on,
        coalesce(array_agg(d.product) filter (where d.product <> ''), '{}') as types,
        coalesce(sum(paid.count), 0)::int as payments, max(paid.at) as paid_at
      from debt_party dp join debt d on d.id = dp.debt_id
      cross join lateral (select count(*) as count, max(at) as at from posting where debt_id = d.id and kind = 'payment' offset 0) paid
      where dp.party_id = given.party_id and dp.role <> 'attorney' and d.state = 'open' and d.balance_minor > 0
        and exists (select from campaign_debt cd where cd.campaign_id = given.campaign_id and cd.debt_id = d.id offset 0)
      having count(*) > 0
    ) owed
    cross join lateral (
      select count(*) filter (where state = 'kept')::int as kept,
        count(*) filter (where state = 'broken' or state = 'open' and due_on < current_date)::int as broken
      from promise where party_id = given.party_id offset 0
    ) promised
    left join lateral (select tries, conversations from contact_tally where party_id = given.party_id offset 0) tally on true`.execute(
    database,
  );
  return rows.map(({ currencies, balances, ...row }) => ({
    ...row,
    balances: currencies.map((currency, index) => ({ currency, minor: BigInt(balances[index] ?? 0) })),
  }));
}

/** A queue row that the transaction has locked: `place` is where it lies until the transaction writes it. */
export interface LockedRow extends Standing {
  place: string;
}

/** A score as a queue row keeps it: the version and the factors' values explain it (`explainScore`). */
export interface StandingScore {
  standing: number;
  version: number;
  values: readonly number[];
}

/** What a queue row keeps of a score, as JSON. */
export function reasonsOf({ version, values }: StandingScore): string {
  return `{"version":${version},"values":[${values.join(',')}]}`;
}

/** Writes scores into locked queue rows where they differ, and returns how many did. No index is asked: the rows' places are known. */
export async function writeScores(transaction: Store, scores: readonly (StandingScore & { place: string })[]): Promise<number> {
  if (scores.length === 0) return 0;
  const written = await sql`
    update dial_queue q set score = given.score, score_reasons = given.reasons, updated_at = clock_timestamp()
    from unnest(${scores.map((each) => each.place)}::tid[], ${scores.map((each) => each.standing)}::int[],
      ${scores.map(reasonsOf)}::jsonb[]) as given (place, score, reasons)
    where q.ctid = given.place and (q.score <> given.score or q.score_reasons <> given.reasons)`.execute(transaction);
  return Number(written.numAffectedRows ?? 0n);
}

/** Locks people's rows in every queue they stand in, in the order everybody keeps. Index: dial_queue_by_party. */
export async function lockStandings(transaction: Store, partyIds: readonly string[]): Promise<LockedRow[]> {
  const { rows } = await sql<LockedRow>`
    select campaign_id as "campaignId", party_id as "partyId", ctid::text as place from dial_queue
    where party_id = any(${partyIds}::uuid[]) order by party_id, campaign_id for no key update`.execute(transaction);
  return rows;
}

/**
 * The next people of a campaign's queue by id, with their rows locked; those that somebody else holds (`place` null) are not waited for.
 * Index: dial_queue_pkey.
 */
export async function lockRange(
  transaction: Store,
  campaignId: string,
  range: { after: string; limit: number },
): Promise<{ partyId: string; place: string | null }[]> {
  const { rows } = await sql<{ partyId: string; place: string | null }>`
    with range as materialized (
      select party_id, ctid as place from dial_queue where campaign_id = ${campaignId} and party_id > ${range.after} and state <> 'done'
      order by party_id limit ${range.limit}
    ), locked as materialized (
      select q.party_id, q.ctid as place from range join dial_queue q on q.ctid = range.place for no key update of q skip locked
    )
    select range.party_id as "partyId", locked.place::text as place from range left join locked using (party_id) order by range.party_id`.execute(
    transaction,
  );
  return rows;
}

/** Begins or takes up a campaign's rescore by a version, and returns where to go on; null: another version's turn has come. */
export async function beginRescore(
  database: Store,
  campaignId: string,
  version: number,
  anew: boolean,
): Promise<{ after: string; done: number } | null> {
  const { rows } = await sql<{ after: string; done: number }>`
    insert into rescore as known (campaign_id, version, state, total, started_at)
    select ${campaignId}, ${version}, 'running', count(*), clock_timestamp()
    from dial_queue where campaign_id = ${campaignId} and state <> 'done'
    on conflict (campaign_id) do update set state = 'running', version = excluded.version, total = excluded.total, ended_at = null,
      started_at = case when ${anew} or known.state <> 'running' then excluded.started_at else known.started_at end,
      done = case when ${anew} or known.state <> 'running' then 0 else known.done end,
      after_party = case when ${anew} or known.state <> 'running' then ${LEAST_ID}::uuid else known.after_party end
    where known.version <= excluded.version
    returning after_party as after, done`.execute(database);
  return rows[0] ?? null;
}

/** Notes how far a rescore has come: everybody up to `after` is scored; false: another version's turn has come. */
export async function noteRescore(
  database: Store,
  campaignId: string,
  version: number,
  step: { after: string; done: number },
): Promise<boolean> {
  const noted = await sql`
    update rescore set after_party = ${step.after}, done = least(total, done + ${step.done})
    where campaign_id = ${campaignId} and version = ${version} and state = 'running'`.execute(database);
  return noted.numAffectedRows === 1n;
}

/** Ends a rescore. */
export async function endRescore(database: Store, campaignId: string, version: number): Promise<void> {
  await sql`
    update rescore set state = 'done', done = total, ended_at = clock_timestamp()
    where campaign_id = ${campaignId} and version = ${version}`.execute(database);
}

/** How far a campaign's newest rescore is; null when there never was one. */
export async function readRescore(database: Store, campaignId: string): Promise<RescoreProgress | null> {
  const { rows } = await sql<
    Omit<RescoreProgress, 'startedAt' | 'endedAt'> & Record<'startedAt' | 'endedAt', Temporal.Instant | null>
  >`
    select version, state, total, done, started_at as "startedAt", ended_at as "endedAt" from rescore
    where campaign_id = ${campaignId}`.execute(database);
  const [row] = rows;
  return row ? { ...row, startedAt: row.startedAt?.toString() ?? null, endedAt: row.endedAt?.toString() ?? null } : null;
}

/** Debtors still in a campaign's queue: how many, and ids of all or, where there are more than `most`, of an even sample. */
export async function sampleQueue(
  database: Store,
  campaignId: string,
  most: number,
): Promise<{ total: number; partyIds: string[] }> {
  const counted = await sql<{ count: number }>`
    select count(*)::int as count from dial_queue where campaign_id = ${campaignId} and state <> 'done'`.execute(database);
  const total = counted.rows[0]?.count ?? 0;
  // A hash of the id, so that the same people are looked at whenever the weights are moved.
  const one = Math.max(1, Math.ceil(total / most));
  const { rows } = await sql<{ id: string }>`
    select party_id as id from dial_queue where campaign_id = ${campaignId} and state <> 'done'
      and (uuid_hash(party_id)::bigint & 2147483647) % ${one} = 0 limit ${2 * most}`.execute(database);
  return { total, partyIds: rows.map((row) => row.id) };
}

/** Names of people by id. */
export async function readNames(database: Store, partyIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, display_name as name from party where id = any(${partyIds}::uuid[])`.execute(database);
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** Types of debt among the first debts of a campaign, the most frequent first. */
export async function readDebtTypes(database: Store, campaignId: string): Promise<string[]> {
  const { rows } = await sql<{ type: string }>`
    select d.product as type from (select debt_id from campaign_debt where campaign_id = ${campaignId} order by debt_id limit 50000) first
    join debt d on d.id = first.debt_id where d.product <> '' group by d.product order by count(*) desc, d.product limit 50`.execute(
    database,
  );
  return rows.map((row) => row.type);
}

/** Counts tries and answers by hour anew, for everybody and by segment (country and type of the oldest open debt), from all people. */
export async function learnHours(database: Store): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`
      create temporary table learnt on commit drop as
      with counted as (
        select p.country || '/' || coalesce((
          select d.product from debt_party dp join debt d on d.id = dp.debt_id
          where dp.party_id = t.party_id and d.state = 'open' order by d.due_on, d.id limit 1), '') as segment,
          each.key::smallint as hour, (each.value ->> 0)::bigint as tries, (each.value ->> 1)::bigint as answers
        from contact_tally t join party p on p.id = t.party_id, jsonb_each(t.hours) each
      )
      select coalesce(segment, '') as segment, hour, sum(tries)::bigint as tries, sum(answers)::bigint as answers
      from counted group by grouping sets ((segment, hour), (hour))`.execute(transaction);
    await sql`delete from answer_hour`.execute(transaction);
    await sql`insert into answer_hour (segment, hour, tries, answers) select segment, hour, tries, answers from learnt`.execute(
      transaction,
    );
  });
}

/** What has been learnt of the hours at which people answer; of nobody's calls, every hour is like any other. */
export async function readHourModel(database: Store): Promise<HourModel> {
  const { rows } = await sql<{ segment: string; hour: number; tries: number; answers: number }>`
    select segment, hour, tries::float8 as tries, answers::float8 as answers from answer_hour`.execute(database);
  const segments = Map.groupBy(rows, (row) => row.segment);
  const talliesOf = (list: typeof rows): HourTallies =>
    new Map(list.map(({ hour, tries, answers }) => [hour, { tries, answers }]));
  const everybody = talliesOf(segments.get('') ?? []);
  segments.delete('');
  return learnModel(everybody, new Map([...segments].map(([segment, list]) => [segment, talliesOf(list)])));
}

/** People's own tries and answers by hour, with their segment and the zone of their week, by id; whoever was never called has none. Indexes: party_pkey, contact_tally_pkey. */
export async function readOwnHours(
  database: Store,
  partyIds: readonly string[],
): Promise<Map<string, { id: string; segment: string; zone: string; own: HourTallies }>> {
  const { rows } = await sql<{
    id: string;
    country: string;
    zone: string | null;
    type: string | null;
    hours: Record<string, [number, number]> | null;
  }>`
    select p.id, p.country, p.time_zones[1] as zone, t.hours, (
      select d.product from debt_party dp join debt d on d.id = dp.debt_id
      where dp.party_id = p.id and d.state = 'open' order by d.due_on, d.id limit 1) as type
    from party p left join contact_tally t on t.party_id = p.id where p.id = any(${partyIds}::uuid[])`.execute(database);
  return new Map(
    rows.map((row) => {
      return [
        row.id,
        { id: row.id, segment: segmentOf(row.country, row.type), zone: row.zone ?? 'UTC', own: talliesOf(row.hours) },
      ];
    }),
  );
}
