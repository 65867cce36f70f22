import * as fc from 'fast-check';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readIdentity } from '../../server/debtors/import/identity.ts';
import { openList } from '../../server/debtors/import/list.ts';
import { resolveFormat, type ListOptions } from '../../server/debtors/import/profiles.ts';
import { readRecords } from '../../server/debtors/import/records.ts';
import { createRowReader, type RowReading } from '../../server/debtors/import/rows.ts';
import { detectDelimiter, detectEncoding } from '../../server/debtors/import/sniff.ts';
import { fieldOf } from '../../server/debtors/import/headers.ts';
import { Refusal } from '../../server/kernel/errors.ts';
import { foldName } from '../../server/debtors/names.ts';
import { readPhones } from '../../server/debtors/phones.ts';
import { readRegion, regionsOfAddress, regionsOfNumber } from '../../server/debtors/regions.ts';
import { zonesOfAddress, zonesOfNumber } from '../../server/debtors/zones.ts';
import { LISTS, SAMPLES, scratchFolder } from './lists.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

const HEADER = 'Account,Name,Phone,Amount,Due date,Address';

async function readAll(path: string, profile = 'us-agency', options: ListOptions = {}): Promise<RowReading[]> {
  const format = resolveFormat(profile, options);
  const list = await openList(path, format);
  const read = createRowReader(format, list.layout);
  const rows: RowReading[] = [];
  for await (const records of list.records) for (const record of records) rows.push(read(record.cells));
  return rows;
}

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

describe('a list is understood without being told', () => {
  test.each([
    ['sa-bank.csv', 'utf-8', ','],
    ['eg-telecom.csv', 'windows-1256', ';'],
    ['ir-leasing.tsv', 'utf-16le', '\t'],
    ['us-agency.csv', 'utf-8', ','],
  ])('%s is %s, separated by %j', async (file, encoding, delimiter) => {
    const list = await openList(join(LISTS, file), { columns: {} });
    await list.close();
    expect([list.encoding, list.delimiter]).toEqual([encoding, delimiter]);
  });

  test('UTF-16 of either order is known with and without its mark', () => {
    const text = 'رقم الحساب,الاسم\r\nA-1,أحمد الحربي\r\n'.repeat(20);
    const little = Buffer.from(text, 'utf16le');
    const big = Buffer.from(little).swap16();
    expect(detectEncoding(little, true)).toEqual({ encoding: 'utf-16le', skip: 0 });
    expect(detectEncoding(big, true)).toEqual({ encoding: 'utf-16be', skip: 0 });
    expect(detectEncoding(Buffer.concat([Buffer.from([0xfe, 0xff]), big]), true)).toEqual({ encoding: 'utf-16be', skip: 2 });
  });

  test('a UTF-8 character cut by the end of the look-ahead is no reason to doubt it', () => {
    expect(detectEncoding(Buffer.from('اسم').subarray(0, 5), false).encoding).toBe('utf-8');
  });

  test("Excel's sep= line decides the delimiter and is no header", async () => {
    const path = scratch.file('sep.csv', `sep=;\r\n${HEADER.replaceAll(',', ';')}\r\nA;B;212-555-0101;1;1/2/2025;Main\r\n`);
    expect((await readAll(path)).map((row) => row.kind)).toEqual(['accepted']);
  });

  test('a delimiter inside quotes does not count', () => {
    expect(detectDelimiter('"Account, old; new";Name;Phone\n', (cell) => fieldOf(cell) !== null)).toBe(';');
  });

  test.each(['Account No.', 'account_number', 'ACCOUNTREF', 'رقم الحساب', 'رَقم الحِساب', 'شماره قرارداد', 'شمارۀ قرارداد'])(
    'the header %j stands for the account',
    (header) => expect(fieldOf(header)).toBe('account'),
  );

  test('the unit in the header of the amount is believed before the profile', async () => {
    const path = scratch.file(
      'rial.tsv',
      'شماره قرارداد\tنام\tموبایل\tمبلغ (ریال)\tسررسید\tآدرس\r\nA\tعلی\t09121234567\t۵۰۰\t۱۴۰۳/۰۱/۰۱\tتهران\r\n',
    );
    const [row] = await readAll(path, 'ir-leasing');
    expect(row).toMatchObject({ kind: 'accepted', debt: { amountMinor: 500n } });
  });

  test('columns with names of their own are found by the mapping, which may also say that a field has none', async () => {
    const path = scratch.file(
      'own.csv',
      'X1,X2,X3,X4,X5,X6,X7,Attorney\r\nA,Ann,212-555-0101,bad,5,1/2/2025,Main,The bank’s own\r\n',
    );
    const columns = { attorney: '', account: 'X1', name: 'X2', phone: ['X3', 'X4'], amount: 'X5', due: 'X6', address: 'X7' };
    const [row] = await readAll(path, 'us-agency', { columns });
    expect(row).toMatchObject({
      kind: 'accepted',
      debt: { account: 'A', amountMinor: 500n, related: null },
      warnings: [{ reason: 'invalid_phone', column: 'X3' }],
    });
  });
});

