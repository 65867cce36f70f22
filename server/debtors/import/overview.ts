import type { Kysely } from 'kysely';
import { importProgress, importResult, importRow, type ImportRow } from '../../contract/imports.ts';
import type { Schema } from '../../kernel/schema.ts';

/** How many imports a list shows. */
const LAST = 100;

/** The newest imports first. */
export async function listImportRows(database: Kysely<Schema>): Promise<ImportRow[]> {
  const rows = await database.selectFrom('import').selectAll().orderBy('id', 'desc').limit(LAST).execute();
  return rows.map(rowOf);
}

/** One import as people see it, or null. */
export async function readImportRow(database: Kysely<Schema>, id: string): Promise<ImportRow | null> {
  const row = await database.selectFrom('import').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? rowOf(row) : null;
}

/** Where the file of rejected rows is or will be, or null when there is no such import. */
export async function readErrorsPath(database: Kysely<Schema>, id: string): Promise<string | null> {
  const row = await database.selectFrom('import').select('errors_path').where('id', '=', id).executeTakeFirst();
  return row?.errors_path ?? null;
}

function rowOf(row: {
  id: string;
  file_name: string;
  campaign_id: string | null;
  profile: string | null;
  dry_run: boolean;
  state: ImportRow['state'];
  progress: unknown;
  result: unknown;
  error: unknown;
  created_at: Temporal.Instant;
}): ImportRow {
  return {
    id: row.id,
    fileName: row.file_name,
    campaignId: row.campaign_id,
    profile: row.profile,
    dryRun: row.dry_run,
    state: row.state,
    progress: importProgress.catch({}).parse(row.progress),
    result: importResult.nullable().parse(row.result),
    error: importRow.shape.error.parse(row.error),
    createdAt: row.created_at.toString({ fractionalSecondDigits: 3 }),
  };
}
