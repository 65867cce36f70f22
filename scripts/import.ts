import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Pool } from 'pg';
import { findCampaign } from '../server/campaigns/store.ts';
import { loadSettings } from '../server/config.ts';
import type { ImportResult } from '../server/contract/imports.ts';
import { refuse } from '../server/debtors/import/faults.ts';
import { createImport, ensureCreditor } from '../server/debtors/import/imports.ts';
import { PROFILES, resolveFormat, type ListOptions } from '../server/debtors/import/profiles.ts';
import { runImport, type ImportRun } from '../server/debtors/import/run.ts';
import { creditorOf, findOwnProfile, withOptions, type OwnProfile } from '../server/debtors/import/own-profiles.ts';
import { proposeMatches } from '../server/debtors/matching/proposals.ts';
import { FIELDS, type Field } from '../server/debtors/import/synonyms.ts';
import type { Database } from '../server/kernel/database.ts';
import { Refusal } from '../server/kernel/errors.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { borrowDatabase, runningDatabase } from '../server/machine/borrow.ts';
import { lockPeople } from '../server/queue/locks.ts';
import { enrolImported } from '../server/worker/enrol-imported.ts';
import { withPool, withScratchDatabase } from './postgres.ts';
import { misuse, readOptions, tell, wholeNumber } from './report.ts';

/**
 * `npm run import -- FILE --campaign NAME [--profile P] [--dry-run] [--json]` imports a debtor list;
 * `npm run import -- FILE --campaign NAME --profile P --kind changes [--action payment]` takes payments, new balances, recalls and closed accounts;
 * `--absent recalled --recalls N` recalls the N accounts that a full list leaves out (a dry run says how many);
 * `--profile` is one that ships or one that an admin keeps;
 * `npm run import -- FILE --profile P --check [--json]` does so into a database made for it and dropped again.
 */

const COMMAND = 'import';
const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, positionals } = readOptions(COMMAND, process.argv.slice(2), {
  campaign: text,
  profile: text,
  creditor: text,
  errors: text,
  'dry-run': flag,
  check: flag,
  json: flag,
  country: text,
  currency: text,
  calendar: text,
  order: text,
  decimal: text,
  identity: text,
  encoding: text,
  delimiter: text,
  toman: { type: 'boolean' },
  kind: text,
  action: text,
  absent: text,
  recalls: text,
  map: { type: 'string', multiple: true },
});
const [file, ...more] = positionals;
if (file === undefined) misuse(COMMAND, 'name a file: npm run import -- FILE --campaign NAME');
if (more.length > 0) misuse(COMMAND, 'one file at a time');
if (!existsSync(file) || !statSync(file).isFile()) misuse(COMMAND, `there is no file ${file}`);
if (!values.check && values.campaign === undefined)
  misuse(COMMAND, 'say which campaign works the list: --campaign NAME (or try it with --check)');
if (values.check && values.campaign !== undefined) misuse(COMMAND, '--check needs no campaign: nothing stays of it');

