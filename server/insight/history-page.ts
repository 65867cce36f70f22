import { sql, type Kysely } from 'kysely';
import type { HistoryPage, HistoryQuery, HistoryRow } from '../contract/history.ts';
import type { Schema } from '../kernel/schema.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Events of a page. */
const SHOWN = 50;
/** A filter without an index looks through this many ids at a time, and through so many such stretches for one page. */
const STRETCH = 20_000n;
const STRETCHES = 10;
/** Of a debtor's attempts the last so many are looked up. */
const ATTEMPTS_OF_PARTY = 2_000;
/** An event is sealed a second after its transaction ends; a transaction that takes longer than this shows at the top of the list only. */
const SEALED_WITHIN_MINUTES = 10;

type Found = Omit<HistoryRow, 'id' | 'name' | 'partyId' | 'actorName' | 'at'> & { id: bigint; at: Temporal.Instant };
type Store = Kysely<Schema>;

/**
 * One page of the history, newest first, by key: of one debtor, campaign or other subject by index event_by_subject; else by the
 * primary keys of the partitions, of which a filter looks through 200 000 ids at most. Throws RangeError for a zone that is none.
 */
export async function readHistoryPage(database: Store, query: HistoryQuery): Promise<HistoryPage> {
  const end = query.until === undefined ? null : endOfDay(query.until, query.zone ?? 'UTC');
  const before = query.before === undefined ? await firstIdAfter(database, end) : BigInt(query.before);
  const subjects = await subjectsOf(database, query);
  const found =
    subjects === null
      ? await readStretches(database, before, filterOf(query, end))
      : await readBySubject(database, subjects, before, filterOf(query, end));
  const sealedThrough = await readSealedThrough(database);
  return { events: await withNames(database, found.events, sealedThrough), next: found.next?.toString() ?? null };
}

function endOfDay(day: string, zone: string): Temporal.Instant {
  return Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(zone).toInstant();
}

/**
 * An id that no event before `end` exceeds: the first of a batch sealed well after it, found among the batches of that day by the signed
 * heads; above all ids where there is none yet.
 */
async function firstIdAfter(database: Store, end: Temporal.Instant | null): Promise<bigint> {
  if (end !== null) {
    const { rows } = await sql<{ id: bigint }>`
      select first_id as id from history_batch
      where number >= coalesce(
          (select first_batch from history_head where day >= (${end.toString()}::timestamptz at time zone 'UTC')::date order by day limit 1),
          (select last_batch from history_head order by day desc limit 1), 0)
        and sealed_at >= ${end.add({ minutes: SEALED_WITHIN_MINUTES }).toString()}::timestamptz
      order by number limit 1`.execute(database);
    if (rows[0]) return rows[0].id;
  }
  const { rows } = await sql<{ id: bigint | null }>`select id from event order by id desc limit 1`.execute(database);
  return (rows[0]?.id ?? 0n) + 1n;
}

/** The ids that events of the asked subject carry, or null for all. A debtor's attempts and merges are theirs too. */
async function subjectsOf(database: Store, { subject, subjectId }: HistoryQuery): Promise<string[] | null> {
  if (subject === undefined || subjectId === undefined) return null;
  if (subject !== 'party' || !UUID.test(subjectId)) return [subjectId];
  const { rows } = await sql<{ id: string }>`
    (select id::text as id from contact_attempt where party_id = ${subjectId} order by reserved_at desc limit ${ATTEMPTS_OF_PARTY})
    union all select id::text from person_merge where kept_id = ${subjectId} or gone_id = ${subjectId}`.execute(database);
  return [subjectId, ...rows.map((row) => row.id)];
}

function filterOf({ kind, by }: HistoryQuery, end: Temporal.Instant | null) {
  return sql`(${kind ?? null}::text is null or kind = ${kind ?? null})
    and (${end?.toString() ?? null}::timestamptz is null or at < ${end?.toString() ?? null}::timestamptz)
    and (${by ?? null}::text is null or (actor ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$') = (${by ?? null} = 'people'))`;
}

const COLUMNS = sql`id, at, kind, subject, subject_id as "subjectId", actor, body`;

async function readBySubject(
  database: Store,
  subjects: readonly string[],
  before: bigint,
  filter: ReturnType<typeof filterOf>,
): Promise<{ events: Found[]; next: bigint | null }> {
  const { rows } = await sql<Found>`
    select ${COLUMNS} from event where subject_id = any(${subjects}::text[]) and id < ${before.toString()}::bigint and ${filter}
    order by id desc limit ${SHOWN + 1}`.execute(database);
  const events = rows.slice(0, SHOWN);
  return { events, next: rows.length > SHOWN ? (events.at(-1)?.id ?? null) : null };
}

async function readStretches(
  database: Store,
  before: bigint,
  filter: ReturnType<typeof filterOf>,
): Promise<{ events: Found[]; next: bigint | null }> {
  const events: Found[] = [];
  let top = before;
  for (let stretch = 0; stretch < STRETCHES && top > 1n; stretch += 1) {
    const bottom = top > STRETCH ? top - STRETCH : 0n;
    const { rows } = await sql<Found>`
      select ${COLUMNS} from event where id < ${top.toString()}::bigint and id >= ${bottom.toString()}::bigint and ${filter}
      order by id desc limit ${SHOWN + 1 - events.length}`.execute(database);
    events.push(...rows);
    if (events.length > SHOWN) {
      const shown = events.slice(0, SHOWN);
      return { events: shown, next: shown.at(-1)?.id ?? null };
    }
    top = bottom;
  }
  return { events, next: top > 1n ? top : null };
}

async function readSealedThrough(database: Store): Promise<bigint> {
  const row = await database
    .selectFrom('history_batch')
    .select('through_id')
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.through_id ?? 0n;
}

/** Of whom or what the events are, and who did it, by the names they go by today. */
async function withNames(database: Store, events: readonly Found[], sealedThrough: bigint): Promise<HistoryRow[]> {
  const ids = [...new Set(events.flatMap((event) => [event.subjectId, event.actor ?? '']))].filter((each) => UUID.test(each));
  const { rows } = await sql<{ id: string; name: string; partyId: string | null }>`
    select id, display_name as name, null::uuid as "partyId" from app_user where id = any(${ids}::uuid[])
    union all select id, name, null from campaign where id = any(${ids}::uuid[])
    union all select id, display_name, id from party where id = any(${ids}::uuid[])
    union all select attempt.id, party.display_name, party.id from contact_attempt attempt join party on party.id = attempt.party_id
      where attempt.id = any(${ids}::uuid[])
    union all select done.id, party.display_name, party.id from person_merge done join party on party.id = done.kept_id
      where done.id = any(${ids}::uuid[])`.execute(database);
  const known = new Map(rows.map((row) => [row.id, row]));
  return events.map((event) => {
    const of = known.get(event.subjectId);
    return {
      ...event,
      id: event.id.toString(),
      at: event.at.toString(),
      name: of?.name ?? null,
      partyId: of?.partyId ?? null,
      actorName: known.get(event.actor ?? '')?.name ?? null,
      body: bodyOnly(event),
      sealed: event.id <= sealedThrough,
    };
  });
}

/** What is kept beside the columns; a field of the same name that says something else, as the kind of a hold, stays. */
function bodyOnly({ kind, subject, subjectId, actor, body }: Found): HistoryRow['body'] {
  if (body === null) return null;
  const columns: Readonly<Record<string, string | null>> = { kind, subject, subjectId, actor };
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => columns[name] !== value || !(name in columns)));
}
