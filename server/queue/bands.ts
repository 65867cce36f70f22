/** Keeps debtors in the bands of their campaign's segments: whoever a segment with a priority holds goes before others, whatever the scores. */
import { sql, type Kysely } from 'kysely';
import { holding } from '../campaigns/segment.ts';
import { segment, type Segment } from '../contract/segments.ts';
import { LEAST_ID } from '../kernel/database.ts';
import type { Schema } from '../kernel/schema.ts';

/** People in one statement: their rows are held for some tens of milliseconds. */
const BATCH = 500;

/** A segment whose debtors go before others. */
interface FirstSegment {
  segment: Segment;
  priority: number;
}

/**
 * Puts everybody in a campaign's queue into their band, a batch at a time, each in a statement of its own. Doing it again changes nothing.
 * Returns how many changed their band; ends early when `signal` is aborted. Index: dial_queue_pkey.
 */
export async function refreshBands(database: Kysely<Schema>, campaignId: string, signal?: AbortSignal): Promise<number> {
  const first = await readFirstSegments(database, campaignId);
  let changed = 0;
  for (let after: string | undefined = LEAST_ID; after !== undefined && signal?.aborted !== true;) {
    const rows = await database
      .selectFrom('dial_queue')
      .select('party_id')
      .where('campaign_id', '=', campaignId)
      .where('party_id', '>', after)
      .orderBy('party_id')
      .limit(BATCH)
      .execute();
    changed += await writeBands(
      database,
      campaignId,
      first,
      rows.map((row) => row.party_id),
    );
    after = rows.at(-1)?.party_id;
  }
  return changed;
}

/** Puts some people of a campaign's queue into their band, where the campaign has segments that go before others. */
export async function bandDebtors(database: Kysely<Schema>, campaignId: string, partyIds: readonly string[]): Promise<void> {
  const first = await readFirstSegments(database, campaignId);
  if (first.length > 0) await writeBands(database, campaignId, first, partyIds);
}

/** The greatest priority first. Index: saved_segment_by_name. */
async function readFirstSegments(database: Kysely<Schema>, campaignId: string): Promise<FirstSegment[]> {
  const rows = await database
    .selectFrom('saved_segment')
    .select(['body', 'priority'])
    .where('campaign_id', '=', campaignId)
    .where('priority', '>', 0)
    .orderBy('priority', 'desc')
    .execute();
  return rows.map((row) => ({ segment: segment.parse(row.body), priority: row.priority }));
}

/** Callbacks keep their own band, and fall back to the new one. Rows are locked in the order that everybody keeps (`lockPeople`). */
async function writeBands(
  database: Kysely<Schema>,
  campaignId: string,
  first: readonly FirstSegment[],
  partyIds: readonly string[],
): Promise<number> {
  if (partyIds.length === 0) return 0;
  const cases = first.map((each) => sql`when ${holding(campaignId, each.segment)} then ${sql.lit(each.priority)}`);
  const priority = cases.length === 0 ? sql`0` : sql`case ${sql.join(cases, sql` `)} else 0 end`;
  const written = await sql`
    with wanted as materialized (
      select q.party_id, ${priority} as priority from dial_queue q join party p on p.id = q.party_id
      where q.campaign_id = ${campaignId} and q.party_id = any(${partyIds}::uuid[])
    ), locked as materialized (
      select q.party_id, wanted.priority from dial_queue q join wanted on wanted.party_id = q.party_id
      where q.campaign_id = ${campaignId} and q.priority <> wanted.priority order by q.party_id for no key update of q
    )
    update dial_queue q set priority = locked.priority, band = case when q.callback_id is null then locked.priority else q.band end
    from locked where q.campaign_id = ${campaignId} and q.party_id = locked.party_id`.execute(database);
  return Number(written.numAffectedRows ?? 0n);
}
