import { sql } from 'kysely';
import type { Database, Tx } from '../../kernel/database.ts';
import { systemClock } from '../../kernel/clock.ts';
import { writeProgress, type ImportState } from './imports.ts';
import type { AtOnce } from './merge.ts';
import type { ImportRun } from './run.ts';

const PROGRESS_EVERY_MS = 500;

export type Tell = (force?: boolean) => Promise<void>;

/** Passes progress on, not more often than it can be looked at. */
export function teller(run: ImportRun, progress: ImportState): Tell {
  const clock = run.clock ?? systemClock;
  let toldAt = Number.NEGATIVE_INFINITY;
  return async (force = false) => {
    const now = clock.monotonicMs();
    if (!force && now - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = now;
    const { phase, bytesRead, bytesTotal, rows, mergedThrough, related } = progress;
    const relating = related === undefined ? {} : { related: { through: related.through } };
    run.onProgress?.({ phase, bytesRead, bytesTotal, rows, mergedThrough, ...relating });
    if (phase === 'reading') await writeProgress(run.database, run.importId, progress);
  };
}

/** Adds what a batch did to the queues at once to what its import has done so far. */
export function addAtOnce(progress: ImportState, done: AtOnce | void): void {
  if (!done) return;
  const { left, calledOff } = progress.atOnce;
  progress.atOnce = { left: left + done.left, calledOff: calledOff + done.calledOff };
}

/** Runs a batch in a transaction of its own, again when it crossed another writer: it has been rolled back as a whole. */
export function inBatch(database: Database, work: (transaction: Tx) => Promise<void>): Promise<void> {
  return retried(() =>
    database.transaction().execute(async (transaction) => {
      // A batch lost with the server's memory takes its progress with it and is merged again, so no commit need wait for the disk.
      await sql`set local synchronous_commit = off`.execute(transaction);
      await work(transaction);
    }),
  );
}

/** Waits until all have ended, so that nothing of a failed batch is still under way, and passes on the first failure. */
export async function allThrough(works: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(works);
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

class RolledBack extends Error {}

/** Runs work in one transaction, gives back what it returned and undoes what it did. */
export async function andForget<T>(database: Database, work: (transaction: Tx) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  try {
    await database.transaction().execute(async (transaction) => {
      result = { value: await work(transaction) };
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  if (result === undefined) throw new Error('A transaction ended without its work');
  return result.value;
}

/** Locks persons alone, in the order of their ids: for who has no dial queue. */
export async function lockPersons(transaction: Tx, partyIds: readonly string[]): Promise<void> {
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
