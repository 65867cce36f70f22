import { sql, type Kysely } from 'kysely';
import type { Incidents } from '../contract/incidents.ts';
import type { Schema } from '../kernel/schema.ts';

const SHOWN = 20;

interface Row {
  id: string;
  campaign_id: string;
  name: string;
  party_id: string;
  at: Temporal.Instant;
  agent: string | null;
  total: number;
}

/**
 * Calls of a floor that were cut without a message in the 24 hours before `now`. The agent who was kept for each is in the event that
 * was raised for it. Indexes: contact_attempt_by_campaign, event_by_subject.
 */
export async function readIncidents(database: Kysely<Schema>, floorId: string, now: Temporal.Instant): Promise<Incidents> {
  const since = now.subtract({ hours: 24 }).toString();
  const { rows } = await sql<Row>`
    select a.id, a.campaign_id, c.name, a.party_id, a.ended_at as at, u.display_name as agent, a.total
    from (
      select id, campaign_id, party_id, ended_at, count(*) over ()::int as total
      from contact_attempt
      where campaign_id in (select id from campaign where floor_id = ${floorId})
        and reserved_at > ${since}::timestamptz - interval '1 hour' and id >= uuid_v7_from(${since}::timestamptz - interval '61 minutes')
        and ended_at > ${since}::timestamptz and ending = 'cut_without_message'
      order by ended_at desc limit ${SHOWN}
    ) a
    join campaign c on c.id = a.campaign_id
    left join lateral (
      select (e.body ->> 'keptAgentId')::uuid as kept from event e
      where e.subject_id = a.id::text and e.kind = 'incident.cut_without_message' limit 1
    ) raised on true
    left join app_user u on u.id = raised.kept
    order by a.ended_at desc`.execute(database);
  return {
    total: rows[0]?.total ?? 0,
    newest: rows.map((row) => ({
      attemptId: row.id,
      kind: 'cut_without_message',
      at: row.at.toString({ fractionalSecondDigits: 3 }),
      campaignId: row.campaign_id,
      campaignName: row.name,
      partyId: row.party_id,
      agentName: row.agent,
    })),
  };
}
