import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { canonicalJson, leafOf, record, recordList, type Json } from '../../server/kernel/history.ts';
import { idRange } from '../../server/kernel/ids.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

const SUBJECT = '0199f000-0000-7000-8000-00000000000a';

describe('canonical JSON', () => {
  it('says the same of equal values however their keys are ordered', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(shuffled as Json)).toBe(canonicalJson(value as Json));
        expect(JSON.parse(canonicalJson(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('the history (I9)', () => {
  it('keeps of each event a leaf that its salt and body, as stored, give again', async () => {
    await record(
      fresh.database,
      ['first', 'second', 'third'].map((kind, step) => ({
        kind,
        subject: 'attempt',
        subjectId: SUBJECT,
        actor: 'test',
        body: { step, nested: { b: [1, 'two', null], a: true }, left: undefined },
      })),
    );
    const rows = await fresh.database.selectFrom('event').selectAll().where('subject_id', '=', SUBJECT).orderBy('id').execute();
    expect(rows.map((row) => row.kind)).toEqual(['first', 'second', 'third']);
    for (const row of rows) expect(leafOf(row.salt ?? Buffer.alloc(0), canonicalJson(row.body as Json))).toEqual(row.leaf);
    expect(new Set(rows.map((row) => row.salt?.toString('hex'))).size).toBe(3);
  });

  it('keeps such a leaf of a list that never left the database, too', async () => {
    const event = { kind: 'listed', subject: 'import', subjectId: 'of a list', actor: 'test', body: { to: 2, from: 1 } };
    const items = sql`select '["' || place || '","ق"]' as item, place from generate_series(1, 3) place`;
    await recordList(fresh.database, event, 'changes', items);
    await recordList(fresh.database, event, 'changes', sql`select '' as item, 1 as place where false`);
    const rows = await fresh.database.selectFrom('event').selectAll().where('kind', '=', 'listed').orderBy('id').execute();
    const said = { kind: 'listed', subject: 'import', subjectId: 'of a list', actor: 'test', from: 1, to: 2 };
    const changes = ['1', '2', '3'].map((place) => [place, 'ق']);
    expect(rows.map((row) => row.body)).toEqual([
      { ...said, changes },
      { ...said, changes: [] },
    ]);
    for (const row of rows) expect(leafOf(row.salt ?? Buffer.alloc(0), canonicalJson(row.body as Json))).toEqual(row.leaf);
  });

  it('keeps the leaf when salt and body are erased', async () => {
    const [before] = await fresh.database.selectFrom('event').select(['id', 'leaf']).where('subject_id', '=', SUBJECT).execute();
    await fresh.database.updateTable('event').set({ salt: null, body: null }).where('subject_id', '=', SUBJECT).execute();
    const [after] = await fresh.database.selectFrom('event').select(['id', 'leaf']).where('subject_id', '=', SUBJECT).execute();
    expect(after).toEqual(before);
  });
});

describe('ids made all at once', () => {
  it('are of version 7 and sort as their places do', async () => {
    const { rows } = await sql<{ id: string }>`
      select ${idRange().at(sql`place`)} as id from generate_series(0, 300000, 100) place order by place`.execute(fresh.database);
    const ids = rows.map((row) => row.id);
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
