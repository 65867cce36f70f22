import { sql, type Kysely } from 'kysely';
import type { Schema } from '../kernel/schema.ts';

/** Refusals that a campaign's settings can lift, besides those of its own hours and caps (`campaign_…`). */
const LIFTED_BY_SETTINGS = ['country_not_enabled', 'no_common_window', 'hours', 'demo_and_real'] as const;

/**
 * After a campaign's settings changed: people whom the gate refused because of them are judged again now, not when the old
 * refusal would have run out. Waits after an attempt or an outcome stay. Returns how many were woken.
 */
export async function wakeRefused(database: Kysely<Schema>, campaignId: string): Promise<number> {
  const result = await database
    .updateTable('dial_queue')
    .set({ not_before: sql<string>`clock_timestamp()` })
    .where('campaign_id', '=', campaignId)
    .where('state', '=', 'waiting')
    .where((eb) => eb.or([eb('reason', 'like', 'campaign\\_%'), eb('reason', 'in', LIFTED_BY_SETTINGS)]))
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
