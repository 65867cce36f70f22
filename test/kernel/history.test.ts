import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, leafOf, record, type Json } from '../../server/kernel/history.ts';
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

  it('keeps the leaf when salt and body are erased', async () => {
    const [before] = await fresh.database.selectFrom('event').select(['id', 'leaf']).where('subject_id', '=', SUBJECT).execute();
    await fresh.database.updateTable('event').set({ salt: null, body: null }).where('subject_id', '=', SUBJECT).execute();
    const [after] = await fresh.database.selectFrom('event').select(['id', 'leaf']).where('subject_id', '=', SUBJECT).execute();
    expect(after).toEqual(before);
  });
});
