import type { Pool, PoolClient } from 'pg';
import type { ImportProgress, ImportResult } from '../../contract/imports.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import { takeChanges } from './changes/take.ts';
import { readImport, resolveCreditor, writeFailure, writeResult, type ImportState, type StoredImport } from './imports.ts';
import type { AtOnce, Merged } from './merge.ts';
import { resolveFormat, type ListFormat } from './profiles.ts';
import type { Related } from './related/take.ts';
import { dropStaging, stagingOf } from './staging.ts';
import { takeList } from './take-list.ts';

export interface ImportRun {
  pool: Pool;
  database: Database;
  importId: string;
  /** Called in each of a batch's transactions, two of which run side by side, with all debts and people the batch names, changed or not: whoever enrols them does it here. */
  afterMerge?: (merged: Merged, transaction: Tx, stored: StoredImport) => Promise<AtOnce | void>;
  /** Called in each of the transactions that take who else stands for debts. */
  afterRelate?: (related: Related, transaction: Tx) => Promise<void>;
  /** Locks people whose facts are about to be written, in the order everybody keeps; only the persons when left out. */
  lockPeople?: (transaction: Tx, partyIds: readonly string[]) => Promise<void>;
  onProgress?: (progress: ImportProgress & { phase: ImportState['phase']; mergedThrough: number }) => void;
  /** Ends the run between two batches; another run of the same import goes on from there. */
  signal?: AbortSignal;
  clock?: Clock;
  /** Rows of the list per transaction. */
  batchRows?: number;
  /** Bytes from which on a list is read by two threads. */
  secondReaderFrom?: number;
}

/** An import under way, alone among those of its creditor. */
export interface Taking {
  run: ImportRun;
  stored: StoredImport;
  format: ListFormat;
  creditorId: string;
  demo: boolean;
  /** The connection that holds the creditor's lock. */
  client: PoolClient;
}

/**
 * Runs an import to its end and returns what it counted. First the whole file is read, so that one that cannot be read changes nothing;
 * then it is merged, batch by batch. Running again after a death goes on where the last batch was committed; running an
 * import that is done returns its result. A Refusal fails the import for good; any other error leaves it to be run again. A dry run does
 * the same in one transaction and rolls it back. Imports of one creditor wait for one another.
 */
export async function runImport(run: ImportRun): Promise<ImportResult> {
  const { database, importId } = run;
  const stored = await readImport(database, importId);
  if (stored.state === 'done' && stored.result) return stored.result;
  try {
    const format = resolveFormat(stored.profile, stored.options);
    const { creditorId, demo } = await resolveCreditor(database, stored);
    return await alone(run.pool, creditorId, async (client) => {
      // Read behind the lock: the run we waited for may have been of this very import.
      const now = await readImport(database, importId);
      if (now.state === 'done' && now.result) return now.result;
      const take = format.kind === 'changes' ? takeChanges : takeList;
      const result = await take({ run, stored: now, format, creditorId, demo, client });
      await record(database, [
        { kind: 'import.done', subject: 'import', subjectId: importId, actor: 'import', body: { dryRun: now.dryRun, ...result } },
      ]);
      await writeResult(database, importId, result, creditorId);
      await dropStaging(database, stagingOf(importId));
      return result;
    });
  } catch (error) {
    if (error instanceof Refusal) {
      await writeFailure(database, importId, error);
      await dropStaging(database, stagingOf(importId));
    }
    throw error;
  }
}

/** Holds the creditor's import lock on one connection; the server frees it when the process dies. */
export async function alone<T>(pool: Pool, creditorId: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
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
