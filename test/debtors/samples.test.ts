import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { expected, generateLists, importFile, LISTS, SAMPLES, scratchFolder } from './lists.ts';

const scratch = scratchFolder();
const errorsPath = join(scratch.path, 'errors.csv');
let fresh: FreshDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(async () => {
  scratch.remove();
  await fresh.drop();
});

test.each(SAMPLES)('the %s sample imports with exactly the counts given', async (profile, file) => {
  const result = await importFile(fresh, join(LISTS, file), { profile, errorsPath });
  expect(result).toEqual(expected(LISTS, file));
});

test.each(SAMPLES)('importing the %s sample again changes nothing', async (profile, file) => {
  const before = await footprint();
  const first = expected(LISTS, file);
  const result = await importFile(fresh, join(LISTS, file), { profile, errorsPath });
  expect(result).toEqual({ ...first, new: 0, updated: 0, duplicate: Number(first.rows) - Number(first.rejected) });
  expect(await footprint()).toEqual(before);
});

test.each(SAMPLES)('%s lists of another seed and size import with exactly the counts given', async (profile, file) => {
  const other = await freshDatabase();
  try {
    const folder = scratchFolder();
    generateLists(folder.path, 5_000, 7);
    const result = await importFile(other, join(folder.path, file), { profile, errorsPath });
    expect(result).toEqual(expected(folder.path, file));
    folder.remove();
  } finally {
    await other.drop();
  }
});

test('the balance of every debt is the sum of its postings', async () => {
  const { rows } = await fresh.pool.query<{ wrong: bigint }>(
    `select count(*) as wrong from debt
     where balance_minor <> (select coalesce(sum(amount_minor), 0) from posting where debt_id = debt.id)`,
  );
  expect(rows[0]?.wrong).toBe(0n);
});

async function footprint(): Promise<unknown> {
  const { rows } = await fresh.pool.query(
    `select (select count(*) from posting) as postings, (select count(*) from party) as parties, (select count(*) from phone) as phones,
      (select count(*) from party_phone) as links, (select count(*) from debt_party) as debtors, (select sum(balance_minor) from debt) as total,
      (select md5(string_agg(id || display_name || address || time_zones::text, ',' order by id)) from party) as people`,
  );
  return rows;
}
