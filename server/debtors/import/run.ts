import { sql } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { REJECT_REASONS, type ImportProgress, type ImportResult, type RejectReason } from '../../contract/imports.ts';
import { majorText } from '../../contract/money.ts';
import { systemClock, type Clock } from '../../kernel/clock.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import { openErrorFile } from './error-file.ts';
import { refuse } from './faults.ts';
import {
  readImport,
  resolveCreditor,
  writeFailure,
  writeProgress,
  writeResult,
  type ImportState,
  type Reading,
  type StoredImport,
} from './imports.ts';
import { openList } from './list.ts';
import { mergePart, type Merged, type MergeScope, type Part } from './merge.ts';
import { resolveFormat, type ListFormat } from './profiles.ts';
import { createRowReader } from './rows.ts';
import {
  chooseLanes,
  classify,
  countOtherCurrency,
  dropStaging,
  insertPhones,
  LAST_LANE,
  openStaging,
  SIDE_BY_SIDE,
  stagedRows,
  stagingOf,
  sumUp,
  type StagingWriter,
} from './staging.ts';
import { storedIdentityKind } from './store.ts';

/** Two transactions side by side share them: short enough that a locked person is not missed by the dialer for long. */
const BATCH_ROWS = 20_000;
const PROGRESS_EVERY_MS = 500;

export interface ImportRun {
  pool: Pool;
  database: Database;
  importId: string;
  /** Called in each of a batch's transactions, two of which run side by side, with all debts and people the batch names, changed or not: whoever enrols them does it here. */
  afterMerge?: (merged: Merged, transaction: Tx, stored: StoredImport) => Promise<void>;
  /** Locks people whose facts are about to be written, in the order everybody keeps; only the persons when left out. */
  lockPeople?: (transaction: Tx, partyIds: readonly string[]) => Promise<void>;
  onProgress?: (progress: ImportProgress & { phase: ImportState['phase']; mergedThrough: number }) => void;
  /** Ends the run between two batches; another run of the same import goes on from there. */
  signal?: AbortSignal;
  clock?: Clock;
  /** Rows of the list per transaction. */
  batchRows?: number;
}

/**
 * Runs an import to its end and returns what it counted. First the whole list is read into a staging table, so that a list that cannot be read
 * changes nothing; then it is merged, batch by batch. Running again after a death goes on where the last batch was committed; running an
 * import that is done returns its result. A Refusal fails the import for good; any other error leaves it to be run again. A dry run does
 * the same in one transaction and rolls it back. Imports of one creditor wait for one another.
 */
export async function runImport(run: ImportRun): Promise<ImportResult> {
  const stored = await readImport(run.database, run.importId);
  if (stored.state === 'done' && stored.result) return stored.result;
  try {
    const format = resolveFormat(stored.profile, stored.options);
    const { creditorId, demo } = await resolveCreditor(run.database, stored);
    return await alone(run.pool, creditorId, (client) => importList(run, format, creditorId, demo, client));
  } catch (error) {
    if (error instanceof Refusal) {
      await writeFailure(run.database, run.importId, error);
      await dropStaging(run.database, stagingOf(run.importId));
    }
    throw error;
  }
}

