import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, createPool, lastNamed, type Database } from '../../server/kernel/database.ts';
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
  });
});
