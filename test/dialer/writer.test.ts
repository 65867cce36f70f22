import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { createWriter } from '../../server/dialer/writer.ts';
import { createLogger } from '../../server/kernel/log.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

const log = createLogger('test', 'silent');

describe('writes behind the floor', () => {
  it('keep their order for each key', async () => {
    const writer = createWriter(fresh.database, log);
    await sql`create table note (id serial, key text, step int)`.execute(fresh.database);
    for (let step = 0; step < 20; step += 1) {
      for (const key of ['a', 'b', 'c']) {
        writer.later(key, 'note', async (database) => {
          await sql`insert into note (key, step) values (${key}, ${step})`.execute(database);
        });
      }
    }
    expect(await writer.drain(10_000)).toBe(true);
    const { rows } = await sql<{ steps: number[] }>`select array_agg(step order by id) as steps from note group by key`.execute(
      fresh.database,
    );
    for (const { steps } of rows) expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(rows).toHaveLength(3);
  });

  it('are not stopped by one that the database refuses, and whoever waits for it is told', async () => {
    const writer = createWriter(fresh.database, log);
    writer.later('a', 'refused', async (database) => {
      await sql`insert into nowhere values (1)`.execute(database);
    });
    await expect(writer.now('a', 'after', () => Promise.resolve('written'))).resolves.toBe('written');
    await expect(
      writer.now('a', 'refused', async (database) => {
        await sql`insert into nowhere values (1)`.execute(database);
      }),
    ).rejects.toThrow('nowhere');
  });
});
