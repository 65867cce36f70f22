import { sql } from 'kysely';
import type { Database } from '../kernel/database.ts';
import type { SeenCall, SeenFloor } from '../pacing/simulator/index.ts';

/** The newest dials of a campaign that are looked at. */
const MOST_CALLS = 20_000;

/**
 * What a campaign's calls and agents did since a moment: of the newest dials, how each went and how long each step took; how long talks
 * and wrap-ups were; and the most agents who took calls within one hour (`contact_attempt_by_campaign`, `event_by_subject`).
 */
export async function readSeenFloor(
  database: Database,
  campaignId: string,
  since: Temporal.Instant,
): Promise<SeenFloor & { agents: number }> {
  const calls = await sql<SeenCall>`
    select case when waiting_at is not null or result in ('connected', 'abandoned') then 'person'
        when answered_at is not null then 'machine'
        when result in ('busy', 'failed') then result
        else 'no_answer' end as outcome,
      ${ms(sql`ringing_at - dialing_at`)} as "postDialMs",
      ${ms(sql`answered_at - coalesce(ringing_at, dialing_at)`)} as "ringMs",
      ${ms(sql`coalesce(waiting_at, ended_at) - answered_at`)} as "screeningMs",
      ${ms(sql`ended_at - dialing_at`)} as "wholeMs",
      (select greatest(0, ${ms(sql`deadline_at - waiting_at`)}) from abandonment_ledger where attempt_id = id) as "patienceMs"
    from contact_attempt
    where campaign_id = ${campaignId} and reserved_at >= ${since.toString()} and state = 'ended' and dialing_at is not null
      and ending is distinct from 'not_sent'
    order by reserved_at desc limit ${MOST_CALLS}`.execute(database);
  const talks = await sql<{ agentId: string; fromAt: Temporal.Instant; ms: number }>`
    select s.agent_id as "agentId", s.from_at as "fromAt", ${ms(sql`s.to_at - s.from_at`)} as ms
    from contact_attempt a join segment s on s.attempt_id = a.id
    where a.campaign_id = ${campaignId} and a.reserved_at >= ${since.toString()} and a.result = 'connected' and s.to_at is not null
    order by a.reserved_at desc limit ${MOST_CALLS}`.execute(database);
  const agentIds = [...new Set(talks.rows.map((talk) => talk.agentId))];
  const wraps = await sql<{ ms: number }>`
    select ${ms(sql`until - at`)} as ms from (
      select kind, at, lead(at) over (partition by subject_id order by id) as until from event
      where subject_id = any(${agentIds}::text[]) and at >= ${since.toString()} and kind like 'agent.%') spell
    where kind = 'agent.wrap_up' and until is not null limit ${MOST_CALLS}`.execute(database);
  return {
    calls: calls.rows,
    talkMs: talks.rows.map((talk) => talk.ms),
    wrapMs: wraps.rows.map((wrap) => wrap.ms),
    agents: mostWithinAnHour(talks.rows),
  };
}

function ms(interval: ReturnType<typeof sql>) {
  return sql<number>`(1000 * extract(epoch from ${interval}))::float8`;
}

function mostWithinAnHour(talks: readonly { agentId: string; fromAt: Temporal.Instant }[]): number {
  const byHour = new Map<number, Set<string>>();
  for (const { agentId, fromAt } of talks) {
    const hour = Math.floor(fromAt.epochMilliseconds / 3_600_000);
    const agents = byHour.get(hour) ?? new Set();
    byHour.set(hour, agents.add(agentId));
  }
  return Math.max(0, ...[...byHour.values()].map((agents) => agents.size));
}
