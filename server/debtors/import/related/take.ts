import { randomUUIDv7 } from 'node:crypto';
import type { Tx } from '../../../kernel/database.ts';
import { teller } from '../batches.ts';
import type { Reading } from '../imports.ts';
import type { MergeScope } from '../merge.ts';
import type { Taking } from '../run.ts';
import {
  countRelations,
  decideRelations,
  newStatements,
  type NewStatement,
  type RelatedCounts,
  type RelatedDebt,
} from './rules.ts';
import { readNamesakes, readRelatedDebts, writeDecisions, type RelationMoved } from './store.ts';

/** Rows of the list in one transaction: the persons concerned are locked until it ends. */
const BATCH = 5_000;

/** What a batch of a list says of who else stands for debts, for whoever keeps queues. */
export interface Related {
  /** All debts of the batch for which others stand than their debtors, changed or not. */
  debtIds: string[];
  moved: RelationMoved[];
}

/**
 * Takes what a list says of guarantors, co-debtors and attorneys, once its debts are merged; a list without columns of any is done at once.
 * `inBatch` runs a batch with what has been counted through it, so that both are kept together; what is taken twice changes nothing.
 */
export async function takeRelated(
  { run, stored }: Taking,
  scope: MergeScope,
  read: Reading,
  inBatch: (work: (transaction: Tx) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { progress } = stored;
  if (read.relates.length === 0) return;
  const tell = teller(run, progress);
  for (;;) {
    run.signal?.throwIfAborted();
    const { through, ...counts } = progress.related ?? { through: 0, added: 0, changed: 0, removed: 0 };
    if (through >= read.lastRow) break;
    const to = Math.min(through + BATCH, read.lastRow);
    await inBatch(async (transaction) => {
      const done = await takeBatch(transaction, scope, read, { from: through + 1, to });
      if (done !== null) await run.afterRelate?.(done.related, transaction);
      progress.related = { through: to, ...sum(counts, done?.counts) };
    });
    await tell(to === read.lastRow);
  }
}

async function takeBatch(
  transaction: Tx,
  scope: MergeScope,
  { relates }: Reading,
  part: { from: number; to: number },
): Promise<{ counts: RelatedCounts; related: Related } | null> {
  const found = await readRelatedDebts(transaction, scope, part);
  if (found.length === 0) return null;
  const asked = newStatements(found, relates);
  const namesakes = await readNamesakes(transaction, scope.demo, asked);
  await scope.lockPeople(transaction, concernedBy(found, asked, namesakes));
  if (asked.length === 0) return { counts: countRelations([]), related: { debtIds: idsOf(found), moved: [] } };
  // A statement that waits for a lock does not see what was committed meanwhile.
  const debts = await readRelatedDebts(transaction, scope, part);
  const statements = newStatements(debts, relates);
  const known = await readNamesakes(transaction, scope.demo, statements);
  const decisions = decideRelations(statements, debts, known, randomUUIDv7);
  const moved = await writeDecisions(transaction, scope, decisions);
  return { counts: countRelations(decisions), related: { debtIds: idsOf(debts), moved } };
}

/** Who is queued for such a debt; where something is new, the debtor too, and everybody who may be meant. */
function concernedBy(
  debts: readonly RelatedDebt[],
  statements: readonly NewStatement[],
  namesakes: ReadonlyMap<string, readonly string[]>,
): string[] {
  const people = new Set([...namesakes.values()].flat());
  const changing = new Set(statements.map((statement) => statement.debtId));
  for (const { debtId, standing } of debts) {
    for (const { partyId, role } of standing) {
      if (role !== 'attorney' && (role !== 'debtor' || changing.has(debtId))) people.add(partyId);
    }
  }
  for (const { before } of statements) if (before !== null) people.add(before.partyId);
  return [...people];
}

function idsOf(debts: readonly RelatedDebt[]): string[] {
  return debts.map((debt) => debt.debtId);
}

function sum(before: RelatedCounts, more: RelatedCounts = countRelations([])): RelatedCounts {
  return { added: before.added + more.added, changed: before.changed + more.changed, removed: before.removed + more.removed };
}
