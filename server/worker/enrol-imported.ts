import { addDebts } from '../campaigns/store.ts';
import type { ImportRun } from '../debtors/import/run.ts';
import { callOff } from '../queue/call-off.ts';
import { enrolDebtors } from '../queue/enrol.ts';
import { refreshQueues } from '../queue/refresh.ts';

/**
 * Puts what a batch of an import brought into its campaign and the campaign's queue, or without one into the queues that know its people, in
 * the batch's own transaction. Whom a payment, a
 * recall or the like concerns is scored anew, or leaves, wherever they are queued; their telephone stops ringing if it does just now.
 */
export const enrolImported: NonNullable<ImportRun['afterMerge']> = async (merged, transaction, stored) => {
  if (merged.kind === 'changed') {
    const { partyIds, paidDebtIds = [] } = merged;
    const left = await refreshQueues(transaction, partyIds);
    return { left, calledOff: await callOff(transaction, { partyIds, paidDebtIds, actor: 'import' }) };
  }
  if (stored.campaignId === null) {
    await refreshQueues(transaction, merged.partyIds);
  } else {
    await addDebts(transaction, stored.campaignId, merged.debtIds);
    await enrolDebtors(transaction, stored.campaignId, merged);
  }
  // An account may have passed to somebody else, or have been paid by what the list says.
  await callOff(transaction, { partyIds: merged.partyIds, actor: 'import' });
};
