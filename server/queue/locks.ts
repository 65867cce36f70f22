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

/**
 * The database's clock, if the floor's lease still has this epoch, else null. The lease is held until the transaction ends, so that a
 * successor waits for it.
 */
export async function clockOfFloor(
  transaction: Kysely<Schema>,
  floorId: string,
  epoch: bigint,
): Promise<Temporal.Instant | null> {
  const { rows } = await sql<{ now: Temporal.Instant }>`
    select clock_timestamp() as now from floor where id = ${floorId} and epoch = ${epoch} for share`.execute(transaction);
  return rows[0]?.now ?? null;
}
