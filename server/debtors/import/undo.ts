import { sql } from 'kysely';
import type { Database, Tx } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import { inBatch, lockPersons } from './batches.ts';
import { readImport, type StoredImport } from './imports.ts';
import { readReturning, takeRelationsBack } from './related/store.ts';
import { alone, type ImportRun } from './run.ts';

/** Debts taken back in one transaction: the persons concerned are locked until it ends. */
const BATCH = 2_000;

/**
 * The import that may be taken back, with its creditor. Throws a Refusal for one that is unknown, was only tried, has not ended, was taken
 * back already, or is not the creditor's last: what came later stands on it.
 */
export async function readUndoable(database: Database, importId: string): Promise<{ stored: StoredImport; creditorId: string }> {
  const stored = await readImport(database, importId);
  const refuse = (code: string, message: string): Refusal => new Refusal(code, message, { field: 'id', status: 409 });
  if (stored.state !== 'done' || stored.dryRun || stored.creditorId === null)
    throw refuse('import_not_done', 'Only an import that has ended can be taken back.');
  if (stored.undone) throw refuse('import_undone', 'This import has been taken back already.');
  const later = await database
    .selectFrom('import')
    .select('id')
    .where('creditor_id', '=', stored.creditorId)
    .where('id', '>', importId)
    .where('state', '=', 'done')
    .where('dry_run', '=', false)
    .where('undone_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (later) throw refuse('import_not_last', 'The creditor has a later import: take that back first.');
  return { stored, creditorId: stored.creditorId };
}

/**
 * Takes an import back: reverses every posting it made, gives debts the state they were in before and who else stood for them, and recalls
 * those it brought. Names,
 * addresses and numbers it taught stay; a later list is read as if this one had never come. Runs again after a death: what is reversed
 * already adds nothing. Each batch tells `afterMerge` whom it concerns, so that they leave their queues.
 */
export async function undoImport(
  run: Pick<ImportRun, 'pool' | 'database' | 'importId' | 'afterMerge' | 'afterRelate' | 'lockPeople'>,
  userId: string,
): Promise<void> {
  const { database, importId } = run;
  const { creditorId } = await readUndoable(database, importId);
  await alone(run.pool, creditorId, async () => {
    const { stored } = await readUndoable(database, importId);
    const table = sql.table(`import_undo_${importId.replaceAll('-', '')}`);
    await sql`drop table if exists ${table}`.execute(database);
    await sql`
      create unlogged table ${table} as
      select row_number() over (order by debt_id) as place, debt_id from (
        select debt_id from posting where import_id = ${importId}
        union select debt_id from import_debt_state where import_id = ${importId}
        union select debt_id from import_relation where import_id = ${importId}
      ) touched`.execute(database);
    await sql`create index on ${table} (place)`.execute(database);
    for (let from = 1, more = true; more; from += BATCH) {
      await inBatch(database, async (transaction) => {
        const found = await sql<{ id: string }>`
          select debt_id as id from ${table} where place >= ${from} and place < ${from + BATCH}`.execute(transaction);
        const debtIds = found.rows.map((row) => row.id);
        more = debtIds.length === BATCH;
        if (debtIds.length > 0) await takeBack(run, transaction, stored, creditorId, debtIds);
      });
    }
    await database.transaction().execute(async (transaction) => {
      await sql`update import set undone_at = clock_timestamp() where id = ${importId}`.execute(transaction);
      await record(transaction, [{ kind: 'import.undone', subject: 'import', subjectId: importId, actor: userId, body: {} }]);
    });
    await sql`drop table ${table}`.execute(database);
  });
}

async function takeBack(
  run: Pick<ImportRun, 'importId' | 'afterMerge' | 'afterRelate' | 'lockPeople'>,
  transaction: Tx,
  stored: StoredImport,
  creditorId: string,
  debtIds: string[],
): Promise<void> {
  const { importId } = run;
  const owing = await sql<{ id: string }>`
    select distinct party_id as id from debt_party where debt_id = any(${debtIds}::uuid[]) and role <> 'attorney'`.execute(
    transaction,
  );
  const returning = await readReturning(transaction, importId, debtIds);
  const partyIds = [...new Set([...owing.rows.map((row) => row.id), ...returning])];
  await (run.lockPeople ?? lockPersons)(transaction, partyIds);
  const reversed = await sql<{ id: string }>`
    with made as (
      select debt_id, sum(amount_minor)::bigint as moved, bool_or(kind = 'opening') as opened from posting
      where import_id = ${importId} and debt_id = any(${debtIds}::uuid[]) group by debt_id
    ), freed as (
      update posting set reference = null where import_id = ${importId} and debt_id = any(${debtIds}::uuid[]) and reference is not null
    ), restored as (
      delete from import_debt_state where import_id = ${importId} and debt_id = any(${debtIds}::uuid[]) returning debt_id, state_before, listed_before
    ), posted as (
      insert into posting (debt_id, kind, amount_minor, import_id)
      select debt_id, 'adjustment', -moved, ${importId} from made where moved <> 0
    )
    update debt set balance_minor = debt.balance_minor - coalesce(made.moved, 0), row_digest = null,
      listed_minor = case when made.opened then null when restored.debt_id is not null then restored.listed_before
        when made.debt_id is null then debt.listed_minor end,
      state = case when made.opened then 'recalled' else coalesce(restored.state_before, debt.state) end
    from unnest(${debtIds}::uuid[]) as given (id) left join made on made.debt_id = given.id left join restored on restored.debt_id = given.id
    where debt.id = given.id returning debt.id`.execute(transaction);
  const moved = await takeRelationsBack(transaction, importId, debtIds);
  const event = { kind: 'import.taken_back', subject: 'import', subjectId: importId, actor: 'import' };
  const relations = moved.map((each) => [each.debtId, each.partyId, each.role, each.moved]);
  const body = { debtIds: reversed.rows.map((row) => row.id), ...(relations.length > 0 && { relations }) };
  await record(transaction, [{ ...event, body }]);
  if (moved.length > 0) await run.afterRelate?.({ debtIds: [], moved }, transaction);
  await run.afterMerge?.({ kind: 'changed', creditorId, debtIds, partyIds }, transaction, stored);
}
