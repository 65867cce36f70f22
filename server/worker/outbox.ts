import type { Queue } from 'bullmq';
import { sql } from 'kysely';
import type { Database } from '../kernel/database.ts';
import type { Logger } from '../kernel/log.ts';
import { drainOutbox } from '../kernel/outbox.ts';
import { inRounds, type Rounds } from './rounds.ts';

const LOOK_MS = 500;
const LOOK_FOR_LOST_MS = 15_000;

/**
 * Sends what waits in the outbox, twice a second, for as long as it runs. Imports whose job is gone (Redis lost its memory) are sent
 * again, so that the database alone decides what is still to be done.
 */
export function sendOutbox(database: Database, queue: Queue, log: Logger): Rounds {
  let lookForLostAt = 0;

  async function round(signal: AbortSignal): Promise<void> {
    while ((await drainOutbox(database, queue)) > 0) if (signal.aborted) return;
    if (performance.now() < lookForLostAt) return;
    lookForLostAt = performance.now() + LOOK_FOR_LOST_MS;
    const again = await sendLostImports(database, queue);
    if (again > 0) log.warn({ imports: again }, 'jobs of imports were lost and are sent again');
  }

  return inRounds(LOOK_MS, round, () => log.warn('the outbox could not be sent; trying again'));
}

/** Sends jobs of unfinished imports that the queue does not know, and returns how many. */
async function sendLostImports(database: Database, queue: Queue): Promise<number> {
  const rows = await database
    .selectFrom('import')
    .innerJoin('outbox', (join) => join.on('outbox.key', '=', sql<string>`'import.run:' || import.id::text`))
    .select(['outbox.job', 'outbox.key', 'outbox.payload'])
    .where('import.state', 'in', ['queued', 'running'])
    .where('outbox.sent_at', 'is not', null)
    .execute();
  let again = 0;
  for (const row of rows) {
    const jobId = row.key.replaceAll(':', '-');
    if (await queue.getJob(jobId)) continue;
    await queue.add(row.job, row.payload, { jobId });
    again += 1;
  }
  return again;
}
