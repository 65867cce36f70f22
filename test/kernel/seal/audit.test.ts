import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { canonicalJson, eraseBodies, leafOf, type Json } from '../../../server/kernel/history.ts';
import type { FaultKind } from '../../../server/kernel/seal/audit.ts';
import { batchHash, batchOf } from '../../../server/kernel/seal/batch.ts';
import { listHeads, signHeads } from '../../../server/kernel/seal/heads.ts';
import { chainAfter, eventsToSeal, lastBatch } from '../../../server/kernel/seal/store.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { audit, sealAll, testKey, writeEvents } from '../../support/history.ts';

const TOMORROW = Temporal.Now.plainDateISO('UTC').add({ days: 1 }).toString();
const DAY_AFTER = Temporal.Now.plainDateISO('UTC').add({ days: 2 }).toString();

let fresh: FreshDatabase;
const { key, keys } = testKey();

const TABLES = ['event', 'history_batch', 'history_head'] as const;

/** Three batches of ten events, of which the first two are under a signed head; laid once and put back before each test. */
beforeAll(async () => {
  fresh = await freshDatabase();
  for (const kind of ['first', 'second']) {
    await writeEvents(fresh.database, 10, kind);
    await sealAll(fresh.database);
  }
  expect(await signHeads(fresh.database, key, TOMORROW)).toBe(1);
  await writeEvents(fresh.database, 10, 'third');
  await sealAll(fresh.database);
  for (const table of TABLES) {
    await sql`create table ${sql.table(`kept_${table}`)} as table ${sql.table(table)}`.execute(fresh.database);
  }
});
beforeEach(async () => {
  for (const table of TABLES) {
    await sql`delete from ${sql.table(table)}`.execute(fresh.database);
    await sql`insert into ${sql.table(table)} overriding system value table ${sql.table(`kept_${table}`)}`.execute(
      fresh.database,
    );
  }
  await sql`select setval('event_id_seq', 30)`.execute(fresh.database);
  expect((await audit(fresh.database, keys)).faults).toEqual([]);
});
afterAll(() => fresh.drop());

const change = (statement: ReturnType<typeof sql>) => statement.execute(fresh.database);

async function firstFault(): Promise<unknown[]> {
  const { faults } = await audit(fresh.database, keys);
  return faults.slice(0, 1).map(({ kind, eventId, batch }) => [kind, eventId, batch]);
}

describe('an audit names the first row that is wrong', () => {
  const cases: [string, FaultKind, () => Promise<unknown>][] = [
    [
      'whose body was changed',
      'body_changed',
      () => change(sql`update event set body = body || '{"step": 99}' where id in (14, 22)`),
    ],
    ['whose salt was changed', 'body_changed', () => change(sql`update event set salt = '\\x00' where id = 14`)],
    ['of which the body alone was taken', 'body_changed', () => change(sql`update event set body = null where id = 14`)],
    ['whose leaf was changed', 'leaf_changed', () => change(sql`update event set leaf = sha256('other') where id in (14, 15)`)],
    [
      'whose leaf was changed after its body was erased',
      'row_changed',
      () => change(sql`update event set leaf = sha256('other'), body = null, salt = null where id = 14`),
    ],
    ['whose body and leaf were changed together', 'row_changed', () => rewrite(14n)],
    [
      'whose moment was changed',
      'row_changed',
      () => change(sql`update event set at = at + interval '1 microsecond' where id = 14`),
    ],
    ['whose kind was changed', 'row_changed', () => change(sql`update event set kind = 'other' where id = 14`)],
    ['whose actor was changed', 'row_changed', () => change(sql`update event set actor = null where id = 14`)],
    ['that was removed', 'row_removed', () => change(sql`delete from event where id in (14, 15, 29)`)],
    [
      'that was moved into another month',
      'row_removed',
      () => change(sql`update event set at = at + interval '2 months' where id = 14`),
    ],
  ];
  test.each(cases)('%s', async (_what, kind, tamper) => {
    await tamper();
    expect(await firstFault()).toEqual([[kind, 14n, 2n]]);
  });

  it('that was inserted between sealed rows, also where a number had been left out', async () => {
    await sql`select nextval('event_id_seq')`.execute(fresh.database);
    await writeEvents(fresh.database, 2, 'after a gap');
    await sealAll(fresh.database);
    await insertAt(31n);
    expect(await firstFault()).toEqual([['row_inserted', 31n, null]]);
    await insertAt(-5n);
    expect((await audit(fresh.database, keys)).faults.map((fault) => fault.eventId)).toEqual([-5n, 31n]);
    await sql`delete from event where id in (-5, 31)`.execute(fresh.database);
    await insertAt(14n);
    expect(await firstFault()).toEqual([['row_inserted', 14n, 2n]]);
  });

  it('at the end of a month, and counts every one', async () => {
    await change(sql`delete from event where id > 25`);
    const { faults, faultsInAll } = await audit(fresh.database, keys);
    expect(faults.map(({ kind, eventId }) => [kind, eventId])).toEqual(
      [26n, 27n, 28n, 29n, 30n].map((id) => ['row_removed', id]),
    );
    expect(faultsInAll).toBe(5);
  });

  it('of the rows that are not sealed yet', async () => {
    const [first = 0n] = await writeEvents(fresh.database, 3, 'unsealed');
    await change(sql`update event set body = '{}' where id = ${first.toString()}::bigint`);
    const result = await audit(fresh.database, keys);
    expect(result.faults.map(({ kind, eventId }) => [kind, eventId])).toEqual([['body_changed', first]]);
    expect([result.events, result.unsealed]).toEqual([33, 3]);
  });
});

