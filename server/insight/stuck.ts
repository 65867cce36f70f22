import { sql, type Kysely, type RawBuilder } from 'kysely';
import { stuckPage, type StuckPage, type StuckQuery } from '../contract/stuck.ts';
import type { Schema } from '../kernel/schema.ts';
import { readUnverified } from './unverified.ts';

const SHOWN = 50;
/** Of a campaign and reason no more are counted: the list is as cheap however many there are. */
const MOST_COUNTED = 1_000;

/** The very words of the index dial_queue_stuck. */
const STUCK = sql`(state = 'done' and reason = 'no_number_left' or state = 'waiting' and not_before = 'infinity')`;

/**
 * A page of debtors of campaigns that have not ended who are stuck for a reason, with what was tried on each of their numbers, and how many
 * are stuck for which reason. Walks along dial_queue_stuck: a page of each campaign, never a whole list.
 */
export async function readStuck(database: Kysely<Schema>, query: StuckQuery): Promise<StuckPage> {
  const [counts, { rows }, unverified] = await Promise.all([
    countStuck(database, query),
    pageOf(query).execute(database),
    readUnverified(database, query.campaign ?? null),
  ]);
  const found = stuckPage.shape.rows.parse(rows.slice(0, SHOWN).map(({ row }) => row));
  return { counts, unverified, rows: found, next: rows.length > SHOWN ? (rows[SHOWN - 1]?.place ?? null) : null };
}

/** Each row with its place in the list, behind which the next page begins. */
function pageOf({ campaign, reason, before }: StuckQuery): RawBuilder<{ row: unknown; place: string }> {
  const [at = null, partyId = null, campaignId = null] = before?.split('~') ?? [];
  const zulu = sql`to_char(q.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return sql<{ row: unknown; place: string }>`
    with page as materialized (
      select q.*, c.name as campaign from campaign c cross join lateral (
        select campaign_id, party_id, score, updated_at from dial_queue
        where ${STUCK} and campaign_id = c.id and reason = ${reason}
          and (${at}::timestamptz is null or (updated_at, party_id, campaign_id) < (${at}::timestamptz, ${partyId}::uuid, ${campaignId}::uuid))
        order by updated_at desc, party_id desc limit ${SHOWN + 1}) q
      where ${chosen(campaign)}
      order by q.updated_at desc, q.party_id desc, q.campaign_id desc limit ${SHOWN + 1}
    )
    select json_build_object('partyId', p.id, 'displayName', p.display_name, 'country', p.country, 'campaignId', q.campaign_id,
      'campaign', q.campaign, 'score', q.score, 'since', ${zulu}, 'numbers', ${NUMBERS}) as row,
      ${zulu} || '~' || q.party_id || '~' || q.campaign_id as place
    from page q join party p on p.id = q.party_id order by q.updated_at desc, q.party_id desc, q.campaign_id desc`;
}

/** Indexes: party_phone_pkey, contact_attempt_by_party. */
const NUMBERS = sql`(
    select coalesce(json_agg(json_build_object('phoneId', n.id, 'ending', right(n.e164, 4), 'type', n.number_type, 'state', link.state,
      'tries', coalesce(tried.tries, 0), 'lastAt', tried.last_at, 'last', tried.last) order by link.rank, n.id), '[]')
    from party_phone link join phone n on n.id = link.phone_id
    left join (
      select phone_id, count(*)::int as tries, max(reserved_at) as last_at,
        (array_agg(coalesce(outcome.code, result, a.state) order by reserved_at desc))[1] as last
      from contact_attempt a left join outcome on outcome.attempt_id = a.id where a.party_id = p.id and counts group by phone_id
    ) tried on tried.phone_id = n.id
    where link.party_id = p.id)`;

/** Reasons are found by steps along the index, one to each campaign and reason. */
async function countStuck(database: Kysely<Schema>, { campaign }: StuckQuery): Promise<StuckPage['counts']> {
  const { rows } = await sql<{ reason: string; count: number; more: boolean }>`
    with recursive step as (
      (select campaign_id, reason from dial_queue where ${STUCK} order by campaign_id, reason limit 1)
      union all
      select next.campaign_id, next.reason from step cross join lateral (
        select campaign_id, reason from dial_queue where ${STUCK} and (campaign_id, reason) > (step.campaign_id, step.reason)
        order by campaign_id, reason limit 1) next
    ), counted as (
      select step.reason, (select count(*)::int from (
        select from dial_queue where ${STUCK} and campaign_id = c.id and reason = step.reason limit ${MOST_COUNTED + 1}) seen) as count
      from step join campaign c on c.id = step.campaign_id where ${chosen(campaign)}
    )
    select reason, sum(least(count, ${MOST_COUNTED}))::int as count, bool_or(count > ${MOST_COUNTED}) as more
    from counted group by reason order by count desc, reason`.execute(database);
  return rows;
}

function chosen(campaign: string | undefined): RawBuilder<boolean> {
  return sql<boolean>`c.state <> 'ended' and (${campaign ?? null}::uuid is null or c.id = ${campaign ?? null}::uuid)`;
}
