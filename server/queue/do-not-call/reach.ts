/** Whom the numbers of a list reach, some of them at a time. */
import { sql, type RawBuilder } from 'kysely';
import type { Database, Tx } from '../../kernel/database.ts';
import { record } from '../../kernel/history.ts';
import { callOff } from '../call-off.ts';
import { lockPeople } from '../locks.ts';
import { endNumbers } from '../opt-out.ts';

/** Numbers that are dealt with in one transaction: the people reached are locked until it ends. */
const BATCH = 1_000;

/**
 * Goes through the numbers of a list that somebody has in this state, batch by batch; whoever was given one meanwhile is found in the next round,
 * until there is none. `deal` may run again after a death: what it has done already is not found again. It gets each batch in a transaction of
 * `inBatch`, and returns how many it dealt with: a round in which it dealt with nobody is the last.
 */
export async function eachReached(
  database: Database,
  { listId, state, signal }: { listId: string; state: 'active' | 'revoked'; signal?: AbortSignal | undefined },
  deal: (phoneIds: readonly string[]) => Promise<number>,
): Promise<void> {
  const table = sql.table(`do_not_call_reach_${listId.replaceAll('-', '')}`);
  try {
    for (let dealt = -1; dealt !== 0;) {
      dealt = 0;
      await layReach(database, table, listId, state);
      for (let from = 1; ; from += BATCH) {
        signal?.throwIfAborted();
        const { rows } = await sql<{ id: string }>`
          select phone_id::text as id from ${table} where place >= ${from} and place < ${from + BATCH}`.execute(database);
        if (rows.length > 0) dealt += await deal(rows.map((row) => row.id));
        if (rows.length < BATCH) break;
      }
    }
  } finally {
    await sql`drop table if exists ${table}`.execute(database);
  }
}

/** Reads a list's numbers once, by joins of whole tables where both are large. */
async function layReach(database: Database, table: RawBuilder<unknown>, listId: string, state: string): Promise<void> {
  await sql`drop table if exists ${table}`.execute(database);
  await sql`
    create unlogged table ${table} as
    select row_number() over (order by phone_id) as place, phone_id from (
      select distinct link.phone_id from do_not_call listed join phone on phone.e164 = listed.e164
      join party_phone link on link.phone_id = phone.id and link.state = ${sql.lit(state)}
      where listed.source_id = ${sql.lit(listId)}::uuid
    ) reached`.execute(database);
  await sql`create index on ${table} (place)`.execute(database);
}

/** Everybody who has one of these numbers. Index: party_phone_by_phone. */
export async function readReached(transaction: Tx, phoneIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct party_id::text as id from party_phone where phone_id = any(${phoneIds}::uuid[])`.execute(transaction);
  return rows.map((row) => row.id);
}

/**
 * Ends numbers for everybody who is reached by them, under their locks, with the telephones that ring there, and tells the history. `sourceId`:
 * the list, or the call in which it was said, which itself goes on. Returns how many people, queue rows and calls that were.
 */
export async function endReached(
  transaction: Tx,
  { sourceId, phoneIds, actor }: { sourceId: string; phoneIds: readonly string[]; actor: string },
): Promise<{ people: number; left: number; calledOff: number }> {
  await lockPeople(transaction, await readReached(transaction, phoneIds));
  const { partyIds, left } = await endNumbers(transaction, phoneIds);
  const calledOff = await callOff(transaction, { partyIds, actor, exceptAttemptId: sourceId });
  const done = { people: partyIds.length, left, calledOff };
  const event = { kind: 'do_not_call.reached', subject: 'do_not_call', subjectId: sourceId, actor: 'worker' };
  await record(transaction, [{ ...event, body: { phoneIds: [...phoneIds], ...done } }]);
  return done;
}
