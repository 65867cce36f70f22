import type { Kysely } from 'kysely';
import { isAway } from '../kernel/faults.ts';
import type { Logger } from '../kernel/log.ts';
import type { Schema } from '../kernel/schema.ts';

/** Lanes by the hash of a key, and one more for the journal: what is slow there must not keep an outcome waiting. */
const LANES = 6;
export const JOURNAL_LANE = 'journal';
const RETRY_MS = 250;

type Write = (database: Kysely<Schema>) => Promise<void>;

/**
 * Writes to Postgres behind the floor's memory: in order for each key, never waited for on the way from answer to bridge. A write
 * that fails because the database is away is tried again until it is back; one that the database refuses is logged and given up,
 * since repeating it would block all that comes after.
 */
export interface Writer {
  /** Queues a write behind those of the same key. */
  later(key: string, label: string, write: Write): void;
  /** Queues and waits until it is committed; throws what the database said if it was refused. */
  now<T>(key: string, label: string, write: (database: Kysely<Schema>) => Promise<T>): Promise<T>;
  /** Resolves when everything queued so far is written, or after `withinMs`; true if all was. */
  drain(withinMs: number): Promise<boolean>;
}

export function createWriter(database: Kysely<Schema>, log: Logger): Writer {
  const lanes: Promise<unknown>[] = Array.from({ length: LANES + 1 }, () => Promise.resolve());

  function enqueue<T>(key: string, work: () => Promise<T>): Promise<T> {
    const lane = key === JOURNAL_LANE ? LANES : hash(key) % LANES;
    const result = (lanes[lane] ?? Promise.resolve()).then(work);
    lanes[lane] = result.catch(() => undefined);
    return result;
  }

  async function untilReachable<T>(label: string, write: (database: Kysely<Schema>) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write(database);
      } catch (error) {
        if (!isAway(error)) throw error;
        log.warn({ label }, 'database away, write waits');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  return {
    later(key, label, write) {
      enqueue(key, () => untilReachable(label, write)).catch((error: unknown) => {
        log.error({ err: error, label }, 'write refused by the database');
      });
    },
    now: (key, label, write) => enqueue(key, () => untilReachable(label, write)),
    async drain(withinMs) {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), withinMs);
      });
      const done = Promise.all(lanes).then(() => true);
      const result = await Promise.race([done, limit]);
      clearTimeout(timer);
      return result;
    },
  };
}

function hash(key: string): number {
  let value = 0;
  for (let index = 0; index < key.length; index += 1) value = (Math.imul(value, 31) + key.charCodeAt(index)) >>> 0;
  return value;
}
