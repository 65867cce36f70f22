import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createImport, ensureCreditor, readImport, type ImportRequest } from '../../server/debtors/import/imports.ts';
import { runImport, type ImportRun } from '../../server/debtors/import/run.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventually } from '../support/conditions.ts';
import { expected, importFile, LISTS, scratchFolder } from './lists.ts';

const scratch = scratchFolder();
const errorsPath = join(scratch.path, 'errors.csv');
const HEADER = 'Account,Name,National ID,Phones,Amount,Due date,Address';
let fresh: FreshDatabase;
let creditors = 0;
let lists = 0;

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(async () => {
  scratch.remove();
  await fresh.drop();
});

interface Row {
  account?: string;
  name?: string;
  id?: string;
  phones?: string;
  amount?: string;
  due?: string;
  address?: string;
}

/** A list in Saudi form with Gregorian dates; what a row leaves out is usual. */
function list(rows: readonly Row[], creditorId: string): [string, Partial<ImportRequest> & { errorsPath: string }] {
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
  lists += 1;
  const path = scratch.file(`list-${lists}.csv`, [HEADER, ...lines].join('\n'));
  return [path, { profile: 'sa-bank', options: { calendar: 'gregorian' }, creditorId, errorsPath }];
}

async function creditor(): Promise<string> {
  creditors += 1;
  return ensureCreditor(fresh.database, `Creditor ${creditors}`, false);
}

async function debtorsOf(
  creditorId: string,
): Promise<{ account: string; party: string; name: string; identity: string | null; balance: bigint }[]> {
  const { rows } = await sql<{ account: string; party: string; name: string; identity: string | null; balance: bigint }>`
    select debt.account, party.id as party, party.display_name as name, party.identity_value as identity, debt.balance_minor as balance
    from debt join debt_party on debt_party.debt_id = debt.id join party on party.id = debt_party.party_id
    where debt.creditor_id = ${creditorId} order by debt.account`.execute(fresh.database);
  return rows;
}

async function postingsOf(creditorId: string): Promise<[string, bigint][]> {
  const { rows } = await sql<{ kind: string; amount: bigint }>`
    select posting.kind, posting.amount_minor as amount from posting join debt on debt.id = posting.debt_id
    where debt.creditor_id = ${creditorId} order by posting.id`.execute(fresh.database);
  return rows.map(({ kind, amount }) => [kind, amount]);
}

async function stagingTables(): Promise<string[]> {
  const { rows } = await sql<{
    name: string;
  }>`select relname as name from pg_class where relname like 'import_rows_%' and relkind = 'r'`.execute(fresh.database);
  return rows.map((row) => row.name);
}

const ID_A = '1835892462';
const ID_B = '1230470237';

