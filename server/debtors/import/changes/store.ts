import { sql, type Kysely } from 'kysely';
import type { Tx } from '../../../kernel/database.ts';
import type { Schema } from '../../../kernel/schema.ts';
import type { DebtState, Effect } from './rules.ts';

/** A debt as it stands, and everyone who owes it. */
export interface KnownDebt {
  id: string;
  balanceMinor: bigint;
  state: DebtState;
  paid: Set<string>;
  partyIds: string[];
}

/** What is written of one change. */
export interface DebtEffect extends Effect {
  debtId: string;
  reference: string | null;
  stateBefore: DebtState;
}

/** Which of the accounts the creditor has. Index: the unique one on `debt (creditor_id, account)`. */
export async function knownAccounts(
  database: Kysely<Schema>,
  creditorId: string,
  accounts: readonly string[],
): Promise<Set<string>> {
  if (accounts.length === 0) return new Set();
  const { rows } = await sql<{ account: string }>`
    select account from debt where creditor_id = ${creditorId} and account = any(${accounts}::text[])`.execute(database);
  return new Set(rows.map((row) => row.account));
}

/** The creditor's debts by account, with the references of their payments. Index: as above, and `posting_by_reference`. */
export async function readStandings(
  transaction: Tx,
  creditorId: string,
  accounts: readonly string[],
): Promise<Map<string, KnownDebt>> {
  const { rows } = await sql<Omit<KnownDebt, 'paid'> & { account: string; paid: string[] }>`
    select debt.id, account, balance_minor as "balanceMinor", state,
      array(select reference from posting where debt_id = debt.id and reference is not null) as paid,
      array(select party_id from debt_party where debt_id = debt.id and role <> 'attorney')::text[] as "partyIds"
    from debt where creditor_id = ${creditorId} and account = any(${accounts}::text[])`.execute(transaction);
  return new Map(rows.map(({ account, ...debt }) => [account, { ...debt, paid: new Set(debt.paid) }]));
}

/**
 * Writes what changes do: postings in their order, each debt's last balance and state, and the state it was in before the import. A creditor's
 * next list that states the balance as it now is posts nothing.
 */
export async function writeEffects(transaction: Tx, importId: string, effects: readonly DebtEffect[]): Promise<void> {
  const posted = effects.flatMap(({ debtId, posting, reference }) =>
    posting === null ? [] : [{ debtId, reference, ...posting }],
  );
  await sql`
    insert into posting (debt_id, kind, amount_minor, import_id, reference)
    select debt_id, kind, amount, ${importId}, reference
    from unnest(${posted.map((each) => each.debtId)}::uuid[], ${posted.map((each) => each.kind)}::text[],
      ${posted.map((each) => each.amountMinor.toString())}::bigint[], ${posted.map((each) => each.reference)}::text[])
      as given (debt_id, kind, amount, reference)`.execute(transaction);
  const first = new Map(effects.toReversed().map((effect) => [effect.debtId, effect]));
  const last = [...new Map(effects.map((effect) => [effect.debtId, effect])).values()];
  await sql`
    insert into import_debt_state (import_id, debt_id, state_before, listed_before)
    select ${importId}, given.debt_id, given.state, debt.listed_minor
    from unnest(${[...first.keys()]}::uuid[], ${[...first.values()].map((each) => each.stateBefore)}::text[]) as given (debt_id, state)
    join debt on debt.id = given.debt_id on conflict do nothing`.execute(transaction);
  const stated = new Set(effects.filter((each) => each.posting?.kind === 'adjustment').map((each) => each.debtId));
  await sql`
    update debt set balance_minor = given.balance, state = given.state,
      listed_minor = case when given.stated then given.balance else debt.listed_minor end
    from unnest(${last.map((each) => each.debtId)}::uuid[], ${last.map((each) => each.balanceMinor.toString())}::bigint[],
      ${last.map((each) => each.state)}::text[], ${last.map((each) => stated.has(each.debtId))}::boolean[])
      as given (debt_id, balance, state, stated)
    where debt.id = given.debt_id`.execute(transaction);
}

/** The people an import's changes concern, and the balances of those debts together, as they are now, in minor units. */
export async function sumUpChanges(
  transaction: Tx,
  importId: string,
  creditorId: string,
): Promise<{ debtors: number; total: bigint }> {
  const { rows } = await sql<{ debtors: bigint; total: string }>`
    with debts as materialized (
      select id, balance_minor from debt
      where creditor_id = ${creditorId} and id in (select debt_id from import_debt_state where import_id = ${importId})
    )
    select (select count(distinct link.party_id) from debts join debt_party link on link.debt_id = debts.id and link.role = 'debtor') as debtors,
      (select coalesce(sum(balance_minor), 0) from debts)::text as total`.execute(transaction);
  return { debtors: Number(rows[0]?.debtors ?? 0n), total: BigInt(rows[0]?.total ?? '0') };
}