describe('an audit names the batch', () => {
  const cases: [string, FaultKind, bigint, () => Promise<unknown>][] = [
    ['that was changed', 'batch_changed', 2n, () => change(sql`update history_batch set total = 21 where number = 2`)],
    [
      'whose marks were changed',
      'batch_changed',
      3n,
      () => change(sql`update history_batch set sealed_at = now() where number = 3`),
    ],
    [
      'before which one is missing',
      'chain_broken',
      3n,
      async () => {
        await change(sql`delete from history_batch where number = 2`);
        await change(sql`delete from event where id between 11 and 20`);
      },
    ],
    ['that continues another', 'chain_broken', 3n, () => reforge(2n)],
    [
      'whose root the rows do not give',
      'root_wrong',
      3n,
      () => change(sql`update history_batch set root = sha256('x') where number = 3`),
    ],
  ];
  test.each(cases)('%s', async (_what, kind, number, tamper) => {
    await tamper();
    const [first] = (await audit(fresh.database, keys)).faults;
    expect([first?.kind, first?.batch]).toEqual([kind, number]);
  });
});

describe('a signed head', () => {
  it('contradicts a history that was forged as a whole, however well it fits together', async () => {
    await rewrite(14n);
    await resealFrom(2n);
    const { faults } = await audit(fresh.database, keys);
    expect(faults.map(({ kind, day }) => [kind, day])).toEqual([
      ['head_contradicted', Temporal.Now.plainDateISO('UTC').toString()],
    ]);
  });

  it('whose signature or statement was changed is named by its day', async () => {
    const day = Temporal.Now.plainDateISO('UTC').toString();
    await change(sql`update history_head set signature = set_byte(signature, 5, (get_byte(signature, 5) + 1) % 256)`);
    expect((await audit(fresh.database, keys)).faults.map((fault) => [fault.kind, fault.day])).toEqual([
      ['signature_wrong', day],
    ]);
  });

  it('of a key that is not trusted counts for nothing', async () => {
    expect((await audit(fresh.database, testKey().keys)).faults.map((fault) => fault.kind)).toEqual(['key_unknown']);
  });

  it('that was exported tells that the end of the history was cut off with its heads', async () => {
    await signHeads(fresh.database, key, DAY_AFTER);
    const exported = (await listHeads(fresh.database, 10)).map((head) => ({ file: '2026-11-22.json', head }));
    expect((await audit(fresh.database, keys, exported)).faults).toEqual([]);
    await change(sql`delete from history_head`);
    await change(sql`delete from history_batch where number >= 2`);
    await change(sql`delete from event where id > 10`);
    expect((await audit(fresh.database, keys)).faults).toEqual([]);
    expect((await audit(fresh.database, keys, exported)).faults.map((fault) => fault.kind)).toEqual(['head_contradicted']);
  });

  it('follows the one before: a head taken out from among them is missed', async () => {
    await sql`update history_head set day = day - 3`.execute(fresh.database);
    await writeEvents(fresh.database, 1, 'fourth');
    await signHeads(fresh.database, key, TOMORROW);
    await sql`delete from history_head where first_batch = 1`.execute(fresh.database);
    expect((await audit(fresh.database, keys)).faults.map((fault) => fault.kind)).toEqual(['head_contradicted']);
  });
});

