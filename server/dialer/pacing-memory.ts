import { sql, type Kysely } from 'kysely';
import type { Database } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';

/** What a pacer had learnt when a dialer last wrote it down. */
export interface PacingMemory {
  snapshot: Uint8Array;
  /** Number of the last event told, and the greatest id given to a call or an agent. */
  seq: number;
  lastId: number;
  /** Calls and agents it knew then, by their ids. */
  calls: number[];
  agents: number[];
  savedAt: Temporal.Instant;
}

/** The memory of a campaign's pacer, or null. */
export async function readPacingMemory(database: Database, campaignId: string): Promise<PacingMemory | null> {
  const row = await database
    .selectFrom('pacing_memory')
    .select(['snapshot', 'seq', 'last_id', 'calls', 'agents', 'saved_at'])
    .where('campaign_id', '=', campaignId)
    .executeTakeFirst();
  if (!row) return null;
  const { snapshot, seq, last_id: lastId, calls, agents, saved_at: savedAt } = row;
  return { snapshot, seq, lastId, calls, agents, savedAt };
}

/** Keeps the newest memory of a campaign's pacer. */
export async function savePacingMemory(
  database: Kysely<Schema>,
  memory: Omit<PacingMemory, 'savedAt'> & { campaignId: string },
): Promise<void> {
  await sql`insert into pacing_memory (campaign_id, snapshot, seq, last_id, calls, agents)
    values (${memory.campaignId}, ${Buffer.from(memory.snapshot)}, ${memory.seq}, ${memory.lastId}, ${memory.calls}::float8[],
      ${memory.agents}::float8[])
    on conflict (campaign_id) do update set snapshot = excluded.snapshot, seq = excluded.seq, last_id = excluded.last_id,
      calls = excluded.calls, agents = excluded.agents, saved_at = clock_timestamp()`.execute(database);
}
