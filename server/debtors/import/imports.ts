import { sql } from 'kysely';
import { z } from 'zod';
import { RELATED_ROLES } from '../../contract/by-hand.ts';
import { CHANGE_ACTIONS, importResult, REJECT_REASONS, type ImportResult, type ImportRow } from '../../contract/imports.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { refuse } from './faults.ts';
import { resolveFormat, type ListOptions } from './profiles.ts';

/** A list to be imported. The file stays where it is until the import has ended. */
export interface ImportRequest {
  filePath: string;
  fileName: string;
  /** Name of a shipped profile; single options win over it. */
  profile: string | null;
  /** The profile of an admin that the options were taken from. */
  ownProfile?: { id: string; version: number } | null;
  options?: ListOptions;
  /** Where the list's debts are to be worked. */
  campaignId: string | null;
  /** Whose debts they are; the campaign's creditor, or one named after the profile, when left out. */
  creditorId?: string | null;
  dryRun: boolean;
  createdBy?: string | null;
  /** Where the error file goes; beside the list when left out. */
  errorsPath?: string;
}

/** What reading a list found, kept so that a worker that takes over need not read it again. */
const reading = z.object({
  rows: z.number(),
  accepted: z.number(),
  /** Rows left in the staging table: the last of each account. */
  kept: z.number(),
  lastRow: z.number(),
  rejected: z.number(),
  reasons: z.partialRecord(z.enum(REJECT_REASONS), z.number()),
  classes: z.object({ new: z.number(), updated: z.number(), duplicate: z.number(), badIdentities: z.number() }),
  badIbans: z.number().default(0),
  unknownRegions: z.number().default(0),
  /** Roles that the list has columns for, and what could not be taken of them. */
  relates: z.array(z.enum(RELATED_ROLES)).default([]),
  badRelatedPhones: z.number().default(0),
  relatedUnnamed: z.number().default(0),
  /** See `MergeScope`. Empty where a list was staged before its numbers had places: it is read again. */
  phoneIds: z.string().default(''),
  /** Accounts of rejected rows, kept only where a list that leaves accounts out recalls them. */
  rejectedAccounts: z.array(z.string()).default([]),
  /** How many accounts the list recalls by leaving them out. */
  recalled: z.number().optional(),
});
export type Reading = z.infer<typeof reading>;

/** How far an import is. `mergedThrough`: the last row whose account has been merged, or waits in the last lane, which has been merged through `lastLaneThrough`. */
export const importState = z.object({
  phase: z.enum(['reading', 'merging']).default('reading'),
  bytesRead: z.number().default(0),
  bytesTotal: z.number().default(0),
  rows: z.number().default(0),
  mergedThrough: z.number().default(0),
  lastLaneThrough: z.number().optional(),
  read: reading.optional(),
  /** Through which row it was taken who else stands for the debts, and what that changed. */
  related: z.object({ through: z.number(), added: z.number(), changed: z.number(), removed: z.number() }).optional(),
  /** Of a file of changes: what has been done so far. */
  changed: z
    .object({ updated: z.number(), duplicate: z.number(), actions: z.partialRecord(z.enum(CHANGE_ACTIONS), z.number()) })
    .optional(),
  /** What took effect on the queues at once. */
  atOnce: z.object({ left: z.number(), calledOff: z.number() }).default({ left: 0, calledOff: 0 }),
});
export type ImportState = z.infer<typeof importState>;

/** An import as its runner needs it. */
export interface StoredImport extends Required<Omit<ImportRequest, 'options' | 'ownProfile'>> {
  id: string;
  options: ListOptions;
  state: ImportRow['state'];
  progress: ImportState;
  result: ImportResult | null;
  /** Taken back again. */
  undone: boolean;
}

/**
 * Notes an import that is to run, and returns its id. Throws a Refusal for an unknown profile, country, currency or campaign before
 * anything is written.
 */
