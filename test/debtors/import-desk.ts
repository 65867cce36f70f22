import { join } from 'node:path';
import { sql } from 'kysely';
import { ensureCreditor, type ImportRequest } from '../../server/debtors/import/imports.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { scratchFolder } from './lists.ts';

const HEADER = 'Account,Name,National ID,Phones,Amount,Due date,Address';

/** A row of a list in Saudi form with Gregorian dates; what it leaves out is usual. */
export interface Row {
  account?: string;
  name?: string;
  id?: string;
  phones?: string;
  amount?: string;
  due?: string;
  address?: string;
}

export type Request = Partial<ImportRequest> & { errorsPath: string };

/** What tests of imports work with: a database, a folder, creditors and lists of their own. The caller closes it. */
export async function openDesk() {
  const fresh: FreshDatabase = await freshDatabase();
  const scratch = scratchFolder();
  const errorsPath = join(scratch.path, 'errors.csv');
  let creditors = 0;
  let lists = 0;

  function file(text: string): string {
    lists += 1;
    return scratch.file(`list-${lists}.csv`, text);
  }

  return {
    fresh,
    scratch,
    errorsPath,
    file,
    /** A list as file, and how to import it. */
    list(rows: readonly Row[], creditorId: string): [string, Request] {
      const lines = rows.map((row) =>
        [
          row.account ?? 'A-1',
          row.name ?? 'أحمد الحربي',
          row.id ?? '',
          row.phones ?? '0501234567',
          row.amount ?? '100.00',
          row.due ?? '2025/01/31',
          row.address ?? 'الرياض',
        ].join(','),
      );
      return [
        file([HEADER, ...lines].join('\n')),
        { profile: 'sa-bank', options: { calendar: 'gregorian' }, creditorId, errorsPath },
      ];
    },
    creditor(): Promise<string> {
      creditors += 1;
      return ensureCreditor(fresh.database, `Creditor ${creditors}`, false);
    },
    async debtorsOf(creditorId: string) {
      const { rows } = await sql<{
        account: string;
        party: string;
        name: string;
        identity: string | null;
        balance: bigint;
        state: string;
      }>`
        select debt.account, party.id as party, party.display_name as name, party.identity_value as identity,
          debt.balance_minor as balance, debt.state
        from debt join debt_party on debt_party.debt_id = debt.id join party on party.id = debt_party.party_id
        where debt.creditor_id = ${creditorId} order by debt.account`.execute(fresh.database);
      return rows;
    },
    async postingsOf(creditorId: string): Promise<[string, bigint][]> {
      const { rows } = await sql<{ kind: string; amount: bigint }>`
        select posting.kind, posting.amount_minor as amount from posting join debt on debt.id = posting.debt_id
        where debt.creditor_id = ${creditorId} order by posting.id`.execute(fresh.database);
      return rows.map(({ kind, amount }) => [kind, amount]);
    },
    async stagingTables(): Promise<string[]> {
      const { rows } = await sql<{ name: string }>`
        select relname as name from pg_class where relname like 'import_rows_%' and relkind = 'r'`.execute(fresh.database);
      return rows.map((row) => row.name);
    },
    async close(): Promise<void> {
      scratch.remove();
      await fresh.drop();
    },
  };
}
export type Desk = Awaited<ReturnType<typeof openDesk>>;
