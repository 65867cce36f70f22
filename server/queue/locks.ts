import { sql, type Kysely } from 'kysely';
import type { Schema } from '../kernel/schema.ts';

/**
 * Takes the locks under which facts of people may be written, in the one order everybody keeps: queue rows, then persons, each sorted.
 * It waits for whoever holds them; a reservation skips what it cannot have, so the two never wait for each other.
 */
export async function lockPeople(transaction: Kysely<Schema>, partyIds: readonly string[]): Promise<void> {
  if (partyIds.length === 0) return;
  await sql`
    select 1 from dial_queue where party_id = any(${partyIds}::uuid[]) order by party_id, campaign_id for no key update`.execute(
    transaction,
  );
  await sql`select 1 from party where id = any(${partyIds}::uuid[]) order by id for no key update`.execute(transaction);
}
