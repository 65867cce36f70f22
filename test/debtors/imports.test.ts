import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createImport } from '../../server/debtors/import/imports.ts';
import { runImport, type ImportRun } from '../../server/debtors/import/run.ts';
import { canonicalJson, leafOf, type Json } from '../../server/kernel/history.ts';
import { eventually } from '../support/conditions.ts';
import { freshDatabase } from '../support/database.ts';
import { openDesk, type Desk } from './import-desk.ts';
import { importFile, LISTS } from './lists.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

describe('a run', () => {
  test('tells every fault in the error file, with row and column and without what the row held', async () => {
    const id = await desk.creditor();
    await importFile(
      desk.fresh,
      ...desk.list(
        [{}, { account: 'B', amount: 'abc', due: 'soon' }, { account: 'C', id: '1835892463', phones: '0501234567;12' }],
        id,
      ),
    );
    const text = readFileSync(desk.errorsPath, 'utf8').replace('\ufeff', '');
    expect(
      text
        .split('\r\n')
        .filter(Boolean)
        .map((line) => line.split(',').slice(0, 4)),
    ).toEqual([
      ['row', 'column', 'reason', 'effect'],
      ['3', 'Amount', 'bad_amount', 'row rejected'],
      ['3', 'Due date', 'bad_date', 'row rejected'],
      ['4', 'National ID', 'bad_national_id', 'row kept'],
      ['4', 'Phones', 'invalid_phone', 'row kept'],
    ]);
    expect(text).not.toMatch(/abc|soon|1835892463/);
    const merged = await desk.fresh.database.selectFrom('event').selectAll().where('kind', '=', 'import.merged').execute();
    for (const { salt, body, leaf } of merged) expect(leafOf(salt ?? Buffer.alloc(0), canonicalJson(body as Json))).toEqual(leaf);
    expect(merged.flatMap((event) => (event.body as { changes: unknown[] }).changes)).toHaveLength(2);
  });

  test('that is dry counts all and leaves nothing', async () => {
    const id = await desk.creditor();
    const [path, request] = desk.list([{}, { account: 'B', amount: '5' }], id);
    expect(await importFile(desk.fresh, path, { ...request, dryRun: true })).toMatchObject({
      new: 2,
      debtors: 1,
      total: '105.00',
    });
    expect([await desk.debtorsOf(id), await desk.stagingTables()]).toEqual([[], []]);
  });

  test('by two readers is that by one, to the last line of the error file', async () => {
    const creditorId = await desk.creditor();
    const run = async (secondReaderFrom: number) => {
      const request = {
        filePath: join(LISTS, 'sa-bank.csv'),
        fileName: 'sa-bank.csv',
        profile: 'sa-bank',
        errorsPath: desk.errorsPath,
      };
      const importId = await createImport(desk.fresh.database, { ...request, campaignId: null, creditorId, dryRun: true });
      const result = await runImport({ ...desk.fresh, importId, secondReaderFrom });
      return { result, errors: readFileSync(desk.errorsPath, 'utf8') };
    };
    const byOne = await run(Number.POSITIVE_INFINITY);
    expect(byOne.result.rows).toBe(2_000);
    expect(await run(0)).toEqual(byOne);
  });

  test('of a list that cannot be read changes nothing, and says why where the import is looked up', async () => {
    const importId = await createImport(desk.fresh.database, {
      filePath: desk.scratch.file('empty.csv', ''),
      fileName: 'empty.csv',
      profile: 'sa-bank',
      campaignId: null,
      dryRun: false,
      errorsPath: desk.errorsPath,
    });
    await expect(runImport({ ...desk.fresh, importId })).rejects.toMatchObject({ code: 'import_file_empty' });
    const row = await desk.fresh.database
      .selectFrom('import')
      .select(['state', 'error'])
      .where('id', '=', importId)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'failed', error: { code: 'import_file_empty', field: 'file' } });
    expect(await desk.stagingTables()).toEqual([]);
  });

  test('for a campaign that does not exist is refused', async () => {
    const request = {
      filePath: 'x',
      fileName: 'x',
      profile: 'sa-bank',
      campaignId: '0197a000-0000-7000-8000-000000000000',
      dryRun: false,
    };
    await expect(createImport(desk.fresh.database, request)).rejects.toMatchObject({
      code: 'import_unknown_campaign',
      field: 'campaignId',
    });
  });

  test('hands every debt and person of the list to the caller in its own transaction, changed or not', async () => {
    const id = await desk.creditor();
    const rows = [{ account: 'A' }, { account: 'B', name: 'منى', phones: '0509999999' }];
    const seen: string[][] = [];
    const afterMerge: ImportRun['afterMerge'] = async (merged, transaction) => {
      await transaction.selectFrom('debt').select('id').where('id', 'in', merged.debtIds).execute();
      seen.push(merged.debtIds.toSorted(), merged.partyIds.toSorted());
    };
    const [path, request] = desk.list(rows, id);
    await importFile(desk.fresh, path, request, { afterMerge });
    await importFile(desk.fresh, path, request, { afterMerge });
    expect(seen[0]).toHaveLength(2);
    expect(seen.slice(2)).toEqual(seen.slice(0, 2));
  });

  test('tells of states and provinces that it does not know, and fills in those of people who were stored without', async () => {
    const { database } = desk.fresh;
    const creditorId = await desk.creditor();
    const lines = ['MA', 'Quebec', ''].map(
      (state, n) => `R-${n},Person ${n},617555010${n},100.00,01/31/2025,"9 Beacon St, Boston, MA",${state}`,
    );
    const path = desk.file(['Account,Name,Phone,Amount,Due date,Address,State', ...lines].join('\n'));
    const request = { profile: 'us-agency', creditorId, errorsPath: desk.errorsPath };
    expect(await importFile(desk.fresh, path, request)).toMatchObject({ new: 3, warnings: { unknown_region: 1 } });
    expect(readFileSync(desk.errorsPath, 'utf8')).toContain('3,State,unknown_region,row kept,');
    // As a list was stored before its addresses were read for regions.
    const facts = ['Person 0', '', ['+16175550100'], ['10000', 'USD', '2025-01-31'], '9 Beacon St, Boston, MA', null, null, 'MA'];
    const rowDigest = hash('sha256', JSON.stringify(facts), 'buffer');
    await database.updateTable('debt').set({ row_digest: rowDigest }).where('account', '=', 'R-0').execute();
    await database.updateTable('party').set({ regions: [] }).where('display_name', '=', 'Person 0').execute();
    expect(await importFile(desk.fresh, path, request)).toMatchObject({ new: 0, updated: 1, duplicate: 2 });
    const people = await database.selectFrom('party').select('regions').where('display_name', 'like', 'Person _').execute();
    expect(people.map((person) => person.regions)).toEqual([['US-MA'], ['US-MA'], ['US-MA']]);
    expect(await importFile(desk.fresh, path, request)).toMatchObject({ updated: 0, duplicate: 3 });
  });

  test('of a list in progress blocks another of the same creditor, not one of another', async () => {
    const [one, two] = [await desk.creditor(), await desk.creditor()];
    const order: string[] = [];
    const gate = Promise.withResolvers<undefined>();
    const note = (name: string) => async (): Promise<void> => {
      order.push(name);
      if (name === 'first') await gate.promise;
    };
    const [path, request] = desk.list([{}], one);
    const first = importFile(desk.fresh, path, request, { afterMerge: note('first') });
    await eventually('the first import merges', () => order.length === 1);
    const second = importFile(desk.fresh, path, request, { afterMerge: note('second') });
    await importFile(desk.fresh, ...desk.list([{ name: 'نورة الشهري', phones: '0501010101' }], two), {
      afterMerge: note('other'),
    });
    gate.resolve(undefined);
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'other', 'second']);
  });

  test('reports how far it is and never goes back', async () => {
    const other = await freshDatabase();
    try {
      const told: number[] = [];
      const clock = { now: () => Temporal.Now.instant(), monotonicMs: () => told.length * 1_000 };
      await importFile(
        other,
        join(LISTS, 'us-agency.csv'),
        { profile: 'us-agency', errorsPath: desk.errorsPath },
        {
          clock,
          onProgress: ({ phase, bytesRead = 0, mergedThrough }) =>
            told.push(phase === 'reading' ? bytesRead : 1e9 + mergedThrough),
        },
      );
      expect(told).toEqual(told.toSorted((a, b) => a - b));
      expect(told.at(-1)).toBeGreaterThan(1e9);
    } finally {
      await other.drop();
    }
  });
});
