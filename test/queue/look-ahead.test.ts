import { afterAll, beforeAll, expect, test } from 'vitest';
import { lookAhead, readAhead } from '../../server/queue/look-ahead.ts';
import { mobile, openScene, type Scene } from './scene.ts';

const SPAN = { count: 2, days: 34 };

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

test('those who come next are looked at without waiting for whoever holds them', async () => {
  const campaignId = await scene.addCampaign();
  const people = await scene.addPeople([campaignId], [{ phones: [mobile()] }, { phones: [mobile()] }, { phones: [mobile()] }]);
  await scene.database.transaction().execute(async (transaction) => {
    await transaction.selectFrom('dial_queue').select('party_id').where('campaign_id', '=', campaignId).forUpdate().execute();
    await transaction.selectFrom('party').select('id').where('id', 'in', people).forUpdate().execute();
    const { next, read } = await readAhead(scene.database, campaignId, SPAN);
    expect([...next]).toEqual(people.slice(0, 2));
    expect(read).toBe(2);
    // Nobody is looked at twice.
    const further = { ...SPAN, count: 3 };
    expect(await readAhead(scene.database, campaignId, further, next)).toEqual({ next: new Set(people), read: 1 });
  });
  const { reserved } = await scene.reserve(campaignId);
  expect(reserved.length).toBe(3);
});

test('nobody is where nobody is ready', async () => {
  expect(await readAhead(scene.database, await scene.addCampaign(), SPAN)).toEqual({ next: new Set(), read: 0 });
});

test('a database that fits into the memory of its server is left alone', async () => {
  const campaignId = await scene.addCampaign();
  await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
  expect(await lookAhead(scene.database, campaignId, SPAN)).toBe(0);
});
