import { sql } from 'kysely';
import type { Database } from '../../../server/kernel/database.ts';
import { CAPS, RING_MS } from './lay.ts';

/** What the history says of a soak; all but the first two ought to be 0. */
export interface SoakFindings {
  attempts: number;
  counted: number;
  doubleContacts: number;
  capsExceeded: number;
  windowsBroken: number;
  unended: number;
}

/** A permit begins with its reservation and is good for five seconds at most. */
const PERMIT_S = 5;

/**
 * Asks the events alone, in SQL that shares nothing with the gate: did two contacts with one person or one number ever overlap, was a cap
 * of the campaigns or of Saudi Arabia exceeded, was anybody called outside its hours (Sunday to Thursday, 09:30 to 16:30, ringing
 * included)?
 */
export async function askHistory(database: Database): Promise<SoakFindings> {
  const { rows } = await sql<SoakFindings>`
    with life as materialized (
      select begun.id as first, coalesce(done.id, 9223372036854775807) as last, begun.body ->> 'partyId' as party,
        begun.body ->> 'phoneId' as phone, (begun.body ->> 'permitUntil')::timestamptz at time zone 'Asia/Riyadh' as at,
        coalesce((done.body ->> 'counts')::boolean, true) as counts, done.id is null as unended
      from event begun left join event done on done.subject_id = begun.subject_id and done.kind = 'attempt.ended'
      where begun.kind = 'attempt.reserved'
    ), side_by_side as (
      select first < max(last) over (partition by party order by first rows between unbounded preceding and 1 preceding) as same_person,
        first < max(last) over (partition by phone order by first rows between unbounded preceding and 1 preceding) as same_number
      from life
    ), counted as (
      select count(*) over (partition by party, at::date) as in_day,
        count(*) over (partition by party order by at::date range between interval '6 days' preceding and current row) as in_week,
        count(*) over (partition by party order by at::date range between interval '29 days' preceding and current row) as in_month,
        at - lag(at) over (partition by party order by at) as since_last
      from life where counts
    )
    select (select count(*) from life)::int as attempts, (select count(*) from life where counts)::int as counted,
      (select count(*) from side_by_side where same_person or same_number)::int as "doubleContacts",
      (select count(*) from counted where in_day > ${CAPS.personPerDay} or in_week > ${CAPS.personPerWeek} or in_month > 10
        or since_last < ${CAPS.minutesBetween} * interval '1 minute' - ${PERMIT_S} * interval '1 second')::int as "capsExceeded",
      (select count(*) from life where extract(isodow from at) in (5, 6) or at::time < '09:30'
        or at::time + ${RING_MS} * interval '1 millisecond' > '16:30')::int as "windowsBroken",
      (select count(*) from life where unended)::int as unended`.execute(database);
  const [found] = rows;
  if (!found) throw new Error('the history says nothing');
  return found;
}

/** Deadlocks that PostgreSQL counted in this database. */
export async function countDeadlocks(database: Database): Promise<number> {
  // What backends have counted reaches the view with the next snapshot.
  await sql`select pg_stat_force_next_flush()`.execute(database);
  const { rows } = await sql<{ deadlocks: number }>`
    select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()`.execute(database);
  return rows[0]?.deadlocks ?? 0;
}
