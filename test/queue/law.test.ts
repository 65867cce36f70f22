import { afterAll, beforeAll, expect, test } from 'vitest';
import { overrideSchema } from '../../server/compliance/packs.ts';
import { insertOverride } from '../../server/compliance/store.ts';
import { recordOutcome } from '../../server/queue/outcome.ts';
import { mobile, OPEN_SETTINGS, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

let scene: Scene;
let agentId = '';
beforeAll(async () => {
  scene = await openScene();
  const agent = await scene.database
    .insertInto('app_user')
    .values({ login: 'agent', display_name: 'Agent', role: 'agent', password_hash: 'x' })
    .returning('id')
    .executeTakeFirstOrThrow();
  agentId = agent.id;
});
afterAll(() => scene.fresh.drop());

const known = { evidence: 'V1' as const };

/** What a campaign asks beyond the law of Saudi Arabia, from now on. */
async function tighten(campaignId: string, rules: Record<string, unknown>): Promise<void> {
  const issue = { scope: 'campaign', subjectId: campaignId, tightens: 'SA', version: 1, author: 'test', reason: 'test' };
  await insertOverride(scene.database, overrideSchema.parse({ ...issue, effectiveFrom: '2026-01-01', ...rules }), 'test');
}

/** A campaign whose only debtor was called once, with that call's end. */
async function called(
  settings: Parameters<Scene['addCampaign']>[0],
  rules: Record<string, unknown>,
  end: Parameters<Scene['end']>[1],
): Promise<{ campaignId: string; attemptId: string; again: () => Promise<string> }> {
  const campaignId = await scene.addCampaign(settings);
  await tighten(campaignId, rules);
  await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
  const { reserved } = await scene.reserve(campaignId);
  const attemptId = reserved[0]?.attemptId ?? '';
  await scene.end(attemptId, end);
  return {
    campaignId,
    attemptId,
    async again() {
      await scene.database
        .updateTable('dial_queue')
        .set({ state: 'ready' })
        .where('campaign_id', '=', campaignId)
        .where('state', '=', 'waiting')
        .execute();
      const later = await scene.reserve(campaignId, { now: SUNDAY_MORNING.add({ hours: 1 }) });
      return later.refused[0]?.reason ?? (later.reserved.length > 0 ? 'reserved' : 'nobody');
    },
  };
}

test('a rule that is written binds the next reservation, and only whom it is about', async () => {
  const campaigns = [await scene.addCampaign(), await scene.addCampaign()];
  for (const id of campaigns) await scene.addPeople([id], [{ phones: [mobile()] }, { phones: [mobile()] }]);
  const [first = '', second = ''] = campaigns;
  expect((await scene.reserve(first, { count: 1 })).reserved).toMatchObject([{ recordedSound: true }]);
  await tighten(first, { hours: [{ days: [7], from: '09:30', to: '10:00', channels: ['call'], ...known }] });
  expect(await scene.reserve(first)).toMatchObject({ reserved: [], refused: [{ reason: 'hours' }] });
  expect((await scene.reserve(second)).reserved).toHaveLength(2);
});

test('a cap counts what lies further back than any rule has asked about before', async () => {
  const campaignId = await scene.addCampaign();
  await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
  const [attempt] = (await scene.reserve(campaignId)).reserved;
  await scene.end(attempt?.attemptId ?? '');
  await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('campaign_id', '=', campaignId).execute();
  const cap = { id: 'quarter', scope: 'person', event: 'outbound_call_attempt', max: 1, days: 90, ...known };
  await tighten(campaignId, { caps: [cap] });
  const later = { now: SUNDAY_MORNING.add({ hours: 24 * 77 }) };
  expect(await scene.reserve(campaignId, later)).toMatchObject({ reserved: [], refused: [{ reason: 'quarter' }] });
});

const REDIAL = {
  abandonment: {
    maxShare: 0.03,
    period: 'day',
    connectWithinMs: 2_000,
    clockStart: 'connect',
    minimumRingMs: 15_000,
    redialBlockHours: 72,
    ...known,
  },
};

test.each([
  [15_000, 20_000],
  [25_000, 25_000],
])('a time-out of %i ms from the dial leaves the telephone its whole minimum ring of 15 s: it is %i ms', async (own, applied) => {
  const campaignId = await scene.addCampaign({ ringTimeoutMs: own, minRingMs: 15_000 });
  await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
  expect((await scene.reserve(campaignId)).reserved).toMatchObject([{ ringTimeoutMs: applied }]);
});

test.each([
  ['ratio', 'redial_block'],
  ['progressive', 'reserved'],
] as const)('whoever was abandoned is called again only with an agent held for the call: by %s, %s', async (mode, then) => {
  const pacing = { ...OPEN_SETTINGS.pacing, mode };
  const { again } = await called({ pacing }, REDIAL, { result: 'abandoned', ending: 'abandoned' });
  expect(await again()).toBe(then);
});

test('a campaign’s own peace after an abandoned call counts where the law asks for none', async () => {
  const pacing = { ...OPEN_SETTINGS.pacing, mode: 'ratio' } as const;
  const abandoned = { result: 'abandoned', ending: 'no_agent_in_time' } as const;
  const own = (redialBlockHours: number) => ({ pacing, abandonment: { ...OPEN_SETTINGS.abandonment, redialBlockHours } });
  expect(await (await called(own(2), {}, abandoned)).again()).toBe('redial_block');
  expect(await (await called(own(0), {}, abandoned)).again()).toBe('reserved');
});

test('a conversation counts from the moment it ended, before the agent has said what came of it', async () => {
  const cooloff = { id: 'after_talk', after: 'phone_conversation', days: 7, dayOneIsEventDay: true, scope: 'person', ...known };
  const { attemptId, again } = await called({}, { cooloffs: [cooloff] }, { result: 'connected', ending: 'connected' });
  expect(await again()).toBe('after_talk');
  await recordOutcome(scene.database, { attemptId, agentId, outcome: { code: 'answering_machine' }, note: '' });
  expect(await again()).toBe('reserved');
});

test('a promise begins the cool-off that a rule sets for it', async () => {
  const cooloff = { id: 'after_promise', after: 'promise', days: 7, dayOneIsEventDay: true, scope: 'person', ...known };
  const { attemptId, again } = await called({}, { cooloffs: [cooloff] }, { result: 'connected', ending: 'connected' });
  const debt = await scene.database
    .selectFrom('contact_attempt')
    .select('debt_ids')
    .where('id', '=', attemptId)
    .executeTakeFirstOrThrow();
  const promise = { code: 'promise', debtId: debt.debt_ids[0] ?? '', amountMinor: '1000', currency: 'SAR' } as const;
  const dueOn = Temporal.Now.plainDateISO('UTC').add({ days: 3 }).toString();
  await recordOutcome(scene.database, { attemptId, agentId, outcome: { ...promise, dueOn }, note: '' });
  expect(await again()).toBe('after_promise');
});
