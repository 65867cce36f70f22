import { sql } from 'kysely';
import type { Database } from '../../../server/kernel/database.ts';

/** What all agents did between two moments, in seconds of agents' time. */
export interface SpentTime {
  working: number;
  idle: number;
  away: number;
}

/** Reads from the history how long agents talked or wrapped up, stood ready, and were away; `from` and `to` cut what reaches beyond. */
export async function readSpentTime(database: Database, from: Temporal.Instant, to: Temporal.Instant): Promise<SpentTime> {
  const { rows } = await sql<{ kind: string; seconds: number }>`
    select kind, sum(extract(epoch from least(until, ${to.toString()}::timestamptz) - greatest(at, ${from.toString()}::timestamptz)))::float8
      as seconds
    from (select kind, at, coalesce(lead(at) over (partition by subject_id order by id), 'infinity') as until from event
      where subject = 'agent' and kind like 'agent.%') spell
    where until > ${from.toString()} and at < ${to.toString()} group by kind`.execute(database);
  const spent = { working: 0, idle: 0, away: 0 };
  for (const { kind, seconds } of rows) {
    if (kind === 'agent.talking' || kind === 'agent.wrap_up') spent.working += seconds;
    else if (kind === 'agent.ready' || kind === 'agent.offered') spent.idle += seconds;
    else if (kind !== 'agent.offline') spent.away += seconds;
  }
  return spent;
}
