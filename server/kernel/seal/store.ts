import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import type { Batch, ChainEnd, SealedEvent } from './batch.ts';

/** An event as the history has it; body and salt are null once erased. */
export interface StoredEvent extends SealedEvent {
  body: unknown;
  salt: Buffer | null;
}

/** A moment of the database as text: ISO 8601, UTC, six decimals, whatever the session's settings. */
function moment(column: string) {
  return sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** First day of the month, in UTC, that an event's moment lies in. */
const MONTH = sql`to_char(at at time zone 'UTC', 'YYYY-MM-01')`;

const SEALED = sql`id, ${moment('at')} as at, kind, subject, subject_id as "subjectId", actor, encode(leaf, 'hex') as leaf`;

const BATCH = sql`number, month, first_id as "firstId", last_id as "lastId", through_id as "throughId", events, total, ids::text as ids,
  root, previous, hash, ${moment('sealed_at')} as "sealedAt"`;

/** Where the chain ends, or null before the first batch; by primary key. */
export async function lastBatch(database: Kysely<Schema>): Promise<(ChainEnd & Pick<Batch, 'throughId'>) | null> {
  const found = await sql<ChainEnd & Pick<Batch, 'throughId'>>`
    select number, total, hash, through_id as "throughId" from history_batch order by number desc limit 1`.execute(database);
  return found.rows[0] ?? null;
}

/** Events with ids in (after, through], at most `limit`, ascending, each with its month; by the primary keys of the partitions. */
export async function eventsToSeal(
  database: Kysely<Schema>,
  after: bigint,
  through: bigint,
  limit: number,
): Promise<(SealedEvent & { month: string })[]> {
  const found = await sql<SealedEvent & { month: string }>`
    select ${SEALED}, ${MONTH} as month from event
    where id > ${after.toString()}::bigint and id <= ${through.toString()}::bigint order by id limit ${limit}`.execute(database);
  return found.rows;
}

/** Stores batches in one statement. Their numbers are the primary key: what another sealer stored meanwhile makes this fail. */
export async function storeBatches(database: Kysely<Schema>, batches: readonly Batch[]): Promise<void> {
  const rows = batches.map(
    (batch) => sql`(${batch.number.toString()}::bigint, ${batch.month}::date, ${batch.firstId.toString()}::bigint,
      ${batch.lastId.toString()}::bigint, ${batch.throughId.toString()}::bigint, ${batch.events}::integer, ${batch.total.toString()}::bigint,
      ${batch.ids}::int8multirange, ${batch.root}::bytea, ${batch.marks}::bytea, ${batch.previous}::bytea, ${batch.hash}::bytea,
      ${batch.sealedAt}::timestamptz)`,
  );
  await sql`
    insert into history_batch (number, month, first_id, last_id, through_id, events, total, ids, root, marks, previous, hash, sealed_at)
    values ${sql.join(rows)}`.execute(database);
}

/** The database's clock as text: ISO 8601, UTC, six decimals. */
export async function databaseMoment(database: Kysely<Schema>): Promise<string> {
  const found = await sql<{ now: string }>`
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`.execute(database);
  return found.rows[0]?.now ?? '';
}

/** Batches with numbers above `after`, ascending, at most `limit`, with the hash of their marks in place of them; by primary key. */
export async function chainAfter(
  database: Kysely<Schema>,
  after: bigint,
  limit: number,
): Promise<(Omit<Batch, 'marks'> & { marksHash: Buffer })[]> {
  const found = await sql<Omit<Batch, 'marks'> & { marksHash: Buffer }>`
    select ${BATCH}, sha256(marks) as "marksHash" from history_batch
    where number > ${after.toString()}::bigint order by number limit ${limit}`.execute(database);
  return found.rows;
}

/** A month's batches that reach beyond an id, by the order of their ids, at most `limit`; by `history_batch_by_month`. */
export async function batchesOfMonth(database: Kysely<Schema>, month: string, after: bigint, limit: number): Promise<Batch[]> {
  const found = await sql<Batch>`
    select ${BATCH}, marks from history_batch
    where month = ${month}::date and last_id > ${after.toString()}::bigint order by last_id limit ${limit}`.execute(database);
  return found.rows;
}

/** A month's events with ids above `after`, ascending, at most `limit`, body and salt included; by the primary key of one partition. */
export async function eventsOfMonth(
  database: Kysely<Schema>,
  month: string,
  after: bigint,
  limit: number,
): Promise<StoredEvent[]> {
  const found = await sql<StoredEvent>`
    ${monthFrom(month)} and id > ${after.toString()}::bigint order by id limit ${limit}`.execute(database);
  return found.rows;
}

/**
 * All of a month's events, ascending by id, in pages of at most `limit`; in a transaction, which keeps the cursor. The next page is asked for
 * before one is handed out, so that the database reads while the caller works.
 */
export async function* pagesOfMonth(transaction: Kysely<Schema>, month: string, limit: number): AsyncGenerator<StoredEvent[]> {
  await sql`declare month_events no scroll cursor for ${monthFrom(month)} order by id`.execute(transaction);
  const fetch = sql<StoredEvent>`fetch ${sql.lit(limit)} from month_events`;
  try {
    let page = await fetch.execute(transaction);
    while (page.rows.length > 0) {
      const next = fetch.execute(transaction);
      // Whoever reads may fail before the next page is taken; that page's own failure is then not the news.
      next.catch(() => undefined);
      yield page.rows;
      page = await next;
    }
  } finally {
    // After a failure the transaction is void, and its cursor with it.
    await sql`close month_events`.execute(transaction).catch(() => undefined);
  }
}

/** One event by its id, or null; by the primary keys of the partitions. */
export async function eventById(database: Kysely<Schema>, id: bigint): Promise<(StoredEvent & { month: string }) | null> {
  const found = await sql<StoredEvent & { month: string }>`
    select ${SEALED}, body, salt, ${MONTH} as month from event where id = ${id.toString()}::bigint`.execute(database);
  return found.rows[0] ?? null;
}

/** Every month that has events or batches, ascending. */
export async function monthsOfHistory(database: Kysely<Schema>): Promise<string[]> {
  const partitions = await sql<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'event'::regclass`.execute(database);
  const months = new Set<string>();
  for (const { name } of partitions.rows) {
    const named = /_(\d{4})_(\d{2})$/.exec(name);
    const found = named
      ? await sql<{
          month: string;
        }>`select ${`${named[1]}-${named[2]}-01`} as month where exists (select from ${sql.table(name)})`.execute(database)
      : await sql<{ month: string }>`select distinct ${MONTH} as month from ${sql.table(name)}`.execute(database);
    for (const { month } of found.rows) months.add(month);
  }
  const sealed = await sql<{ month: string }>`select distinct month from history_batch`.execute(database);
  for (const { month } of sealed.rows) months.add(month);
  return [...months].toSorted();
}

/** Age in seconds of the oldest event that is in no batch yet; 0 when all are sealed. */
export async function unsealedAgeSeconds(database: Kysely<Schema>): Promise<number> {
  const found = await sql<{ age: number }>`
    select extract(epoch from clock_timestamp() - at)::float8 as age from event
    where id > coalesce((select through_id from history_batch order by number desc limit 1), 0) order by id limit 1`.execute(
    database,
  );
  return Math.max(0, found.rows[0]?.age ?? 0);
}

function monthFrom(month: string) {
  return sql`select ${SEALED}, body, salt from event
    where at >= ${sql.lit(`${month}T00:00:00Z`)}::timestamptz and at < ${sql.lit(`${nextMonth(month)}T00:00:00Z`)}::timestamptz`;
}

function nextMonth(month: string): string {
  return Temporal.PlainDate.from(month).add({ months: 1 }).toString();
}
