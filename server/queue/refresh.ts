import { sql, type Kysely } from 'kysely';
import type { Schema } from '../kernel/schema.ts';
import { enrolDebtors } from './enrol.ts';
import { CALLBACK_BAND } from './place.ts';

/**
 * Scores people anew in every campaign that has them queued, in the caller's transaction and under its locks; who owes nothing there any more
 * leaves. Returns in how many queues somebody did. Index: dial_queue_by_party.
 */
export async function refreshQueues(transaction: Kysely<Schema>, partyIds: readonly string[]): Promise<number> {
  const { rows } = await sql<{ campaign: string; people: string[] }>`
    select campaign_id as campaign, array_agg(party_id)::text[] as people from dial_queue
    where party_id = any(${partyIds}::uuid[]) group by campaign_id order by campaign_id`.execute(transaction);
  let left = 0;
  for (const { campaign, people } of rows) left += (await enrolDebtors(transaction, campaign, { partyIds: people })).left;
  return left;
}

/**
 * Scores two people anew in every campaign that has either queued: debts have passed from one to the other. Where the second has become the
 * first, the first takes on what the second had been tried and waited for; callbacks stand with whom they belong to. In the caller's
 * transaction and under its locks.
 */
export async function refreshTogether(transaction: Kysely<Schema>, partyIds: readonly [string, string]): Promise<void> {
  await carryOn(transaction, partyIds);
  const { rows } = await sql<{ campaign: string }>`
    select distinct campaign_id as campaign from dial_queue where party_id = any(${partyIds}::uuid[]) order by campaign_id`.execute(
    transaction,
  );
  for (const { campaign } of rows) await enrolDebtors(transaction, campaign, { partyIds });
  await standCallbacks(transaction, partyIds);
}

/** The later of two waits holds. */
async function carryOn(transaction: Kysely<Schema>, [keptId, goneId]: readonly [string, string]): Promise<void> {
  const later = sql`excluded.state = 'waiting' and q.state <> 'reserved' and (q.state <> 'waiting' or excluded.not_before > q.not_before)`;
  await sql`
    insert into dial_queue as q (campaign_id, party_id, state, reason, not_before, tries, endings, reached, score, score_reasons)
    select campaign_id, ${keptId}, state, reason, not_before, tries, endings, reached, score, score_reasons from dial_queue
    where party_id = ${goneId} and state in ('ready', 'waiting') and exists (select from party where id = ${goneId} and merged_into = ${keptId})
    order by campaign_id
    on conflict (campaign_id, party_id) do update set tries = q.tries + excluded.tries, reached = greatest(q.reached, excluded.reached),
      state = case when ${later} then 'waiting' else q.state end, reason = case when ${later} then excluded.reason else q.reason end,
      not_before = case when ${later} then excluded.not_before else q.not_before end, updated_at = clock_timestamp()
    where q.state <> 'done' or q.reason in ('no_open_debt', 'no_number_left')`.execute(transaction);
}

/** A promise to call back goes before other waits. */
async function standCallbacks(transaction: Kysely<Schema>, partyIds: readonly string[]): Promise<void> {
  await sql`
    with promised as materialized (
      select q.campaign_id, q.party_id, c.id, c.at, c.phone_id from dial_queue q
      left join lateral (
        select id, at, phone_id from callback
        where campaign_id = q.campaign_id and party_id = q.party_id and state = 'open' order by at limit 1
      ) c on true
      where q.party_id = any(${partyIds}::uuid[]) and q.state in ('ready', 'waiting') and q.callback_id is distinct from c.id
    )
    update dial_queue q set callback_id = p.id, phone_id = coalesce(p.phone_id, q.phone_id), updated_at = clock_timestamp(),
      band = case when p.id is null then q.priority else ${CALLBACK_BAND} end,
      state = case when p.id is not null then 'waiting' when q.reason = 'callback' then 'ready' else q.state end,
      reason = case when p.id is not null then 'callback' when q.reason = 'callback' then null else q.reason end,
      not_before = case when p.id is not null then p.at when q.reason = 'callback' then '-infinity' else q.not_before end
    from promised p where q.campaign_id = p.campaign_id and q.party_id = p.party_id`.execute(transaction);
}
