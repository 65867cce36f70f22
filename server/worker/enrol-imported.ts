import { addDebts } from '../campaigns/store.ts';
import type { ImportRun } from '../debtors/import/run.ts';
import { callOff } from '../queue/call-off.ts';
import { enrolDebtors } from '../queue/enrol.ts';
import { refreshQueues } from '../queue/refresh.ts';

/**
 * Puts what a batch of an import brought into its campaign and the campaign's queue, in the batch's own transaction. Whom a payment, a
 * recall or the like concerns is scored anew, or leaves, wherever they are queued; their telephone stops ringing if it does just now.
 */
export const enrolImported: NonNullable<ImportRun['afterMerge']> = async (merged, transaction, stored) => {
  if (merged.kind === 'changed') {
    const { partyIds, paidDebtIds = [] } = merged;
    const left = await refreshQueues(transaction, partyIds);
    return { left, calledOff: await callOff(transaction, { partyIds, paidDebtIds, actor: 'import' }) };
  }
  if (stored.campaignId === null) return;
  await addDebts(transaction, stored.campaignId, merged.debtIds);
  await enrolDebtors(transaction, stored.campaignId, merged);
};