describe('erasing for privacy', () => {
  it('takes body and salt, keeps the leaf, and the audit still passes', async () => {
    const before = await sql<{ leaf: Buffer }>`select leaf from event where id in (14, 15) order by id`.execute(fresh.database);
    const count = await fresh.database.transaction().execute((transaction) => eraseBodies(transaction, [14n, 15n, 999n], 'test'));
    expect(count).toBe(2);
    const after = await sql<{ leaf: Buffer; body: unknown; salt: unknown }>`
      select leaf, body, salt from event where id in (14, 15) order by id`.execute(fresh.database);
    expect(after.rows).toEqual(before.rows.map(({ leaf }) => ({ leaf, body: null, salt: null })));
    const told = await fresh.database.selectFrom('event').select('body').where('kind', '=', 'history.erased').execute();
    expect(told.map((row) => row.body)).toMatchObject([{ ids: ['14', '15'] }]);
    await sealAll(fresh.database);
    const result = await audit(fresh.database, keys);
    expect([result.faults, result.erased, result.events]).toEqual([[], 2, 31]);
  });
});

async function insertAt(id: bigint): Promise<void> {
  const salt = randomBytes(16);
  const body = canonicalJson({ forged: true });
  await sql`insert into event (id, kind, subject, subject_id, actor, body, salt, leaf) overriding system value
    values (${id.toString()}::bigint, 'forged', 'attempt', 'one', 'test', ${body}::jsonb, ${salt}, ${leafOf(salt, body)})`.execute(
    fresh.database,
  );
}

/** What a forger does who knows how leaves are made. */
async function rewrite(id: bigint): Promise<void> {
  const row = await sql<{ body: Json; salt: Buffer }>`
    update event set body = body || '{"step": 99}' where id = ${id.toString()}::bigint returning body, salt`.execute(
    fresh.database,
  );
  const [event] = row.rows;
  if (event === undefined) throw new Error('no such event');
  const leaf = leafOf(event.salt, canonicalJson(event.body));
  await sql`update event set leaf = ${leaf} where id = ${id.toString()}::bigint`.execute(fresh.database);
}

/** Changes a batch so that it fits itself, but not the one after it. */
async function reforge(number: bigint): Promise<void> {
  const [batch] = await chainAfter(fresh.database, number - 1n, 1);
  if (batch === undefined) throw new Error('no such batch');
  const sealedAt = '2026-01-01T00:00:00.000000Z';
  const hash = batchHash({ ...batch, sealedAt }, batch.marksHash);
  await sql`update history_batch set sealed_at = ${sealedAt}::timestamptz, hash = ${hash} where number = ${number.toString()}::bigint`.execute(
    fresh.database,
  );
}

/** What a forger does who knows how batches are made, too: only the signature cannot be made again. */
async function resealFrom(number: bigint): Promise<void> {
  const old = await chainAfter(fresh.database, number - 1n, 100);
  await sql`delete from history_batch where number >= ${number.toString()}::bigint`.execute(fresh.database);
  let end = await lastBatch(fresh.database);
  for (const { month, throughId, sealedAt } of old) {
    const events = await eventsToSeal(fresh.database, end?.throughId ?? 0n, throughId, 1_000);
    const last = batchOf(events, { month, throughId, sealedAt }, end);
    end = last;
    await fresh.database
      .insertInto('history_batch')
      .values({
        number: last.number,
        month: last.month,
        first_id: last.firstId,
        last_id: last.lastId,
        through_id: last.throughId,
        events: last.events,
        total: last.total,
        ids: last.ids,
        root: last.root,
        marks: last.marks,
        previous: last.previous,
        hash: last.hash,
        sealed_at: last.sealedAt,
      })
      .execute();
  }
}
