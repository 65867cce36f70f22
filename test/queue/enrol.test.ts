import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enrolCampaign, enrolDebtors } from '../../server/queue/enrol.ts';
import { mobile, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

async function queueOf(campaignId: string) {
  return scene.database
    .selectFrom('dial_queue')
    .select(['party_id', 'state', 'reason', 'score', 'score_reasons'])
    .where('campaign_id', '=', campaignId)
    .orderBy('score', 'desc')
    .execute();
}

describe('enrolment', () => {
  test('stands every debtor in the queue by score, with the reasons, and changes nothing when repeated', async () => {
    const campaignId = await scene.addCampaign();
    const [much, little] = await scene.addPeople(
      [campaignId],
      [
        { phones: [mobile()], balance: 500_000n },
        { phones: [mobile()], balance: 1_000n },
      ],
    );
    const rows = await queueOf(campaignId);
    expect(rows.map((row) => row.party_id)).toEqual([little, much]);
    expect(rows[0]).toMatchObject({ state: 'ready', reason: null });
    expect(rows[0]?.score_reasons).toMatchObject({ version: 0, values: [expect.any(Number), 1_000, 200, 500, 500, 500] });
    expect(await enrolCampaign(scene.database, campaignId)).toBe(0);
  });

  test('scores anew where facts have changed', async () => {
    const campaignId = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople(
      [campaignId],
      [
        { phones: [mobile()], balance: 100_000n },
        { phones: [mobile()], balance: 100_000n },
      ],
    );
    const before = (await queueOf(campaignId)).find((row) => row.party_id === partyId)?.score ?? 0;
    const debt = await scene.database
      .selectFrom('debt_party')
      .select('debt_id')
      .where('party_id', '=', partyId)
      .executeTakeFirstOrThrow();
    await scene.database
      .insertInto('posting')
      .values({ debt_id: debt.debt_id, kind: 'payment', amount_minor: -5_000n, import_id: null })
      .execute();
    expect(await enrolDebtors(scene.database, campaignId, { partyIds: [partyId] })).toEqual({ changed: 1, left: 0 });
    const after = (await queueOf(campaignId)).find((row) => row.party_id === partyId)?.score ?? 0;
    expect(after).toBeGreaterThan(before);
  });

  test('lets go of whoever owes nothing any more, and takes them back when they owe again', async () => {
    const campaignId = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
    const setBalance = async (balance: bigint) =>
      scene.database
        .updateTable('debt')
        .set({ balance_minor: balance })
        .where('id', 'in', (eb) => eb.selectFrom('debt_party').select('debt_id').where('party_id', '=', partyId))
        .execute();
    await setBalance(0n);
    await enrolCampaign(scene.database, campaignId);
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'done', reason: 'no_open_debt' });
    await setBalance(10n);
    await enrolCampaign(scene.database, campaignId);
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'ready', reason: null });
  });

  test('brings back whoever had no number left, as soon as one is found', async () => {
    const campaignId = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
    await scene.database.updateTable('party_phone').set({ state: 'wrong' }).where('party_id', '=', partyId).execute();
    const { refused } = await scene.reserve(campaignId);
    expect(refused).toMatchObject([{ partyId, reason: 'no_number_left' }]);
    await enrolDebtors(scene.database, campaignId, { partyIds: [partyId] });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'done', reason: 'no_number_left' });
    const found = { e164: mobile(), country: 'SA', number_type: 'mobile', time_zones: ['Asia/Riyadh'] };
    const { id } = await scene.database.insertInto('phone').values(found).returning('id').executeTakeFirstOrThrow();
    await scene.database.insertInto('party_phone').values({ party_id: partyId, phone_id: id }).execute();
    expect(await enrolDebtors(scene.database, campaignId, { partyIds: [partyId] })).toEqual({ changed: 1, left: 0 });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'ready', reason: null });
  });

  test('does not move whoever is waiting or being called', async () => {
    const campaignId = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
    await scene.reserve(campaignId);
    await enrolCampaign(scene.database, campaignId);
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'reserved' });
  });

  test('brings back whom the gate refused for ever, since the list may have brought a number that it allows', async () => {
    const campaignId = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
    await scene.database
      .updateTable('dial_queue')
      .set({ state: 'waiting', reason: 'number_type', not_before: 'infinity' })
      .where('party_id', '=', partyId)
      .execute();
    await enrolDebtors(scene.database, campaignId, { partyIds: [partyId] });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'ready', reason: null });
  });

  test('lets whoever paid all and owes again go on waiting for what they were promised, without the callback', async () => {
    const campaignId = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
    const inThreeDays = Temporal.Now.instant().add({ hours: 72 });
    await scene.database
      .updateTable('dial_queue')
      .set({ state: 'waiting', reason: 'callback', not_before: inThreeDays.toString(), band: 10 })
      .where('party_id', '=', partyId)
      .execute();
    const owes = (balance_minor: bigint) =>
      sql`update debt set balance_minor = ${balance_minor} where id in (select debt_id from debt_party where party_id = ${partyId})`.execute(
        scene.database,
      );
    await owes(0n);
    expect(await enrolDebtors(scene.database, campaignId, { partyIds: [partyId] })).toMatchObject({ left: 1 });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'done', reason: 'no_open_debt' });
    await owes(500n);
    await enrolDebtors(scene.database, campaignId, { partyIds: [partyId] });
    const { state, reason, notBefore } = await scene.row(campaignId, partyId);
    expect([state, reason, notBefore?.epochMilliseconds]).toEqual(['waiting', 'waits_on', inThreeDays.epochMilliseconds]);
    const { band } = await scene.database
      .selectFrom('dial_queue')
      .select('band')
      .where('party_id', '=', partyId)
      .executeTakeFirstOrThrow();
    expect(band).toBe(0);
  });
});
