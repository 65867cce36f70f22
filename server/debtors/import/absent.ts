import { sql, type RawBuilder } from 'kysely';
import type { Tx } from '../../kernel/database.ts';
import { record } from '../../kernel/history.ts';
import { addAtOnce, lockPersons } from './batches.ts';
import { refuse } from './faults.ts';
import type { Reading } from './imports.ts';
import type { Taking } from './run.ts';
import { stagingOf } from './staging.ts';

/** Debts recalled in one transaction: the persons concerned are locked until it ends. */
const BATCH = 2_000;
/** More rejected rows than that leave too much unknown of which accounts a list has. */
export const MOST_REJECTED = 10_000;

/**
 * Counts the open debts that a list leaves out, where its profile says that this recalls them; undefined where it does not. A list into a
 * campaign speaks of that campaign's debts only. Throws a Refusal unless the caller has seen the number in a dry run, and where rejected rows
 * leave unknown what the list leaves out.
 */
export async function countAbsent(taking: Taking, transaction: Tx, read: Reading): Promise<number | undefined> {
  const { format, stored } = taking;
  if (format.absent !== 'recalled') return undefined;
  if ((read.reasons.missing_account ?? 0) > 0 || read.rejected > MOST_REJECTED) {
    const message = 'Rows without a readable account leave unknown which accounts the list leaves out: mend them first';
    throw refuse('import_recalls_unsafe', message, 'absent');
  }
  const { rows } = await sql<{ debts: bigint }>`select count(*) as debts from debt where ${isAbsent(taking, read)}`.execute(
    transaction,
  );
  const absent = Number(rows[0]?.debts ?? 0n);
  if (stored.dryRun || format.recalls === absent) return absent;
  if (format.recalls === undefined) {
    const message = `The list leaves out ${absent} open accounts, which would be recalled: try it first, then say how many (--recalls ${absent})`;
    throw refuse('import_recalls_unconfirmed', message, 'recalls', { absent });
  }
  const message = `The list leaves out ${absent} open accounts, not ${format.recalls} as the dry run said: try it again`;
  throw refuse('import_recalls_differ', message, 'recalls', { absent });
}

/** Recalls the next open debts that the list leaves out; returns how many, 0 when there are no more. */
export async function recallAbsent(taking: Taking, transaction: Tx, read: Reading): Promise<number> {
  const { run, stored, creditorId } = taking;
  const found = await sql<{ id: string; people: string[] }>`
    select id, array(select party_id from debt_party where debt_id = debt.id and role <> 'attorney')::text[] as people
    from debt where ${isAbsent(taking, read)} order by id limit ${BATCH}`.execute(transaction);
  if (found.rows.length === 0) return 0;
  const partyIds = [...new Set(found.rows.flatMap((debt) => debt.people))];
  await (run.lockPeople ?? lockPersons)(transaction, partyIds);
  const ids = found.rows.map((debt) => debt.id);
  const { rows } = await sql<{ id: string }>`
    with noted as (
      insert into import_debt_state (import_id, debt_id, state_before, listed_before)
      select ${run.importId}, id, state, listed_minor from debt where id = any(${ids}::uuid[]) on conflict do nothing
    )
    update debt set state = 'recalled' where id = any(${ids}::uuid[]) and state = 'open' returning id`.execute(transaction);
  const debtIds = rows.map((row) => row.id);
  await record(transaction, [
    { kind: 'import.recalled', subject: 'import', subjectId: run.importId, actor: 'import', body: { debtIds } },
  ]);
  addAtOnce(stored.progress, await run.afterMerge?.({ kind: 'changed', creditorId, debtIds, partyIds }, transaction, stored));
  return found.rows.length;
}

function isAbsent({ run, stored, creditorId }: Taking, read: Reading): RawBuilder<unknown> {
  const inCampaign =
    stored.campaignId === null
      ? sql`true`
      : sql`exists (select from campaign_debt where campaign_id = ${stored.campaignId} and debt_id = debt.id)`;
  return sql`debt.creditor_id = ${creditorId} and debt.state = 'open' and ${inCampaign}
    and not exists (select from ${stagingOf(run.importId).table} staged where staged.account = debt.account)
    and debt.account <> all(${read.rejectedAccounts}::text[])`;
}
