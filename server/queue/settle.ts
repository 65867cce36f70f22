import { sql, type Updateable } from 'kysely';
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
    .returning('id')
    .executeTakeFirst();
  if (!ended) return;
  await transaction.deleteFrom('live_contact').where('attempt_id', '=', attemptId).execute();
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
  if (!debtor || (await hasOutcome(transaction, attemptId))) return;
  const settings = campaignSettings.parse(attempt.settings);
  const others = await otherNumbers(transaction, partyId, phoneId);
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
  const now = await clock(transaction);
  await placeDebtor(
    transaction,
    { campaignId, partyId },
    {
      state: next.place,
      notBefore: now.add({ milliseconds: next.waitMs }),
      reason: next.reason,
      tries,
      phoneId: next.number === 'same' ? phoneId : (others[0] ?? phoneId),
    },
  );
}

async function hasOutcome(transaction: Tx, attemptId: string): Promise<boolean> {
  const row = await transaction.selectFrom('outcome').select('attempt_id').where('attempt_id', '=', attemptId).executeTakeFirst();
  return row !== undefined;
}

/** The database's clock, by which every wait in the queue is measured. */
export async function clock(transaction: Tx): Promise<Temporal.Instant> {
  const { rows } = await sql<{ now: Temporal.Instant }>`select clock_timestamp() as now`.execute(transaction);
  const [row] = rows;
  if (!row) throw new Error('the database told no time');
  return row.now;
}