const filePath = resolve(file);
const profile = values.profile ?? null;
/** A profile that an admin keeps stands in the database; one that ships needs none. */
const ownName = profile === null || Object.hasOwn(PROFILES, profile) ? null : profile;
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const options = listOptions();
  if (ownName === null) resolveFormat(profile, options);
  const result = !values.check
    ? await importForGood(options)
    : ownName === null
      ? await check(runningDatabase(loadSettings()), profile, options)
      : await checkByOwn(ownName, options);
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else process.stdout.write(table(result));
} catch (error) {
  if (stop.signal.aborted) {
    tell('import: stopped between two batches; the same command goes on where it stopped');
    process.exitCode = 130;
  } else if (error instanceof Refusal) {
    if (values.json)
      process.stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.message, field: error.field } })}\n`);
    misuse(COMMAND, error.message);
  } else throw error;
}

async function checkByOwn(name: string, options: ListOptions): Promise<ImportResult> {
  const borrowed = await borrowDatabase(loadSettings());
  try {
    const own = await withPool(borrowed.databaseUrl, async (_, database) => {
      await migrateToLatest(database);
      return findOwnProfile(database, { name });
    });
    return await check(borrowed.databaseUrl, null, withOptions(own, options));
  } finally {
    await borrowed.release();
  }
}

async function check(serverUrl: string | null, shipped: string | null, options: ListOptions): Promise<ImportResult> {
  const folder = mkdtempSync(join(tmpdir(), 'wusul-check-'));
  const errorsPath = values.errors === undefined ? join(folder, 'errors.csv') : resolve(values.errors);
  try {
    return await withScratchDatabase(serverUrl, (url) =>
      withPool(url, async (pool, database) => {
        const fileName = basename(filePath);
        const request = { filePath, fileName, profile: shipped, options, campaignId: null, dryRun: false, errorsPath };
        return follow({ pool, database, importId: await createImport(database, request) });
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function importForGood(options: ListOptions): Promise<ImportResult> {
  const borrowed = await borrowDatabase(loadSettings());
  try {
    return await withPool(borrowed.databaseUrl, (pool, database) => importInto(pool, database, options));
  } finally {
    await borrowed.release();
  }
}

async function importInto(pool: Pool, database: Database, given: ListOptions): Promise<ImportResult> {
  await migrateToLatest(database);
  const name = values.campaign ?? '';
  const campaign = await findCampaign(database, name);
  if (!campaign) throw refuse('import_unknown_campaign', `There is no campaign ${JSON.stringify(name)}`, 'campaign');
  const own: OwnProfile | null = ownName === null ? null : await findOwnProfile(database, { name: ownName });
  const options = own === null ? given : withOptions(own, given);
  const named = values.creditor === undefined ? null : await ensureCreditor(database, values.creditor, campaign.demo);
  const creditorId = named ?? (own === null ? null : await creditorOf(database, own, campaign.id));
  const errorsPath = values.errors === undefined ? `${filePath}.errors.csv` : resolve(values.errors);
  const request = {
    filePath,
    fileName: basename(filePath),
    profile: own === null ? profile : null,
    ownProfile: own,
    options,
    campaignId: campaign.id,
    creditorId,
    dryRun: values['dry-run'],
    errorsPath,
  };
  const importId = await createImport(database, request);
  const result = await follow({ pool, database, importId, afterMerge: enrolImported, lockPeople });
  await proposeMatches(database, importId);
  if (result.rejected > 0) tell(`What is wrong with the rejected rows: ${errorsPath}`);
  return result;
}

/** Runs an import with a bar for whoever watches. */
async function follow(
  run: Pick<ImportRun, 'pool' | 'database' | 'importId' | 'afterMerge' | 'lockPeople'>,
): Promise<ImportResult> {
  const bar = new SingleBar({
    format: '{phase} [{bar}] {percentage}%  {rows} rows',
    stream: process.stderr,
    clearOnComplete: true,
    noTTYOutput: false,
  });
  const watched = process.stderr.isTTY && !values.json;
  if (watched) bar.start(100, 0, { phase: 'reading', rows: 0 });
  try {
    return await runImport({
      ...run,
      signal: stop.signal,
      onProgress: ({ phase, bytesRead = 0, bytesTotal = 0, rows = 0, mergedThrough, related }) => {
        const through = related?.through ?? mergedThrough;
        const share = phase === 'reading' ? bytesRead / Math.max(1, bytesTotal) : through / Math.max(1, rows);
        const name = related === undefined ? phase : 'relations';
        if (watched) bar.update(Math.min(100, Math.floor(share * 100)), { phase: name, rows });
      },
    });
  } finally {
    if (watched) bar.stop();
  }
}

function listOptions(): ListOptions {
  const { country, currency, calendar, order, decimal, identity, encoding, toman, kind, action, absent } = values;
  const recalls =
    values.recalls === undefined
      ? undefined
      : wholeNumber(COMMAND, 'recalls', values.recalls, { otherwise: 0, least: 0, most: 100_000_000 });
  const delimiter = values.delimiter === 'tab' ? '\t' : values.delimiter;
  const given = {
    country,
    currency,
    calendar,
    order,
    decimal,
    identity,
    encoding,
    delimiter,
    toman,
    kind,
    action,
    absent,
    recalls,
  };
  const columns: Partial<Record<Field, string[]>> = {};
  for (const pair of values.map ?? []) {
    const [name = '', ...rest] = pair.split('=');
    const field = FIELDS.find((known) => known === name);
    if (field === undefined || rest.length === 0)
      misuse(COMMAND, `--map takes FIELD="Column name", FIELD being one of ${FIELDS.join(', ')}`);
    (columns[field] ??= []).push(rest.join('='));
  }
  // Values are checked as a whole where the format is resolved.
  return { ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as ListOptions), columns };
}

function table(result: ImportResult): string {
  const rows: (readonly [string, string | number])[] = [
    ...(['rows', 'new', 'updated', 'duplicate', 'rejected'] as const).map((name) => [name, result[name]] as const),
    ...Object.entries(result.reasons)
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => [`  ${reason}`, count] as const),
    ...Object.entries(result.actions ?? {}).map(([action, count]) => [`  ${action}`, count] as const),
    ...Object.entries(result.related ?? {}).map(([what, count]) => [`guarantors etc. ${what}`, count] as const),
    ...(result.recalled === undefined ? [] : [['recalled', result.recalled] as const]),
    ...(result.atOnce === undefined
      ? []
      : ([
          ['left the queue', result.atOnce.left],
          ['ringing calls ended', result.atOnce.calledOff],
        ] as const)),
    ...Object.entries(result.warnings).map(([warning, count]) => [`${warning} (kept)`, count] as const),
    ['debtors', result.debtors],
    ['total', `${result.total} ${result.currency}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(24)} ${String(value).padStart(16)}\n`).join('');
}
