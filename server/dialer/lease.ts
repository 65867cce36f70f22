import { sql, type Kysely } from 'kysely';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/log.ts';
import type { Schema } from '../kernel/schema.ts';

const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 2_000;
const RENEWAL_TIMEOUT_MS = 1_500;
/** A successor waits this long beyond the expiry, so that a slow owner has certainly stopped. */
const GRACE_MS = 2_000;
const POLL_MS = 500;
/** The furthest the database's clock may be from this node's (invariant I4). */
export const CLOCK_SKEW_LIMIT_MS = 1_000;

/**
 * The right to run a floor: a row in Postgres with owner, epoch and expiry. Each taking raises the epoch, and every statement that
 * commits a dial names it, so a former owner that wakes up late changes nothing.
 */
export interface Lease {
  readonly epoch: bigint;
  /** Measured on this process's monotonic clock from before the request that renewed it. */
  valid(): boolean;
  /** How far this node's clock is from the database's, in ms. */
  skewMs(): number;
  /** Gives the floor back at once, for a successor that need not wait. */
  release(): Promise<void>;
}

/**
 * Waits until the floor is free and takes it, then renews the lease until it is released. `onLost` is called once if another owner
 * took the floor: the process must stop, touching nothing. An expired lease that nobody took is renewed: the epoch proves it.
 */
export async function takeLease(
  database: Kysely<Schema>,
  options: { floorId: string; owner: string; clock: Clock; log: Logger; onLost: () => void; signal: AbortSignal },
): Promise<Lease> {
  const { floorId, owner, clock, log, signal } = options;
  let validUntilMs = 0;
  let skew = 0;
  let released = false;

  const taken = await waitForFloor();
  const epoch = taken.epoch;
  const timer = setInterval(() => void renew(), RENEW_EVERY_MS);

  async function waitForFloor(): Promise<{ epoch: bigint }> {
    for (;;) {
      signal.throwIfAborted();
      const askedMs = clock.monotonicMs();
      const row = await tryToTake().catch(() => {
        log.warn('floor lease: database not reachable');
        return null;
      });
      if (row) {
        validUntilMs = askedMs + LEASE_MS;
        measureSkew(row.now, askedMs);
        return row;
      }
      await pause(POLL_MS, signal);
    }
  }

  function tryToTake() {
    return database
      .updateTable('floor')
      .set({
        owner,
        epoch: sql<bigint>`epoch + 1`,
        expires_at: sql<string>`clock_timestamp() + ${LEASE_MS} * interval '1 millisecond'`,
      })
      .where('id', '=', floorId)
      .where(sql<boolean>`expires_at + ${GRACE_MS} * interval '1 millisecond' < clock_timestamp()`)
      .returning(['epoch', sql<Temporal.Instant>`clock_timestamp()`.as('now')])
      .executeTakeFirst();
  }

  async function renew(): Promise<void> {
    const askedMs = clock.monotonicMs();
    try {
      const row = await withTimeout(
        database
          .updateTable('floor')
          .set({ expires_at: sql<string>`clock_timestamp() + ${LEASE_MS} * interval '1 millisecond'` })
          .where('id', '=', floorId)
          .where('owner', '=', owner)
          .where('epoch', '=', epoch)
          .returning(sql<Temporal.Instant>`clock_timestamp()`.as('now'))
          .executeTakeFirst(),
        RENEWAL_TIMEOUT_MS,
      );
      if (released) return;
      if (row) {
        validUntilMs = askedMs + LEASE_MS;
        measureSkew(row.now, askedMs);
        return;
      }
      clearInterval(timer);
      validUntilMs = 0;
      log.error('floor lease: another dialer holds the floor');
      options.onLost();
    } catch {
      log.warn('floor lease: renewal failed');
    }
  }

  function measureSkew(databaseNow: Temporal.Instant, askedMs: number): void {
    const halfTripMs = (clock.monotonicMs() - askedMs) / 2;
    skew = databaseNow.epochMilliseconds + halfTripMs - clock.now().epochMilliseconds;
  }

  return {
    epoch,
    valid: () => clock.monotonicMs() < validUntilMs,
    skewMs: () => skew,
    async release() {
      released = true;
      clearInterval(timer);
      validUntilMs = 0;
      await database
        .updateTable('floor')
        .set({ owner: null, expires_at: sql<string>`'-infinity'` })
        .where('id', '=', floorId)
        .where('owner', '=', owner)
        .where('epoch', '=', epoch)
        .execute();
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
  signal.throwIfAborted();
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
