import { sql } from 'kysely';
import { inBatch } from '../../debtors/import/batches.ts';
import { alone } from '../../debtors/import/run.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import { lockPeople } from '../locks.ts';
import { refreshQueues } from '../refresh.ts';
import { eachReached, readReached } from './reach.ts';
import { readList } from './store.ts';
import { LISTS_LOCK, type ListRun } from './take.ts';

/** Numbers removed from the list in one transaction. */
const REMOVED_AT_ONCE = 100_000;

/** Refuses what cannot be taken back: a list that is not there, was only tried, has not ended, or was taken back before. */
export async function requireLiftable(database: Database, listId: string): Promise<void> {
  const list = await readList(database, listId);
  const refuse = (code: string, message: string): Refusal => new Refusal(code, message, { field: 'id', status: 409 });
  if (list.state !== 'done' || list.dryRun) throw refuse('list_not_taken', 'Only a list that has been taken can be taken back.');
  if (list.lifted) throw refuse('list_lifted', 'This list has been taken back already.');
}

/**
 * Takes a list back, by somebody or (`userId` null) since its last day has ended: its numbers may be called again by whomever nothing else
 * forbids it (another list, what was said in a call, a consent taken back), and whoever left for want of a number stands in the queues again.
 * Callbacks that were cancelled stay so. Runs again after a death. Throws what `requireLiftable` throws.
 */
export async function liftDoNotCallList(run: ListRun, userId: string | null): Promise<void> {
  const { database, listId, signal } = run;
  await requireLiftable(database, listId);
  await alone(run.pool, LISTS_LOCK, async () => {
    await requireLiftable(database, listId);
    let people = 0;
    await eachReached(database, { listId, state: 'revoked', signal }, async (phoneIds) => {
      let freed: string[] = [];
      await inBatch(database, async (transaction) => {
        await lockPeople(transaction, await readReached(transaction, phoneIds));
        freed = await freeNumbers(transaction, listId, phoneIds);
        await refreshQueues(transaction, freed);
        if (freed.length === 0) return;
        const event = { kind: 'do_not_call.freed', subject: 'do_not_call', subjectId: listId, actor: userId ?? 'worker' };
        await record(transaction, [{ ...event, body: { phoneIds: [...phoneIds], people: freed.length } }]);
      });
      people += freed.length;
      return freed.length;
    });
    await removeNumbers(database, listId);
    await database.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('do_not_call_list')
        .set({ lifted_at: sql<string>`clock_timestamp()`, lifted_by: userId })
        .where('id', '=', listId)
        .execute();
      const kind = userId === null ? 'do_not_call.expired' : 'do_not_call.taken_back';
      await record(transaction, [
        { kind, subject: 'do_not_call', subjectId: listId, actor: userId ?? 'worker', body: { people } },
      ]);
    });
  });
}

/** Whoever is called again on one of these numbers once the list does not forbid it. The last word of a person on a number counts. */
async function freeNumbers(transaction: Tx, listId: string, phoneIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update party_phone link set state = 'active' from phone
    where link.phone_id = any(${phoneIds}::uuid[]) and link.state = 'revoked' and phone.id = link.phone_id
      and not exists (select from do_not_call listed
        where listed.e164 = phone.e164 and listed.source_id <> ${listId}::uuid and listed.expires_at > clock_timestamp())
      and coalesce((select granted from consent
        where consent.party_id = link.party_id and consent.phone_id = link.phone_id and kind = 'contact' and channel in ('call', 'all')
        order by at desc, id desc limit 1), true)
    returning link.party_id::text as id`.execute(transaction);
  return [...new Set(rows.map((row) => row.id))];
}

async function removeNumbers(database: Database, listId: string): Promise<void> {
  for (let removed = REMOVED_AT_ONCE; removed === REMOVED_AT_ONCE;) {
    const { numAffectedRows = 0n } = await sql`
      delete from do_not_call where source_id = ${listId}::uuid and e164 in (
        select e164 from do_not_call where source_id = ${listId}::uuid limit ${REMOVED_AT_ONCE})`.execute(database);
    removed = Number(numAffectedRows);
  }
}
