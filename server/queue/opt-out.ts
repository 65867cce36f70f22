import { sql, type Kysely } from 'kysely';
import { record } from '../kernel/history.ts';
import { enqueue } from '../kernel/outbox.ts';
import type { Schema } from '../kernel/schema.ts';
import { callOff } from './call-off.ts';
import { lockPeople } from './locks.ts';

/** Somebody pressed the key that ends all calls to their number, or told an agent so, whoever called whom. */
export interface OptOut {
  /** The call in which it was said; `inbound`: of somebody whom nobody confirmed. */
  callId: string;
  subject: 'attempt' | 'inbound';
  /** E.164; nobody need be known to have it. */
  number: string;
  at: Temporal.Instant;
  /** Who heard it: an agent's id, or the role of a process. */
  actor: string;
}

/** The numbers that were called in attempts, by the attempt's id. */
export async function numbersOf(transaction: Kysely<Schema>, attemptIds: readonly string[]): Promise<Map<string, string>> {
  if (attemptIds.length === 0) return new Map();
  const { rows } = await sql<{ id: string; number: string }>`
    select a.id::text, phone.e164 as number from contact_attempt a join phone on phone.id = a.phone_id
    where a.id = any(${attemptIds}::uuid[])`.execute(transaction);
  return new Map(rows.map((row) => [row.id, row.number]));
}

/**
 * Locks everybody who is reached by these numbers, and the debtors of these attempts, in the one order, before the transaction takes any other
 * lock of theirs.
 */
export async function lockSharers(
  transaction: Kysely<Schema>,
  attemptIds: readonly string[],
  numbers: readonly string[],
): Promise<void> {
  if (numbers.length === 0) return;
  const { rows } = await sql<{ id: string }>`
    select party_id::text as id from contact_attempt where id = any(${attemptIds}::uuid[])
    union
    select pp.party_id::text from phone join party_phone pp on pp.phone_id = phone.id where phone.e164 = any(${numbers})`.execute(
    transaction,
  );
  await lockPeople(
    transaction,
    rows.map((row) => row.id),
  );
}

/**
 * Puts a number on the do-not-call list, once however often one call tells it, in the transaction that ends the call or keeps what was said,
 * and under the locks of `lockSharers`: whoever is reached by it is never called there again, whoever has no other number leaves every queue
 * at once, and telephones that ring there now fall silent.
 */
export async function optOut(transaction: Kysely<Schema>, { callId, subject, number, at, actor }: OptOut): Promise<void> {
  const { rows } = await sql<{ phoneId: string | null }>`
    with listed as (
      insert into do_not_call (source_id, e164, said_at) values (${callId}::uuid, ${number}, ${at.toString()}::timestamptz)
      on conflict do nothing returning e164
    )
    select phone.id::text as "phoneId" from listed left join phone on phone.e164 = listed.e164`.execute(transaction);
  const [listed] = rows;
  if (!listed) return;
  const { phoneId } = listed;
  const { partyIds } = await endNumbers(transaction, phoneId === null ? [] : [phoneId]);
  await record(transaction, [
    { kind: 'phone.opted_out', subject, subjectId: callId, actor, at, body: { phoneId, people: partyIds.length } },
  ]);
  await callOff(transaction, { partyIds, actor, exceptAttemptId: callId });
  // Whoever is being given the number just now is not seen here.
  await enqueue(transaction, 'opt_out.heed', `opt_out.heed:${callId}`, { callId });
}

/** Whom numbers that ended had reached, and how many queue rows left for it. */
export interface EndedNumbers {
  partyIds: string[];
  left: number;
}

/**
 * Nobody is called on these numbers any more, under the locks of whoever is reached by them: other numbers are called in their place, and who has
 * none leaves every queue. Index: party_phone_by_phone.
 */
export async function endNumbers(transaction: Kysely<Schema>, phoneIds: readonly string[]): Promise<EndedNumbers> {
  if (phoneIds.length === 0) return { partyIds: [], left: 0 };
  const { rows } = await sql<{ partyId: string }>`
    update party_phone set state = 'revoked' where phone_id = any(${phoneIds}::uuid[]) and state = 'active'
    returning party_id::text as "partyId"`.execute(transaction);
  const partyIds = [...new Set(rows.map((row) => row.partyId))];
  return { partyIds, left: await leaveQueues(transaction, phoneIds, partyIds) };
}

/** Rows that wait for these numbers wait for the next one; without any the debtor is done, and what was promised there cannot be kept. */
async function leaveQueues(
  transaction: Kysely<Schema>,
  phoneIds: readonly string[],
  partyIds: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ left: number }>`
    with moved as (
      update dial_queue q set
        phone_id = case when q.phone_id = any(${phoneIds}::uuid[]) then next.id else q.phone_id end,
        phone_last = q.phone_last and q.phone_id <> all(${phoneIds}::uuid[]),
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
    ), told as (
      update callback set state = 'cancelled'
      where party_id in (select party_id from moved where state = 'done') and state = 'open'
    )
    select count(*) filter (where state = 'done')::int as left from moved`.execute(transaction);
  return rows[0]?.left ?? 0;
}
