import { sql } from 'kysely';
import { createDatabase, createPool, type Database } from '../../../server/kernel/database.ts';
import { promoteAll } from '../../../server/queue/promote.ts';
import { reserve } from '../../../server/queue/reserve.ts';
import type { LaidQueue } from './lay.ts';

/** Puts all but one in a hundred to sleep for up to a month, beginning tomorrow. */
export async function sendToSleep(database: Database, queue: LaidQueue): Promise<void> {
  await sql`
    update dial_queue set state = 'waiting', reason = 'no_answer',
      not_before = ${queue.now.toString()}::timestamptz + (1 + random() * 30) * interval '1 day'
    where campaign_id = ${queue.campaignId} and state = 'ready' and uuid_hash(party_id) % 100 <> 0`.execute(database);
  await sql`vacuum (analyze) dial_queue`.execute(database);
  await sql`checkpoint`.execute(database);
}

/** Makes sleepers due at the given moment: a wave as at the opening of a country; returns how many. */
export async function layWave(database: Database, queue: LaidQueue, count: number): Promise<number> {
  const due = await sql`
    update dial_queue set not_before = ${queue.now.toString()}::timestamptz - interval '1 second'
    where (campaign_id, party_id) in (
      select campaign_id, party_id from dial_queue where campaign_id = ${queue.campaignId} and state = 'waiting' limit ${count})`.execute(
    database,
  );
  return Number(due.numAffectedRows ?? 0n);
}

/** Makes all of a wave ready as the worker does, and says how many in how many seconds. */
export async function measurePromotion(url: string, queue: LaidQueue): Promise<{ seconds: number; promoted: number }> {
  const database = createDatabase(createPool(url, { max: 1 }));
  try {
    const began = performance.now();
    const promoted = await promoteAll(database, { now: queue.now });
    return { seconds: (performance.now() - began) / 1_000, promoted };
  } finally {
    await database.destroy();
  }
}

/** The plans that PostgreSQL followed for one reservation of twenty, with rows and buffers, as it told them. */
export async function readPlans(url: string, queue: LaidQueue): Promise<string[]> {
  const plans: string[] = [];
  const pool = createPool(url, { max: 1 });
  pool.on('connect', (client) => {
    client.on('notice', (notice) => {
      if (notice.message?.includes('plan:')) plans.push(notice.message);
    });
  });
  const database = createDatabase(pool);
  try {
    await pool.query(`load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_level = 'notice';
      set auto_explain.log_analyze = on; set auto_explain.log_buffers = on; set auto_explain.log_parameter_max_length = 0`);
    await reserve(database, { floorId: 'main', epoch: 1n, campaignId: queue.campaignId, count: 20, now: queue.now });
    return plans;
  } finally {
    await database.destroy();
  }
}
