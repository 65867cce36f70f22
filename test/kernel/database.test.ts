import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, createPool, type Database } from '../../server/kernel/database.ts';
import { lastNamed, named, together } from '../../server/kernel/statements.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
  await sql`create table kept (id int primary key)`.execute(fresh.database);
});
afterAll(() => fresh.drop());

describe.each([true, false])('a transaction whose end is sent with its last statement (pipeline: %s)', (pipeline) => {
  let database: Database;
  beforeAll(async () => {
    database = createDatabase(createPool(fresh.url, { max: 1, pipeline }));
    await sql`truncate kept`.execute(database);
  });
  afterAll(() => database.destroy());

  function keep(first: number, last: number): Promise<void> {
    return database.transaction().execute(async (transaction) => {
      await sql`insert into kept values (${first})`.execute(transaction);
      await sql`${lastNamed('keep')} insert into kept values (${last})`.execute(transaction);
    });
  }

  async function kept(): Promise<number[]> {
    const { rows } = await sql<{ id: number }>`select id from kept order by id`.execute(fresh.database);
    return rows.map(({ id }) => id);
  }

  it('keeps all of it, and nothing where that statement fails', async () => {
    await keep(1, 2);
    expect(await kept()).toEqual([1, 2]);
    await expect(keep(3, 2)).rejects.toThrow('duplicate key');
    expect(await kept()).toEqual([1, 2]);
    await keep(3, 4);
    expect(await kept()).toEqual([1, 2, 3, 4]);
    // Prepared by now, its end goes along with it.
    await expect(keep(5, 4)).rejects.toThrow('duplicate key');
    await keep(5, 6);
    expect(await kept()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('asks two statements together, of which the second sees what the first did, and keeps nothing where either fails', async () => {
    const both = (first: number, second: number): Promise<unknown> =>
      database.transaction().execute(async (transaction) => {
        const left = sql`${named('leave')} with put as (insert into kept values (${first}) returning id)
          select set_config('wusul.left', id::text, true) from put`;
        const seen = sql`${named('see')} insert into kept values (${second})
          returning id, current_setting('wusul.left') as left, (select count(*)::int from kept) as before`;
        const { second: rows } = await together(transaction, left, seen);
        return rows;
      });
    for (const id of [10, 20, 30]) {
      const before = (await kept()).length + 1;
      expect(await both(id, id + 1)).toEqual([{ id: id + 1, left: String(id), before }]);
      await expect(both(id, id + 2)).rejects.toThrow('duplicate key');
      await expect(both(id + 3, id)).rejects.toThrow('duplicate key');
      expect(await kept()).toHaveLength(before + 1);
    }
  });

  it('ends a transaction that asked nothing', async () => {
    expect(await database.transaction().execute(() => Promise.resolve('nothing'))).toBe('nothing');
    await expect(database.transaction().execute(() => Promise.reject(new Error('given up')))).rejects.toThrow('given up');
    await keep(100, 101);
    expect(await kept()).toContain(101);
  });
});

describe('a number', () => {
  const keep = (e164: string): Promise<unknown> => fresh.database.insertInto('phone').values({ e164, country: 'SA' }).execute();

  it.each(['+1234567', '+966512345678', '+123456789012345'])('is kept as E.164 has it: %s', async (e164) => {
    await expect(keep(e164)).resolves.toBeDefined();
  });

  it.each([
    '966512345678',
    '+0966512345678',
    '+96651234567a',
    '+966 512345678',
    ' +966512345678',
    '+966_512345678',
    '++96651234567',
    '-966512345678',
    '+12345',
    '+1234567890123456',
    '+٩٦٦٥١٢٣٤٥٦٧٨',
    '+',
    '',
  ])('is refused in any other form: "%s"', async (e164) => {
    await expect(keep(e164)).rejects.toMatchObject({ code: expect.stringMatching(/^2[23]/) as string });
  });
});