describe('who is who', () => {
  test('a valid identifier makes accounts of two creditors one person, whatever the phones', async () => {
    const [one, two] = [await creditor(), await creditor()];
    await importFile(fresh, ...list([{ id: ID_A, phones: '0501111111' }], one));
    await importFile(fresh, ...list([{ id: ID_A, phones: '0502222222', name: 'احمد  الحربى' }], two));
    expect((await debtorsOf(one))[0]?.party).toBe((await debtorsOf(two))[0]?.party);
  });

  test('people who share a phone stay apart, as guarantors and families do', async () => {
    const id = await creditor();
    await importFile(
      fresh,
      ...list(
        [
          { account: 'A', name: 'خالد الشهري', phones: '0503333333' },
          { account: 'B', name: 'سارة الشهري', phones: '0503333333' },
          { account: 'C', name: 'يوسف الشهري', id: '2620408381', phones: '0503333333' },
          { account: 'D', name: 'يوسف الشهري', id: '1599213624', phones: '0503333333' },
        ],
        id,
      ),
    );
    expect(new Set((await debtorsOf(id)).map((row) => row.party)).size).toBe(4);
  });

  test('without an identifier a phone and the folded name decide, across creditors and spellings', async () => {
    const [one, two] = [await creditor(), await creditor()];
    await importFile(fresh, ...list([{ name: 'فاطمة علي', phones: '0504444444' }], one));
    await importFile(
      fresh,
      ...list(
        [
          { account: 'A', name: 'فاطمه على', phones: '0505555555; 0504444444' },
          { account: 'B', name: 'فَاطِمَة علي', phones: '0505555555' },
        ],
        two,
      ),
    );
    const parties = [...(await debtorsOf(one)), ...(await debtorsOf(two))].map((row) => row.party);
    expect(new Set(parties).size).toBe(1);
  });

  test('an invalid identifier identifies nobody, and is not taken for someone whose identifier is known', async () => {
    const id = await creditor();
    const rows = [
      { account: 'A', name: 'يوسف الغامدي', id: '1453036863', phones: '0506666666' },
      { account: 'B', name: 'يوسف الغامدي', id: '1453036864', phones: '0506666666' },
      { account: 'C', name: 'يوسف الغامدي', id: '1453036864', phones: '0506666666' },
      { account: 'D', name: 'يوسف الغامدي', phones: '0506666666' },
    ];
    const result = await importFile(fresh, ...list(rows, id));
    expect(result).toMatchObject({ debtors: 2, warnings: { bad_national_id: 2 } });
    const [a, b, c, d] = (await debtorsOf(id)).map((row) => row.party);
    expect([a === b, b === c, a === d]).toEqual([false, true, true]);
  });

  test('a person known by name and phone takes on the identifier that a later list gives', async () => {
    const id = await creditor();
    await importFile(fresh, ...list([{ name: 'هدى القحطاني', phones: '0507777777' }], id));
    const [before] = await debtorsOf(id);
    await importFile(fresh, ...list([{ name: 'هدى القحطاني', phones: '0507777777', id: ID_B }], id));
    expect(await debtorsOf(id)).toEqual([{ ...before, identity: ID_B }]);
  });

  test('an account that passes to another identified person leaves the first', async () => {
    const id = await creditor();
    await importFile(fresh, ...list([{ id: '1443387624', phones: '0508888888' }], id));
    await importFile(fresh, ...list([{ id: '2867056505', phones: '0508888888', name: 'فهد الزهراني' }], id));
    expect(await debtorsOf(id)).toMatchObject([{ identity: '2867056505', name: 'فهد الزهراني' }]);
  });

  test('a reference of one creditor says nothing about the customers of another', async () => {
    const [one, two] = [await creditor(), await creditor()];
    const path = scratch.file(
      'us.csv',
      `AccountRef,FullName,CustomerRef,Phones,Balance,DueDate,Address\nA,Ann Lee,C1,(212) 555-0101,$5.00,1/2/2025,"Main St, NY"\n`,
    );
    for (const creditorId of [one, two]) await importFile(fresh, path, { profile: 'us-agency', creditorId, errorsPath });
    expect((await debtorsOf(one))[0]?.party).not.toBe((await debtorsOf(two))[0]?.party);
  });
});

describe('balances', () => {
  test('a changed amount posts the difference, and the balance is the sum of postings', async () => {
    const id = await creditor();
    await importFile(fresh, ...list([{ amount: '100.00' }], id));
    const result = await importFile(fresh, ...list([{ amount: '80.50' }], id));
    expect(result).toMatchObject({ new: 0, updated: 1, duplicate: 0, total: '80.50' });
    expect(await postingsOf(id)).toEqual([
      ['opening', 10_000n],
      ['adjustment', -1_950n],
    ]);
  });

  test('a list that repeats its amount does not undo a payment booked here, even when something else changed', async () => {
    const id = await creditor();
    await importFile(fresh, ...list([{ amount: '100.00' }], id));
    await sql`with paid as (insert into posting (debt_id, kind, amount_minor) select id, 'payment', -4000 from debt where creditor_id = ${id} returning debt_id)
      update debt set balance_minor = balance_minor - 4000 from paid where debt.id = paid.debt_id`.execute(fresh.database);
    await importFile(fresh, ...list([{ amount: '100.00' }], id));
    const result = await importFile(fresh, ...list([{ amount: '100.00', address: 'جدة' }], id));
    expect(result).toMatchObject({ updated: 1, total: '60.00' });
  });

  test('in one list the last row of an account holds, and the same list again changes nothing', async () => {
    const id = await creditor();
    const rows = [
      { amount: '1.00' },
      { amount: '2.00' },
      { amount: '2.00' },
      { account: 'B', amount: '5.00' },
      { amount: '3.00' },
    ];
    expect(await importFile(fresh, ...list(rows, id))).toMatchObject({ new: 2, updated: 2, duplicate: 1, total: '8.00' });
    expect(await importFile(fresh, ...list(rows, id))).toMatchObject({ new: 0, updated: 0, duplicate: 5, total: '8.00' });
    expect(await postingsOf(id)).toHaveLength(2);
  });

  test('a list in another currency than its accounts is refused before anything is written', async () => {
    const id = await creditor();
    await importFile(fresh, ...list([{}], id));
    const [path, request] = list([{ amount: '5' }], id);
    const options = { calendar: 'gregorian', currency: 'USD' } as const;
    await expect(importFile(fresh, path, { ...request, options })).rejects.toMatchObject({
      code: 'import_currency_differs',
      field: 'currency',
    });
    expect(await postingsOf(id)).toEqual([['opening', 10_000n]]);
  });
});

