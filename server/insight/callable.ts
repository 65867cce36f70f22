import { sql, type Kysely } from 'kysely';
import type { Callable } from '../contract/campaigns.ts';
import type { Schema } from '../kernel/schema.ts';

/** Figures of a campaign without debtors. */
export const NOBODY_CALLABLE: Callable = { total: 0, now: 0, later: 0, inFlight: 0, done: 0, reasons: {} };

/** How each campaign's debtors stand, by campaign id; a campaign without debtors is left out. */
export async function readCallable(database: Kysely<Schema>, campaignIds: readonly string[]): Promise<Map<string, Callable>> {
  if (campaignIds.length === 0) return new Map();
  const rows = await database
    .selectFrom('dial_queue')
    .select(['campaign_id', 'state', 'reason'])
    .select(sql<boolean>`not_before <= clock_timestamp()`.as('due'))
    .select(sql<number>`count(*)::int`.as('count'))
    .where('campaign_id', 'in', campaignIds)
    .groupBy(['campaign_id', 'state', 'reason', 'due'])
    .execute();
  const figures = new Map<string, Callable>();
  for (const row of rows) {
    const sum = figures.get(row.campaign_id) ?? { ...NOBODY_CALLABLE, reasons: {} };
    figures.set(row.campaign_id, sum);
    sum.total += row.count;
    if (row.state === 'done') sum.done += row.count;
    else if (row.state === 'reserved') sum.inFlight += row.count;
    else if (row.state === 'ready' || row.due) sum.now += row.count;
    else {
      sum.later += row.count;
      const reason = row.reason ?? 'later';
      sum.reasons[reason] = (sum.reasons[reason] ?? 0) + row.count;
    }
  }
  return figures;
}
