import { sql, type Kysely } from 'kysely';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { writeByHand, type Moved, type Writing } from './by-hand.ts';

/**
 * Cancels a callback that is still to come; the debtor goes on as any other, as far as the gate allows. Throws `unknown_callback` for one that
 * is over, and `callback_under_way` while it is being called.
 */
export function cancelCallback(
  database: Kysely<Schema>,
  { partyId, userId, callbackId, reason }: Writing & { callbackId: string; reason: string },
): Promise<Moved> {
  return writeByHand(database, { partyId, userId }, async (transaction) => {
    const callback = await transaction
      .updateTable('callback')
      .set({ state: 'cancelled' })
      .where('id', '=', callbackId)
      .where('party_id', '=', partyId)
      .where('state', '=', 'open')
      .returning('campaign_id')
      .executeTakeFirst();
    if (!callback) {
      throw new Refusal('unknown_callback', 'There is no such callback any more.', { field: 'callbackId', status: 404 });
    }
    const { rows } = await sql<{ state: string }>`
      update dial_queue q set callback_id = null, band = q.priority, updated_at = clock_timestamp(),
        state = case when promised then 'ready' else q.state end, reason = case when promised then null else q.reason end,
        not_before = case when promised then '-infinity' else q.not_before end
      from (select state = 'waiting' and reason = 'callback' as promised from dial_queue
        where campaign_id = ${callback.campaign_id} and party_id = ${partyId}) standing
      where q.campaign_id = ${callback.campaign_id} and q.party_id = ${partyId} and q.callback_id = ${callbackId}
      returning q.state`.execute(transaction);
    if (rows[0]?.state === 'reserved') {
      throw new Refusal('callback_under_way', 'They are being called back right now.', { field: 'callbackId', status: 409 });
    }
    const event = { kind: 'callback.cancelled', subject: 'party', subjectId: partyId, actor: userId };
    await record(transaction, [{ ...event, body: { callbackId, campaignId: callback.campaign_id, reason } }]);
    return {};
  });
}
