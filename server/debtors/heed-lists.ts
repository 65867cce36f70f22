/** Numbers that a do-not-call list names while somebody is being given them, in a transaction that cannot see the list yet. */
import { sql, type Kysely } from 'kysely';
import type { Database } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';

const KEY = sql`hashtextextended('do-not-call heeded', 0)`;

/**
 * Asked by a transaction before it looks up whether a number that it gives somebody may be called, and before it locks anybody: a list waits for
 * it in `untilListsAreHeeded`, and it waits for nobody but a list that is waiting.
 */
export async function heedLists(transaction: Kysely<Schema>): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${KEY})`.execute(transaction);
}

/**
 * Waits until every transaction has ended that may have looked before the caller's numbers were committed: whom they gave one is found from then
 * on, and whoever looks later sees the numbers.
 */
export async function untilListsAreHeeded(database: Database): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${KEY})`.execute(transaction);
  });
}
