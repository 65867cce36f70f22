import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatch } from '../../server/queue/dispatch.ts';
import { recordOutcome } from '../../server/queue/outcome.ts';
import { promoteAll } from '../../server/queue/promote.ts';
import { mobile, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

const NEW_YORK_MORNING = SUNDAY_MORNING.add({ hours: 8 });

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

async function addAgent(): Promise<string> {
  const row = await scene.database
    .insertInto('app_user')
    .values({ login: mobile(), display_name: 'Agent', role: 'agent', password_hash: '-', station_kind: 'sip' })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Debtors whom an agent has promised to call at a given time, who are called by nobody before. */
async function promised(
  agentId: string,
  count = 1,
  at = SUNDAY_MORNING,
): Promise<{ campaignId: string; partyIds: string[]; callbackIds: string[] }> {
  const campaignId = await scene.addCampaign({ callbackMineMinutes: 15 });
  const partyIds = await scene.addPeople(
    [campaignId],
    Array.from({ length: count }, () => ({ phones: [mobile()] })),
  );
  const { reserved } = await scene.reserve(campaignId, { now: SUNDAY_MORNING.subtract({ hours: 24 * 14 }) });
  const callbackIds: string[] = [];
  for (const { attemptId, partyId } of reserved) {
    await scene.end(attemptId, { result: 'connected', ending: 'agent_hangup' });
    const when = Temporal.Now.instant().add({ hours: 1 }).toString();
    await recordOutcome(scene.database, { attemptId, agentId, outcome: { code: 'callback', at: when, mine: true }, note: '' });
    const callback = await scene.database
      .updateTable('callback')
      .set({ at: at.toString() })
      .where('attempt_id', '=', attemptId)
      .returning('id')
      .executeTakeFirstOrThrow();
    callbackIds.push(callback.id);
    await scene.database.updateTable('dial_queue').set({ not_before: at.toString() }).where('party_id', '=', partyId).execute();
  }
  return { campaignId, partyIds, callbackIds };
}

async function stateOf(callbackId = ''): Promise<string> {
  const row = await scene.database.selectFrom('callback').select('state').where('id', '=', callbackId).executeTakeFirstOrThrow();
  return row.state;
}

test('a callback promised in person is reserved at its time only while that agent may be given it', async () => {
  const [mine, other] = [await addAgent(), await addAgent()];
  const { campaignId, partyIds } = await promised(mine);
  expect(await scene.reserve(campaignId, { now: SUNDAY_MORNING.subtract({ minutes: 1 }), agents: [mine] })).toMatchObject({
    reserved: [],
  });
  expect(await scene.reserve(campaignId, { agents: [] })).toMatchObject({ reserved: [], refused: [] });
  expect(await scene.reserve(campaignId, { agents: [other] })).toMatchObject({ reserved: [], refused: [] });
  expect(await scene.reserve(campaignId, { agents: [other, mine] })).toMatchObject({
    reserved: [{ partyId: partyIds[0], agentId: mine }],
  });
});

test('goes before all others, and one at a time for an agent', async () => {
  const mine = await addAgent();
  const { campaignId, partyIds } = await promised(mine, 3);
  // Owes little, so that they score best.
  const [stranger] = await scene.addPeople([campaignId], [{ phones: [mobile()], balance: 1n }]);
  // As the worker does each second.
  await promoteAll(scene.database, { now: SUNDAY_MORNING });
  const { reserved } = await scene.reserve(campaignId, { agents: [mine] });
  expect(reserved.map((each) => each.agentId)).toEqual([mine, null]);
  expect(partyIds).toContain(reserved[0]?.partyId);
  expect(reserved[1]?.partyId).toBe(stranger);
});

test('falls to anybody when its time is over', async () => {
  const { campaignId, partyIds } = await promised(await addAgent());
  expect((await scene.reserve(campaignId, { now: SUNDAY_MORNING.add({ minutes: 14 }) })).reserved).toEqual([]);
  expect(await scene.reserve(campaignId, { now: SUNDAY_MORNING.add({ minutes: 15 }) })).toMatchObject({
    reserved: [{ partyId: partyIds[0], agentId: null }],
  });
});

test('is judged by the gate like any other call', async () => {
  const mine = await addAgent();
  const night = Temporal.Instant.from('2026-04-19T20:00Z');
  const { campaignId, callbackIds } = await promised(mine, 1, night);
  expect(await scene.reserve(campaignId, { now: night, agents: [mine] })).toMatchObject({
    reserved: [],
    refused: [{ reason: 'hours' }],
  });
  expect(await stateOf(callbackIds[0])).toBe('open');
});

test.each([
  { result: 'no_answer', counts: true, state: 'missed', band: 0 },
  { result: 'connected', counts: true, state: 'done', band: 0 },
  { result: 'cancelled', counts: false, state: 'open', band: 10 },
] as const)('is $state when its call came to $result', async ({ result, counts, state, band }) => {
  const mine = await addAgent();
  const { campaignId, callbackIds } = await promised(mine);
  const { reserved } = await scene.reserve(campaignId, { agents: [mine] });
  const [attempt] = reserved;
  const attemptIds = [attempt?.attemptId ?? ''];
  await dispatch(scene.database, { floorId: 'main', epoch: 1n, attemptIds, trunk: 'main', callerId: null, now: SUNDAY_MORNING });
  await scene.end(attemptIds[0] ?? '', { result, ending: counts ? result : 'not_sent', counts });
  expect(await stateOf(callbackIds[0])).toBe(state);
  const row = await scene.database
    .selectFrom('dial_queue')
    .select(['band', 'callback_id'])
    .where('party_id', '=', attempt?.partyId ?? '')
    .executeTakeFirstOrThrow();
  expect(row).toEqual({ band, callback_id: state === 'open' ? callbackIds[0] : null });
});

test('is done when its call ends with the promise of another, which stays open however late the end is told', async () => {
  const mine = await addAgent();
  const { campaignId, callbackIds } = await promised(mine);
  const { reserved } = await scene.reserve(campaignId, { agents: [mine] });
  const attemptId = reserved[0]?.attemptId ?? '';
  const at = Temporal.Now.instant().add({ hours: 1 }).toString();
  await recordOutcome(scene.database, { attemptId, agentId: mine, outcome: { code: 'callback', at, mine: true }, note: '' });
  await scene.end(attemptId, { result: 'connected', ending: 'caller_hangup' });
  expect(await stateOf(callbackIds[0])).toBe('done');
  const next = await scene.database
    .selectFrom('callback')
    .select(['state', 'agent_id'])
    .where('attempt_id', '=', attemptId)
    .executeTakeFirstOrThrow();
  expect(next).toEqual({ state: 'open', agent_id: mine });
});

test('numbers that may hear no recorded voice are reserved only as far as each has an agent', async () => {
  const campaignId = await scene.addCampaign({ countries: ['US'] });
  await scene.addPeople(
    [campaignId],
    Array.from({ length: 3 }, () => ({ phones: [mobile()] })),
  );
  await scene.database
    .updateTable('phone')
    .set({ country: 'US', time_zones: ['America/New_York'] })
    .execute();
  await scene.database
    .updateTable('party')
    .set({ country: 'US', time_zones: ['America/New_York'] })
    .execute();
  const now = NEW_YORK_MORNING;
  expect((await scene.reserve(campaignId, { now, withoutMessage: 0 })).reserved).toEqual([]);
  const { reserved } = await scene.reserve(campaignId, { now, withoutMessage: 2 });
  expect(reserved.map((each) => each.recordedSound)).toEqual([false, false]);
});
