import { sql } from 'kysely';
import { addDebts } from '../campaigns/store.ts';
import type { ImportRun } from '../debtors/import/run.ts';
import type { Tx } from '../kernel/database.ts';
import { enrolDebtors } from '../queue/enrol.ts';

/**
 * Puts what a batch of an import brought into its campaign and the campaign's queue, in the batch's own transaction. Whom a payment, a
 * recall or the like concerns is scored anew, or leaves, wherever they are queued.
 */
export const enrolImported: NonNullable<ImportRun['afterMerge']> = async (merged, transaction, stored) => {
  if (merged.kind === 'changed') return refreshQueues(transaction, merged.partyIds);
  if (stored.campaignId === null) return;
  await addDebts(transaction, stored.campaignId, merged.debtIds);
  await enrolDebtors(transaction, stored.campaignId, merged);
};

/** Scores people anew in every campaign that has them queued; who owes nothing there any more leaves. Index: dial_queue_by_party. */
export async function refreshQueues(transaction: Tx, partyIds: readonly string[]): Promise<void> {
  const { rows } = await sql<{ campaign: string; people: string[] }>`
    select campaign_id as campaign, array_agg(party_id)::text[] as people from dial_queue
    where party_id = any(${partyIds}::uuid[]) group by campaign_id order by campaign_id`.execute(transaction);
  for (const { campaign, people } of rows) await enrolDebtors(transaction, campaign, { partyIds: people });
}
