import { sql, type Kysely } from 'kysely';
import type { Schema } from '../kernel/schema.ts';

/**
 * Makes rows ready whose time has come, at most `limit`, and returns how many. Rows that sleep cost nothing: index
 * dial_queue_waiting begins with those due.
 */
export async function promote(database: Kysely<Schema>, options: { limit: number; now?: Temporal.Instant }): Promise<number> {
  const now = options.now?.toString() ?? null;
  const result = await sql`
    with due as materialized (
      select campaign_id, party_id from dial_queue
      where state = 'waiting' and not_before <= coalesce(${now}::timestamptz, clock_timestamp())
      order by not_before limit ${options.limit} for no key update skip locked
    )
    update dial_queue q set state = 'ready', reason = null, updated_at = clock_timestamp()
    from due where q.campaign_id = due.campaign_id and q.party_id = due.party_id`.execute(database);
  return Number(result.numAffectedRows ?? 0n);
}
