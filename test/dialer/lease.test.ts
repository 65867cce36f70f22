import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { takeLease, type Lease } from '../../server/dialer/lease.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { createLogger } from '../../server/kernel/log.ts';
import { eventually } from '../support/conditions.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
const log = createLogger('test', 'silent');

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());
beforeEach(() =>
  fresh.database.updateTable('floor').set({ owner: null, expires_at: '-infinity' }).where('id', '=', 'main').execute(),
);

async function take(owner: string, onLost: () => void = () => undefined, signal = new AbortController().signal): Promise<Lease> {
  return takeLease(fresh.database, { floorId: 'main', owner, clock: systemClock, log, onLost, signal });
}

describe('the lease of a floor', () => {
  it('rises by one epoch each time it is taken', async () => {
    const first = await take('a');
    await first.release();
    const second = await take('b');
    expect(second.epoch).toBe(first.epoch + 1n);
    expect(second.valid()).toBe(true);
    await second.release();
    expect(second.valid()).toBe(false);
  });

  it('is not given to a second dialer while it runs', async () => {
    const first = await take('a');
    const second = new AbortController();
    const waiting = take('b', undefined, second.signal);
    await fresh.database.selectFrom('floor').select('owner').where('id', '=', 'main').executeTakeFirstOrThrow();
    second.abort();
    await expect(waiting).rejects.toThrow('aborted');
    expect(first.valid()).toBe(true);
    await first.release();
  });

  it('tells an owner that slept too long that it has lost the floor, and is void at once', async () => {
    let lost = false;
    const sleeper = await take('a', () => {
      lost = true;
    });
    await fresh.database
      .updateTable('floor')
      .set(({ eb }) => ({ owner: 'b', epoch: eb('epoch', '+', 1n) }))
      .where('id', '=', 'main')
      .execute();
    await eventually('the sleeper notices', () => lost);
    expect(sleeper.valid()).toBe(false);
  });

  it('knows how far this clock is from the database', async () => {
    const lease = await take('a');
    expect(Math.abs(lease.skewMs())).toBeLessThan(1_000);
    await lease.release();
  });
});