export async function createImport(database: Database | Tx, request: ImportRequest): Promise<string> {
  resolveFormat(request.profile, request.options ?? {});
  if (request.campaignId !== null) {
    const campaign = await database.selectFrom('campaign').select('id').where('id', '=', request.campaignId).executeTakeFirst();
    if (!campaign) throw refuse('import_unknown_campaign', 'There is no such campaign', 'campaignId');
  }
  const row = await database
    .insertInto('import')
    .values({
      campaign_id: request.campaignId,
      creditor_id: request.creditorId ?? null,
      profile: request.profile,
      mapping: request.options ? JSON.stringify(request.options) : null,
      file_name: request.fileName,
      file_path: request.filePath,
      own_profile_id: request.ownProfile?.id ?? null,
      own_profile_version: request.ownProfile?.version ?? null,
      dry_run: request.dryRun,
      errors_path: request.errorsPath ?? `${request.filePath}.errors.csv`,
      created_by: request.createdBy ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** An import as it stands. Throws a Refusal (404) for an unknown id. */
export async function readImport(database: Database, id: string): Promise<StoredImport> {
  const row = await database.selectFrom('import').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new Refusal('not_found', 'There is no such import', { status: 404 });
  return {
    id: row.id,
    filePath: row.file_path,
    fileName: row.file_name,
    profile: row.profile,
    options: row.mapping === null ? {} : (row.mapping as ListOptions),
    campaignId: row.campaign_id,
    creditorId: row.creditor_id,
    dryRun: row.dry_run,
    createdBy: row.created_by,
    errorsPath: row.errors_path ?? `${row.file_path}.errors.csv`,
    state: row.state,
    progress: importState.parse(row.progress),
    result: row.result === null ? null : importResult.parse(row.result),
    undone: row.undone_at !== null,
  };
}

/** Says how far an import is, in the transaction that did the work where there is one. */
export async function writeProgress(database: Database | Tx, id: string, progress: ImportState): Promise<void> {
  await database
    .updateTable('import')
    .set({ state: 'running', progress: JSON.stringify(progress) })
    .where('id', '=', id)
    .execute();
}

/** Ends an import with what it counted, and whose debts it brought. */
export async function writeResult(database: Database, id: string, result: ImportResult, creditorId: string): Promise<void> {
  await database
    .updateTable('import')
    .set({
      state: 'done',
      creditor_id: creditorId,
      result: JSON.stringify(result),
      error: null,
      ended_at: sql<string>`clock_timestamp()`,
    })
    .where('id', '=', id)
    .execute();
}

/** Ends an import that cannot go on; only a Refusal's words are kept, since any other text may hold anything. */
export async function writeFailure(database: Database, id: string, error: unknown): Promise<void> {
  const known = error instanceof Refusal ? error : new Refusal('internal', 'The import failed; it can be started again');
  await database
    .updateTable('import')
    .set({
      state: 'failed',
      error: JSON.stringify({ code: known.code, message: known.message, field: known.field, ...columnOf(known) }),
      ended_at: sql<string>`clock_timestamp()`,
    })
    .where('id', '=', id)
    .execute();
}

/** The column a refusal is about: the name of one in the list, or of one that should be. */
function columnOf({ details }: Refusal): { column?: string } {
  const column = details['column'];
  return typeof column === 'string' ? { column } : {};
}

/**
 * Whose debts an import brings: the creditor it names, its campaign's, or one named after the profile; and whether all is demo. Throws a
 * Refusal where a demo campaign meets a real creditor or the other way round.
 */
export async function resolveCreditor(database: Database, stored: StoredImport): Promise<{ creditorId: string; demo: boolean }> {
  const campaign =
    stored.campaignId === null
      ? undefined
      : await database
          .selectFrom('campaign')
          .select(['creditor_id', 'demo'])
          .where('id', '=', stored.campaignId)
          .executeTakeFirst();
  const demo = campaign?.demo ?? false;
  const named = stored.creditorId ?? campaign?.creditor_id ?? null;
  if (named === null)
    return { creditorId: await ensureCreditor(database, `${demo ? 'Demo ' : ''}${stored.profile ?? 'creditor'}`, demo), demo };
  const creditor = await database.selectFrom('creditor').select('demo').where('id', '=', named).executeTakeFirst();
  if (campaign && creditor && creditor.demo !== demo) {
    throw refuse(
      'import_demo_and_real',
      'A demo campaign takes lists of demo creditors only, a real one of real creditors only',
      'campaign',
    );
  }
  return { creditorId: named, demo: creditor?.demo ?? demo };
}

/** The id of the creditor with a name, made if there is none. Throws a Refusal when it exists as the other kind (demo or real). */
export async function ensureCreditor(database: Database, name: string, demo: boolean): Promise<string> {
  await database
    .insertInto('creditor')
    .values({ name, demo })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const row = await database.selectFrom('creditor').select(['id', 'demo']).where('name', '=', name).executeTakeFirstOrThrow();
  if (row.demo !== demo)
    throw refuse('import_demo_and_real', `The creditor ${JSON.stringify(name)} is ${row.demo ? 'a demo' : 'real'}`, 'creditor');
  return row.id;
}
