import { afterAll, beforeAll, expect, test } from 'vitest';
import { record } from '../../server/kernel/history.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let supervisor: string;
let campaignId: string;
let partyId: string;
let phoneId: string;
let agentId: string;

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('over', 'supervisor');
  agentId = await web.addUser('desk', 'agent');
  supervisor = await web.cookieOf('over');
  const { database } = web;
  campaignId = await idOf(database.insertInto('campaign').values({ name: 'Cards', settings: '{}' }).returning('id'));
  partyId = await idOf(
    database.insertInto('party').values({ display_name: 'Salma', folded_name: 'salma', country: 'US' }).returning('id'),
  );
  phoneId = await idOf(database.insertInto('phone').values({ e164: '+12125550123', country: 'US' }).returning('id'));
});
afterAll(() => web.close());

async function idOf(insert: { executeTakeFirstOrThrow(): Promise<{ id: string }> }): Promise<string> {
  return (await insert.executeTakeFirstOrThrow()).id;
}

/** A call that ended so many hours ago. */
function ended(hoursAgo: number, ending: string): Promise<string> {
  const moment = web.clock.now().subtract({ minutes: Math.round(hoursAgo * 60) });
  const at = moment.toString();
  const stamp = moment.epochMilliseconds.toString(16).padStart(12, '0');
  return idOf(
    web.database
      .insertInto('contact_attempt')
      .values({
        id: `${stamp.slice(0, 8)}-${stamp.slice(8)}-7000-8000-000000000000`,
        campaign_id: campaignId,
        floor_id: 'main',
        epoch: 1n,
        party_id: partyId,
        phone_id: phoneId,
        number: '+12125550123',
        state: 'ended',
        result: 'abandoned',
        ending,
        verdict: '{}',
        inputs_digest: '-',
        permit_until: at,
        ring_timeout_ms: 15_000,
        reserved_at: at,
        ended_at: at,
      })
      .returning('id'),
  );
}

test('incidents of the last 24 hours are shown to supervisors, with the agent who was lost', async () => {
  const empty = await web.ask(supervisor, 'GET', '/api/v1/floors/main/incidents');
  expect(empty).toMatchObject({ status: 200, body: { total: 0, newest: [] } });
  await ended(25, 'cut_without_message');
  await ended(2, 'no_agent_in_time');
  await ended(1.5, 'cut_without_message');
  const newest = await ended(0.1, 'cut_without_message');
  await record(web.database, [
    {
      kind: 'incident.cut_without_message',
      subject: 'attempt',
      subjectId: newest,
      actor: 'dialer',
      body: { keptAgentId: agentId },
    },
  ]);
  const { body } = await web.ask(supervisor, 'GET', '/api/v1/floors/main/incidents');
  expect(body).toMatchObject({
    total: 2,
    newest: [
      { attemptId: newest, kind: 'cut_without_message', campaignName: 'Cards', partyId, agentName: expect.any(String) },
      { kind: 'cut_without_message', campaignId, agentName: null },
    ],
  });
  expect(await web.ask(supervisor, 'GET', '/api/v1/floors/north/incidents')).toMatchObject({ body: { total: 0 } });
});

test('agents do not see them', async () => {
  expect(await web.ask(await web.cookieOf('desk'), 'GET', '/api/v1/floors/main/incidents')).toMatchObject({ status: 403 });
});
