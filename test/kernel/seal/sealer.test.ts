import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, createPool } from '../../../server/kernel/database.ts';
import { record } from '../../../server/kernel/history.ts';
import { idsOf } from '../../../server/kernel/seal/batch.ts';
import { resign, Sealer, takeOffice } from '../../../server/kernel/seal/sealer.ts';
import { unsealedAgeSeconds } from '../../../server/kernel/seal/store.ts';
import { createLogger } from '../../../server/kernel/log.ts';
import { sealHistory } from '../../../server/worker/seal.ts';
import { eventually } from '../../support/conditions.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { audit, sealAll, writeEvents } from '../../support/history.ts';

let fresh: FreshDatabase;
beforeEach(async () => {
  fresh = await freshDatabase();
});
afterEach(() => fresh.drop());

const EVENT = { kind: 'tried', subject: 'attempt', subjectId: 'one', actor: 'test', body: { step: 1 } };

async function sealedIds(): Promise<bigint[]> {
  const rows = await fresh.database.selectFrom('history_batch').select('ids').orderBy('number').execute();
  return rows.flatMap((row) => idsOf(row.ids));
}

async function storedIds(): Promise<bigint[]> {
  const rows = await fresh.database.selectFrom('event').select('id').orderBy('id').execute();
  return rows.map((row) => row.id ?? 0n);
}

