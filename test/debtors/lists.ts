import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { createImport, type ImportRequest } from '../../server/debtors/import/imports.ts';
import { runImport, type ImportRun } from '../../server/debtors/import/run.ts';
import type { ImportResult } from '../../server/contract/imports.ts';
import type { FreshDatabase } from '../support/database.ts';

export const LISTS = join(import.meta.dirname, '../data/lists');

/** The four sample files with the profile each is read by. */
export const SAMPLES = [
  ['sa-bank', 'sa-bank.csv'],
  ['eg-telecom', 'eg-telecom.csv'],
  ['ir-leasing', 'ir-leasing.tsv'],
  ['us-agency', 'us-agency.csv'],
] as const;

const expectations = z.object({
  files: z.record(
    z.string(),
    z.looseObject({
      rows: z.number(),
      new: z.number(),
      updated: z.number(),
      duplicate: z.number(),
      rejected: z.number(),
      debtors: z.number(),
    }),
  ),
});

/** What `expected.json` in a folder says of a file, in the shape of an import's result. */
export function expected(folder: string, file: string): Record<string, unknown> {
  const found = expectations.parse(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))).files[file];
  if (!found) throw new Error(`No expectation for ${file}`);
  const { country: _, ...result } = found;
  return result;
}

/** Writes other lists of the same four kinds into a folder. */
export function generateLists(folder: string, rows: number, seed: number): void {
  execFileSync(process.execPath, [join(LISTS, 'generate.mjs'), '--rows', String(rows), '--seed', String(seed), '--out', folder]);
}

/** A folder of one test file's own; the caller removes it. */
export function scratchFolder(): { path: string; file(name: string, content: string | Buffer): string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'wusul-lists-'));
  return {
    path,
    file(name, content) {
      const target = join(path, name);
      writeFileSync(target, content);
      return target;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Imports a file and returns what it counted; the error file goes into `folder`. */
export async function importFile(
  fresh: Pick<FreshDatabase, 'pool' | 'database'>,
  filePath: string,
  request: Partial<ImportRequest> & { errorsPath: string },
  run: Partial<ImportRun> = {},
): Promise<ImportResult> {
  const importId = await createImport(fresh.database, {
    filePath,
    fileName: 'list.csv',
    profile: null,
    campaignId: null,
    dryRun: false,
    ...request,
  });
  return runImport({ pool: fresh.pool, database: fresh.database, importId, ...run });
}
