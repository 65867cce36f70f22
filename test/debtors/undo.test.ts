import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { undoImport } from '../../server/debtors/import/undo.ts';
import type { Merged } from '../../server/debtors/import/merge.ts';
import { openDesk, type Desk } from './import-desk.ts';
import { importFile } from './lists.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const USER = '0197a000-0000-7000-8000-000000000000';

async function lastImport(): Promise<string> {
  const { rows } = await sql<{ id: string }>`select id from import order by id desc limit 1`.execute(desk.fresh.database);
  return rows[0]?.id ?? '';
}
const undo = (importId: string, afterMerge?: (merged: Merged) => Promise<void>) =>
  undoImport({ ...desk.fresh, importId, ...(afterMerge && { afterMerge }) }, USER);

async function standing(creditorId: string): Promise<[string, bigint, string][]> {
  return (await desk.debtorsOf(creditorId)).map(({ account, balance, state }) => [account, balance, state]);
}

async function balancesWrong(): Promise<bigint | undefined> {
  const { rows } = await sql<{ wrong: bigint }>`
    select count(*) as wrong from debt
    where balance_minor <> (select coalesce(sum(amount_minor), 0) from posting where debt_id = debt.id)`.execute(
    desk.fresh.database,
  );
  return rows[0]?.wrong;
}

test('a list taken back recalls what it brought, puts back what it changed, and may come again', async () => {
  const id = await desk.creditor();
  await importFile(desk.fresh, ...desk.list([{ account: 'A', amount: '100.00' }], id));
  const changed = [
    { account: 'A', amount: '80.00' },
    { account: 'B', amount: '5.00', phones: '0502222222' },
  ];
  await importFile(desk.fresh, ...desk.list(changed, id));
  const told: string[] = [];
  await undo(await lastImport(), async (merged) => void told.push(...merged.debtIds));
  expect(await standing(id)).toEqual([
    ['A', 10_000n, 'open'],
    ['B', 0n, 'recalled'],
  ]);
  expect([told.length, await balancesWrong()]).toEqual([2, 0n]);
  expect(await importFile(desk.fresh, ...desk.list(changed, id))).toMatchObject({ updated: 2, total: '85.00' });
  expect(await standing(id)).toEqual([
    ['A', 8_000n, 'open'],
    ['B', 500n, 'open'],
  ]);
});

test('a payment booked behind a list that was taken back stays booked when the old list comes again', async () => {
  const id = await desk.creditor();
  const old = [{ account: 'A', amount: '100.00' }];
  await importFile(desk.fresh, ...desk.list(old, id));
  await importFile(desk.fresh, ...desk.list([{ account: 'A', amount: '120.00' }], id));
  await undo(await lastImport());
  const debt = await desk.fresh.database.selectFrom('debt').select('id').where('creditor_id', '=', id).executeTakeFirstOrThrow();
  await desk.fresh.database
    .insertInto('posting')
    .values({ debt_id: debt.id, kind: 'payment', amount_minor: -3_000n, import_id: null })
    .execute();
  await sql`update debt set balance_minor = balance_minor - 3000 where id = ${debt.id}`.execute(desk.fresh.database);
  await importFile(desk.fresh, ...desk.list(old, id));
  expect(await standing(id)).toEqual([['A', 7_000n, 'open']]);
});

test('a file of changes taken back gives debts their state and frees its payments to come again', async () => {
  const id = await desk.creditor();
  await importFile(desk.fresh, ...desk.list([{ account: 'A' }, { account: 'B', phones: '0503333333' }], id));
  const text = 'Account,Action,Amount,Date\nA,payment,100,2025/02/01\nB,recall,,\n';
  const request = {
    profile: 'sa-bank',
    options: { calendar: 'gregorian', kind: 'changes' } as const,
    creditorId: id,
    errorsPath: desk.errorsPath,
  };
  const path = desk.file(text);
  for (let round = 0; round < 2; round += 1) {
    expect(await importFile(desk.fresh, path, request)).toMatchObject({ updated: 2, duplicate: 0 });
    expect((await standing(id)).map(([, , state]) => state)).toEqual(['paid', 'recalled']);
    await undo(await lastImport());
    expect(await standing(id)).toEqual([
      ['A', 10_000n, 'open'],
      ['B', 10_000n, 'open'],
    ]);
  }
  expect(await balancesWrong()).toBe(0n);
});

test('only the last import of a creditor, once, and not one that was only tried', async () => {
  const id = await desk.creditor();
  await importFile(desk.fresh, ...desk.list([{ account: 'A' }], id));
  const first = await lastImport();
  await importFile(desk.fresh, ...desk.list([{ account: 'A', amount: '1' }], id));
  const second = await lastImport();
  await expect(undo(first)).rejects.toMatchObject({ code: 'import_not_last', status: 409 });
  await undo(second);
  await expect(undo(second)).rejects.toMatchObject({ code: 'import_undone' });
  await undo(first);
  const [path, request] = desk.list([{ account: 'Z' }], id);
  await importFile(desk.fresh, path, { ...request, dryRun: true });
  await expect(undo(await lastImport())).rejects.toMatchObject({ code: 'import_not_done' });
  await expect(undo(USER)).rejects.toMatchObject({ code: 'not_found' });
});
