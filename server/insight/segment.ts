import { sql, type Kysely } from 'kysely';
import { holding } from '../campaigns/segment.ts';
import type { Segment, SegmentCount } from '../contract/segments.ts';
import type { Schema } from '../kernel/schema.ts';

const SAMPLE = 10;

/**
 * Counts the debtors of a campaign's queue that a segment holds, and shows the first of them by score. A condition on debts holds where one
 * open debt of the campaign fulfils it. Reads the campaign's whole queue (dial_queue_pkey); debts by debt_party_by_party.
 */
export async function countSegment(database: Kysely<Schema>, campaignId: string, segment: Segment): Promise<SegmentCount> {
  const { rows } = await sql<SegmentCount>`
    with held as materialized (
      select q.party_id, q.state, q.reason, q.score, q.standing, q.band from dial_queue q join party p on p.id = q.party_id
      where q.campaign_id = ${campaignId} and ${holding(campaignId, segment)}
    ), first as (
      select held.*, p.display_name, p.country from held join party p on p.id = held.party_id
      order by band desc, standing desc, party_id limit ${SAMPLE}
    )
    select (select count(*)::int from dial_queue where campaign_id = ${campaignId}) as total, (select count(*)::int from held) as count,
      (select coalesce(json_agg(json_build_object('partyId', party_id, 'displayName', display_name, 'country', country, 'state', state,
        'reason', reason, 'score', score) order by band desc, standing desc, party_id), '[]') from first) as sample`.execute(
    database,
  );
  return rows[0] ?? { total: 0, count: 0, sample: [] };
}
