import { sql, type Kysely } from 'kysely';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { callOff } from './call-off.ts';
import { lockPeople } from './locks.ts';

/** Somebody who was called pressed the key that ends all calls to their number, or told an agent so. */
export interface OptOut {
  attemptId: string;
  at: Temporal.Instant;
  /** Who heard it: an agent's id, or the role of a process. */
  actor: string;
}

/**
 * Locks everybody who is reached by the numbers of these calls, in the one order, before the transaction takes any other lock of theirs.
 */
export async function lockSharers(
  transaction: Kysely<Schema>,
  attemptIds: readonly string[],
  optedOut: readonly string[],
): Promise<void> {
  if (optedOut.length === 0) return;
  const { rows } = await sql<{ id: string }>`
    select party_id::text as id from contact_attempt where id = any(${attemptIds}::uuid[])
    union
    select pp.party_id::text from contact_attempt a join party_phone pp on pp.phone_id = a.phone_id
    where a.id = any(${optedOut}::uuid[])`.execute(transaction);
  await lockPeople(
    transaction,
    rows.map((row) => row.id),
  );
}

/**
 * Puts the number of a call on the do-not-call list, once however often it is told, in the transaction that ends the call and under the
 * locks of `lockSharers`: whoever is reached by it is never called there again, their other numbers are called in its place, and who has
 * none leaves every queue at once.
 */
export async function optOut(transaction: Kysely<Schema>, { attemptId, at, actor }: OptOut): Promise<void> {
  const { rows } = await sql<{ phoneId: string }>`
    insert into opt_out (attempt_id, phone_id, pressed_at)
    select id, phone_id, ${at.toString()}::timestamptz from contact_attempt where id = ${attemptId}::uuid
    on conflict do nothing returning phone_id::text as "phoneId"`.execute(transaction);
  const [listed] = rows;
  if (!listed) return;
  const { phoneId } = listed;
  const { rows: revoked } = await sql<{ partyId: string }>`
    update party_phone set state = 'revoked' where phone_id = ${phoneId}::uuid returning party_id::text as "partyId"`.execute(
    transaction,
  );
  const partyIds = revoked.map((row) => row.partyId);
  await leaveQueues(transaction, phoneId, partyIds);
  await record(transaction, [
    {
      kind: 'phone.opted_out',
      subject: 'attempt',
      subjectId: attemptId,
      actor,
      at,
      body: { phoneId, people: partyIds.length },
    },
  ]);
  await callOff(transaction, { partyIds, actor, exceptAttemptId: attemptId });
}

/** Rows that wait for this number wait for the next one; without any the debtor is done, and what was promised there cannot be kept. */
async function leaveQueues(transaction: Kysely<Schema>, phoneId: string, partyIds: readonly string[]): Promise<void> {
  await sql`
    with moved as (
      update dial_queue q set
        phone_id = case when q.phone_id = ${phoneId}::uuid then next.id else q.phone_id end,
        phone_last = q.phone_last and q.phone_id is distinct from ${phoneId}::uuid,
        state = case when next.id is null then 'done' else q.state end,
        reason = case when next.id is null then 'no_number_left' else q.reason end,
        callback_id = case when next.id is null then null else q.callback_id end,
        updated_at = clock_timestamp()
      from unnest(${partyIds}::uuid[]) as person (id)
      left join lateral (
        select phone_id as id from party_phone where party_id = person.id and state = 'active' order by rank, phone_id limit 1
      ) next on true
      where q.party_id = person.id and q.state in ('ready', 'waiting')
      returning q.party_id, q.state
    )
    update callback set state = 'cancelled'
    where party_id in (select party_id from moved where state = 'done') and state = 'open'`.execute(transaction);
}
