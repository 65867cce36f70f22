import { sql, type Kysely } from 'kysely';
import { Refusal } from '../kernel/errors.ts';
import type { Schema } from '../kernel/schema.ts';

/**
 * Which debtor of the demo calls us: of a running demo campaign of the floor that has a number, whoever spoke last with the person at the
 * demo agent's desk, since callers go to whom they know; else anybody who is in no call. Throws `no_demo` where there is none.
 */
export async function chooseDemoCaller(
  database: Kysely<Schema>,
  floorId: string,
): Promise<{ campaignId: string; number: string }> {
  const { rows } = await sql<{ campaignId: string; number: string }>`
    select c.id as "campaignId", n.e164 as number
    from campaign c join dial_queue q on q.campaign_id = c.id and q.state in ('ready', 'waiting')
    join party_phone link on link.party_id = q.party_id and link.state = 'active' join phone n on n.id = link.phone_id
    left join lateral (
      select a.ended_at from contact_attempt a join app_user u on u.id = a.agent_id and u.login = 'demo-agent'
      where a.party_id = q.party_id and a.state = 'ended' order by a.reserved_at desc limit 1
    ) known on true
    where c.floor_id = ${floorId} and c.demo and c.state = 'running' and c.settings ->> 'callerId' is not null
    order by known.ended_at desc nulls last, random() limit 1`.execute(database);
  if (!rows[0]) throw new Refusal('no_demo', 'No running campaign of the demo has a number to call.', { status: 404 });
  return rows[0];
}
