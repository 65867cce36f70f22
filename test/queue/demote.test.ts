import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoteAll } from '../../server/queue/demote.ts';
import { mobile, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

/** Half past nine in the evening in Riyadh: closed until the morning. */
const CLOSED = Temporal.Instant.from('2026-04-19T18:30Z');

async function standing(campaignId: string) {
  const rows = await scene.database
    .selectFrom('dial_queue')
    .select(['state', 'reason', 'not_before'])
    .where('campaign_id', '=', campaignId)
    .execute();
  return rows.map((row) => `${row.state} ${row.reason} ${row.not_before?.toString() ?? ''}`);
}

test('a window that closes puts to sleep whom it held, until it opens, and tells so once for all of them', async () => {
  const campaignId = await scene.addCampaign();
  await scene.addPeople(
    [campaignId],
    Array.from({ length: 5 }, () => ({ phones: [mobile()] })),
  );
  expect(await demoteAll(scene.database, { campaignId, now: SUNDAY_MORNING })).toBe(0);
  expect(await demoteAll(scene.database, { campaignId, now: CLOSED })).toBe(5);
  const [one = '', ...others] = await standing(campaignId);
  expect(one).toMatch(/^waiting hours 2026-04-20T/);
  expect(new Set(others)).toEqual(new Set([one]));
  const events = await scene.database
    .selectFrom('event')
    .select('body')
    .where('kind', '=', 'queue.demoted')
    .where('subject_id', '=', campaignId)
    .execute();
  expect(events).toHaveLength(1);
  expect(events[0]?.body).toMatchObject({ reason: 'hours', packs: { SA: 1 }, whom: { length: 5 } });
  // What it says of when is what the gate says then.
  const opens = Temporal.Instant.from(one.split(' ')[2] ?? '');
  await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('campaign_id', '=', campaignId).execute();
  expect((await scene.reserve(campaignId, { now: opens })).reserved).toHaveLength(5);
});

test('few who may not be called among many who may are left to reservations', async () => {
  const campaignId = await scene.addCampaign();
  const people = await scene.addPeople(
    [campaignId],
    Array.from({ length: 5 }, () => ({ phones: [mobile()] })),
  );
  const zones = ['Pacific/Auckland'];
  await scene.database
    .updateTable('party')
    .set({ time_zones: zones })
    .where('id', '=', people[0] ?? '')
    .execute();
  expect(await demoteAll(scene.database, { campaignId, now: SUNDAY_MORNING })).toBe(0);
});

test('whom somebody else holds just now is passed over', async () => {
  const campaignId = await scene.addCampaign();
  const [held = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }, { phones: [mobile()] }]);
  await scene.database.transaction().execute(async (transaction) => {
    await transaction.selectFrom('party').select('id').where('id', '=', held).forNoKeyUpdate().execute();
    expect(await demoteAll(scene.database, { campaignId, now: CLOSED })).toBe(1);
  });
  expect(await scene.row(campaignId, held)).toMatchObject({ state: 'ready' });
});
