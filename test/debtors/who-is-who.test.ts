import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDesk, type Desk } from './import-desk.ts';
import { importFile } from './lists.ts';

const ID_A = '1835892462';
const ID_B = '1230470237';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

describe('who is who', () => {
  test('a valid identifier makes accounts of two creditors one person, whatever the phones', async () => {
    const [one, two] = [await desk.creditor(), await desk.creditor()];
    await importFile(desk.fresh, ...desk.list([{ id: ID_A, phones: '0501111111' }], one));
    await importFile(desk.fresh, ...desk.list([{ id: ID_A, phones: '0502222222', name: 'احمد  الحربى' }], two));
    expect((await desk.debtorsOf(one))[0]?.party).toBe((await desk.debtorsOf(two))[0]?.party);
  });

  test('people who share a phone stay apart, as guarantors and families do', async () => {
    const id = await desk.creditor();
    await importFile(
      desk.fresh,
      ...desk.list(
        [
          { account: 'A', name: 'خالد الشهري', phones: '0503333333' },
          { account: 'B', name: 'سارة الشهري', phones: '0503333333' },
          { account: 'C', name: 'يوسف الشهري', id: '2620408381', phones: '0503333333' },
          { account: 'D', name: 'يوسف الشهري', id: '1599213624', phones: '0503333333' },
        ],
        id,
      ),
    );
    expect(new Set((await desk.debtorsOf(id)).map((row) => row.party)).size).toBe(4);
  });

  test('without an identifier a phone and the folded name decide, across creditors and spellings', async () => {
    const [one, two] = [await desk.creditor(), await desk.creditor()];
    await importFile(desk.fresh, ...desk.list([{ name: 'فاطمة علي', phones: '0504444444' }], one));
    await importFile(
      desk.fresh,
      ...desk.list(
        [
          { account: 'A', name: 'فاطمه على', phones: '0505555555; 0504444444' },
          { account: 'B', name: 'فَاطِمَة علي', phones: '0505555555' },
        ],
        two,
      ),
    );
    const parties = [...(await desk.debtorsOf(one)), ...(await desk.debtorsOf(two))].map((row) => row.party);
    expect(new Set(parties).size).toBe(1);
  });

  test('an invalid identifier identifies nobody, and is not taken for someone whose identifier is known', async () => {
    const id = await desk.creditor();
    const rows = [
      { account: 'A', name: 'يوسف الغامدي', id: '1453036863', phones: '0506666666' },
      { account: 'B', name: 'يوسف الغامدي', id: '1453036864', phones: '0506666666' },
      { account: 'C', name: 'يوسف الغامدي', id: '1453036864', phones: '0506666666' },
      { account: 'D', name: 'يوسف الغامدي', phones: '0506666666' },
    ];
    const result = await importFile(desk.fresh, ...desk.list(rows, id));
    expect(result).toMatchObject({ debtors: 2, warnings: { bad_national_id: 2 } });
    const [a, b, c, d] = (await desk.debtorsOf(id)).map((row) => row.party);
    expect([a === b, b === c, a === d]).toEqual([false, true, true]);
  });

  test('a person known by name and phone takes on the identifier that a later list gives', async () => {
    const id = await desk.creditor();
    await importFile(desk.fresh, ...desk.list([{ name: 'هدى القحطاني', phones: '0507777777' }], id));
    const [before] = await desk.debtorsOf(id);
    await importFile(desk.fresh, ...desk.list([{ name: 'هدى القحطاني', phones: '0507777777', id: ID_B }], id));
    expect(await desk.debtorsOf(id)).toEqual([{ ...before, identity: ID_B }]);
  });

  test('an account that passes to another identified person leaves the first', async () => {
    const id = await desk.creditor();
    await importFile(desk.fresh, ...desk.list([{ id: '1443387624', phones: '0508888888' }], id));
    await importFile(desk.fresh, ...desk.list([{ id: '2867056505', phones: '0508888888', name: 'فهد الزهراني' }], id));
    expect(await desk.debtorsOf(id)).toMatchObject([{ identity: '2867056505', name: 'فهد الزهراني' }]);
  });

  test('a reference of one creditor says nothing about the customers of another', async () => {
    const [one, two] = [await desk.creditor(), await desk.creditor()];
    const path = desk.scratch.file(
      'us.csv',
      `AccountRef,FullName,CustomerRef,Phones,Balance,DueDate,Address\nA,Ann Lee,C1,(212) 555-0101,$5.00,1/2/2025,"Main St, NY"\n`,
    );
    for (const creditorId of [one, two])
      await importFile(desk.fresh, path, { profile: 'us-agency', creditorId, errorsPath: desk.errorsPath });
    expect((await desk.debtorsOf(one))[0]?.party).not.toBe((await desk.debtorsOf(two))[0]?.party);
  });
});
