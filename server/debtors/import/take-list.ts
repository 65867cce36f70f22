import type { ImportResult } from '../../contract/imports.ts';
import { majorText } from '../../contract/money.ts';
import type { Tx } from '../../kernel/database.ts';
import { allThrough, andForget, inBatch, lockPersons, teller } from './batches.ts';
import { countAbsent, recallAbsent } from './absent.ts';
import { refuse } from './faults.ts';
import { writeProgress, type ImportState, type Reading } from './imports.ts';
import { mergePart, type MergeScope, type Part } from './merge.ts';
import { noReasons, readList } from './reading.ts';
import type { Taking } from './run.ts';
import { LAST_LANE, SIDE_BY_SIDE } from './staged-line.ts';
import {
  chooseLanes,
  classify,
  countOtherCurrency,
  insertPhones,
  stagedRows,
  stagingOf,
  sumUp,
  type Classes,
  type Staging,
} from './staging.ts';
import { storedIdentityKind } from './store.ts';

/** Two transactions side by side share them: short enough that a locked person is not missed by the dialer for long. */
const BATCH_ROWS = 30_000;
/** No number of staged rows. */
const UNSORTED = -1;

/** Takes a list of debts: what it says of each account holds from now on. Returns what it counted. */
export async function takeList(taking: Taking): Promise<ImportResult> {
  const { run, stored, format, creditorId, demo } = taking;
  const { database, importId } = run;
  const { progress } = stored;
  const staging = stagingOf(importId);
  const identityKind = storedIdentityKind(format.identity, creditorId, demo);
  if (progress.read === undefined || (await stagedRows(database, staging)) !== progress.read.kept) {
    if (progress.read !== undefined) {
      // Whoever takes over before the rows are sorted out reads again.
      progress.read = { ...progress.read, kept: UNSORTED };
      await writeProgress(database, importId, progress);
    }
    const counts = await readList(taking);
    if ((await countOtherCurrency(database, staging, creditorId, format.currency)) > 0) {
      const message = `The creditor has accounts of this list in another currency than ${format.currency}`;
      throw refuse('import_currency_differs', message, 'currency');
    }
    progress.phase = 'merging';
    const { kept, ...found } = await sortOut(taking, staging, identityKind);
    progress.read = await database.transaction().execute(async (transaction) => {
      // After a death in the middle of merging, what was merged would look like duplicates: the first count stays.
      const read: Reading = { ...counts, classes: progress.read?.classes ?? found, kept };
      const recalled = progress.read?.recalled ?? (await countAbsent(taking, transaction, read));
      if (recalled !== undefined) read.recalled = recalled;
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
  const sums = stored.dryRun
    ? await mergeAndForget(taking, scope, progress.read)
    : await mergeInBatches(taking, scope, progress.read);
  return resultOf(progress, progress.read, sums, format.currency);
}

/** Tells what the staged rows are, leaves of each account the last and gives it its lane: each half of the accounts by itself, side by side. */
async function sortOut({ run, creditorId }: Taking, staging: Staging, identityKind: string): Promise<Classes> {
  const sum: Classes = { new: 0, updated: 0, duplicate: 0, badIdentities: 0, kept: 0 };
  const sortHalf = async (half: number): Promise<void> => {
    const found = await run.database.transaction().execute(async (transaction) => {
      const classes = await classify(transaction, staging, creditorId, half);
      await chooseLanes(transaction, staging, creditorId, identityKind, half);
      return classes;
    });
    sum.new += found.new;
    sum.updated += found.updated;
    sum.duplicate += found.duplicate;
    sum.badIdentities += found.badIdentities;
    sum.kept += found.kept;
  };
  await allThrough([sortHalf(0), sortHalf(1)]);
  return sum;
}

type Sums = { debtors: number; total: bigint };

async function mergeInBatches(taking: Taking, scope: MergeScope, read: Reading): Promise<Sums> {
  const { run, stored } = taking;
  const { progress } = stored;
  const tell = teller(run, progress);
  const inTransaction = (work: (transaction: Tx) => Promise<void>): Promise<void> => inBatch(run.database, work);
  // Numbers come first and apart: in the batches, two lanes would wait for each other's.
  if (progress.mergedThrough === 0) {
    await allThrough(SIDE_BY_SIDE.map((lane) => inTransaction((transaction) => insertPhones(transaction, scope.staging, lane))));
  }
  while (progress.mergedThrough < read.lastRow) {
    run.signal?.throwIfAborted();
    const from = progress.mergedThrough + 1;
    const to = Math.min(progress.mergedThrough + (run.batchRows ?? BATCH_ROWS), read.lastRow);
    const merge = (transaction: Tx, lane: number): Promise<void> => mergeAndTell(taking, scope, transaction, { lane, from, to });
    await allThrough(SIDE_BY_SIDE.map((lane) => inTransaction((transaction) => merge(transaction, lane))));
    await inTransaction(async (transaction) => {
      await merge(transaction, LAST_LANE);
      await writeProgress(transaction, run.importId, { ...progress, mergedThrough: to });
    });
    progress.mergedThrough = to;
    await tell();
  }
  for (let left = read.recalled ?? 0; left > 0;) {
    run.signal?.throwIfAborted();
    const before = progress.atOnce;
    await inTransaction(async (transaction) => {
      // Tried again after a crossing, it counts anew.
      progress.atOnce = before;
      left = await recallAbsent(taking, transaction, read);
      await writeProgress(transaction, run.importId, progress);
    });
  }
  await tell(true);
  return run.database.transaction().execute((transaction) => sumUp(transaction, scope.staging, scope.creditorId));
}

async function mergeAndTell({ run, stored }: Taking, scope: MergeScope, transaction: Tx, part: Part): Promise<void> {
  const merged = await mergePart(transaction, scope, part);
  if (merged) await run.afterMerge?.(merged, transaction, stored);
}

/** A dry run: everything that a real one does, undone. */
function mergeAndForget(taking: Taking, scope: MergeScope, read: Reading): Promise<Sums> {
  const { run, stored } = taking;
  const tell = teller(run, stored.progress);
  return andForget(run.database, async (transaction) => {
    for (const lane of SIDE_BY_SIDE) await insertPhones(transaction, scope.staging, lane);
    for (let from = 1; from <= read.lastRow; from += BATCH_ROWS) {
      run.signal?.throwIfAborted();
      const to = Math.min(from + BATCH_ROWS - 1, read.lastRow);
      for (const lane of [...SIDE_BY_SIDE, LAST_LANE]) await mergeAndTell(taking, scope, transaction, { lane, from, to });
      stored.progress.mergedThrough = to;
      await tell();
    }
    if (read.recalled !== undefined) while ((await recallAbsent(taking, transaction, read)) > 0);
    return sumUp(transaction, scope.staging, scope.creditorId);
  });
}

function resultOf({ atOnce }: ImportState, read: Reading, sums: Sums, currency: string): ImportResult {
  const { classes } = read;
  return {
    rows: read.rows,
    new: classes.new,
    updated: classes.updated,
    duplicate: classes.duplicate,
    rejected: read.rejected,
    reasons: { ...noReasons(), ...read.reasons },
    warnings: {
      bad_national_id: classes.badIdentities,
      ...(read.badIbans > 0 && { bad_iban: read.badIbans }),
      ...(read.unknownRegions > 0 && { unknown_region: read.unknownRegions }),
    },
    debtors: sums.debtors,
    total: majorText(sums.total, currency),
    currency,
    ...(read.recalled !== undefined && { recalled: read.recalled, atOnce }),
  };
}
