import { CHANGE_REASONS, type ImportResult } from '../../../contract/imports.ts';
import { majorText } from '../../../contract/money.ts';
import type { Tx } from '../../../kernel/database.ts';
import { record } from '../../../kernel/history.ts';
import { addAtOnce, andForget, inBatch, lockPersons, teller } from '../batches.ts';
import { openErrorFile, type ErrorFile } from '../error-file.ts';
import { refuse } from '../faults.ts';
import { writeProgress, type ImportState } from '../imports.ts';
import { openList } from '../list.ts';
import type { Merged } from '../merge.ts';
import type { Taking } from '../run.ts';
import { createChangeReader } from './rows.ts';
import { effectOf, type Change, type Effect } from './rules.ts';
import { knownAccounts, readStandings, sumUpChanges, writeEffects, type DebtEffect } from './store.ts';

/** Changes a transaction makes: the persons concerned are locked until it ends. */
const BATCH = 2_000;

interface NumberedChange extends Change {
  row: number;
}

type Counted = Pick<ImportResult, 'rows' | 'rejected'> & { reasons: Record<(typeof CHANGE_REASONS)[number], number> };

/**
 * Takes a file of payments, new balances, recalls and closed accounts. The file is read twice: first as a whole, so that one that cannot
 * be read changes nothing, then again to do what it says, in its order, batch by batch. Returns what it counted.
 */
export async function takeChanges(taking: Taking): Promise<ImportResult> {
  const { run, stored, format, creditorId } = taking;
  const counted = await readAll(taking);
  const { progress } = stored;
  progress.phase = 'merging';
  progress.rows = counted.rows;
  const sums = stored.dryRun
    ? await andForget(run.database, async (transaction) => {
        for await (const changes of accepted(taking)) await makeBatch(taking, transaction, changes);
        return sumUpChanges(transaction, run.importId, creditorId);
      })
    : await makeAll(taking);
  const { updated, duplicate, actions } = doneSoFar(progress);
  const total = majorText(sums.total, format.currency);
  return {
    ...counted,
    new: 0,
    updated,
    duplicate,
    warnings: {},
    debtors: sums.debtors,
    total,
    currency: format.currency,
    actions,
    atOnce: progress.atOnce,
  };
}

async function makeAll(taking: Taking): Promise<{ debtors: number; total: bigint }> {
  const { run, stored, creditorId } = taking;
  const { progress } = stored;
  const tell = teller(run, progress);
  for await (const changes of accepted(taking)) {
    const rest = changes.filter((change) => change.row > progress.mergedThrough);
    if (rest.length === 0) continue;
    const before = structuredClone(progress);
    await inBatch(run.database, async (transaction) => {
      // Tried again after a crossing, it counts anew.
      Object.assign(progress, structuredClone(before));
      await makeBatch(taking, transaction, rest);
      await writeProgress(transaction, run.importId, progress);
    });
    await tell();
  }
  await tell(true);
  return run.database.transaction().execute((transaction) => sumUpChanges(transaction, run.importId, creditorId));
}

async function makeBatch(taking: Taking, transaction: Tx, changes: readonly NumberedChange[]): Promise<void> {
  const { run, stored, creditorId } = taking;
  const accounts = [...new Set(changes.map((change) => change.account))];
  const concerned = await readStandings(transaction, creditorId, accounts);
  await (run.lockPeople ?? lockPersons)(transaction, [...new Set([...concerned.values()].flatMap((debt) => debt.partyIds))]);
  // A statement that waits for a lock does not see what was committed meanwhile.
  const debts = await readStandings(transaction, creditorId, accounts);
  const done = doneSoFar(stored.progress);
  const effects: DebtEffect[] = [];
  for (const change of changes) {
    const debt = debts.get(change.account);
    const effect: Effect | null = debt === undefined ? null : effectOf(change, debt);
    if (debt === undefined || effect === null) {
      done.duplicate += 1;
      continue;
    }
    done.updated += 1;
    done.actions[change.action] = (done.actions[change.action] ?? 0) + 1;
    effects.push({ ...effect, debtId: debt.id, reference: change.reference, stateBefore: debt.state });
    Object.assign(debt, { balanceMinor: effect.balanceMinor, state: effect.state });
    if (change.reference !== null) debt.paid.add(change.reference);
  }
  stored.progress.changed = done;
  stored.progress.mergedThrough = changes.at(-1)?.row ?? stored.progress.mergedThrough;
  if (effects.length === 0) return;
  await writeEffects(transaction, run.importId, effects);
  const log = effects.map(({ debtId, posting, state }) => [
    debtId,
    state,
    posting && [posting.kind, posting.amountMinor.toString()],
  ]);
  const event = { kind: 'import.changed', subject: 'import', subjectId: run.importId, actor: 'import' };
  await record(transaction, [{ ...event, body: { changes: log } }]);
  const touched = new Set(effects.map((effect) => effect.debtId));
  const partyIds = [...debts.values()].filter((debt) => touched.has(debt.id)).flatMap((debt) => debt.partyIds);
  const paid = effects.filter((effect) => effect.posting?.kind === 'payment').map((effect) => effect.debtId);
  const merged: Merged = {
    kind: 'changed',
    creditorId,
    debtIds: [...touched],
    partyIds: [...new Set(partyIds)],
    paidDebtIds: [...new Set(paid)],
  };
  addAtOnce(stored.progress, await run.afterMerge?.(merged, transaction, stored));
}

