import { sql } from 'kysely';
import type { Database } from '../../../server/kernel/database.ts';
import { reserve } from '../../../server/queue/reserve.ts';
import { percentile } from '../../report.ts';
import type { LaidQueue } from './lay.ts';

/** How reservations fared under a load. Latencies in milliseconds from the moment a batch was offered. */
export interface LoadFigures {
  p50: number;
  p99: number;
  batches: number;
  reserved: number;
  refused: number;
  perSecond: number;
}

const BATCH = 20;
const BATCHES_PER_SECOND = 10;
/** Connections of the closed loops. */
const WORKERS = 8;

/**
 * Offers batches of 20 reservations at a steady 200 a second, whether or not earlier ones are done, for as long as told or until `until` is
 * settled, at least for ten batches. Those offered while the load warms up are not counted.
 */
export async function openLoop(
  database: Database,
  queue: LaidQueue,
  span: { seconds: number; warmUpSeconds?: number; until?: Promise<unknown> },
): Promise<LoadFigures> {
  const latencies: number[] = [];
  const counts = { reserved: 0, refused: 0 };
  const underWay: Promise<void>[] = [];
  const warmUp = (span.warmUpSeconds ?? 0) * BATCHES_PER_SECOND;
  const last = warmUp + span.seconds * BATCHES_PER_SECOND;
  let over = false;
  void span.until?.finally(() => {
    over = true;
  });
  const began = performance.now();
  for (let number = 0; number < last && !(over && number >= warmUp + BATCHES_PER_SECOND); number += 1) {
    const due = began + (number * 1_000) / BATCHES_PER_SECOND;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    underWay.push(
      offer(database, queue).then((batch) => {
        if (number < warmUp) return;
        latencies.push(performance.now() - due);
        counts.reserved += batch.reserved;
        counts.refused += batch.refused;
      }),
    );
  }
  await Promise.all(underWay);
  return figuresOf(latencies, counts, latencies.length / BATCHES_PER_SECOND);
}

/** Eight connections reserve batches of 20 one after the other for the seconds given. */
export function closedLoop(database: Database, queue: LaidQueue, seconds: number): Promise<LoadFigures> {
  return loop(seconds, () => offer(database, queue));
}

/** The same batches taken from the same table with nothing but a lock and a mark, as a yardstick. */
export function bareLoop(database: Database, queue: LaidQueue, seconds: number): Promise<LoadFigures> {
  return loop(seconds, async () => {
    const taken = await database.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ id: string }>`
        select party_id as id from dial_queue where campaign_id = ${queue.campaignId} and state = 'ready'
        order by band desc, standing desc, party_id limit ${BATCH} for update skip locked`.execute(transaction);
      const ids = rows.map((row) => row.id);
      await sql`update dial_queue set state = 'reserved' where campaign_id = ${queue.campaignId} and party_id = any(${ids}::uuid[])`.execute(
        transaction,
      );
      return ids.length;
    });
    return { reserved: taken, refused: 0 };
  });
}

async function loop(seconds: number, work: () => Promise<{ reserved: number; refused: number }>): Promise<LoadFigures> {
  const latencies: number[] = [];
  const counts = { reserved: 0, refused: 0 };
  const began = performance.now();
  const ends = began + seconds * 1_000;
  await Promise.all(
    Array.from({ length: WORKERS }, async () => {
      for (let at = performance.now(); at < ends; at = performance.now()) {
        const batch = await work();
        latencies.push(performance.now() - at);
        counts.reserved += batch.reserved;
        counts.refused += batch.refused;
      }
    }),
  );
  return figuresOf(latencies, counts, (performance.now() - began) / 1_000);
}

async function offer(database: Database, { campaignId, now }: LaidQueue): Promise<{ reserved: number; refused: number }> {
  const { reserved, refused, stopped } = await reserve(database, { floorId: 'main', epoch: 1n, campaignId, count: BATCH, now });
  if (stopped !== null) throw new Error(`nothing could be reserved: ${stopped}`);
  return { reserved: reserved.length, refused: refused.length };
}

function figuresOf(latencies: readonly number[], counts: { reserved: number; refused: number }, seconds: number): LoadFigures {
  return {
    p50: percentile(latencies, 0.5) ?? Number.NaN,
    p99: percentile(latencies, 0.99) ?? Number.NaN,
    batches: latencies.length,
    ...counts,
    perSecond: counts.reserved / seconds,
  };
}
