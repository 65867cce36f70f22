import { sql } from 'kysely';
import { release } from '../queue/release.ts';
import type { Floor } from './floor.ts';
import { hangUp } from './message.ts';
import { endByRecord, recordOf } from './reconcile.ts';
import { attemptsInProgress, takeUp } from './recover.ts';

/** An attempt is in memory long before, if it ever gets there. */
const ORPHANED_AFTER_MS = 15_000;
/** If the ends of calls are not written by then, the question waits for another time. */
const DRAIN_MS = 1_000;

/**
 * Ends attempts of the present epoch that memory does not hold: reserved before a statement failed, or dispatched by a commit whose
 * answer was lost. What was only reserved was never dialed and is released; what may have been dialed ends by the switch's record.
 */
export async function endOrphans(floor: Floor): Promise<void> {
  if (!floor.switchUp) return;
  // Held and launching as of before the question: what ends or is reserved meanwhile is no orphan, and what ended earlier is written.
  const held = new Set(floor.calls.keys());
  const launching = launchingNow(floor);
  floor.journal.flush();
  if (!(await floor.writer.drain(DRAIN_MS))) return;
  const rows = await attemptsInProgress(floor)
    .where('epoch', '=', floor.lease.epoch)
    .where('reserved_at', '<', sql<Temporal.Instant>`clock_timestamp() - ${ORPHANED_AFTER_MS} * interval '1 millisecond'`)
    .execute();
  const busy = new Set([...launching, ...launchingNow(floor)]);
  const orphans = rows.filter((row) => !held.has(row.id) && !floor.calls.has(row.id) && !busy.has(row.campaign_id));
  if (orphans.length === 0) return;
  const reserved = orphans.filter((row) => row.state === 'reserved').map((row) => row.id);
  await release(floor.database, reserved);
  const dialed = orphans.filter((row) => row.state !== 'reserved');
  if (dialed.length > 0) {
    const live = new Set((await floor.telephone.liveLegs()).map((leg) => leg.legId));
    const calls = dialed.map((row) => takeUp(floor, row));
    const record = await recordOf(floor, calls);
    for (const call of calls) {
      // The end of a live leg is told, or found by the sweep.
      if (live.has(call.attemptId)) hangUp(floor, call);
      else await endByRecord(floor, call, { record });
    }
  }
  floor.log.warn({ reserved: reserved.length, dialed: dialed.length }, 'attempts that nobody held were ended');
}

function launchingNow(floor: Floor): string[] {
  return [...floor.campaigns.values()].filter((campaign) => campaign.launching).map((campaign) => campaign.id);
}
