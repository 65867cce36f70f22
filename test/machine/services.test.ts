import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { freshRedis, type FreshRedis } from '../support/redis.ts';

describe('the services a test is given', () => {
  let own: FreshDatabase;
  let redis: FreshRedis;

  beforeAll(async () => {
    own = await freshDatabase();
    redis = await freshRedis();
  });
  afterAll(async () => {
    await own.drop();
    await redis.close();
  });

  it('give it a migrated PostgreSQL of its own', async () => {
    const { rows } = await own.pool.query<{ name: string }>("select to_regclass('contact_attempt')::text as name");
    expect(rows[0]?.name).toBe('contact_attempt');
  });

  it('give it an empty Redis of its own', async () => {
    const other = await freshRedis();
    await redis.redis.set('greeting', 'mine');
    expect(await other.redis.get('greeting')).toBeNull();
    await other.close();
  });
});
