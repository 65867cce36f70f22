/** Puts debtors into their campaign's dial queue with score and reasons, and keeps both true. */
import { sql, type Kysely } from 'kysely';
import { campaignSettings } from '../contract/campaigns.ts';
import type { Schema } from '../kernel/schema.ts';
import { scoreDebtor, type ScoreWeights } from '../scoring/scorecard.ts';

/** People scored and written at a time: constant memory, short locks. */
const BATCH = 2_000;

/**
 * Enrols every debtor of a campaign who owes something in it and scores all anew; those who owe nothing any more leave. Doing it
 * again changes nothing. Returns how many rows are new or changed. A campaign that is not there has no debtors.
 */
export async function enrolCampaign(database: Kysely<Schema>, campaignId: string): Promise<number> {
  const scale = await readScale(database, campaignId);
  if (scale === null) return 0;
  let changed = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const ids = await nextDebtors(database, campaignId, after);
    const last = ids.at(-1);
    if (last === undefined) return changed;
    changed += await enrolBatch(database, campaignId, scale, ids);
    after = last;
  }
}

/** Enrols the given people, as `enrolCampaign` does all. */
export async function enrolDebtors(
  database: Kysely<Schema>,
  campaignId: string,
  merged: { partyIds: readonly string[] },
): Promise<number> {
  const scale = await readScale(database, campaignId);
  if (scale === null) return 0;
  let changed = 0;
  const ids = merged.partyIds.toSorted();
  for (let at = 0; at < ids.length; at += BATCH)
    changed += await enrolBatch(database, campaignId, scale, ids.slice(at, at + BATCH));
  return changed;
}

interface Scale {
  weights: ScoreWeights;
  usualBalanceMinor: bigint;
}

/**
 * The campaign's weights and the balance by which amounts are measured: the median of the first thousand debts, so that a score does
 * not move with each batch of a long list.
 */
async function readScale(database: Kysely<Schema>, campaignId: string): Promise<Scale | null> {
  const { rows } = await sql<{ settings: unknown; usual: bigint | null }>`
    select settings, (
      select percentile_disc(0.5) within group (order by d.balance_minor)
      from (select debt_id from campaign_debt where campaign_id = campaign.id order by debt_id limit 1000) first
      join debt d on d.id = first.debt_id where d.balance_minor > 0
    ) as usual
    from campaign where id = ${campaignId}`.execute(database);
  const [row] = rows;
  return row ? { weights: campaignSettings.parse(row.settings).scorecard, usualBalanceMinor: row.usual ?? 1n } : null;
}

/** The next people of a campaign by id: whoever has a debt in it or stands in its queue. */
async function nextDebtors(database: Kysely<Schema>, campaignId: string, after: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select party_id as id from (
      select dp.party_id from campaign_debt cd join debt_party dp on dp.debt_id = cd.debt_id
      where cd.campaign_id = ${campaignId} and dp.role <> 'attorney' and dp.party_id > ${after}
      union
      select party_id from dial_queue where campaign_id = ${campaignId} and party_id > ${after}
    ) people order by party_id limit ${BATCH}`.execute(database);
  return rows.map((row) => row.id);
}

interface ScoreRow {
  partyId: string;
  balance: bigint;
  daysOverdue: number;
  payments: number;
  lastPaymentDaysAgo: number | null;
  attempts: number;
  conversations: number;
}

/**
 * What scores are made of; people who owe nothing in the campaign are left out. Looked up person by person, with joins the
 * planner cannot turn around (`offset 0`): in the middle of an import it knows nothing yet of the tables' sizes.
 */
async function readScoreFacts(database: Kysely<Schema>, campaignId: string, partyIds: readonly string[]): Promise<ScoreRow[]> {
  const { rows } = await sql<ScoreRow>`
    with owed as materialized (
      select given.id as party_id, debts.*
      from unnest(${partyIds}::uuid[]) as given (id), lateral (
        select sum(d.balance_minor)::bigint as balance, min(d.due_on) as due_on, array_agg(d.id) as ids
        from debt_party dp join debt d on d.id = dp.debt_id
        where dp.party_id = given.id and dp.role <> 'attorney' and d.state = 'open' and d.balance_minor > 0
          and exists (select from campaign_debt cd where cd.campaign_id = ${campaignId} and cd.debt_id = d.id offset 0)
        having count(*) > 0
      ) debts
    ), tried as (
      select party_id, count(*)::int as count from contact_attempt
      where party_id = any(${partyIds}::uuid[]) and counts and state = 'ended' group by party_id
    ), spoken as (
      select party_id, count(distinct attempt_id)::int as count from conversation_debt
      where party_id = any(${partyIds}::uuid[]) group by party_id
    )
    select owed.party_id as "partyId", owed.balance, greatest(0, coalesce(current_date - owed.due_on, 0)) as "daysOverdue",
      coalesce(paid.count, 0) as payments, paid.days as "lastPaymentDaysAgo",
      coalesce(tried.count, 0) as attempts, coalesce(spoken.count, 0) as conversations
    from owed left join tried using (party_id) left join spoken using (party_id)
    left join lateral (
      select count(*)::int as count, (extract(epoch from clock_timestamp() - max(at)) / 86400)::int as days
      from posting where debt_id = any(owed.ids) and kind = 'payment' having count(*) > 0
    ) paid on true`.execute(database);
  return rows;
}

async function enrolBatch(
  database: Kysely<Schema>,
  campaignId: string,
  scale: Scale,
  partyIds: readonly string[],
): Promise<number> {
  const rows = await readScoreFacts(database, campaignId, partyIds);
  const scored = rows
    .map((row) => ({
      partyId: row.partyId,
      ...scoreDebtor({ ...row, balanceMinor: row.balance, usualBalanceMinor: scale.usualBalanceMinor }, scale.weights),
    }))
    .toSorted((a, b) => (a.partyId < b.partyId ? -1 : 1));
  const written = await sql`
    insert into dial_queue as q (campaign_id, party_id, score, score_reasons)
    select ${campaignId}, party_id, score, reasons::jsonb
    from unnest(${scored.map((each) => each.partyId)}::uuid[], ${scored.map((each) => each.score)}::int[],
      ${scored.map((each) => JSON.stringify(each.reasons))}::text[]) as given (party_id, score, reasons)
    on conflict (campaign_id, party_id) do update set score = excluded.score, score_reasons = excluded.score_reasons,
      state = case when q.state = 'done' and q.reason = 'no_open_debt' then 'ready' else q.state end,
      reason = case when q.state = 'done' and q.reason = 'no_open_debt' then null else q.reason end,
      updated_at = clock_timestamp()
    where q.score <> excluded.score or q.score_reasons <> excluded.score_reasons or (q.state = 'done' and q.reason = 'no_open_debt')`.execute(
    database,
  );
  const owing = new Set(rows.map((row) => row.partyId));
  const left = await sql`
    update dial_queue set state = 'done', reason = 'no_open_debt', updated_at = clock_timestamp()
    where campaign_id = ${campaignId} and party_id = any(${partyIds.filter((id) => !owing.has(id))}::uuid[])
      and state in ('ready', 'waiting')`.execute(database);
  return Number(written.numAffectedRows ?? 0n) + Number(left.numAffectedRows ?? 0n);
}
