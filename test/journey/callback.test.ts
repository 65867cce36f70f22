import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PhoneCall } from '../../scripts/robots/call.ts';
import type { Phone } from '../../scripts/robots/phone.ts';
import { attemptsAt, boardsFor, endCall, endedAttempt, everyAttemptEnds, legsCreated, recordOf } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';

let floor: TestFloor;
let debtors: Phone;
let anna: TestAgent;
let badr: TestAgent;

beforeAll(async () => {
  floor = await openFloor({}, { farEnd: 'phone' });
  if (!floor.farEnd) throw new Error('no far end');
  debtors = floor.farEnd;
  [anna, badr] = [await floor.addAgent(), await floor.addAgent()];
  for (const agent of [anna, badr]) await agent.logIn();
});
afterAll(() => floor.close());

function lineOf(agent: TestAgent): PhoneCall {
  const line = [...agent.phone.calls.values()].at(-1);
  if (!line) throw new Error('the agent has no line');
  return line;
}

/** A debtor whom this agent promised to call some minutes ago. */
async function promisedBy(agent: TestAgent, minutesAgo: number): Promise<string> {
  const [partyId = ''] = await floor.addDebtors(['00']);
  const at = Temporal.Now.instant().subtract({ minutes: minutesAgo }).toString();
  const callback = await floor.database
    .insertInto('callback')
    .values({ campaign_id: floor.campaignId, party_id: partyId, attempt_id: partyId, at, agent_id: agent.agentId })
    .returning('id')
    .executeTakeFirstOrThrow();
  await floor.database
    .updateTable('dial_queue')
    .set({ band: 10, callback_id: callback.id })
    .where('party_id', '=', partyId)
    .execute();
  return partyId;
}

async function callbackOf(partyId: string): Promise<string> {
  const row = await floor.database
    .selectFrom('callback')
    .select('state')
    .where('party_id', '=', partyId)
    .executeTakeFirstOrThrow();
  return row.state;
}

it('a callback promised in person waits for its agent, and its call goes to nobody else, however long others have waited', async () => {
  await floor.setCampaign({ state: 'paused' });
  const partyId = await promisedBy(anna, 1);
  await badr.ask({ type: 'ready' });
  const before = await legsCreated(floor);
  await floor.setCampaign({ state: 'running' });
  await boardsFor(floor, 2_000, async () => expect(await legsCreated(floor)).toBe(before));
  expect(await attemptsAt(floor, [partyId])).toEqual([]);
  await anna.ask({ type: 'ready' });
  await anna.until('the callback is on her desk', (desk) => desk.state === 'talking');
  expect(badr.desk()?.state).toBe('ready');
  await endCall(anna);
  expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: anna.agentId });
  expect(await callbackOf(partyId)).toBe('done');
});

it('goes to anybody when the campaign’s minutes have passed', async () => {
  const partyId = await promisedBy(anna, 16);
  await badr.until('the callback is on his desk', (desk) => desk.state === 'talking');
  await endCall(badr);
  expect(await endedAttempt(floor, partyId)).toMatchObject({ agent_id: badr.agentId });
});

it('a number that may hear no recorded voice rings only with an agent of its own, and is cut at the deadline if all are lost', async () => {
  const demo = {
    id: 'demo',
    version: 2,
    author: 'test',
    reason: 'no recorded voice without consent',
    effectiveFrom: '2026-01-01',
    applies: 'the test',
    hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00', channels: 'all', evidence: 'V0' }],
    caps: [{ id: 'demo_100in1', scope: 'person', event: 'outbound_call_attempt', max: 100, days: 1, evidence: 'V0' }],
    recordedSoundNeedsConsent: ['unknown'],
  };
  await floor.setCampaign({
    state: 'paused',
    settings: { pacing: { ...DEFAULT_CAMPAIGN_SETTINGS.pacing, mode: 'ratio', ratio: 3 } },
  });
  await floor.database
    .insertInto('rule_pack')
    .values({
      pack: 'demo',
      version: 2,
      author: 'test',
      reason: demo.reason,
      effective_from: '2026-01-01',
      effective_at: '2026-01-01T00:00Z',
      body: JSON.stringify(demo),
    })
    .execute();
  debtors.answering = 'never';
  const parties = await floor.addDebtors(['00', '00', '00']);
  const rings = debtors.nextCall();
  await anna.ask({ type: 'ready' });
  await floor.setCampaign({ state: 'running' });
  const debtor = await rings;
  // By ratio three would ring for her; each of these needs an agent of its own.
  await boardsFor(floor, 2_000, async () => expect(await attemptsAt(floor, parties)).toHaveLength(1));
  const [attempt] = await attemptsAt(floor, parties);
  await floor.setCampaign({ state: 'paused' });

  anna.phone.answering = 'never';
  const called = anna.phone.nextCall();
  await lineOf(anna).hangUp();
  await eventually('no agent is able', async () => !(await anna.look()).able);
  debtor.answer();
  await everyAttemptEnds(floor);
  const id = attempt?.id ?? '';
  const kinds = (await recordOf(floor, id)).map((event) => event.type);
  expect(kinds).toContain('CUT');
  expect(kinds).not.toContain('MESSAGE');
  expect(await endedAttempt(floor, attempt?.party_id ?? '')).toMatchObject({
    result: 'abandoned',
    ending: 'cut_without_message',
    counts: true,
    message_at: null,
  });
  await eventually('the incident is written', async () => {
    const rows = await floor.database
      .selectFrom('event')
      .select('subject_id')
      .where('kind', '=', 'incident.cut_without_message')
      .execute();
    return rows.length === 1 && rows[0]?.subject_id === id;
  });
  anna.phone.answering = 'auto';
  (await called).answer();
  await anna.until('her line is back', (desk) => desk.legUp);

  // One that loses its own agent is taken by any other.
  const [partyId = ''] = await floor.addDebtors(['00']);
  await floor.database.updateTable('dial_queue').set({ state: 'done' }).where('party_id', '!=', partyId).execute();
  const again = debtors.nextCall();
  await anna.ask({ type: 'ready' });
  await floor.setCampaign({ state: 'running' });
  const second = await again;
  anna.phone.answering = 'never';
  await lineOf(anna).hangUp();
  await eventually('she is not able', async () => !(await anna.look()).able);
  await badr.ask({ type: 'ready' });
  second.answer();
  await badr.until('the call is on his desk', (desk) => desk.state === 'talking');
  await endCall(badr);
  expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: badr.agentId });

  // And where there is no other, by a supervisor who stands by: nobody dials for her.
  const celine = await floor.addAgent('supervisor');
  await celine.logIn();
  expect(await celine.ask({ type: 'ready' })).toMatchObject({ ok: true, desk: { standsBy: true, able: true, campaignId: null } });
  await floor.setCampaign({ state: 'paused' });
  const [third = ''] = await floor.addDebtors(['00']);
  const before = await legsCreated(floor);
  await floor.setCampaign({ state: 'running' });
  await boardsFor(floor, 1_000, async () => expect(await legsCreated(floor)).toBe(before));
  const last = debtors.nextCall();
  badr.phone.answering = 'never';
  await badr.ask({ type: 'ready' });
  const ringing = await last;
  await lineOf(badr).hangUp();
  await eventually('he is not able', async () => !(await badr.look()).able);
  ringing.answer();
  await celine.until('the call is on her desk', (desk) => desk.state === 'talking');
  await endCall(celine);
  expect(await endedAttempt(floor, third)).toMatchObject({ result: 'connected', agent_id: celine.agentId });
});