describe('a run', () => {
  test('tells every fault in the error file, with row and column and without what the row held', async () => {
    const id = await creditor();
    await importFile(
      fresh,
      ...list(
        [{}, { account: 'B', amount: 'abc', due: 'soon' }, { account: 'C', id: '1835892463', phones: '0501234567;12' }],
        id,
      ),
    );
    const text = readFileSync(errorsPath, 'utf8').replace('\ufeff', '');
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
  });

  test('that is dry counts all and leaves nothing', async () => {
    const id = await creditor();
    const [path, request] = list([{}, { account: 'B', amount: '5' }], id);
    expect(await importFile(fresh, path, { ...request, dryRun: true })).toMatchObject({ new: 2, debtors: 1, total: '105.00' });
    expect([await debtorsOf(id), await stagingTables()]).toEqual([[], []]);
  });

  test('of a list that cannot be read changes nothing, and says why where the import is looked up', async () => {
    const importId = await createImport(fresh.database, {
      filePath: scratch.file('empty.csv', ''),
      fileName: 'empty.csv',
      profile: 'sa-bank',
      campaignId: null,
      dryRun: false,
      errorsPath,
    });
    await expect(runImport({ ...fresh, importId })).rejects.toMatchObject({ code: 'import_file_empty' });
    const row = await fresh.database
      .selectFrom('import')
      .select(['state', 'error'])
      .where('id', '=', importId)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'failed', error: { code: 'import_file_empty', field: 'file' } });
    expect(await stagingTables()).toEqual([]);
  });

  test('for a campaign that does not exist is refused', async () => {
    const request = {
      filePath: 'x',
      fileName: 'x',
      profile: 'sa-bank',
      campaignId: '0197a000-0000-7000-8000-000000000000',
      dryRun: false,
    };
    await expect(createImport(fresh.database, request)).rejects.toMatchObject({
      code: 'import_unknown_campaign',
      field: 'campaignId',
    });
  });

  test('hands every debt and person of the list to the caller in its own transaction, changed or not', async () => {
    const id = await creditor();
    const rows = [{ account: 'A' }, { account: 'B', name: 'منى', phones: '0509999999' }];
    const seen: string[][] = [];
    const afterMerge: ImportRun['afterMerge'] = async (merged, transaction) => {
      await transaction.selectFrom('debt').select('id').where('id', 'in', merged.debtIds).execute();
      seen.push(merged.debtIds.toSorted(), merged.partyIds.toSorted());
    };
    const [path, request] = list(rows, id);
    await importFile(fresh, path, request, { afterMerge });
    await importFile(fresh, path, request, { afterMerge });
    expect(seen[0]).toHaveLength(2);
    expect(seen.slice(2)).toEqual(seen.slice(0, 2));
  });

  test('of a list in progress blocks another of the same creditor, not one of another', async () => {
    const [one, two] = [await creditor(), await creditor()];
    const order: string[] = [];
    const gate = Promise.withResolvers<undefined>();
    const note = (name: string) => async (): Promise<void> => {
      order.push(name);
      if (name === 'first') await gate.promise;
    };
    const [path, request] = list([{}], one);
    const first = importFile(fresh, path, request, { afterMerge: note('first') });
    await eventually('the first import merges', () => order.length === 1);
    const second = importFile(fresh, path, request, { afterMerge: note('second') });
    await importFile(fresh, ...list([{ name: 'نورة الشهري', phones: '0501010101' }], two), { afterMerge: note('other') });
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
        { profile: 'us-agency', errorsPath },
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

describe('when things die', () => {
  const file = 'sa-bank.csv';

  async function interrupted(other: FreshDatabase, call: number, how: (transaction: unknown) => Promise<void>): Promise<string> {
    const importId = await createImport(other.database, {
      filePath: join(LISTS, file),
      fileName: file,
      profile: 'sa-bank',
      campaignId: null,
      dryRun: false,
      errorsPath,
    });
    let calls = 0;
    const run = runImport({
      ...other,
      importId,
      batchRows: 300,
      afterMerge: async (_, transaction) => {
        calls += 1;
        if (calls === call) await how(transaction);
      },
    });
    await expect(run).rejects.toBeInstanceOf(Error);
    return importId;
  }

  test.each([
    [1, 0],
    [2, 0],
    [10, 600],
    [20, 1_500],
  ])(
    'an import that dies in transaction %i goes on behind row %i at least, and counts as if nothing had happened',
    async (call, row) => {
      const other = await freshDatabase();
      try {
        const importId = await interrupted(other, call, async () => {
          throw new Error('died');
        });
        const { mergedThrough } = (await readImport(other.database, importId)).progress;
        expect(mergedThrough).toBeGreaterThanOrEqual(row);
        const handed = new Set<string>();
        const result = await runImport({
          ...other,
          importId,
          batchRows: 300,
          afterMerge: async ({ debtIds }) => debtIds.forEach((id) => handed.add(id)),
        });
        expect(result).toEqual(expected(LISTS, file));
        expect(handed.size).toBeLessThanOrEqual(2_000 - mergedThrough);
        expect(await runImport({ ...other, importId })).toEqual(result);
      } finally {
        await other.drop();
      }
    },
  );

  test('losing the staged rows too (a crash of the database) costs a second reading, not the counts', async () => {
    const other = await freshDatabase();
    try {
      const importId = await interrupted(other, 4, async () => {
        throw new Error('died');
      });
      await sql`truncate ${sql.table(`import_rows_${importId.replaceAll('-', '')}`)}`.execute(other.database);
      expect(await runImport({ ...other, importId })).toEqual(expected(LISTS, file));
      const { rows } = await sql<{
        wrong: bigint;
      }>`select count(*) as wrong from debt where (select count(*) from posting where debt_id = debt.id) <> 1`.execute(
        other.database,
      );
      expect(rows[0]?.wrong).toBe(0n);
    } finally {
      await other.drop();
    }
  });

  test('a connection cut in the middle of a batch leaves that batch undone', async () => {
    const other = await freshDatabase();
    try {
      const importId = await interrupted(other, 2, async () => {
        await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
          other.database,
        );
        throw new Error('cut');
      });
      expect(await runImport({ ...other, importId })).toEqual(expected(LISTS, file));
    } finally {
      await other.drop();
    }
  });
});

describe('npm run import', () => {
  const script = join(import.meta.dirname, '../../scripts/import.ts');
  const run = (...args: string[]): { code: number; out: string; err: string } => {
    try {
      const out = execFileSync(process.execPath, [script, ...args], {
        env: { ...process.env, DATABASE_URL: fresh.url },
        encoding: 'utf8',
        stdio: 'pipe',
      });
      return { code: 0, out, err: '' };
    } catch (error) {
      const failed = error as { status: number; stdout: string; stderr: string };
      return { code: failed.status, out: failed.stdout, err: failed.stderr };
    }
  };

  test('--check prints what was counted as the last line and leaves nothing behind', async () => {
    const files = readdirSync(LISTS);
    const { code, out } = run(join(LISTS, 'ir-leasing.tsv'), '--profile', 'ir-leasing', '--check', '--json');
    expect([code, JSON.parse(out.trim().split('\n').at(-1) ?? '')]).toEqual([0, expected(LISTS, 'ir-leasing.tsv')]);
    const { rows } = await fresh.pool.query(`select datname from pg_database where datname like 'wusul_scratch%'`);
    expect([rows, readdirSync(LISTS)]).toEqual([[], files]);
    expect(existsSync(`${join(LISTS, 'ir-leasing.tsv')}.errors.csv`)).toBe(false);
  });

  test.each([
    [['--profile', 'sa-bank', '--check'], /name a file/],
    [['nowhere.csv', '--check'], /no file nowhere\.csv/],
    [[join(LISTS, 'sa-bank.csv'), '--profile', 'sa-bank'], /--campaign/],
    [[join(LISTS, 'sa-bank.csv'), '--profile', 'sa-bank', '--campaign', 'Nope'], /no campaign "Nope"/],
    [[join(LISTS, 'sa-bank.csv'), '--profile', 'nope', '--check'], /Unknown profile "nope"/],
    [[join(LISTS, 'sa-bank.csv'), '--check'], /country.*currency.*calendar/],
    [[join(LISTS, 'sa-bank.csv'), '--chek'], /chek/],
  ])('%j is answered with one line and exit code 2', (args, message) => {
    const { code, err } = run(...args);
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(message);
  });
});
