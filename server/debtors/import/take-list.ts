import { randomUUIDv7 } from 'node:crypto';
import type { ImportResult } from '../../contract/imports.ts';
import { majorText } from '../../contract/money.ts';
import type { Tx } from '../../kernel/database.ts';
import { heedLists } from '../heed-lists.ts';
import { allThrough, andForget, inBatch, lockPersons, teller } from './batches.ts';
import { countAbsent, recallAbsent } from './absent.ts';
import { refuse } from './faults.ts';
import { writeProgress, type ImportState, type Reading } from './imports.ts';
import { mergePart, type MergeScope, type Part } from './merge.ts';
import { noReasons, readList } from './reading.ts';
import { takeRelated } from './related/take.ts';
import type { ImportRun, Taking } from './run.ts';
import { LAST_LANE, SIDE_BY_SIDE } from './staged-line.ts';
import {
  chooseLanes,
  classify,
  countDebtors,
  countOtherCurrency,
  insertPhones,
  middleNumber,
  stagedRows,
  stagingOf,
  sumBalances,
  waitingRow,
  type Classes,
  type Staging,
} from './staging.ts';
import { storedIdentityKind } from './store.ts';

/** Two transactions side by side share them: short enough that a locked person is not missed by the dialer for long. */
const BATCH_ROWS = 30_000;
/** The last lane, in which one core works and the other waits, waits until it has so many rows of a batch's number. */
const LAST_LANE_SHARE = 1 / 6;
/** No number of staged rows. */
const UNSORTED = -1;

