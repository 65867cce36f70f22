import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { batchOf, type Batch, type ChainEnd, type SealedEvent } from './batch.ts';
import { databaseMoment, eventsToSeal, lastBatch, storeBatches } from './store.ts';

/** Most events in a batch: a receipt reads one batch, an audit keeps a few in memory. */
const EVENTS_IN_A_BATCH = 4_096;
/** Key of the advisory lock that the one sealer holds for as long as its connection lives. */
const SEALER_LOCK = 2_026_110_901;

/** A last id given out, and the transactions that may still write events with ids up to it. */
interface Mark {
  throughId: bigint;
  writers: string[];
}

/** Whether the connection's session is the one sealer over all workers, from now until it ends or `resign`. */
export async function takeOffice(connection: Kysely<Schema>): Promise<boolean> {
  const found = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${SEALER_LOCK}) as taken`.execute(connection);
  return found.rows[0]?.taken ?? false;
}

/** Gives the office back before the connection serves somebody else. */
export async function resign(connection: Kysely<Schema>): Promise<void> {
  await sql`select pg_advisory_unlock(${SEALER_LOCK})`.execute(connection);
}

/**
 * Seals events in the order of their ids (invariant I9), on one connection that holds the office. An id is given out before its
 * transaction commits, and may be given out before the transaction has a number of its own; so the rows below `pg_snapshot_xmin` alone would
 * not be all there will ever be below the greatest id among them. A round therefore notes the last id given out and which
 * transactions hold a writer's lock on the history at that moment: every one that took such an id does, until it ends. Once all of
 * those have ended, what is to be seen up to the noted id is final, and is sealed. Long transactions that write no event hold nothing back.
 */
export class Sealer {
  readonly #connection: Kysely<Schema>;
  /** Void with the connection: a server that came back from a crash may give out ids again that nobody committed. */
  #mark: Mark | null = null;
  /** Nothing is below this id that could still be sealed. */
  #doneThrough: bigint | null = null;

  constructor(connection: Kysely<Schema>) {
    this.#connection = connection;
  }

  /**
   * One round: seals up to the id noted before if its writers have ended since, notes the next, and seals that as well if nobody was
   * writing. Returns how many events were sealed.
   */
  async round(signal?: AbortSignal): Promise<number> {
    let sealed = 0;
    if (this.#mark !== null && !(await anyAtWork(this.#connection, this.#mark.writers))) {
      sealed += await this.#sealThrough(this.#mark.throughId, signal);
      this.#mark = null;
    }
    if (this.#mark === null) {
      const mark = await noteMark(this.#connection);
      if (mark.writers.length === 0) sealed += await this.#sealThrough(mark.throughId, signal);
      else this.#mark = mark;
    }
    return sealed;
  }

  async #sealThrough(throughId: bigint, signal: AbortSignal | undefined): Promise<number> {
    if (throughId === this.#doneThrough) return 0;
    let sealed = 0;
    for (let events = EVENTS_IN_A_BATCH; events === EVENTS_IN_A_BATCH; sealed += events) {
      if (signal?.aborted === true) return sealed;
      events = await this.#sealNext(throughId);
    }
    this.#doneThrough = throughId;
    return sealed;
  }

  /** Seals the next events up to `throughId`, at most a batch, whole or not at all. Returns how many. */
  #sealNext(throughId: bigint): Promise<number> {
    return this.#connection.transaction().execute(async (transaction) => {
      const last = await lastBatch(transaction);
      const events = await eventsToSeal(transaction, last?.throughId ?? 0n, throughId, EVENTS_IN_A_BATCH);
      const final = events.at(-1);
      if (final === undefined) return 0;
      const sealedAt = await databaseMoment(transaction);
      await storeBatches(transaction, batchesOf(events, { throughId: final.id, sealedAt }, last));
      return events.length;
    });
  }
}

/** One batch for each month among the events: now and then one comes a moment late, on the other side of a month's end. */
function batchesOf(
  events: readonly (SealedEvent & { month: string })[],
  place: { throughId: bigint; sealedAt: string },
  last: ChainEnd | null,
): Batch[] {
  const batches: Batch[] = [];
  for (const [month, ofMonth] of Map.groupBy(events, (event) => event.month)) {
    batches.push(batchOf(ofMonth, { ...place, month }, batches.at(-1) ?? last));
  }
  return batches;
}

/** The history and its partitions: a row may also be written straight into one. */
const HISTORY = sql`select 'event'::regclass union all select inhrelid from pg_inherits where inhparent = 'event'::regclass`;

/** Locks under which rows are written; those who wait for one have taken no id yet. */
const WRITERS = sql`select distinct virtualtransaction as writer from pg_locks
  where locktype = 'relation' and granted and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    and database = (select oid from pg_database where datname = current_database()) and relation in (${HISTORY})`;

/** The order matters: whoever takes an id takes the lock first, so the writers are looked for after the id was read. */
async function noteMark(connection: Kysely<Schema>): Promise<Mark> {
  const ids = await sql<{
    last: bigint;
  }>`select case when is_called then last_value else 0 end as last from event_id_seq`.execute(connection);
  const writers = await sql<{ writer: string }>`${WRITERS}`.execute(connection);
  return { throughId: ids.rows[0]?.last ?? 0n, writers: writers.rows.map(({ writer }) => writer) };
}

async function anyAtWork(connection: Kysely<Schema>, writers: readonly string[]): Promise<boolean> {
  if (writers.length === 0) return false;
  const found = await sql<{
    writer: string;
  }>`select writer from (${WRITERS}) as writers where writer = any(${writers}) limit 1`.execute(connection);
  return found.rows.length > 0;
}
