import { sql, type Kysely } from 'kysely';
import type { Schema } from '../kernel/schema.ts';
import { enrolDebtors } from './enrol.ts';

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

/** Scores two people anew in every campaign that has either queued: debts have passed from one to the other. */
export async function refreshTogether(transaction: Kysely<Schema>, partyIds: readonly [string, string]): Promise<void> {
  const { rows } = await sql<{ campaign: string }>`
    select distinct campaign_id as campaign from dial_queue where party_id = any(${partyIds}::uuid[]) order by campaign_id`.execute(
    transaction,
  );
  for (const { campaign } of rows) await enrolDebtors(transaction, campaign, { partyIds });
}