function doneSoFar(progress: ImportState): NonNullable<ImportState['changed']> {
  return progress.changed ?? { updated: 0, duplicate: 0, actions: {} };
}

/** Reads the whole file, and writes what is wrong with it into the error file. */
async function readAll(taking: Taking): Promise<Counted> {
  const { run, stored, format, creditorId } = taking;
  const { progress } = stored;
  const tell = teller(run, progress);
  const errors = openErrorFile(stored.errorsPath);
  const reasons = Object.fromEntries(CHANGE_REASONS.map((reason) => [reason, 0])) as Counted['reasons'];
  const counts = { rows: 0, rejected: 0, reasons };
  try {
    const list = await openList(stored.filePath, format);
    try {
      progress.bytesTotal = list.bytes;
      const read = createChangeReader(format, list.layout);
      const column = list.layout.header[list.layout.columns.account[0] ?? -1] ?? 'account';
      for await (const records of list.records) {
        run.signal?.throwIfAborted();
        const readings = records.map((one) => ({ row: one.row, reading: read(one.cells) }));
        const named = readings.flatMap(({ reading }) => (reading.kind === 'accepted' ? reading.change.account : []));
        const known = await knownAccounts(run.database, creditorId, named);
        for (const { row, reading } of readings) {
          if (reading.kind === 'blank') continue;
          counts.rows += 1;
          if (reading.kind === 'rejected') await reject(errors, counts, row, reading.faults);
          else if (!known.has(reading.change.account)) await reject(errors, counts, row, [{ reason: 'unknown_account', column }]);
        }
        progress.bytesRead = list.bytesRead();
        progress.rows = counts.rows;
        // A run that goes on after a death has its progress already.
        if (progress.mergedThrough === 0) await tell();
      }
    } finally {
      await list.close();
    }
    if (counts.rows === 0) throw refuse('import_no_rows', 'The file has a header and no rows', 'file');
    await errors.close();
    return counts;
  } catch (error) {
    await errors.abandon();
    throw error;
  }
}

async function reject(
  errors: ErrorFile,
  counts: Counted,
  row: number,
  faults: readonly Parameters<ErrorFile['add']>[1][],
): Promise<void> {
  counts.rejected += 1;
  for (const fault of faults) {
    const reason = CHANGE_REASONS.find((known) => known === fault.reason);
    if (reason) counts.reasons[reason] += 1;
    await errors.add(row, fault, 'row rejected');
  }
}

/** What the file says of known accounts, in its order, some rows at a time. */
async function* accepted(taking: Taking): AsyncGenerator<NumberedChange[]> {
  const { run, stored, format, creditorId } = taking;
  const list = await openList(stored.filePath, format);
  try {
    const read = createChangeReader(format, list.layout);
    for await (const records of list.records) {
      run.signal?.throwIfAborted();
      const changes = records.flatMap(({ row, cells }) => {
        const reading = read(cells);
        return reading.kind === 'accepted' ? [{ row, ...reading.change }] : [];
      });
      const known = await knownAccounts(
        run.database,
        creditorId,
        changes.map((change) => change.account),
      );
      const ours = changes.filter((change) => known.has(change.account));
      for (let at = 0; at < ours.length; at += run.batchRows ?? BATCH) yield ours.slice(at, at + (run.batchRows ?? BATCH));
    }
  } finally {
    await list.close();
  }
}
