import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Segment } from '../../server/contract/segments.ts';
import { refreshBands } from '../../server/queue/bands.ts';
import { mobile, openScene, type Scene } from './scene.ts';

let scene: Scene;
let campaignId: string;
let people: string[];

beforeAll(async () => {
  scene = await openScene();
  campaignId = await scene.addCampaign();
  people = await scene.addPeople(
    [campaignId],
    [100_000n, 300_000n, 900_000n].map((balance) => ({ phones: [mobile()], balance })),
  );
});
afterAll(() => scene.fresh.drop());

async function keep(name: string, priority: number, atLeast: string): Promise<void> {
  const segment: Segment = {
    match: 'all',
    groups: [{ match: 'all', conditions: [{ field: 'balance', test: 'at_least', value: atLeast }] }],
  };
  await scene.database
    .insertInto('saved_segment')
    .values({ campaign_id: campaignId, name, body: JSON.stringify(segment), priority })
    .execute();
}

async function bands(): Promise<Record<string, { band: number; priority: number }>> {
  const rows = await scene.database
    .selectFrom('dial_queue')
    .select(['party_id', 'band', 'priority'])
    .where('campaign_id', '=', campaignId)
    .execute();
  return Object.fromEntries(rows.map(({ party_id, band, priority }) => [party_id, { band, priority }]));
}

const inBand = (band: number) => ({ band, priority: band });
const [small, middle, great] = [() => people[0] ?? '', () => people[1] ?? '', () => people[2] ?? ''];

test('whom a segment with a priority holds goes before others, by the greatest that holds them, whatever the scores', async () => {
  await scene.database.updateTable('dial_queue').set({ score: 1_000_000 }).where('party_id', '=', small()).execute();
  await keep('Middle', 2, '2000');
  await keep('Great', 5, '5000');
  await keep('All', 0, '1');
  expect(await refreshBands(scene.database, campaignId)).toBe(2);
  expect(await bands()).toEqual({ [small()]: inBand(0), [middle()]: inBand(2), [great()]: inBand(5) });
  expect(await refreshBands(scene.database, campaignId)).toBe(0);
  const { reserved } = await scene.reserve(campaignId, { count: 2 });
  expect(reserved.map((each) => each.partyId)).toEqual([great(), middle()]);
  // Having been called, they are where they were.
  for (const { attemptId } of reserved) await scene.end(attemptId);
  expect(await bands()).toMatchObject({ [middle()]: inBand(2), [great()]: inBand(5) });
});

test('a callback comes before every band, and falls back to its debtor’s own', async () => {
  const callback = await scene.database
    .insertInto('callback')
    .values({ campaign_id: campaignId, party_id: small(), attempt_id: small(), at: '2026-01-01T00:00Z' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await scene.database
    .updateTable('dial_queue')
    .set({ band: 10, callback_id: callback.id, state: 'ready' })
    .where('party_id', '=', small())
    .execute();
  await scene.database.updateTable('saved_segment').set({ priority: 1 }).where('name', '=', 'All').execute();
  expect(await refreshBands(scene.database, campaignId)).toBe(1);
  expect(await bands()).toMatchObject({ [small()]: { band: 10, priority: 1 } });
  const { reserved } = await scene.reserve(campaignId, { count: 1 });
  await scene.end(reserved[0]?.attemptId ?? '');
  expect(await bands()).toMatchObject({ [small()]: inBand(1) });
});

test('whoever comes into the queue is put into their band at once', async () => {
  const [rich = '', poor = ''] = await scene.addPeople(
    [campaignId],
    [
      { phones: [mobile()], balance: 700_000n },
      { phones: [mobile()], balance: 50n },
    ],
  );
  expect(await bands()).toMatchObject({ [rich]: inBand(5), [poor]: inBand(0) });
});
