import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatch } from '../../server/queue/dispatch.ts';
import { recordOutcome } from '../../server/queue/outcome.ts';
import { settle, type Settlement } from '../../server/queue/settle.ts';
import { mobile, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

/** Calls to `count` debtors of a new campaign, sent and not yet ended. */
async function callsUnderWay(
  count: number,
): Promise<{ campaignId: string; calls: readonly { attemptId: string; partyId: string }[] }> {
  const campaignId = await scene.addCampaign();
  await scene.addPeople(
    [campaignId],
    Array.from({ length: count }, () => ({ phones: [mobile(), mobile()] })),
  );
  const { reserved } = await scene.reserve(campaignId);
  const attemptIds = reserved.map((each) => each.attemptId);
  await dispatch(scene.database, { floorId: 'main', epoch: 1n, attemptIds, trunk: 'main', callerId: null, now: SUNDAY_MORNING });
  return { campaignId, calls: reserved };
}

const stamps = { agentId: null, screening: null, ringing: null, answered: null, waiting: null, connected: null, message: null };
const endedAt = Temporal.Instant.from('2026-04-19T08:00:30Z');
const unanswered = (attemptId: string): Settlement => ({
  attemptId,
  result: 'no_answer',
  ending: 'no_answer',
  counts: true,
  cause: 19,
  techCause: null,
  endedAt,
  stamps,
});
const connected = (attemptId: string): Settlement => ({
  ...unanswered(attemptId),
  result: 'connected',
  ending: 'hung_up',
  cause: 16,
});

test('calls that end together are settled together, each by its own result', async () => {
  const { campaignId, calls } = await callsUnderWay(3);
  const [first, second, third] = calls;
  if (!first || !second || !third) throw new Error('three calls were asked for');
  await settle(scene.database, [
    unanswered(first.attemptId),
    connected(second.attemptId),
    { ...unanswered(third.attemptId), result: 'busy' },
  ]);
  expect(await scene.row(campaignId, first.partyId)).toMatchObject({ state: 'waiting', reason: 'no_answer', tries: 1 });
  expect(await scene.row(campaignId, second.partyId)).toMatchObject({ state: 'waiting', reason: 'awaiting_outcome', tries: 1 });
  expect(await scene.row(campaignId, third.partyId)).toMatchObject({ state: 'waiting', reason: 'busy', tries: 1 });
  const live = await scene.database.selectFrom('live_contact').select('attempt_id').execute();
  expect(live).toEqual([]);
});

test('an end told twice changes and tells nothing the second time', async () => {
  const { campaignId, calls } = await callsUnderWay(1);
  const [call] = calls;
  if (!call) throw new Error('one call was asked for');
  await settle(scene.database, [unanswered(call.attemptId)]);
  await settle(scene.database, [{ ...unanswered(call.attemptId), result: 'busy' }]);
  expect(await scene.row(campaignId, call.partyId)).toMatchObject({ reason: 'no_answer', tries: 1 });
  const told = await scene.database
    .selectFrom('event')
    .select('id')
    .where('subject_id', '=', call.attemptId)
    .where('kind', '=', 'attempt.ended')
    .execute();
  expect(told).toHaveLength(1);
});

test('an outcome said before the end is written stands, and the try is counted all the same', async () => {
  const { campaignId, calls } = await callsUnderWay(1);
  const [call] = calls;
  if (!call) throw new Error('one call was asked for');
  const agent = await scene.database
    .insertInto('app_user')
    .values({ login: 'settler', display_name: 'Agent', role: 'agent', password_hash: '-' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await recordOutcome(scene.database, {
    attemptId: call.attemptId,
    agentId: agent.id,
    outcome: { code: 'no_contact' },
    note: '',
  });
  await settle(scene.database, [connected(call.attemptId)]);
  expect(await scene.row(campaignId, call.partyId)).toMatchObject({ state: 'waiting', reason: 'no_contact', tries: 1 });
});