describe('what cannot be read is refused by name, before anything is written', () => {
  const open = (content: string | Buffer, options: ListOptions = {}) =>
    openList(scratch.file('bad.csv', content), resolveFormat('us-agency', options));

  test.each([
    ['an empty file', '', {}, 'import_file_empty', 'file'],
    ['a file of nothing but a mark', Buffer.from([0xef, 0xbb, 0xbf]), {}, 'import_file_empty', 'file'],
    ['a file of blank lines', '\r\n\r\n', {}, 'import_file_empty', 'file'],
    ['a workbook cut short', Buffer.from('PK\u0003\u0004 and more'), {}, 'import_file_broken', 'file'],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), {}, 'import_file_binary', 'file'],
    [
      'bytes without meaning',
      Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 37) % 256)),
      {},
      'import_file_binary',
      'file',
    ],
    [
      'text said to be UTF-8 that is not',
      Buffer.from([0x41, 0x2c, 0xc7, 0xe1, 0x0a]),
      { encoding: 'utf-8' },
      'import_wrong_encoding',
      'encoding',
    ],
    [
      'a mark that contradicts what is said',
      Buffer.from([0xff, 0xfe, 0x41, 0]),
      { encoding: 'utf-8' },
      'import_wrong_encoding',
      'encoding',
    ],
    ['a list without an amount', 'Account,Name,Phone,Due date,Address\n', {}, 'import_column_unmapped', 'amount'],
    ['a mapping to no column', `${HEADER}\n`, { columns: { name: 'Nom' } }, 'import_unknown_column', 'name'],
  ] as const)('%s', async (_, content, options, code, field) => {
    expect(await refusal(open(content, options))).toMatchObject({ code, field });
  });

  test('Arabic text in ISO 8859-6 is not taken for Windows-1256', async () => {
    // "رقم العقد,الاسم الكامل" in ISO 8859-6, whose letters behind ف differ.
    const bytes = Buffer.from('d1e2e520c7e4d9e2cf2cc7e4c7d3e520c7e4e3c7e5e40a'.repeat(5), 'hex');
    expect(await refusal(open(bytes))).toMatchObject({ code: 'import_wrong_encoding' });
  });

  test('an encoding that fails far behind the beginning is found too', async () => {
    const path = scratch.file(
      'late.csv',
      Buffer.concat([Buffer.from(`${HEADER}\n${'A,B,C,1,2,D\n'.repeat(10_000)}`), Buffer.from([0xc7, 0x0a])]),
    );
    expect(await refusal(readAll(path))).toMatchObject({ code: 'import_wrong_encoding', field: 'encoding' });
  });

  test('the message for a missing column says what to pass and what the list has', async () => {
    expect((await refusal(open('Account,Name,Tel,Due date,Address\n'))).message).toMatch(/amount.*"Tel".*--map amount=/);
  });

  test.each([
    ['profile', 'gr-bank', {}, 'import_unknown_profile'],
    ['country', 'sa-bank', { country: 'ZZ' }, 'import_unknown_country'],
    ['currency', 'sa-bank', { currency: 'SAX' }, 'import_unknown_currency'],
  ] as const)('an unknown %s', (field, profile, options, code) => {
    expect(() => resolveFormat(profile, options)).toThrow(expect.objectContaining({ code, field }));
  });

  test('a format without a calendar is not guessed', () => {
    expect(() => resolveFormat(null, { country: 'SA', currency: 'SAR' })).toThrow(
      expect.objectContaining({ code: 'import_settings_missing', field: 'calendar' }),
    );
  });
});

