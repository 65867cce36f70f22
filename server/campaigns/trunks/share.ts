import { sql } from 'kysely';
import type { Database } from '../../kernel/database.ts';
import { shareOf, type LineShare } from './rules.ts';

/**
 * A dialer says again every few seconds what it may use. One that has died sends nothing more once its lease is over (12 s), yet its calls
 * are still up on its switch: the latest of them rings (25 s by default), is listened to (8 s at most) and hears the message (6 s, a
 * campaign's own up to 30). About so long its lines stay its own. Talks may last longer, as long as anybody likes: a successor counts them
 * again (`inUse`), and without one the carrier's word that it is full holds the others back (`dialer/trunk.ts`).
 */
const HELD_FOR_S = 60;

/** A floor that asks for its part of a trunk. `inUse`: lines with a call on them. */
interface Asking {
  floorId: string;
  wants: boolean;
  inUse: number;
}

/**
 * Takes a floor's part of a trunk, so that all floors together keep its limits: as much as is its due, and never what another floor still
 * has. Floors ask one after another, under a lock of the trunk; nothing on the way of a call waits for it.
 */
export async function takeShare(
  database: Database,
  trunk: { name: string } & LineShare,
  { floorId, wants, inUse }: Asking,
): Promise<LineShare> {
  return database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`trunk share ${trunk.name}`}, 0))`.execute(transaction);
    const { rows } = await sql<{ floorId: string; channels: number; callsPerSecond: number; wants: boolean }>`
      select floor_id as "floorId", channels, calls_per_second as "callsPerSecond", wants from trunk_share
      where trunk = ${trunk.name} and floor_id <> ${floorId} and until > clock_timestamp()`.execute(transaction);
    const share = shareOf(trunk, { floorId, wants }, rows);
    await sql`
      insert into trunk_share (trunk, floor_id, channels, calls_per_second, wants, until)
      values (${trunk.name}, ${floorId}, ${Math.max(share.channels, inUse)}, ${share.callsPerSecond}, ${wants},
        clock_timestamp() + ${HELD_FOR_S} * interval '1 second')
      on conflict (trunk, floor_id) do update set channels = excluded.channels, calls_per_second = excluded.calls_per_second,
        wants = excluded.wants, until = excluded.until`.execute(transaction);
    return share;
  });
}
