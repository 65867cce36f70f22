import { sql, type Kysely } from 'kysely';
import { named } from '../kernel/statements.ts';
import type { Schema } from '../kernel/schema.ts';

/**
 * Makes rows ready whose time has come, at most `limit`, and returns how many. Rows that sleep cost nothing: index
 * dial_queue_waiting begins with those due.
 */
export async function promote(database: Kysely<Schema>, options: { limit: number; now?: Temporal.Instant }): Promise<number> {
  const now = options.now?.toString() ?? null;
  const result = await sql`${named('promote')}
    with due as materialized (
      select campaign_id, party_id from dial_queue
      where state = 'waiting' and not_before <= coalesce(${now}::timestamptz, clock_timestamp())
      order by not_before limit ${options.limit} for no key update skip locked
    )
    update dial_queue q set state = 'ready', reason = null, updated_at = clock_timestamp()
    from due where q.campaign_id = due.campaign_id and q.party_id = due.party_id`.execute(database);
  return Number(result.numAffectedRows ?? 0n);
}

/** Rows made ready at a time where many are due: few enough that nobody misses those which are locked meanwhile. */
const AT_ONCE = 1_000;

/** Makes everybody ready whose time has come, a thousand at a time in transactions of their own, and returns how many. */
export async function promoteAll(
  database: Kysely<Schema>,
  options: { now?: Temporal.Instant; signal?: AbortSignal } = {},
): Promise<number> {
  const { now, signal } = options;
  let promoted = 0;
  for (let last = AT_ONCE; last === AT_ONCE && signal?.aborted !== true; promoted += last) {
    last = await promote(database, { limit: AT_ONCE, ...(now ? { now } : {}) });
  }
  return promoted;
}
