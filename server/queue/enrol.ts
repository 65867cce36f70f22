/** Puts debtors into their campaign's dial queue with score and reasons, and keeps both true. */
import { sql, type Kysely } from 'kysely';
import { LEAST_ID } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';
import { readDebtors, readScorecards, reasonsOf, refreshUsualBalances, type ActiveScorecard } from '../scoring/store.ts';
import { bandDebtors } from './bands.ts';
import { standingScore } from './rescore.ts';

/** People scored and written at a time: constant memory, short locks. */
const BATCH = 2_000;

/**
 * Enrols every debtor of a campaign who owes something in it and scores all anew; those who owe nothing any more leave. Doing it
 * again changes nothing. Returns how many rows are new or changed. A campaign that is not there has no debtors.
 */
export async function enrolCampaign(database: Kysely<Schema>, campaignId: string): Promise<number> {
  const active = await readActive(database, campaignId);
  if (active === null) return 0;
  let changed = 0;
  let after = LEAST_ID;
  for (;;) {
    const ids = await nextDebtors(database, campaignId, after);
    const last = ids.at(-1);
    if (last === undefined) return changed;
    changed += (await enrolBatch(database, active, ids)).changed;
    after = last;
  }
}

/**
 * Whoever left for want of a debt owes again; whoever left for want of a number has one again: they were traced. Whom the gate refused for
 * ever, as things stood, it judges anew.
 */
const COMES_BACK = sql`(q.state = 'done' and (q.reason = 'no_open_debt' or q.reason = 'no_number_left' and exists (
  select from party_phone found where found.party_id = q.party_id and found.state = 'active'))
  or q.state = 'waiting' and q.not_before = 'infinity')`;
/** Who left while waiting goes on waiting. */
const STILL_WAITS = sql`(q.state = 'done' and q.not_before > clock_timestamp() and q.not_before < 'infinity')`;

/** What an enrolment did: rows that are new or changed, and those of them that left the queue. */
export interface Enrolled {
  changed: number;
  left: number;
}

/** Enrols the given people, as `enrolCampaign` does all. */
export async function enrolDebtors(
  database: Kysely<Schema>,
  campaignId: string,
  merged: { partyIds: readonly string[] },
): Promise<Enrolled> {
  const active = await readActive(database, campaignId);
  const enrolled: Enrolled = { changed: 0, left: 0 };
  if (active === null) return enrolled;
  const ids = merged.partyIds.toSorted();
  for (let at = 0; at < ids.length; at += BATCH) {
    const batch = await enrolBatch(database, active, ids.slice(at, at + BATCH));
    enrolled.changed += batch.changed;
    enrolled.left += batch.left;
  }
  return enrolled;
}

/** What a campaign scores by, with its usual balances as they are now; null: there is no such campaign. */
async function readActive(database: Kysely<Schema>, campaignId: string): Promise<ActiveScorecard | null> {
  await refreshUsualBalances(database, campaignId);
  return (await readScorecards(database, [campaignId])).get(campaignId) ?? null;
}

/**
 * The next people of a campaign by id: whoever has a debt in it or stands in its queue. Each half is cut off by itself, so that it is
 * a walk along its index (debt_party_by_party, dial_queue_pkey) however many follow.
 */
async function nextDebtors(database: Kysely<Schema>, campaignId: string, after: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select party_id as id from (
      (select distinct dp.party_id from debt_party dp
        where dp.party_id > ${after} and dp.role <> 'attorney'
          and exists (select from campaign_debt cd where cd.campaign_id = ${campaignId} and cd.debt_id = dp.debt_id offset 0)
        order by dp.party_id limit ${BATCH})
      union
      (select party_id from dial_queue where campaign_id = ${campaignId} and party_id > ${after} order by party_id limit ${BATCH})
    ) people order by party_id limit ${BATCH}`.execute(database);
  return rows.map((row) => row.id);
}

async function enrolBatch(database: Kysely<Schema>, active: ActiveScorecard, partyIds: readonly string[]): Promise<Enrolled> {
  const { campaignId } = active;
  const debtors = await readDebtors(
    database,
    partyIds.map((partyId) => ({ campaignId, partyId })),
  );
  const scored = debtors
    .map((debtor) => ({ partyId: debtor.partyId, ...standingScore(debtor, active) }))
    .toSorted((a, b) => (a.partyId < b.partyId ? -1 : 1));
  const written = await sql`
    insert into dial_queue as q (campaign_id, party_id, score, score_reasons)
    select ${campaignId}, party_id, score, reasons
    from unnest(${scored.map((each) => each.partyId)}::uuid[], ${scored.map((each) => each.standing)}::int[],
      ${scored.map(reasonsOf)}::jsonb[]) as given (party_id, score, reasons)
    on conflict (campaign_id, party_id) do update set score = excluded.score, score_reasons = excluded.score_reasons,
      state = case when ${COMES_BACK} then case when ${STILL_WAITS} then 'waiting' else 'ready' end else q.state end,
      reason = case when ${COMES_BACK} then case when ${STILL_WAITS} then 'waits_on' end else q.reason end,
      updated_at = clock_timestamp()
    where q.score <> excluded.score or q.score_reasons <> excluded.score_reasons or ${COMES_BACK}`.execute(database);
  await bandDebtors(database, campaignId, partyIds);
  const owing = new Set(debtors.map((debtor) => debtor.partyId));
  const left = await sql`
    with gone as (
      update dial_queue set state = 'done', reason = 'no_open_debt', band = priority, callback_id = null, updated_at = clock_timestamp()
      where campaign_id = ${campaignId} and party_id = any(${partyIds.filter((id) => !owing.has(id))}::uuid[])
        and state in ('ready', 'waiting') returning party_id
    ), told as (
      update callback set state = 'cancelled'
      where campaign_id = ${campaignId} and party_id in (select party_id from gone) and state = 'open'
    )
    select party_id from gone`.execute(database);
  const gone = left.rows.length;
  return { changed: Number(written.numAffectedRows ?? 0n) + gone, left: gone };
}