/** Holds the creditor's import lock on one connection; the server frees it when the process dies. */
async function alone<T>(pool: Pool, creditorId: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('import:' || $1, 0))`, [creditorId]);
    const result = await work(client);
    await client.query('select pg_advisory_unlock_all()');
    return result;
  } catch (error) {
    broken ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function importList(
  run: ImportRun,
  format: ListFormat,
  creditorId: string,
  demo: boolean,
  client: PoolClient,
): Promise<ImportResult> {
  const { database, importId } = run;
  // Read behind the lock: the run we waited for may have been of this very import.
  const stored = await readImport(database, importId);
  if (stored.state === 'done' && stored.result) return stored.result;
  const staging = stagingOf(importId);
  const progress = stored.progress;
  const tell = teller(run, progress);
  const identityKind = storedIdentityKind(format.identity, creditorId, demo);
  if (progress.read === undefined || (await stagedRows(database, staging)) !== progress.read.kept) {
    const counts = await readList(run, stored, format, progress, client, tell);
    if ((await countOtherCurrency(database, staging, creditorId, format.currency)) > 0) {
      const message = `The creditor has accounts of this list in another currency than ${format.currency}`;
      throw refuse('import_currency_differs', message, 'currency');
    }
    progress.phase = 'merging';
    progress.read = await database.transaction().execute(async (transaction) => {
      const { kept, ...found } = await classify(transaction, staging, creditorId);
      await chooseLanes(transaction, staging, creditorId, identityKind);
      // After a death in the middle of merging, what was merged would look like duplicates: the first count stays.
      const read = { ...counts, classes: progress.read?.classes ?? found, kept };
      await writeProgress(transaction, importId, { ...progress, read });
      return read;
    });
  }
  const scope: MergeScope = {
    importId,
    staging,
    creditorId,
    country: format.country,
    currency: format.currency,
    identityKind,
    demo,
    lockPeople: run.lockPeople ?? lockPersons,
    tellsTouched: run.afterMerge !== undefined,
  };
  const merge = stored.dryRun ? mergeAndForget : mergeInBatches;
  const sums = await merge(run, stored, scope, progress, progress.read, tell);
  const result = resultOf(progress.read, sums, format.currency);
  await record(database, [
    { kind: 'import.done', subject: 'import', subjectId: importId, actor: 'import', body: { dryRun: stored.dryRun, ...result } },
  ]);
  await writeResult(database, importId, result);
  await dropStaging(database, staging);
  return result;
}

type Tell = (force?: boolean) => Promise<void>;

/** Passes progress on, not more often than it can be looked at. */
function teller(run: ImportRun, progress: ImportState): Tell {
  const clock = run.clock ?? systemClock;
  let toldAt = Number.NEGATIVE_INFINITY;
  return async (force = false) => {
    const now = clock.monotonicMs();
    if (!force && now - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = now;
    const { phase, bytesRead, bytesTotal, rows, mergedThrough } = progress;
    run.onProgress?.({ phase, bytesRead, bytesTotal, rows, mergedThrough });
    if (phase === 'reading') await writeProgress(run.database, run.importId, progress);
  };
}

async function readList(
  run: ImportRun,
  stored: StoredImport,
  format: ListFormat,
  progress: ImportState,
  client: PoolClient,
  tell: Tell,
): Promise<Omit<Reading, 'classes' | 'kept'>> {
  const list = await openList(stored.filePath, format);
  const readRow = createRowReader(format, list.layout);
  const reasons = noReasons();
  const counts = { rows: 0, accepted: 0, lastRow: 0, rejected: 0, reasons };
  Object.assign(progress, { phase: 'reading', bytesTotal: list.bytes, mergedThrough: 0 });
  const errors = openErrorFile(stored.errorsPath);
  let writer: StagingWriter | null = null;
  try {
    writer = await openStaging(client, stagingOf(run.importId));
    for await (const records of list.records) {
      run.signal?.throwIfAborted();
      for (const { row, cells } of records) {
        const read = readRow(cells);
        if (read.kind === 'blank') continue;
        counts.rows += 1;
        counts.lastRow = row;
        if (read.kind === 'rejected') {
          counts.rejected += 1;
          for (const fault of read.faults) {
            if (isRejectReason(fault.reason)) reasons[fault.reason] += 1;
            await errors.add(row, fault, 'row rejected');
          }
        } else {
          counts.accepted += 1;
          const full = writer.write(row, read.debt);
          if (full !== undefined) await full;
          for (const fault of read.warnings) await errors.add(row, fault, 'row kept');
        }
      }
      Object.assign(progress, { bytesRead: list.bytesRead(), rows: counts.rows });
      await tell();
    }
    if (counts.rows === 0) throw refuse('import_no_rows', 'The list has a header and no rows', 'file');
    await writer.commit();
    await errors.close();
  } catch (error) {
    await list.close();
    await errors.abandon();
    // A connection that is gone has rolled back by itself.
    await writer?.abandon().catch(() => undefined);
    throw error;
  }
  Object.assign(progress, { bytesRead: list.bytes, rows: counts.rows });
  await tell(true);
  return counts;
}

type Sums = { debtors: number; total: bigint };

async function mergeInBatches(
  run: ImportRun,
  stored: StoredImport,
  scope: MergeScope,
  progress: ImportState,
  read: Reading,
  tell: Tell,
): Promise<Sums> {
  const inTransaction = (work: (transaction: Tx) => Promise<void>): Promise<void> =>
    retried(() =>
      run.database.transaction().execute(async (transaction) => {
        // A batch lost with the server's memory takes its progress with it and is merged again, so no commit need wait for the disk.
        await sql`set local synchronous_commit = off`.execute(transaction);
        await work(transaction);
      }),
    );
  // Numbers come first and apart: in the batches, two lanes would wait for each other's.
  if (progress.mergedThrough === 0) {
    await allThrough(SIDE_BY_SIDE.map((lane) => inTransaction((transaction) => insertPhones(transaction, scope.staging, lane))));
  }
  while (progress.mergedThrough < read.lastRow) {
    run.signal?.throwIfAborted();
    const from = progress.mergedThrough + 1;
    const to = Math.min(progress.mergedThrough + (run.batchRows ?? BATCH_ROWS), read.lastRow);
    const merge = (transaction: Tx, lane: number): Promise<void> =>
      mergeAndTell(run, stored, scope, transaction, { lane, from, to });
    await allThrough(SIDE_BY_SIDE.map((lane) => inTransaction((transaction) => merge(transaction, lane))));
    await inTransaction(async (transaction) => {
      await merge(transaction, LAST_LANE);
      await writeProgress(transaction, run.importId, { ...progress, mergedThrough: to });
    });
    progress.mergedThrough = to;
    await tell();
  }
  await tell(true);
  return run.database.transaction().execute((transaction) => sumUp(transaction, scope.staging, scope.creditorId));
}

/** Waits until all have ended, so that nothing of a failed batch is still under way, and passes on the first failure. */
async function allThrough(works: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(works);
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

async function mergeAndTell(run: ImportRun, stored: StoredImport, scope: MergeScope, transaction: Tx, part: Part): Promise<void> {
  const merged = await mergePart(transaction, scope, part);
  if (merged) await run.afterMerge?.(merged, transaction, stored);
}

class RolledBack extends Error {}

/** A dry run: everything that a real one does, undone. */
async function mergeAndForget(
  run: ImportRun,
  stored: StoredImport,
  scope: MergeScope,
  progress: ImportState,
  read: Reading,
  tell: Tell,
): Promise<Sums> {
  let sums: Sums = { debtors: 0, total: 0n };
  try {
    await run.database.transaction().execute(async (transaction) => {
      for (const lane of SIDE_BY_SIDE) await insertPhones(transaction, scope.staging, lane);
      for (let from = 1; from <= read.lastRow; from += BATCH_ROWS) {
        run.signal?.throwIfAborted();
        const to = Math.min(from + BATCH_ROWS - 1, read.lastRow);
        for (const lane of [...SIDE_BY_SIDE, LAST_LANE]) await mergeAndTell(run, stored, scope, transaction, { lane, from, to });
        progress.mergedThrough = to;
        await tell();
      }
      sums = await sumUp(transaction, scope.staging, scope.creditorId);
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  return sums;
}

async function lockPersons(transaction: Tx, partyIds: readonly string[]): Promise<void> {
  await sql`select 1 from party where id = any(${partyIds}::uuid[]) order by id for no key update`.execute(transaction);
}

/** Two imports created the same person or account, or waited for each other. */
const CROSSED = ['23505', '40P01'];

/** Tries a batch again when it crossed another writer: it has been rolled back as a whole. */
async function retried(batch: () => Promise<void>, tries = 5): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await batch();
    } catch (error) {
      const crossed = error instanceof Error && 'code' in error && CROSSED.some((code) => code === error.code);
      if (!crossed || attempt === tries) throw error;
    }
  }
}

function resultOf(read: Reading, sums: Sums, currency: string): ImportResult {
  const { classes } = read;
  return {
    rows: read.rows,
    new: classes.new,
    updated: classes.updated,
    duplicate: classes.duplicate,
    rejected: read.rejected,
    reasons: { ...noReasons(), ...read.reasons },
    warnings: { bad_national_id: classes.badIdentities },
    debtors: sums.debtors,
    total: majorText(sums.total, currency),
    currency,
  };
}

function noReasons(): Record<RejectReason, number> {
  return { missing_account: 0, missing_name: 0, no_valid_phone: 0, bad_amount: 0, bad_date: 0, missing_address: 0 };
}

function isRejectReason(reason: string): reason is RejectReason {
  return REJECT_REASONS.some((known) => known === reason);
}
