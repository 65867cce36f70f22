import type { Kysely } from 'kysely';
import { z } from 'zod';
import { importProgress, importResult, importRow, type ImportRow } from '../../contract/imports.ts';
import type { Schema } from '../../kernel/schema.ts';

/** How many imports a list shows. */
const LAST = 100;

/** Whose imports: accounts of the demo see only those into campaigns of the demo. */
export interface Viewer {
  demo: boolean;
}

const EVERYBODY: Viewer = { demo: false };

/** The newest imports first. */
export async function listImportRows(database: Kysely<Schema>, viewer: Viewer): Promise<ImportRow[]> {
  const rows = await visible(database, viewer).orderBy('id', 'desc').limit(LAST).execute();
  return rows.map(rowOf);
}

/** One import as people see it, or null. */
export async function readImportRow(database: Kysely<Schema>, id: string, viewer = EVERYBODY): Promise<ImportRow | null> {
  const row = await visible(database, viewer).where('id', '=', id).executeTakeFirst();
  return row ? rowOf(row) : null;
}

/** Where the file of rejected rows is or will be, or null when there is no such import. */
export async function readErrorsPath(database: Kysely<Schema>, id: string): Promise<string | null> {
  const row = await database.selectFrom('import').select('errors_path').where('id', '=', id).executeTakeFirst();
  return row?.errors_path ?? null;
}

function visible(database: Kysely<Schema>, viewer: Viewer) {
  return database
    .selectFrom('import')
    .selectAll('import')
    .select((eb) =>
      eb
        .selectFrom('import_profile_version as own')
        .select('own.name')
        .whereRef('own.profile_id', '=', 'import.own_profile_id')
        .whereRef('own.version', '=', 'import.own_profile_version')
        .as('own_profile'),
    )
    .$if(viewer.demo, (query) =>
      query.where('campaign_id', 'in', (eb) => eb.selectFrom('campaign').select('campaign.id').where('campaign.demo', '=', true)),
    );
}

const stored = z.object({ kind: z.enum(['list', 'changes']) });

function rowOf(row: {
  id: string;
  file_name: string;
  campaign_id: string | null;
  profile: string | null;
  own_profile: string | null;
  dry_run: boolean;
  state: ImportRow['state'];
  progress: unknown;
  result: unknown;
  error: unknown;
  created_at: Temporal.Instant;
  undone_at: Temporal.Instant | null;
  mapping: unknown;
}): ImportRow {
  return {
    id: row.id,
    fileName: row.file_name,
    campaignId: row.campaign_id,
    profile: row.own_profile ?? row.profile,
    dryRun: row.dry_run,
    state: row.state,
    progress: importProgress.catch({}).parse(row.progress),
    result: importResult.nullable().parse(row.result),
    error: importRow.shape.error.parse(row.error),
    createdAt: row.created_at.toString({ fractionalSecondDigits: 3 }),
    undoneAt: row.undone_at?.toString({ fractionalSecondDigits: 3 }) ?? null,
    kind: stored.catch({ kind: 'list' }).parse(row.mapping).kind,
  };
}
