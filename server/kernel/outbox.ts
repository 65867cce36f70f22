import type { Queue } from 'bullmq';
import { sql, type Kysely } from 'kysely';
import { JOBS, type JobName, type JobPayload } from './jobs.ts';
import type { Schema } from './schema.ts';

/**
 * Asks for a job in the caller's transaction: it is sent if and only if the transaction commits. `key` makes it one job however
 * often it is asked for.
 */
export async function enqueue<Name extends JobName>(
  transaction: Kysely<Schema>,
  job: Name,
  key: string,
  payload: JobPayload<Name>,
): Promise<void> {
  await transaction
    .insertInto('outbox')
    .values({ job, key, payload: JSON.stringify(JOBS[job].parse(payload)) })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}

/**
 * Sends what waits in the outbox, oldest first, and returns how many. Dying between the send and the mark sends twice; the
 * job's id is the outbox key, so the queue keeps one.
 */
export async function drainOutbox(database: Kysely<Schema>, queue: Queue, limit = 100): Promise<number> {
  const rows = await database
    .selectFrom('outbox')
    .select(['id', 'job', 'key', 'payload'])
    .where('sent_at', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute();
  for (const row of rows) {
    await queue.add(row.job, row.payload, { jobId: row.key.replaceAll(':', '-') });
    await database
      .updateTable('outbox')
      .set({ sent_at: sql<string>`clock_timestamp()` })
      .where('id', '=', row.id)
      .execute();
  }
  return rows.length;
}
