import { sql, type Kysely } from 'kysely';
import { Refusal } from '../kernel/errors.ts';
import type { Schema } from '../kernel/schema.ts';

/**
 * When a day (ISO) ends in the first and in the last of the zones the debtor may be in. Throws `date_passed` where it has ended everywhere, and
 * `date_too_far` where it is more than `latestDays` ahead; both name the field `until`.
 */
export async function daysEnd(
  transaction: Kysely<Schema>,
  partyId: string,
  day: string,
  latestDays = Number.POSITIVE_INFINITY,
): Promise<{ first: Temporal.Instant; last: Temporal.Instant }> {
  const { rows } = await sql<{ zones: string[]; now: Temporal.Instant }>`
    select p.time_zones || coalesce((
      select array_agg(zone) from party_phone link join phone n on n.id = link.phone_id, unnest(n.time_zones) zone
      where link.party_id = p.id and link.state = 'active'), '{}') as zones, clock_timestamp() as now
    from party p where p.id = ${partyId}`.execute(transaction);
  const [found] = rows;
  const next = Temporal.PlainDate.from(day).add({ days: 1 });
  const zones = found && found.zones.length > 0 ? found.zones : ['UTC'];
  const ends = zones.map((zone) => next.toZonedDateTime(zone).toInstant()).toSorted((a, b) => Temporal.Instant.compare(a, b));
  const utc = next.toZonedDateTime('UTC').toInstant();
  const [first = utc, last = first] = [ends[0], ends.at(-1)];
  if (found && Temporal.Instant.compare(last, found.now) <= 0) {
    throw new Refusal('date_passed', 'The day has passed.', { field: 'until' });
  }
  if (found && (last.epochMilliseconds - found.now.epochMilliseconds) / 86_400_000 > latestDays + 1) {
    throw new Refusal('date_too_far', `The day is more than ${latestDays} days away.`, { field: 'until' });
  }
  return { first, last };
}
