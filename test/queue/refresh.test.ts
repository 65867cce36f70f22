import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refreshTogether } from '../../server/queue/refresh.ts';
import { mobile, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

const inDays = (days: number) => Temporal.Now.instant().add({ hours: 24 * days });

/** Makes the second person the first, or two of them again, as a merge does; then their queues. */
async function pass(from: string, to: string, merged: boolean, people: readonly [string, string]): Promise<void> {
  const { database } = scene;
  await database
    .updateTable('party')
    .set({ merged_into: merged ? people[0] : null })
    .where('id', '=', people[1])
    .execute();
  for (const table of ['debt_party', 'callback'] as const) {
    await sql`update ${sql.table(table)} set party_id = ${to} where party_id = ${from}`.execute(database);
  }
  await database.transaction().execute((transaction) => refreshTogether(transaction, people));
}

test('whoever becomes another takes along what they wait for, their tries and their callback; made two, each has their own again', async () => {
  const campaignId = await scene.addCampaign();
  const [gone = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
  const [kept = ''] = await scene.addPeople([], [{ phones: [mobile()] }]);
  await scene.database.deleteFrom('debt_party').where('party_id', '=', kept).execute();
  const at = inDays(2);
  const callback = await scene.database
    .insertInto('callback')
    .values({
      campaign_id: campaignId,
      party_id: gone,
      phone_id: null,
      attempt_id: crypto.randomUUID(),
      at: at.toString(),
      agent_id: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await scene.database
    .updateTable('dial_queue')
    .set({ state: 'waiting', reason: 'callback', not_before: at.toString(), tries: 3, band: 10, callback_id: callback.id })
    .where('party_id', '=', gone)
    .execute();

  await pass(gone, kept, true, [kept, gone]);
  expect(await scene.row(campaignId, kept)).toMatchObject({ state: 'waiting', reason: 'callback', tries: 3 });
  expect(await scene.row(campaignId, gone)).toMatchObject({ state: 'done', reason: 'no_open_debt' });

  await pass(kept, gone, false, [kept, gone]);
  expect(await scene.row(campaignId, kept)).toMatchObject({ state: 'done', reason: 'no_open_debt' });
  const back = await scene.row(campaignId, gone);
  expect([back.state, back.reason, back.notBefore?.epochMilliseconds]).toEqual(['waiting', 'callback', at.epochMilliseconds]);
});

test('of two waits the later one holds', async () => {
  const campaignId = await scene.addCampaign();
  const [kept = '', gone = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }, { phones: [mobile()] }]);
  const later = inDays(5);
  for (const [partyId, until, reason] of [
    [kept, inDays(1), 'no_answer'],
    [gone, later, 'promise'],
  ] as const) {
    await scene.database
      .updateTable('dial_queue')
      .set({ state: 'waiting', reason, not_before: until.toString(), tries: 1 })
      .where('party_id', '=', partyId)
      .execute();
  }
  await pass(gone, kept, true, [kept, gone]);
  const row = await scene.row(campaignId, kept);
  expect([row.state, row.reason, row.tries, row.notBefore?.epochMilliseconds]).toEqual([
    'waiting',
    'promise',
    2,
    later.epochMilliseconds,
  ]);
});
