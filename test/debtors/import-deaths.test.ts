import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import { createImport, readImport } from '../../server/debtors/import/imports.ts';
import { runImport } from '../../server/debtors/import/run.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { expected, LISTS, scratchFolder } from './lists.ts';

const scratch = scratchFolder();
const errorsPath = join(scratch.path, 'errors.csv');
afterAll(() => scratch.remove());

describe('when things die', () => {
  const file = 'sa-bank.csv';
  /** Rows without a valid identifier: too few to be merged before the list ends. */
  const IN_LAST_LANE = 26;

  function newImport(other: FreshDatabase): Promise<string> {
    const filePath = join(LISTS, file);
    return createImport(other.database, {
      filePath,
      fileName: file,
      profile: 'sa-bank',
      campaignId: null,
      dryRun: false,
      errorsPath,
    });
  }

  async function interrupted(other: FreshDatabase, call: number, how: (transaction: unknown) => Promise<void>): Promise<string> {
    const importId = await newImport(other);
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
    [10, 1_200],
    [15, 1_800],
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
        expect(handed.size).toBeLessThanOrEqual(2_000 - mergedThrough + IN_LAST_LANE);
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

  test('an account that somebody enters while a list of new ones is merged is merged as a known one', async () => {
    const other = await freshDatabase();
    try {
      const importId = await newImport(other);
      let entered: string | undefined;
      const result = await runImport({
        ...other,
        importId,
        batchRows: 300,
        afterMerge: async ({ creditorId }) => {
          if (entered !== undefined) return;
          entered = '';
          const { rows } = await sql<{ id: string }>`
            insert into debt (creditor_id, account, currency, balance_minor, due_on)
            select ${creditorId}, account, 'SAR', 100, due_on from ${sql.table(`import_rows_${importId.replaceAll('-', '')}`)}
            where lane < 2 order by row_no desc limit 1 returning id`.execute(other.database);
          entered = rows[0]?.id;
        },
      });
      expect(result).toEqual(expected(LISTS, file));
      const { rows } = await sql<{ kind: string; adjusts: boolean }>`
        select kind, posting.amount_minor = debt.listed_minor - 100 as adjusts
        from posting join debt on debt.id = posting.debt_id where debt.id = ${entered}`.execute(other.database);
      expect(rows).toEqual([{ kind: 'adjustment', adjusts: true }]);
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
