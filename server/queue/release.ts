import { sql, type Kysely } from 'kysely';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { lockPeople } from './locks.ts';
import type { CALLED_OFF } from './rules.ts';

/**
 * Gives back reservations that were never dialed: the attempt ends without counting, the person is free, the row is ready again.
 * Ids of attempts in any other state are left alone. Returns how many were.
 */
export async function release(
  database: Kysely<Schema>,
  attemptIds: readonly string[],
  ending: 'released' | 'permit_expired' | typeof CALLED_OFF = 'released',
): Promise<number> {
  if (attemptIds.length === 0) return 0;
  return inTransaction(database, async (transaction) => {
    const attempts = await transaction
      .selectFrom('contact_attempt')
      .select('party_id')
      .where('id', 'in', attemptIds)
      .where('state', '=', 'reserved')
      .execute();
    await lockPeople(
      transaction,
      attempts.map((attempt) => attempt.party_id),
    );
    const { rows } = await sql<{ id: string }>`
      with freed as (
        update contact_attempt set state = 'ended', result = 'cancelled', ending = ${ending}, counts = false, ended_at = clock_timestamp()
        where id = any(${attemptIds}::uuid[]) and state = 'reserved' returning id, campaign_id, party_id
      ), gone as (
        delete from live_contact using freed where live_contact.attempt_id = freed.id
      ), ready as (
        update dial_queue q set state = 'ready', updated_at = clock_timestamp()
        from freed where q.campaign_id = freed.campaign_id and q.party_id = freed.party_id and q.state = 'reserved'
      )
      select id from freed`.execute(transaction);
    const ids = rows.map((row) => row.id);
    await record(
      transaction,
      ids.map((id) => ({
        kind: 'attempt.ended',
        subject: 'attempt',
        subjectId: id,
        actor: 'dialer',
        body: { result: 'cancelled', ending, counts: false },
      })),
    );
    return ids.length;
  });
}

/** Releases what earlier owners of the floor reserved and certainly never dialed (invariant I4). Index: contact_attempt_open. */
export async function releasePastEpochs(database: Kysely<Schema>, floor: { floorId: string; epoch: bigint }): Promise<number> {
  const attempts = await database
    .selectFrom('contact_attempt')
    .select('id')
    .where('floor_id', '=', floor.floorId)
    .where('epoch', '<', floor.epoch)
    .where('state', '=', 'reserved')
    .execute();
  return release(
    database,
    attempts.map((attempt) => attempt.id),
  );
}

/** Runs work in a transaction: the caller's own, or a new one. */
export function inTransaction<Result>(
  database: Kysely<Schema>,
  work: (transaction: Kysely<Schema>) => Promise<Result>,
): Promise<Result> {
  return database.isTransaction ? work(database) : database.transaction().execute(work);
}
