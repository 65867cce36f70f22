import { hash, randomBytes } from 'node:crypto';
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Schema } from './schema.ts';

const SALT_BYTES = 16;

/** Any value that JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** One change of state, as the history keeps it. `body` may hold ids, never names or numbers. */
export interface HistoryEvent {
  kind: string;
  subject: string;
  subjectId: string;
  /** Who did it: a user's id, or the role of a process. */
  actor: string;
  body: { readonly [key: string]: Json | undefined };
  /** When it happened; the database's clock when left out. */
  at?: Temporal.Instant;
}

/** JSON with sorted keys and no white space, so that equal values have equal bytes (as RFC 8785 for strings, booleans and integers). */
export function canonicalJson(value: Json | undefined): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  const fields = value as Record<string, Json | undefined>;
  let text = '';
  // By UTF-16 code units, which is how text sorts by itself.
  for (const key of Object.keys(fields).toSorted()) {
    const item = fields[key];
    if (item !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(item)}`;
  }
  return `{${text}}`;
}

/** The leaf of an event: SHA-256 over salt and canonical body. It stays when body and salt are erased for privacy (invariant I9). */
export function leafOf(salt: Uint8Array, canonicalBody: string): Buffer {
  return hash('sha256', Buffer.concat([salt, Buffer.from(canonicalBody)]), 'buffer');
}

/** Writes events into the history in one statement, in the caller's transaction where it has one. */
export async function record(database: Kysely<Schema>, events: readonly HistoryEvent[]): Promise<void> {
  if (events.length > 0) await insertion(events).execute(database);
}

/**
 * The insert of events, to stand as a part of a larger statement. `subjects`: a query of ids as text; events of any other subject are
 * then left out, so that what a statement did not change is not told either.
 */
export function insertion(events: readonly HistoryEvent[], subjects?: RawBuilder<unknown>): RawBuilder<unknown> {
  const salts = randomBytes(SALT_BYTES * events.length);
  const rows = events.map((event, index) => {
    const salt = salts.subarray(index * SALT_BYTES, (index + 1) * SALT_BYTES);
    const { kind, subject, subjectId, actor } = event;
    const body = canonicalJson({ kind, subject, subjectId, actor, ...event.body });
    return { ...event, body, salt, leaf: leafOf(salt, body) };
  });
  return sql`
    insert into event (kind, subject, subject_id, actor, body, salt, leaf, at)
    select kind, subject, subject_id, actor, body, salt, leaf, coalesce(at, clock_timestamp())
    from unnest(${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.subject)}::text[],
      ${rows.map((row) => row.subjectId)}::text[], ${rows.map((row) => row.actor)}::text[], ${rows.map((row) => row.body)}::jsonb[],
      ${rows.map((row) => row.salt)}::bytea[], ${rows.map((row) => row.leaf)}::bytea[],
      ${rows.map((row) => row.at?.toString() ?? null)}::timestamptz[])
      with ordinality as given (kind, subject, subject_id, actor, body, salt, leaf, at, place)
    ${subjects === undefined ? sql`` : sql`where subject_id in (${subjects})`}
    order by place`;
}

/**
 * Writes an event whose body holds a long list of what the database knows. `items`: a query of `item`, canonical JSON
 * as text, and `place`, their order. The leaf is that of `record`, but the list makes no journey.
 */
export async function recordList(
  database: Kysely<Schema>,
  event: HistoryEvent,
  name: string,
  items: RawBuilder<unknown>,
): Promise<void> {
  const { kind, subject, subjectId, actor, body } = event;
  const [before, after, ...more] = canonicalJson({ kind, subject, subjectId, actor, ...body, [name]: [MARK] }).split(`"${MARK}"`);
  if (before === undefined || after === undefined || more.length > 0) throw new RangeError(`No place for the list ${name}`);
  await sql`
    insert into event (kind, subject, subject_id, actor, body, salt, leaf)
    select ${kind}, ${subject}, ${subjectId}, ${actor}, body::jsonb, salt, sha256(salt || convert_to(body, 'UTF8'))
    from (select ${before} || coalesce(string_agg(item, ',' order by place), '') || ${after} as body from (${items}) item) written,
      (select ${randomBytes(SALT_BYTES)}::bytea as salt) salted`.execute(database);
}

/** Stands for a list's items until they are known. */
const MARK = 'items of the list';

/**
 * Erases body and salt of these events for privacy and records that it did, in one transaction with the caller's. The leaves stay, and so
 * does every proof (invariant I9). Returns how many had a body.
 */
export async function eraseBodies(database: Kysely<Schema>, ids: readonly bigint[], actor: string): Promise<number> {
  const erased = await sql<{ id: bigint }>`
    update event set body = null, salt = null where id = any(${ids.map(String)}::bigint[]) and body is not null returning id`.execute(
    database,
  );
  const count = erased.rows.length;
  if (count > 0) {
    const [first] = erased.rows;
    const body = { ids: erased.rows.map(({ id }) => id.toString()) };
    await record(database, [{ kind: 'history.erased', subject: 'event', subjectId: String(first?.id), actor, body }]);
  }
  return count;
}
