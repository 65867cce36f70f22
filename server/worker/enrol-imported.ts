import { addDebts } from '../campaigns/store.ts';
import type { ImportRun } from '../debtors/import/run.ts';
import { enrolDebtors } from '../queue/enrol.ts';
import { refreshQueues } from '../queue/refresh.ts';

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
