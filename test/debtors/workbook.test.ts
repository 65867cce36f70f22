import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openList } from '../../server/debtors/import/list.ts';
import { resolveFormat, type ListOptions } from '../../server/debtors/import/profiles.ts';
import { createRowReader, type RowReading } from '../../server/debtors/import/rows.ts';
import { SharedStrings } from '../../server/debtors/import/workbook/strings.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { expected, importFile, LISTS, SAMPLES, scratchFolder } from './lists.ts';
import { archive, workbook, type Cell } from './workbooks.ts';

const scratch = scratchFolder();
let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(async () => {
  scratch.remove();
  await fresh.drop();
});

const HEADER = ['Account', 'Name', 'Phone', 'Amount', 'Due date', 'Address'];

async function readAll(content: Buffer, profile: string, options: ListOptions = {}): Promise<RowReading[]> {
  const format = resolveFormat(profile, options);
  const list = await openList(scratch.file('list.xlsx', content), format);
  const read = createRowReader(format, list.layout);
  const rows: RowReading[] = [];
  try {
    for await (const records of list.records) for (const record of records) rows.push(read(record.cells));
  } finally {
    await list.close();
  }
  return rows;
}

async function cellsOf(file: string): Promise<string[][]> {
  const list = await openList(join(LISTS, file), { columns: {} });
  const rows: string[][] = [[...list.layout.header]];
  for await (const records of list.records) for (const record of records) rows.push(record.cells);
  return rows;
}

test.each(SAMPLES)('the %s sample saved as a workbook imports with exactly the counts given', async (profile, file) => {
  const path = scratch.file('sample.xlsx', workbook(await cellsOf(file)));
  const result = await importFile(fresh, path, { profile, errorsPath: join(scratch.path, 'errors.csv') });
  expect(result).toEqual(expected(LISTS, file));
});

describe('a workbook', () => {
  // 2025-01-31 is day 45688 from 1900 and 44226 from 1904.
  const row = (phone: Cell, amount: Cell, due: Cell): Cell[] => ['A', 'Ann & <Lee>', phone, amount, due, { inline: 'Main St' }];
  const rowsOf = (...rows: Cell[][]): Buffer => workbook([HEADER, ...rows]);

  test('gives days in the list’s calendar and numbers with its decimal separator', async () => {
    const cells = row({ number: 2_125_550_101 }, { number: 0.1 + 0.2, style: 2 }, { number: 45_688.25, style: 1 });
    for (const [calendar, decimal] of [
      ['gregorian', '.'],
      ['hijri', ','],
      ['jalali', ','],
    ] as const) {
      const [read] = await readAll(rowsOf(cells), 'us-agency', { calendar, decimal });
      expect(read).toMatchObject({
        kind: 'accepted',
        debt: { name: 'Ann & <Lee>', amountMinor: 30n, dueOn: '2025-01-31', address: 'Main St' },
      });
    }
  });

  test('of a Mac counts its days from 1904', async () => {
    const cells = row('2125550101', '5', { number: 44_226, style: 1 });
    const [read] = await readAll(workbook([HEADER, cells], { from1904: true }), 'us-agency');
    expect(read).toMatchObject({ kind: 'accepted', debt: { dueOn: '2025-01-31' } });
  });

  test('may have rows and cells left out, and its faults carry its own row numbers', async () => {
    const content = workbook([HEADER, [], row(null, '5', '1/2/2025')]);
    const list = await openList(scratch.file('gaps.xlsx', content), resolveFormat('us-agency', {}));
    const rows: number[] = [];
    for await (const records of list.records) rows.push(...records.map((record) => record.row));
    await list.close();
    expect(rows).toEqual([3]);
    expect((await readAll(content, 'us-agency'))[0]).toMatchObject({ faults: [{ reason: 'no_valid_phone', column: 'Phone' }] });
  });

  test.each([
    ['an archive of something else', archive({ 'readme.txt': 'hello' }), 'import_file_binary'],
    ['one cut in the middle', rowsOf(row('1', '2', '3')).subarray(0, 900), 'import_file_broken'],
    ['one whose sheet is no XML', archive({ 'xl/workbook.xml': '<workbook><sheets' }), 'import_file_broken'],
    ['one without a sheet', archive({ 'xl/workbook.xml': '<workbook/>' }), 'import_file_broken'],
    ['one with an empty sheet', workbook([]), 'import_file_empty'],
  ])('%s is refused by name', async (_, content, code) => {
    await expect(readAll(content, 'us-agency')).rejects.toMatchObject({ code, field: 'file' });
  });
});

test('shared texts come back as they went in, however many', () => {
  const strings = new SharedStrings();
  const text = (index: number): string => `نص ${index} ${'x'.repeat(index % 300)}`;
  for (let index = 0; index < 20_000; index += 1) strings.add(text(index));
  for (const index of [0, 19_999, 1, 10_000, 437, 19_998]) expect(strings.get(index)).toBe(text(index));
  expect([strings.get(20_000), strings.get(-1), strings.get(Number.NaN)]).toEqual(['', '', '']);
  strings.close();
});
