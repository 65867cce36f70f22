import { sql } from 'kysely';
import type { Database } from '../../server/kernel/database.ts';

/** Ids of a campaign's calls that were dialed between two moments and have ended. Index: contact_attempt_by_campaign. */
export async function readDialed(
  database: Database,
  asked: { campaignId: string; since: Temporal.Instant; until: Temporal.Instant },
): Promise<string[]> {
  const rows = await database
    .selectFrom('contact_attempt')
    .select('id')
    .where('campaign_id', '=', asked.campaignId)
    .where('reserved_at', '>=', sql<Temporal.Instant>`${asked.since.toString()}::timestamptz`)
    .where('reserved_at', '<', sql<Temporal.Instant>`${asked.until.toString()}::timestamptz`)
    .where('state', '=', 'ended')
    .where('dialing_at', 'is not', null)
    .execute();
  return rows.map((row) => row.id);
}