describe('records', () => {
  async function records(text: string, size = 7): Promise<{ cells: string[]; broken: boolean; row: number }[]> {
    async function* chunks(): AsyncGenerator<string> {
      for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
    }
    const found: { cells: string[]; broken: boolean; row: number }[] = [];
    for await (const some of readRecords(chunks(), ',')) found.push(...some);
    return found;
  }

  test('line breaks and quotes inside a cell belong to it', async () => {
    expect((await records('a,b\r\n1,"x\r\ny ""z"""\r\n2,w\r\n')).map((record) => record.cells)).toEqual([
      ['a', 'b'],
      ['1', 'x\r\ny "z"'],
      ['2', 'w'],
    ]);
  });

  test('a quotation mark that nobody closes spoils its own line only', async () => {
    const body = Array.from({ length: 200 }, (_, index) => `${index},x,y`).join('\n');
    const found = await records(`a,b,c\n1,"oops,y\n${body}\n`, 4_096);
    expect(found).toHaveLength(202);
    expect(found[1]).toEqual({ cells: ['1', 'oops', 'y'], broken: true, row: 2 });
    expect(found.slice(2).every((record) => !record.broken && record.cells.length === 3)).toBe(true);
    expect(found.at(-1)?.row).toBe(202);
  });

  test('two stray marks do not swallow the rows between them', async () => {
    const found = await records('a,b,c\n1,"oops,y\n2,x,y\n3,x,"oops\n4,x,y\n');
    expect(found.map((record) => record.cells[0])).toEqual(['a', '1', '2', '3', '4']);
  });

  test('no text makes reading records throw or lose its last line', async () => {
    const piece = fc.constantFrom('"', ',', '\n', '\r\n', 'a', 'ب', '""', ' ');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), async (pieces, size) => {
        const found = await records(`h1,h2\n${pieces.join('')}\nlast,"row"`, size);
        const end = found.flatMap((record) => record.cells).join(' ');
        expect(end).toContain('last');
      }),
      { numRuns: 300 },
    );
  });
});

describe('rows', () => {
  test('every fault of a row is told', async () => {
    const path = scratch.file('faults.csv', `${HEADER}\n,,123,abc,soon,\n,,,,,\n`);
    const [row, blank] = await readAll(path);
    expect(row).toMatchObject({
      kind: 'rejected',
      faults: [
        { reason: 'missing_account', column: 'Account' },
        { reason: 'missing_name', column: 'Name' },
        { reason: 'no_valid_phone', column: 'Phone' },
        { reason: 'bad_amount', column: 'Amount' },
        { reason: 'bad_date', column: 'Due date' },
        { reason: 'missing_address', column: 'Address' },
      ],
    });
    expect(blank).toEqual({ kind: 'blank' });
  });

  test('no cells make reading a row throw', async () => {
    for (const [profile, file] of SAMPLES) {
      const format = resolveFormat(profile, {});
      const list = await openList(join(LISTS, file), format);
      await list.close();
      const read = createRowReader(format, list.layout);
      fc.assert(
        fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 10 }), (cells) => {
          expect(['blank', 'rejected', 'accepted']).toContain(read(cells).kind);
        }),
      );
    }
  });

  test('no bytes make opening a list fail but by name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const error = await refusal(readAll(scratch.file('bytes.csv', Buffer.from(bytes))));
        expect(error.field).not.toBeNull();
      }),
      { numRuns: 200 },
    );
  });
});