/** Takes a list of debts: what it says of each account holds from now on. Returns what it counted. */
export async function takeList(taking: Taking): Promise<ImportResult> {
  const { run, stored, format, creditorId, demo } = taking;
  const { database, importId } = run;
  const { progress } = stored;
  const staging = stagingOf(importId);
  let accountsKnown = true;
  const identityKind = storedIdentityKind(format.identity, creditorId, demo);
  const isStaged = progress.read && progress.read.phoneIds !== '' && (await stagedRows(database, staging)) === progress.read.kept;
  if (progress.read === undefined || !isStaged) {
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
    const { kept, known, ...found } = await sortOut(taking, staging, identityKind);
    accountsKnown = stored.dryRun || known > 0;
    progress.read = await database.transaction().execute(async (transaction) => {
      // After a death in the middle of merging, what was merged would look like duplicates: the first count stays.
      const read: Reading = { ...counts, classes: progress.read?.classes ?? found, kept, phoneIds: randomUUIDv7() };
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
    accountsKnown,
    lockPeople: run.lockPeople ?? lockPersons,
    tellsTouched: run.afterMerge !== undefined,
    phoneIds: progress.read.phoneIds,
  };
  const sums = stored.dryRun
    ? await mergeAndForget(taking, scope, progress.read)
    : await mergeInBatches(taking, scope, progress.read);
  return resultOf(progress, progress.read, sums, format.currency);
}

/** Tells what the staged rows are, leaves of each account the last and gives it its lane: each half of the accounts by itself, side by side. */
async function sortOut({ run, creditorId }: Taking, staging: Staging, identityKind: string): Promise<Classes> {
  const sum: Classes = { new: 0, updated: 0, duplicate: 0, badIdentities: 0, known: 0, kept: 0 };
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
    sum.known += found.known;
    sum.kept += found.kept;
  };
  await allThrough([sortHalf(0), sortHalf(1)]);
  return sum;
}

type Sums = { debtors: number; total: bigint };

async function mergeInBatches(taking: Taking, scope: MergeScope, read: Reading): Promise<Sums> {
  const { run, stored } = taking;
  const { progress } = stored;
  const inTransaction = (work: (transaction: Tx) => Promise<void>): Promise<void> => inBatch(run.database, work);
  const heeding = (work: (transaction: Tx) => Promise<void>): Promise<void> =>
    inTransaction(async (transaction) => {
      await heedLists(transaction);
      await work(transaction);
    });
  // Numbers come first and apart: in the batches, two lanes would wait for each other's.
  if (progress.mergedThrough === 0) {
    const middle = await middleNumber(run.database, scope.staging, read.kept);
    const insert = (below: boolean) =>
      inTransaction((transaction) => insertPhones(transaction, scope.staging, scope.phoneIds, { middle, below }));
    await allThrough([insert(true), insert(false)]);
  }
  await mergeLanes(taking, scope, read, async (part, reached) => {
    const work = part && merging(taking, scope, part);
    await heeding(async (transaction) => {
      await work?.(transaction);
      if (reached !== undefined) await writeProgress(transaction, run.importId, reached);
    });
  });
  await takeRelated(taking, scope, read, (work) =>
    heeding(async (transaction) => {
      await work(transaction);
      await writeProgress(transaction, run.importId, progress);
    }),
  );
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
  const ask = <T>(sum: (transaction: Tx, staging: Staging, creditorId: string) => Promise<T>): Promise<T> =>
    run.database.transaction().execute((transaction) => sum(transaction, scope.staging, scope.creditorId));
  const [debtors, total] = await Promise.all([ask(countDebtors), ask(sumBalances)]);
  return { debtors, total };
}

/** Merges a part, or none, and notes in the same transaction how far the import is where that is told. */
type MergePart = (part: Part | null, reached?: ImportState) => Promise<void>;

/**
 * Merges the rest of the list, batch by batch: the first lanes, and what waits in the last lane where it is enough or nothing else is left. What
 * is noted is never ahead of what was merged; what was merged and not noted is merged again, and changes nothing.
 */
async function mergeLanes(taking: Taking, scope: MergeScope, read: Reading, merge: MergePart): Promise<void> {
  const { run, stored } = taking;
  const { progress } = stored;
  const { batchRows = BATCH_ROWS } = run;
  const tell = teller(run, progress);
  const note = async (part: Part | null, reached: Partial<ImportState>): Promise<void> => {
    await merge(part, { ...progress, ...reached });
    Object.assign(progress, reached);
    await tell();
  };
  // One that was under way when the last lane had no progress of its own has merged it as far as the others.
  let lastLane = progress.lastLaneThrough ?? progress.mergedThrough;
  while (lastLane < read.lastRow) {
    const start = progress.mergedThrough;
    const enough = await waitingRow(run.database, scope.staging, lastLane, Math.ceil(batchRows * LAST_LANE_SHARE));
    const batches = Math.ceil(Math.max(0, (enough ?? read.lastRow) - start) / batchRows);
    const ends = Array.from({ length: batches }, (_, index) => Math.min(start + (index + 1) * batchRows, read.lastRow));
    await mergeFirstLanes(run, start, ends, merge, note, lastLane);
    const part = { lane: LAST_LANE, from: lastLane + 1, to: ends.at(-1) ?? start };
    await note(part, { lastLaneThrough: part.to });
    lastLane = part.to;
  }
  await tell(true);
}

/** Merges the first lanes in batches that end at these rows. A lane goes on while another is at most a batch behind, so that neither core waits. */
async function mergeFirstLanes(
  run: ImportRun,
  start: number,
  ends: readonly number[],
  merge: MergePart,
  note: (part: null, reached: Partial<ImportState>) => Promise<void>,
  lastLaneThrough: number,
): Promise<void> {
  const merged: Promise<void>[][] = [];
  const noted: Promise<void>[] = [];
  for (const [index, to] of ends.entries()) {
    const from = (ends[index - 1] ?? start) + 1;
    const lanes = SIDE_BY_SIDE.map(async (lane) => {
      await Promise.all([merged[index - 1]?.[lane], ...(merged[index - 2] ?? [])]);
      run.signal?.throwIfAborted();
      await merge({ lane, from, to });
    });
    merged.push(lanes);
    noted.push(Promise.all([...lanes, noted[index - 1]]).then(() => note(null, { mergedThrough: to, lastLaneThrough })));
  }
  await allThrough([...merged.flat(), ...noted]);
}

/** Merging a part: when it crossed another writer, it may not believe any more that no account is known. */
function merging(taking: Taking, scope: MergeScope, part: Part): (transaction: Tx) => Promise<void> {
  let { accountsKnown } = scope;
  return async (transaction) => {
    const known = accountsKnown;
    accountsKnown = true;
    await mergeAndTell(taking, { ...scope, accountsKnown: known }, transaction, part);
  };
}

async function mergeAndTell({ run, stored }: Taking, scope: MergeScope, transaction: Tx, part: Part): Promise<void> {
  const merged = await mergePart(transaction, scope, part);
  if (merged) await run.afterMerge?.(merged, transaction, stored);
}

/** A dry run: everything that a real one does, undone. */
function mergeAndForget(taking: Taking, scope: MergeScope, read: Reading): Promise<Sums> {
  const { run } = taking;
  return andForget(run.database, async (transaction) => {
    const middle = await middleNumber(transaction, scope.staging, read.kept);
    for (const below of [true, false]) await insertPhones(transaction, scope.staging, scope.phoneIds, { middle, below });
    let before = Promise.resolve();
    await mergeLanes(taking, scope, read, (part) => {
      // One transaction does one thing at a time.
      before = before.then(() => (part === null ? undefined : mergeAndTell(taking, scope, transaction, part)));
      return before;
    });
    await takeRelated(taking, scope, read, (work) => work(transaction));
    if (read.recalled !== undefined) while ((await recallAbsent(taking, transaction, read)) > 0);
    return {
      debtors: await countDebtors(transaction, scope.staging, scope.creditorId),
      total: await sumBalances(transaction, scope.staging, scope.creditorId),
    };
  });
}

function resultOf({ atOnce, related }: ImportState, read: Reading, sums: Sums, currency: string): ImportResult {
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
      ...(read.badRelatedPhones > 0 && { bad_related_phone: read.badRelatedPhones }),
      ...(read.relatedUnnamed > 0 && { related_without_name: read.relatedUnnamed }),
    },
    debtors: sums.debtors,
    total: majorText(sums.total, currency),
    currency,
    ...(related !== undefined && { related: { added: related.added, changed: related.changed, removed: related.removed } }),
    ...(read.recalled !== undefined && { recalled: read.recalled, atOnce }),
  };
}
