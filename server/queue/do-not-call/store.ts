/** Lists of numbers that are not to be called, as they are kept. */
import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import { doNotCallResult, type DoNotCallBlocks, type DoNotCallList, type DoNotCallSource } from '../../contract/do-not-call.ts';
import { isPhoneCountry } from '../../debtors/phones.ts';
import { zonesOfCountry } from '../../debtors/zones.ts';
import { refuse } from '../../debtors/import/faults.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import type { Schema } from '../../kernel/schema.ts';

/** A list that is to be taken; its file stays where it is until it has been. */
export interface ListToTake {
  name: string;
  source: DoNotCallSource;
  blocks: DoNotCallBlocks;
  /** ISO 3166-1. */
  country: string;
  /** ISO date. */
  until: string | null;
  fileName: string;
  filePath: string;
  errorsPath: string;
  dryRun: boolean;
  demo: boolean;
  /** A user's id; null: from the command line. */
  createdBy: string | null;
}

/** How far a list is, so that a worker that takes over goes on from there. */
export const listProgress = z.object({
  done: z.number().default(0),
  /** What was counted when its numbers were put on the list. */
  counted: doNotCallResult.omit({ people: true, left: true, calledOff: true }).optional(),
  people: z.number().default(0),
  left: z.number().default(0),
  calledOff: z.number().default(0),
});
export type ListProgress = z.infer<typeof listProgress>;

/** A list as those need it who take or lift it. */
export interface StoredList {
  id: string;
  blocks: DoNotCallBlocks;
  country: string;
  filePath: string;
  errorsPath: string;
  dryRun: boolean;
  state: DoNotCallList['state'];
  progress: ListProgress;
  /** ISO; null: it never expires by itself. */
  expiresAt: string | null;
  createdBy: string | null;
  lifted: boolean;
}

/**
 * Notes a list that is to be taken, and returns its id. Throws `import_unknown_country` and `date_passed`, each naming its field. Its last day
 * ends when it has ended everywhere in the country.
 */
export async function createList(transaction: Kysely<Schema>, list: ListToTake): Promise<string> {
  const { country, until, createdBy } = list;
  if (!isPhoneCountry(country)) {
    throw refuse(
      'import_unknown_country',
      `Unknown country ${JSON.stringify(country)}; give an ISO 3166 code like SA`,
      'country',
    );
  }
  const expiresAt = until === null ? null : endOfDay(until, country);
  if (expiresAt !== null && Temporal.Instant.compare(expiresAt, Temporal.Now.instant()) <= 0) {
    throw new Refusal('date_passed', 'The day has passed.', { field: 'until' });
  }
  const { id } = await transaction
    .insertInto('do_not_call_list')
    .values({
      name: list.name,
      source: list.source,
      blocks: list.blocks,
      country,
      until,
      ...(expiresAt !== null && { expires_at: expiresAt.toString() }),
      file_name: list.fileName,
      file_path: list.filePath,
      errors_path: list.errorsPath,
      dry_run: list.dryRun,
      demo: list.demo,
      created_by: createdBy,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { source, blocks, dryRun } = list;
  const body = { source, blocks, country, until, dryRun };
  const event = { kind: 'do_not_call.queued', subject: 'do_not_call', subjectId: id, actor: createdBy ?? 'command' };
  await record(transaction, [{ ...event, body }]);
  return id;
}

function endOfDay(day: string, country: string): Temporal.Instant {
  const next = Temporal.PlainDate.from(day).add({ days: 1 });
  const zones = zonesOfCountry(country);
  const ends = (zones.length > 0 ? zones : ['UTC']).map((zone) => next.toZonedDateTime(zone).toInstant());
  return ends.reduce((last, end) => (Temporal.Instant.compare(end, last) > 0 ? end : last));
}

/** A list as it stands. Throws `unknown_list` (404). */
export async function readList(database: Kysely<Schema>, id: string): Promise<StoredList> {
  const row = await database
    .selectFrom('do_not_call_list')
    .selectAll()
    .select(sql<string | null>`case when expires_at < 'infinity' then expires_at::text end`.as('expires'))
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw unknownList();
  return {
    id: row.id,
    blocks: row.blocks,
    country: row.country,
    filePath: row.file_path,
    errorsPath: row.errors_path,
    dryRun: row.dry_run,
    state: row.state,
    progress: listProgress.parse(row.progress),
    expiresAt: row.expires,
    createdBy: row.created_by,
    lifted: row.lifted_at !== null,
  };
}

/** The refusal of a list that is not there. */
export function unknownList(): Refusal {
  return new Refusal('unknown_list', 'There is no such list.', { field: 'id', status: 404 });
}

/** Says how far a list is, in the transaction that did the work where there is one. */
export async function writeListProgress(database: Kysely<Schema>, id: string, progress: ListProgress): Promise<void> {
  await database
    .updateTable('do_not_call_list')
    .set({ state: 'running', progress: JSON.stringify(progress) })
    .where('id', '=', id)
    .execute();
}

/** Ends a list that cannot be taken; only a Refusal's words are kept, since any other text may hold anything. */
export async function writeListFailure(database: Kysely<Schema>, id: string, error: unknown): Promise<void> {
  const known = error instanceof Refusal ? error : new Refusal('internal', 'The list could not be taken; send it again');
  await database
    .updateTable('do_not_call_list')
    .set({
      state: 'failed',
      error: JSON.stringify({ code: known.code, message: known.message, field: known.field }),
      ended_at: sql<string>`clock_timestamp()`,
    })
    .where('id', '=', id)
    .execute();
}

/** How many lists are shown. */
const LAST = 100;

/** The newest lists, or the one asked for; accounts of the demo see what accounts of the demo sent. */
export async function readLists(
  database: Kysely<Schema>,
  viewer: { demo: boolean },
  id: string | null = null,
): Promise<DoNotCallList[]> {
  const rows = await database
    .selectFrom('do_not_call_list as list')
    .leftJoin('app_user as sender', 'sender.id', 'list.created_by')
    .leftJoin('app_user as lifter', 'lifter.id', 'list.lifted_by')
    .selectAll('list')
    .select(['sender.display_name as sender_name', 'lifter.display_name as lifter_name'])
    .$if(viewer.demo, (query) => query.where('list.demo', '=', true))
    .$if(id !== null, (query) => query.where('list.id', '=', id))
    .orderBy('list.id', 'desc')
    .limit(LAST)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    source: row.source,
    blocks: row.blocks,
    country: row.country,
    until: row.until,
    fileName: row.file_name,
    dryRun: row.dry_run,
    state: row.state,
    done: listProgress.catch({ done: 0, people: 0, left: 0, calledOff: 0 }).parse(row.progress).done,
    result: doNotCallResult.nullable().parse(row.result),
    error: row.error as DoNotCallList['error'],
    by: row.sender_name,
    createdAt: row.created_at.toString({ fractionalSecondDigits: 3 }),
    liftedAt: row.lifted_at?.toString({ fractionalSecondDigits: 3 }) ?? null,
    liftedBy: row.lifter_name,
  }));
}

/** Lists whose last day has ended and whose numbers still hold. */
export async function readExpiredLists(database: Kysely<Schema>): Promise<string[]> {
  const rows = await database
    .selectFrom('do_not_call_list')
    .select('id')
    .where('expires_at', '<=', sql<Temporal.Instant>`clock_timestamp()`)
    .where('state', '=', 'done')
    .where('dry_run', '=', false)
    .where('lifted_at', 'is', null)
    .execute();
  return rows.map((row) => row.id);
}
