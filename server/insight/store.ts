import { sql, type Kysely } from 'kysely';
import type { BoardCampaign } from '../contract/wallboard.ts';
import type { Schema } from '../kernel/schema.ts';

/** How a campaign's attempts of the last 24 hours ended. */
export type DayCounts = BoardCampaign['day'];

/** Counts of a campaign that dialed nothing. */
export const NOTHING_DIALED: DayCounts = {
  dialed: 0,
  answered: 0,
  connected: 0,
  abandoned: 0,
  screened: 0,
  judged: 0,
  undecided: 0,
  noAnswer: 0,
  busy: 0,
  failed: 0,
};

/**
 * What became of each campaign's attempts in the 24 hours before `now`, by campaign id; a campaign without any is left out.
 * One statement over `contact_attempt_by_campaign`; `lost` counts as failed, `cancelled` before the dial not at all.
 */
export async function readDayCounts(
  database: Kysely<Schema>,
  campaignIds: readonly string[],
  now: Temporal.Instant,
): Promise<Map<string, DayCounts>> {
  if (campaignIds.length === 0) return new Map();
  const since = now.subtract({ hours: 24 }).toString();
  const rows = await database
    .selectFrom('contact_attempt')
    .select(['campaign_id'])
    .select(sql<number>`count(dialing_at)::int`.as('dialed'))
    .select(sql<number>`count(answered_at)::int`.as('answered'))
    .select(sql<number>`(count(*) filter (where state = 'connected' or result = 'connected'))::int`.as('connected'))
    .select(sql<number>`(count(*) filter (where result = 'abandoned'))::int`.as('abandoned'))
    .select(sql<number>`(count(*) filter (where result = 'screened'))::int`.as('screened'))
    .select(sql<number>`(count(*) filter (where screening ->> 'verdict' <> 'not_screened'))::int`.as('judged'))
    .select(sql<number>`(count(*) filter (where screening ->> 'verdict' = 'uncertain'))::int`.as('undecided'))
    .select(sql<number>`(count(*) filter (where result = 'no_answer'))::int`.as('no_answer'))
    .select(sql<number>`(count(*) filter (where result = 'busy'))::int`.as('busy'))
    .select(sql<number>`(count(*) filter (where result in ('failed', 'lost')))::int`.as('failed'))
    .where('campaign_id', 'in', campaignIds)
    .where('direction', '=', 'outbound')
    .where('reserved_at', '>', sql<Temporal.Instant>`${since}::timestamptz`)
    // The partitions' key: an id carries its moment, so that only one or two months are read.
    .where('id', '>=', sql<string>`uuid_v7_from(${since}::timestamptz - interval '1 minute')`)
    .groupBy('campaign_id')
    .execute();
  return new Map(rows.map(({ campaign_id, no_answer, ...counts }) => [campaign_id, { ...counts, noAnswer: no_answer }]));
}
