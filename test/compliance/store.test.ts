import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

test('a change of any rule raises the version of the whole set', async () => {
  const version = async () => (await fresh.database.selectFrom('rule_set').select('version').executeTakeFirstOrThrow()).version;
  const before = await version();
  await fresh.database
    .insertInto('holiday')
    .values({ country: 'SA', date: '2026-09-23', name: 'National Day', status: 'confirmed' })
    .execute();
  expect(await version()).toBe(before + 1n);
});