describe('names', () => {
  test.each([
    ['أحمد', 'احمد'],
    ['مُحَمَّد', 'محمد'],
    ['علي', 'علی'],
    ['فاطمة', 'فاطمه'],
    ['كريم', 'کریم'],
    ['فاطمه‌سادات', 'فاطمه سادات'],
    ['عبد الله', 'عبدالله'],
    ['محـــمد', 'محمد'],
    ['José', 'JOSE'],
    ['Anne-Marie', 'Anne Marie'],
    ["O'Neil", 'O’NEIL'],
  ])('%s and %s are one name', (a, b) => expect(foldName(a)).toBe(foldName(b)));

  test('folding what is folded changes nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(foldName(foldName(text))).toBe(foldName(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('identifiers', () => {
  test.each([
    ['sa_national_id', '1835892462', '1835892462'],
    ['sa_national_id', '1835892463', null],
    ['sa_national_id', '3835892462', null],
    ['eg_national_id', '26703140112838', '26703140112838'],
    ['eg_national_id', '26713140112838', null],
    ['eg_national_id', '29902300112838', null],
    ['eg_national_id', '26703149912838', null],
    ['ir_national_code', '7247079886', '7247079886'],
    ['ir_national_code', '7247079887', null],
    ['ir_national_code', '1111111111', null],
    ['customer_ref', 'c-605 508', 'C605508'],
    ['customer_ref', '?', null],
  ] as const)('%s %s reads as %s', (kind, text, value) => expect(readIdentity(kind, text)).toBe(value));
});

describe('phones', () => {
  test('several numbers in one cell, in any digits, each once; what is none is counted', () => {
    const { phones, invalid } = readPhones('٠٥٩٨٨٨٢٥٨٦ / 00966598882586؛ +966 59 479 9780, 123، -', 'SA');
    expect(phones.map((phone) => phone.e164)).toEqual(['+966598882586', '+966594799780']);
    expect(invalid).toBe(1);
    expect(phones[0]).toMatchObject({ country: 'SA', type: 'mobile', zones: ['Asia/Riyadh'] });
  });

  test('a number abroad dialed with 00 is understood in a country with another prefix', () => {
    expect(readPhones('00966598882586', 'US').phones[0]?.country).toBe('SA');
  });

  test('an American number lies in its area, an unknown area in every zone of the country', () => {
    expect(zonesOfNumber('+12125550101', 'US')).toEqual(['America/New_York']);
    expect(zonesOfNumber('+18505550101', 'US')).toEqual(['America/New_York', 'America/Chicago']);
    expect(zonesOfNumber('+19995550101', 'US').length).toBeGreaterThan(6);
    expect(zonesOfNumber('+14165550101', 'CA')).toEqual(['America/Toronto']);
    expect(zonesOfNumber('+18075550101', 'CA')).toEqual(['America/Toronto', 'America/Winnipeg']);
    expect(zonesOfNumber('+16045550101', 'CA')).toContain('America/Vancouver');
    expect(zonesOfNumber('+989121234567', 'IR')).toEqual(['Asia/Tehran']);
  });

  test('an address tells its zone by its state', () => {
    expect(zonesOfAddress('12 Main St, New York, NY', 'US')).toEqual(['America/New_York']);
    expect(zonesOfAddress('9 Oak Ave, Chicago, IL 60601\n7 Palm Dr, Miami, FL', 'US')).toEqual([
      'America/Chicago',
      'America/New_York',
    ]);
    expect(zonesOfAddress('1 King St W, Toronto, ON M5H 1A1', 'CA')).toEqual(['America/Toronto', 'America/Winnipeg']);
    expect(zonesOfAddress('somewhere', 'US')).toEqual([]);
    expect(zonesOfAddress('الرياض', 'SA')).toEqual(['Asia/Riyadh']);
  });

  test('regions are told by an address, a number’s area and a column, and nothing else', () => {
    expect(regionsOfAddress('9 Beacon St, Boston, MA 02108-1234', 'US')).toEqual(['US-MA']);
    expect(regionsOfAddress('9 Beacon St, Boston, MA\n1 King St, Toronto ON', 'US')).toEqual(['US-MA']);
    expect(regionsOfAddress('100 Queen St W, Toronto ON M5H 2N2', 'CA')).toEqual(['CA-ON']);
    expect(regionsOfAddress('الرياض', 'SA')).toEqual([]);
    expect(regionsOfNumber('+16175550101', 'US')).toEqual(['US-MA']);
    expect(regionsOfNumber('+19025550101', 'CA')).toEqual(['CA-NS', 'CA-PE']);
    expect(regionsOfNumber('+18005550101', 'US')).toEqual([]);
    expect(regionsOfNumber('+966501234567', 'SA')).toEqual([]);
    for (const text of ['ma', 'US-MA', 'Massachusetts', ' massachusetts ']) expect(readRegion(text, 'US')).toBe('US-MA');
    expect(readRegion('Québec', 'CA')).toBe('CA-QC');
    expect(readRegion('SA-01', 'SA')).toBe('SA-01');
    for (const text of ['XX', 'Ontario', 'US-XX', 'toString']) expect(readRegion(text, 'US')).toBeNull();
  });

  test('every area code whose zones are known lies in a state that keeps them', () => {
    const codes = Array.from({ length: 800 }, (_, index) => `+1${200 + index}5550101`);
    const wrong = codes.filter((number) => {
      const zones = zonesOfNumber(number, 'US');
      const [region] = regionsOfNumber(number, 'US');
      if (region === undefined) return zones.length < 7;
      const inState = zonesOfAddress(`a street, a town, ${region.slice(3)}`, 'US');
      return !zones.every((zone) => inState.includes(zone));
    });
    expect(wrong).toEqual([]);
  });
});
