/** Erases what the law no longer wants kept: bodies of the history, and what agents noted, of people with whom all is long over. */
import { sql, type RawBuilder } from 'kysely';
import { yearsToKeep } from '../compliance/retention.ts';
import { catalogueAt, readPeople } from '../compliance/store.ts';
import type { Database } from '../kernel/database.ts';
import { eraseBodies, record } from '../kernel/history.ts';

/** Rows erased in one transaction. */
const BATCH = 1_000;

/** What was erased, or would be: bodies of events, and notes of calls. */
export interface Erasure {
  bodies: number;
  notes: number;
}

export interface ErasureOptions {
  /** Count and change nothing. */
  dryRun?: boolean;
  /** The moment to reckon from; the clock's when left out. */
  now?: Temporal.Instant;
  signal?: AbortSignal;
}

/** People of one place, and the moment before which nothing of theirs need be kept. */
interface Group {
  country: string;
  regions: readonly string[];
  before: string;
}

/**
 * Erases bodies of events and notes that are older than the retention of the packs which bind their person, where nothing has happened with
 * that person since and nothing is owed any more. Leaves stay, and so does every proof. Places whose packs name no period are left alone. Stops
 * between two batches when `signal` is aborted; what is left is done the next day.
 */
export async function eraseExpired(database: Database, options: ErasureOptions = {}): Promise<Erasure> {
  const now = options.now ?? Temporal.Now.instant();
  const done: Erasure = { bodies: 0, notes: 0 };
  for (const group of await expiredGroups(database, now)) {
    if (options.dryRun) {
      done.bodies += await count(database, sql`select count(*)::int as count from event e where ${isExpiredEvent(group)}`);
      done.notes += await count(
        database,
        sql`select count(*)::int as count from contact_attempt a where ${hasExpiredNote(group)}`,
      );
      continue;
    }
    for (let erased = BATCH; erased === BATCH && options.signal?.aborted !== true; done.bodies += erased) {
      erased = await eraseSome(database, group);
    }
    for (let erased = BATCH; erased === BATCH && options.signal?.aborted !== true; done.notes += erased) {
      erased = await eraseNotes(database, group);
    }
  }
  return done;
}

async function expiredGroups(database: Database, now: Temporal.Instant): Promise<Group[]> {
  const { catalogue } = await catalogueAt(database, now);
  const countries = await database.selectFrom('party').select('country').where('demo', '=', false).distinct().execute();
  const places = await readPeople(
    database,
    countries.map((row) => row.country),
  );
  const groups = new Map<string, Group>();
  for (const { country, regions } of places) {
    const years = yearsToKeep(catalogue, [country], regions);
    if (years === null) continue;
    const months = Math.ceil(years * 12);
    const before = now.toZonedDateTimeISO('UTC').subtract({ months }).toInstant().toString();
    groups.set(`${country} ${regions.join(' ')}`, { country, regions, before });
  }
  return [...groups.values()];
}

/** Of the group, with whom nothing has happened since and who owe nothing. Index: contact_attempt_by_party. */
function isOver(party: RawBuilder<unknown>, { country, regions, before }: Group): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from party p where p.id = ${party} and p.country = ${country} and p.regions = ${regions}::text[] and not p.demo
      and not exists (select from contact_attempt later where later.party_id = p.id and later.reserved_at >= ${before}::timestamptz)
      and not exists (select from posting pay join debt_party dp on dp.debt_id = pay.debt_id
        where dp.party_id = p.id and pay.at >= ${before}::timestamptz)
      and not exists (select from debt_party dp join debt d on d.id = dp.debt_id
        where dp.party_id = p.id and d.state = 'open' and d.balance_minor > 0))`;
}

/** An event tells of a person by itself or by an attempt. Months before the moment alone are read. */
function isExpiredEvent(group: Group): RawBuilder<boolean> {
  return sql<boolean>`e.at < ${group.before}::timestamptz and e.body is not null and case e.subject
    when 'party' then ${isOver(sql`e.subject_id::uuid`, group)}
    when 'attempt' then ${isOver(sql`(select party_id from contact_attempt where id = e.subject_id::uuid)`, group)}
    else false end`;
}

function hasExpiredNote(group: Group): RawBuilder<boolean> {
  return sql<boolean>`a.id < uuid_v7_from(${group.before}::timestamptz) and ${isOver(sql`a.party_id`, group)} and (
    exists (select from outcome where attempt_id = a.id and note is not null) or exists (select from attempt_note where attempt_id = a.id))`;
}

async function eraseSome(database: Database, group: Group): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: bigint }>`
      select e.id from event e where ${isExpiredEvent(group)} order by e.id limit ${BATCH}`.execute(transaction);
    return eraseBodies(
      transaction,
      rows.map((row) => row.id),
      'retention',
    );
  });
}

async function eraseNotes(database: Database, group: Group): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: string }>`
      select a.id from contact_attempt a where ${hasExpiredNote(group)} order by a.id limit ${BATCH}`.execute(transaction);
    const ids = rows.map((row) => row.id);
    await sql`update outcome set note = null where attempt_id = any(${ids}::uuid[])`.execute(transaction);
    await sql`delete from attempt_note where attempt_id = any(${ids}::uuid[])`.execute(transaction);
    await record(
      transaction,
      ids.map((id) => ({ kind: 'note.erased', subject: 'note', subjectId: id, actor: 'retention', body: {} })),
    );
    return ids.length;
  });
}

async function count(database: Database, query: RawBuilder<unknown>): Promise<number> {
  const { rows } = await query.execute(database);
  const [row] = rows as { count: number }[];
  return row?.count ?? 0;
}
