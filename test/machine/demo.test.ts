import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyPassword } from '../../server/access/passwords.ts';
import { demoAccountsExist, disableDemoAccounts } from '../../server/access/store.ts';
import { readDebtorFile } from '../../server/debtors/file.ts';
import { inventDebtors } from '../../server/machine/demo-debtors.ts';
import { seedDemo } from '../../server/machine/demo.ts';
import { TRUNK_NAME } from '../../server/machine/services.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

async function setTrunk(kind: 'demo' | 'real'): Promise<void> {
  await fresh.database.deleteFrom('trunk').execute();
  await fresh.database
    .insertInto('trunk')
    .values({ name: TRUNK_NAME, kind, uri: 'sip:127.0.0.1', armed: true, channel_limit: 10, calls_per_second: 5 })
    .execute();
}

async function count(table: 'party' | 'debt' | 'dial_queue' | 'app_user' | 'campaign' | 'event'): Promise<number> {
  const row = await fresh.database
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

test('the demo refuses a real trunk and leaves nothing behind', async () => {
  await setTrunk('real');
  await expect(seedDemo({ database: fresh.database, password: 'demo-password' })).rejects.toMatchObject({
    code: 'demo_and_real',
  });
  expect(await count('party')).toBe(0);
});

test('the demo lays 3 000 debtors in three languages, all in the queue, and one account a role', async () => {
  await setTrunk('demo');
  const accounts = await seedDemo({ database: fresh.database, password: 'demo-password' });
  expect(accounts.map(({ role, user }) => [role, user])).toEqual([
    ['admin', 'demo-admin'],
    ['supervisor', 'demo-supervisor'],
    ['agent', 'demo-agent'],
  ]);
  expect(await count('party')).toBe(3_000);
  expect(await count('dial_queue')).toBe(3_000);
  const unbalanced = await fresh.database
    .selectFrom('debt')
    .innerJoin('posting', 'posting.debt_id', 'debt.id')
    .select('debt.id')
    .groupBy('debt.id')
    .having((eb) => eb(eb.fn.sum('amount_minor'), '!=', eb.ref('debt.balance_minor')))
    .execute();
  expect(unbalanced).toEqual([]);
});

test('laying it again changes nothing but the password', async () => {
  const before = await Promise.all([count('debt'), count('dial_queue'), count('app_user'), count('campaign'), count('event')]);
  await seedDemo({ database: fresh.database, password: 'another-password' });
  expect(await Promise.all([count('debt'), count('dial_queue'), count('app_user'), count('campaign'), count('event')])).toEqual(
    before,
  );
  const users = await fresh.database.selectFrom('app_user').select('password_hash').execute();
  for (const user of users) expect(await verifyPassword('another-password', user.password_hash)).toBe(true);
});

test('without the demo its accounts cannot sign in, until it is laid again', async () => {
  expect(await disableDemoAccounts(fresh.database)).toBe(3);
  expect(await demoAccountsExist(fresh.database)).toBe(false);
  await seedDemo({ database: fresh.database, password: 'demo-password' });
  expect(await demoAccountsExist(fresh.database)).toBe(true);
});

test('a demo whose debtors have all been called begins anew at the next start', async () => {
  const { database } = fresh;
  await database.updateTable('dial_queue').set({ state: 'waiting', reason: 'promise', not_before: 'infinity' }).execute();
  const party = await database.selectFrom('party').select('id').limit(1).executeTakeFirstOrThrow();
  await database.insertInto('hold').values({ party_id: party.id, kind: 'dispute' }).execute();
  await database.updateTable('party_phone').set({ state: 'wrong' }).where('party_id', '=', party.id).execute();
  await seedDemo({ database, password: 'another-password' });
  const callable = await database
    .selectFrom('dial_queue')
    .innerJoin('party_phone', 'party_phone.party_id', 'dial_queue.party_id')
    .leftJoin('hold', (join) => join.onRef('hold.party_id', '=', 'dial_queue.party_id').on('hold.released_at', 'is', null))
    .select('dial_queue.party_id')
    .where('dial_queue.state', '=', 'ready')
    .where('party_phone.state', '=', 'active')
    .where('hold.id', 'is', null)
    .execute();
  expect(callable).toHaveLength(3_000);
});

test('every invented number is in form and different, and no ending is one for measurements', () => {
  const numbers = inventDebtors(1_000).flatMap((debtor) => debtor.phones.map((phone) => phone.e164));
  expect(new Set(numbers).size).toBe(3_000);
  expect(numbers.filter((number) => /9[78]$/.test(number))).toEqual([]);
  expect(inventDebtors(5)).toEqual(inventDebtors(5));
});

test('a debtor’s file holds all an agent needs, money as text', async () => {
  const party = await fresh.database
    .selectFrom('party')
    .select('id')
    .where('language', '=', 'fa')
    .orderBy('id')
    .executeTakeFirstOrThrow();
  const file = await readDebtorFile(fresh.database, party.id);
  expect(file).toMatchObject({
    partyId: party.id,
    country: 'IR',
    language: 'fa',
    timeZones: ['Asia/Tehran'],
    promises: [],
    holds: [],
    attempts: [],
  });
  expect(file?.phones[0]?.number).toMatch(/^\+98912000\d{4}$/);
  expect(file?.debts[0]).toMatchObject({ currency: 'IRR', creditor: 'لیزینگ نمونهٔ سپیدار', state: 'open' });
  expect(file?.debts[0]?.balanceMinor).toMatch(/^[1-9]\d+$/);
  expect(file?.score).toBeGreaterThan(0);
  expect(await readDebtorFile(fresh.database, '019aa000-0000-7000-8000-000000000000')).toBeNull();
});