describe('the sealer', () => {
  it('seals what is committed, once, in the order of the ids, each batch chained to the one before', async () => {
    await writeEvents(fresh.database, 5, 'first');
    expect(await sealAll(fresh.database)).toBe(5);
    expect(await sealAll(fresh.database)).toBe(0);
    await writeEvents(fresh.database, 3, 'second');
    expect(await sealAll(fresh.database)).toBe(3);
    const batches = await fresh.database.selectFrom('history_batch').selectAll().orderBy('number').execute();
    expect(batches.map((batch) => [batch.number, batch.events, batch.total])).toEqual([
      [1n, 5, 5n],
      [2n, 3, 8n],
    ]);
    expect(batches[1]?.previous).toEqual(batches[0]?.hash);
    expect(await sealedIds()).toEqual(await storedIds());
    expect((await audit(fresh.database)).faults).toEqual([]);
  });

  it('lets a long open transaction hold back what is above it, and nothing below', async () => {
    const below = await writeEvents(fresh.database, 3, 'below');
    await fresh.database.connection().execute(async (connection) => {
      const sealer = new Sealer(connection);
      await sealer.round();
      let above: bigint[] = [];
      const open = fresh.database.transaction().execute(async (transaction) => {
        await record(transaction, [EVENT]);
        above = await writeEvents(fresh.database, 4, 'above');
        for (let round = 0; round < 5; round += 1) await sealer.round();
        expect(await sealedIds()).toEqual(below);
        expect(await unsealedAgeSeconds(fresh.database)).toBeGreaterThan(0);
      });
      await open;
      await sealer.round();
      await sealer.round();
      const ids = await sealedIds();
      expect(ids).toHaveLength(8);
      expect(ids.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(ids);
      expect(ids.slice(4)).toEqual(above);
    });
    expect(await unsealedAgeSeconds(fresh.database)).toBe(0);
  });

  it('waits for a writer that has taken an id and no transaction number yet', async () => {
    await fresh.database.transaction().execute(async (transaction) => {
      await sql`lock table event in row exclusive mode`.execute(transaction);
      await sql`select nextval('event_id_seq')`.execute(transaction);
      await writeEvents(fresh.database, 2, 'later');
      const found = await sql<{ xid: string | null }>`select pg_current_xact_id_if_assigned()::text as xid`.execute(transaction);
      // Only a nextval that logs gives a number; either way the lock tells.
      expect(found.rows).toHaveLength(1);
      expect(await sealAll(fresh.database)).toBe(0);
    });
    expect(await sealAll(fresh.database)).toBe(2);
  });

  it('is held back by no transaction that writes no event', async () => {
    await fresh.database.transaction().execute(async (transaction) => {
      await sql`select pg_current_xact_id(), count(*) from event`.execute(transaction);
      await writeEvents(fresh.database, 2, 'beside');
      expect(await sealAll(fresh.database)).toBe(2);
    });
  });

  it('keeps the ids of failed transactions out for good', async () => {
    await writeEvents(fresh.database, 2, 'before');
    await fresh.database
      .transaction()
      .execute(async (transaction) => {
        await record(transaction, [EVENT, EVENT]);
        throw new Error('changed its mind');
      })
      .catch(() => undefined);
    await writeEvents(fresh.database, 2, 'after');
    await sealAll(fresh.database);
    expect(await sealedIds()).toEqual([1n, 2n, 5n, 6n]);
    expect((await audit(fresh.database)).faults).toEqual([]);
  });

  it('gives each month batches of its own, also when one event comes late over a month’s end', async () => {
    const now = Temporal.Now.zonedDateTimeISO('UTC').startOfDay().with({ day: 1 });
    const next = now.add({ months: 1 });
    await writeEvents(fresh.database, 2, 'new', next.toInstant().toString());
    await writeEvents(fresh.database, 1, 'late', next.subtract({ microseconds: 1 }).toInstant().toString());
    await writeEvents(fresh.database, 1, 'newer', next.toInstant().toString());
    await writeEvents(fresh.database, 1, 'ancient', '2001-02-03T04:05:06.789Z');
    expect(await sealAll(fresh.database)).toBe(5);
    const rows = await fresh.database
      .selectFrom('history_batch')
      .select(['month', 'ids', 'through_id'])
      .orderBy('number')
      .execute();
    expect(rows).toEqual([
      { month: next.toPlainDate().toString(), ids: '{[1,3),[4,5)}', through_id: 5n },
      { month: now.toPlainDate().toString(), ids: '{[3,4)}', through_id: 5n },
      { month: '2001-02-01', ids: '{[5,6)}', through_id: 5n },
    ]);
    const result = await audit(fresh.database);
    expect([result.faults, result.events, result.months.length]).toEqual([[], 5, 3]);
  });

  it('is one over all workers, and its successor goes on where it was', async () => {
    await fresh.database.connection().execute(async (first) => {
      expect(await takeOffice(first)).toBe(true);
      await fresh.database.connection().execute(async (second) => {
        expect(await takeOffice(second)).toBe(false);
        await resign(first);
        expect(await takeOffice(second)).toBe(true);
        await resign(second);
      });
    });
  });
});

describe('under concurrent writers', () => {
  const WRITERS = 6;
  const ROUNDS = 40;

  it('seals every event once, whatever the order in which they commit', async () => {
    const wide = createPool(fresh.url, { max: WRITERS * 2 });
    const database = createDatabase(wide);
    let writing = true;
    let rounds = 0;
    const sealing = fresh.database.connection().execute(async (connection) => {
      const sealer = new Sealer(connection);
      for (; writing; rounds += 1) await sealer.round();
    });
    async function write(): Promise<void> {
      for (let round = 0; round < ROUNDS; round += 1) {
        await database
          .transaction()
          .execute(async (transaction) => {
            // Half of the transactions have a number before they have an id, some fail, all commit in another order than they began.
            if (round % 2 === 0) await sql`select pg_current_xact_id()`.execute(transaction);
            await record(transaction, [EVENT, EVENT]);
            // Open while the sealer passes by, some longer than others.
            const until = rounds + Math.floor(Math.random() * 3);
            await eventually('the sealer has passed by', () => rounds >= until);
            await record(transaction, [EVENT]);
            if (round % 7 === 3) throw new Error('changed its mind');
          })
          .catch(() => undefined);
      }
    }
    await Promise.all(Array.from({ length: WRITERS }, write));
    writing = false;
    await sealing;
    await sealAll(fresh.database);
    await database.destroy();
    const stored = await storedIds();
    expect(stored.length).toBeGreaterThan(WRITERS * ROUNDS * 2);
    expect(await sealedIds()).toEqual(stored);
    expect((await audit(fresh.database)).faults).toEqual([]);
  });
});

describe('when it is killed in the middle of a batch', () => {
  it('leaves nothing of it, and the next connection seals each event once', async () => {
    await writeEvents(fresh.database, 10_000, 'many');
    const loop = sealHistory(fresh.database, createLogger('test', 'fatal'));
    // Its first batch cannot be stored while another holds the table: there it is met.
    await fresh.database.transaction().execute(async (transaction) => {
      await sql`lock table history_batch in share mode`.execute(transaction);
      await eventually('a killed sealer', () => killWaitingSealer(fresh.database));
    });
    await eventually('all are sealed', async () => (await sealedIds()).length === 10_000, 30_000);
    // And between two batches.
    await writeEvents(fresh.database, 10_000, 'more');
    await eventually('it has begun again', async () => (await sealedIds()).length > 10_000, 30_000);
    await killSealer(fresh.database);
    await eventually('the rest is sealed', async () => (await sealedIds()).length === 20_000, 30_000);
    await loop.stop();
    expect(await sealedIds()).toEqual(await storedIds());
    const result = await audit(fresh.database);
    expect([result.faults, result.events]).toEqual([[], 20_000]);
  }, 60_000);
});

async function killWaitingSealer(database: FreshDatabase['database']): Promise<boolean> {
  const killed =
    await sql`select pg_terminate_backend(pid) from pg_locks where not granted and relation = 'history_batch'::regclass
    and database = (select oid from pg_database where datname = current_database())`.execute(database);
  return killed.rows.length > 0;
}

async function killSealer(database: FreshDatabase['database']): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
    and database = (select oid from pg_database where datname = current_database())`.execute(database);
}

describe('partitions', () => {
  const ahead = Temporal.Now.plainDateISO('UTC').with({ day: 1 }).add({ months: 13 });
  const suffix = ahead.toString().slice(0, 7).replace('-', '_');

  it('stand ready for thirteen months ahead, and the job makes the next without making a writer wait', async () => {
    await sql`drop table ${sql.table(`event_${suffix}`)}, ${sql.table(`contact_attempt_${suffix}`)}`.execute(fresh.database);
    await fresh.database.transaction().execute(async (writer) => {
      await record(writer, [EVENT]);
      await sql`select ensure_month_partitions(13)`.execute(fresh.database);
    });
    await writeEvents(fresh.database, 1, 'far', `${ahead.with({ day: 28 }).toString()}T23:59:59Z`);
    const found = await sql<{ count: bigint }>`select count(*) as count from ${sql.table(`event_${suffix}`)}`.execute(
      fresh.database,
    );
    expect(found.rows[0]?.count).toBe(1n);
    const indexes = await sql<{ table: string; count: bigint }>`
      select tablename as table, count(*) as count from pg_indexes
      where tablename in (${`event_${suffix}`}, ${`contact_attempt_${suffix}`}) group by 1 order by 1`.execute(fresh.database);
    expect(indexes.rows).toEqual([
      { table: `contact_attempt_${suffix}`, count: 5n },
      { table: `event_${suffix}`, count: 2n },
    ]);
    expect(await sealAll(fresh.database)).toBe(2);
  });
});
