import { addDebts } from '../campaigns/store.ts';
import type { ImportRun } from '../debtors/import/run.ts';
import { enrolDebtors } from '../queue/enrol.ts';

/** Puts what a batch of an import brought into its campaign and the campaign's queue, in the batch's own transaction. */
export const enrolImported: NonNullable<ImportRun['afterMerge']> = async (merged, transaction, stored) => {
  if (stored.campaignId === null) return;
  await addDebts(transaction, stored.campaignId, merged.debtIds);
  await enrolDebtors(transaction, stored.campaignId, merged);
};
