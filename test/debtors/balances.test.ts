import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDesk, type Desk } from './import-desk.ts';
import { importFile } from './lists.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

describe('balances', () => {
  test('a changed amount posts the difference, and the balance is the sum of postings', async () => {
    const id = await desk.creditor();
    await importFile(desk.fresh, ...desk.list([{ amount: '100.00' }], id));
    const result = await importFile(desk.fresh, ...desk.list([{ amount: '80.50' }], id));
    expect(result).toMatchObject({ new: 0, updated: 1, duplicate: 0, total: '80.50' });
    expect(await desk.postingsOf(id)).toEqual([
      ['opening', 10_000n],
      ['adjustment', -1_950n],
    ]);
  });

  test('a list that repeats its amount does not undo a payment booked here, even when something else changed', async () => {
    const id = await desk.creditor();
    await importFile(desk.fresh, ...desk.list([{ amount: '100.00' }], id));
    await sql`with paid as (insert into posting (debt_id, kind, amount_minor) select id, 'payment', -4000 from debt where creditor_id = ${id} returning debt_id)
      update debt set balance_minor = balance_minor - 4000 from paid where debt.id = paid.debt_id`.execute(desk.fresh.database);
    await importFile(desk.fresh, ...desk.list([{ amount: '100.00' }], id));
    const result = await importFile(desk.fresh, ...desk.list([{ amount: '100.00', address: 'جدة' }], id));
    expect(result).toMatchObject({ updated: 1, total: '60.00' });
  });

  test('in one list the last row of an account holds, and the same list again changes nothing', async () => {
    const id = await desk.creditor();
    const rows = [
      { amount: '1.00' },
      { amount: '2.00' },
      { amount: '2.00' },
      { account: 'B', amount: '5.00' },
      { amount: '3.00' },
    ];
    expect(await importFile(desk.fresh, ...desk.list(rows, id))).toMatchObject({
      new: 2,
      updated: 2,
      duplicate: 1,
      total: '8.00',
    });
    expect(await importFile(desk.fresh, ...desk.list(rows, id))).toMatchObject({
      new: 0,
      updated: 0,
      duplicate: 5,
      total: '8.00',
    });
    expect(await desk.postingsOf(id)).toHaveLength(2);
  });

  test('a list in another currency than its accounts is refused before anything is written', async () => {
    const id = await desk.creditor();
    await importFile(desk.fresh, ...desk.list([{}], id));
    const [path, request] = desk.list([{ amount: '5' }], id);
    const options = { calendar: 'gregorian', currency: 'USD' } as const;
    await expect(importFile(desk.fresh, path, { ...request, options })).rejects.toMatchObject({
      code: 'import_currency_differs',
      field: 'currency',
    });
    expect(await desk.postingsOf(id)).toEqual([['opening', 10_000n]]);
  });
});
