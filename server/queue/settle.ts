import type { Updateable } from 'kysely';
import { campaignSettings } from '../contract/campaigns.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { record } from '../kernel/history.ts';
import type { ContactAttemptTable } from '../kernel/schema.ts';
import { lockDebtor, otherNumbers, placeDebtor, retireNumber } from './place.ts';
import { placeAfter, type EndedAttempt } from './rules.ts';

/** How an attempt ended. `stamps`: columns of the attempt the dialer knows by now. */
export interface Settlement {
  attemptId: string;
  result: EndedAttempt['result'];
  ending: string;
  counts: boolean;
  cause: number | null;
  techCause: string | null;
  endedAt: Temporal.Instant;
  stamps: Pick<
    Updateable<ContactAttemptTable>,
    'ringing_at' | 'answered_at' | 'waiting_at' | 'connected_at' | 'message_at' | 'screening' | 'agent_id'
  >;
}

/**
 * Ends an attempt: its result, the end of its live contact, and the debtor's next place in the queue, in one transaction. An attempt
 * that has ended already is left as it is, so repeating it is harmless.
 */
export async function settle(database: Database, settlement: Settlement): Promise<void> {
  await database.transaction().execute((transaction) => settleIn(transaction, settlement));
}

async function settleIn(transaction: Tx, settlement: Settlement): Promise<void> {
  const { attemptId } = settlement;
  const attempt = await transaction
    .selectFrom('contact_attempt')
    .innerJoin('campaign', 'campaign.id', 'contact_attempt.campaign_id')
    .select(['contact_attempt.campaign_id', 'contact_attempt.party_id', 'contact_attempt.phone_id', 'campaign.settings'])
    .where('contact_attempt.id', '=', attemptId)
    .executeTakeFirst();
  if (!attempt) return;
  const { campaign_id: campaignId, party_id: partyId, phone_id: phoneId } = attempt;
  const debtor = await lockDebtor(transaction, campaignId, partyId);
  const ended = await transaction
    .with('ended', (query) =>
      query
        .updateTable('contact_attempt')
        .set({
          ...settlement.stamps,
          state: 'ended',
          result: settlement.result,
          ending: settlement.ending,
          counts: settlement.counts,
          cause: settlement.cause,
          tech_cause: settlement.techCause,
          ended_at: settlement.endedAt.toString(),
        })
        .where('id', '=', attemptId)
        .where('state', '!=', 'ended')
        .returning('id'),
    )
    .with('freed', (query) =>
      query.deleteFrom('live_contact').where('attempt_id', 'in', (eb) => eb.selectFrom('ended').select('ended.id')),
    )
    .selectFrom('ended')
    .select('id')
    .executeTakeFirst();
  if (!ended) return;
  await record(transaction, [
    {
      kind: 'attempt.ended',
      subject: 'attempt',
      subjectId: attemptId,
      actor: 'dialer',
      body: {
        result: settlement.result,
        ending: settlement.ending,
        counts: settlement.counts,
        cause: settlement.cause,
        techCause: settlement.techCause,
        endedAt: settlement.endedAt.toString(),
      },
    },
  ]);
  if (!debtor) return;
  const settings = campaignSettings.parse(attempt.settings);
  const others = mayTryAnother(settlement) ? await otherNumbers(transaction, partyId, phoneId) : [];
  const tries = debtor.tries + (settlement.counts ? 1 : 0);
  const next = placeAfter({
    result: settlement.result,
    ending: settlement.ending,
    counts: settlement.counts,
    tries,
    maxTries: settings.recycling.maxTries,
    retryMs: settings.recycling.retryMinutes * 60_000,
    otherNumbers: others.length,
  });
  if (next.number === 'leaves') await retireNumber(transaction, partyId, phoneId, 'wrong');
  await placeDebtor(
    transaction,
    { campaignId, partyId },
    {
      state: next.place,
      notBefore: debtor.now.add({ milliseconds: next.waitMs }),
      reason: next.reason,
      tries,
      phoneId: next.number === 'same' ? phoneId : (others[0] ?? phoneId),
      unlessSaidOf: attemptId,
    },
  );
}

/** Whether the way a call ended may send the next one to another number; asked first, since most calls need not look. */
function mayTryAnother(settlement: Settlement): boolean {
  return settlement.result === 'no_answer' || settlement.result === 'failed';
}
