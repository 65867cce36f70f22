import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isAlive } from '../../server/machine/process.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { freshRedis, type FreshRedis } from '../support/redis.ts';
import { startSwitch } from '../support/switch.ts';

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

describe('a switch of a test’s own', () => {
  it('answers on ARI and comes back after it was killed', async () => {
    const own = await startSwitch();
    async function version(): Promise<string> {
      const headers = { authorization: `Basic ${btoa(`${own.ari.user}:${own.ari.password}`)}` };
      const answer = await fetch(`${own.ariUrl}/ari/asterisk/info`, { headers });
      return z.object({ system: z.object({ version: z.string() }) }).parse(await answer.json()).system.version;
    }
    expect(await version()).toMatch(/^22\./);
    await own.kill();
    await own.start();
    expect(await version()).toMatch(/^22\./);
    const identity = own.identity();
    await own.stop();
    expect(isAlive(identity)).toBe(false);
  });
});
