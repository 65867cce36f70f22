import { sql } from 'kysely';
import { untilListsAreHeeded } from '../../debtors/heed-lists.ts';
import { inBatch } from '../../debtors/import/batches.ts';
import type { Database } from '../../kernel/database.ts';
import { endReached } from './reach.ts';

/**
 * After `optOut`: ends the number for those, too, whom an import, a merge or a supervisor was giving it at that very moment, who could not see
 * it on the list. Waits for them to end; asked again it finds nobody. `callId`: the call in which it was said.
 */
export async function heedOptOut(database: Database, callId: string): Promise<void> {
  await untilListsAreHeeded(database);
  await inBatch(database, async (transaction) => {
    const { rows } = await sql<{ id: string }>`
      select phone.id::text as id from do_not_call listed join phone on phone.e164 = listed.e164
      where listed.source_id = ${callId}::uuid and exists (select from party_phone where phone_id = phone.id and state = 'active')`.execute(
      transaction,
    );
    const phoneIds = rows.map((row) => row.id);
    if (phoneIds.length > 0) await endReached(transaction, { sourceId: callId, phoneIds, actor: 'worker' });
  });
}
