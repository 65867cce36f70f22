import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listCampaigns } from '../../server/campaigns/store.ts';
import type { CampaignSettings } from '../../server/contract/campaigns.ts';
import { floorCommand, floorCommandsKey } from '../../server/contract/floor.ts';
import { createImport } from '../../server/debtors/import/imports.ts';
import { defineStream, follow } from '../../server/kernel/streams.ts';
import { eventually } from '../support/conditions.ts';
import { openWeb, realSettings, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let admin: string;
let supervisor: string;
let serial = 0;

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('root', 'admin');
  await web.addUser('overseer', 'supervisor');
  [admin, supervisor] = [await web.cookieOf('root'), await web.cookieOf('overseer')];
  await web.addTrunk('real', 'real', true);
  await web.proveTrunk('real');
  await web.addTrunk('demo', 'demo', true);
});
afterAll(() => web.close());
beforeEach(async () => {
  await web.database.updateTable('trunk').set({ armed: true }).execute();
});

async function create(change: Partial<CampaignSettings> = {}, as = admin) {
  serial += 1;
  return web.ask(as, 'POST', '/api/v1/campaigns', { name: `Campaign ${serial}`, settings: realSettings(change) });
}
const move = (id: unknown, verb: string, as = admin) => web.ask(as, 'POST', `/api/v1/campaigns/${String(id)}/${verb}`);

describe('a new campaign', () => {
  test('is a draft that calls nobody', async () => {
    const { status, body } = await create();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      state: 'draft',
      demo: false,
      version: 1,
      agents: 0,
      callable: { total: 0, now: 0, laterToday: 0, blocked: 0, inFlight: 0, done: 0, reasons: {}, endings: {} },
    });
  });

  test.each([
    ['without hours', { hours: [] }, 'settings.hours', 'invalid'],
    [
      'with hours that end before they begin',
      { hours: [{ days: [1], from: '18:00', to: '09:00' }] },
      'settings.hours.0.to',
      'invalid',
    ],
    [
      'with overlapping hours',
      {
        hours: [
          { days: [1, 2], from: '09:00', to: '12:00' },
          { days: [2], from: '11:00', to: '15:00' },
        ],
      },
      'settings.hours.1',
      'invalid',
    ],
    ['with a cap of zero', { caps: { ...realSettings().caps, personPerDay: 0 } }, 'settings.caps.personPerDay', 'invalid'],
    ['with a caller id that is no number', { callerId: '0112345678' }, 'settings.callerId', 'invalid'],
    ['that rings shorter than it must', { ringTimeoutMs: 10_000 }, 'settings.ringTimeoutMs', 'ring_below_minimum'],
    ['over a trunk that is not there', { trunk: 'moon' }, 'settings.trunk', 'unknown_trunk'],
    ['in a country that does not exist', { countries: ['SA', 'XX'] }, 'settings.countries.1', 'unknown_country'],
    [
      'that abandons more than its rules allow',
      { pacing: { ...realSettings().pacing, abandonCap: 0.04 } },
      'settings.pacing.abandonCap',
      'looser_than_rules',
    ],
    [
      'that lets people wait longer than its rules allow',
      { connectWithinMs: 2_500 },
      'settings.connectWithinMs',
      'looser_than_rules',
    ],
    [
      'that aims at more than its cap',
      { abandonment: { ...realSettings().abandonment, target: 0.035 } },
      'settings.abandonment.target',
      'target_above_cap',
    ],
    [
      'with a cap above 5 %',
      { pacing: { ...realSettings().pacing, abandonCap: 0.051 } },
      'settings.pacing.abandonCap',
      'cap_out_of_range',
    ],
    [
      'that tries more often after one ending than in all',
      { recycling: { maxTries: 5, retryMinutes: 60, after: { busy: { most: 6 } } } },
      'settings.recycling.after.busy.most',
      'tries_out_of_range',
    ],
    [
      'that never waits after a refusal',
      { recycling: { maxTries: 5, retryMinutes: 60, after: { refused: { minutes: 0 } } } },
      'settings.recycling.after.refused.minutes',
      'wait_out_of_range',
    ],
    ['that asks for a skill without a name', { skills: ['legal', ' '] }, 'settings.skills.1', 'skills_out_of_range'],
    ['that gives people no time at all', { connectWithinMs: 0 }, 'settings.connectWithinMs', 'limit_out_of_range'],
    ['with a ratio below 1', { pacing: { ...realSettings().pacing, ratio: 0.9 } }, 'settings.pacing.ratio', 'ratio_out_of_range'],
    ['with a ratio above 15', { pacing: { ...realSettings().pacing, ratio: 16 } }, 'settings.pacing.ratio', 'ratio_out_of_range'],
    [
      'whose screening takes longer than its clock allows',
      { abandonment: { ...realSettings().abandonment, clockStart: 'connect' } },
      'settings.screening.enabled',
      'screening_exceeds_limit',
    ],
    [
      'whose screening takes longer than the clock of a country allows',
      { countries: ['SA', 'GB'] },
      'settings.screening.enabled',
      'screening_exceeds_limit',
    ],
    ['in a country that no rule pack serves', { countries: ['NZ'] }, 'settings.countries.0', 'country_without_rules'],
  ] as const)('%s is refused by the name of its field', async (_what, change, field, code) => {
    const { status, body } = await create(change as Partial<CampaignSettings>);
    expect([400, 422]).toContain(status);
    expect(body).toMatchObject({ code, field });
  });

  test('cannot have the name of another', async () => {
    await create();
    const again = await web.ask(admin, 'POST', '/api/v1/campaigns', { name: `Campaign ${serial}`, settings: realSettings() });
    expect(again).toMatchObject({ status: 409, body: { code: 'name_taken', field: 'name' } });
  });
});

describe('a campaign', () => {
  test('is started, paused, started again and ended, and its history says so', async () => {
    const { body } = await create();
    for (const [verb, state] of [
      ['start', 'running'],
      ['pause', 'paused'],
      ['start', 'running'],
      ['end', 'ended'],
    ] as const) {
      expect((await move(body.id, verb)).body).toMatchObject({ state });
    }
    const events = await web.database
      .selectFrom('event')
      .select('kind')
      .where('subject_id', '=', String(body.id))
      .orderBy('id')
      .execute();
    expect(events.map((event) => event.kind)).toEqual([
      'campaign.created',
      'campaign.running',
      'campaign.paused',
      'campaign.running',
      'campaign.ended',
    ]);
    expect(await move(body.id, 'start')).toMatchObject({
      status: 409,
      body: { code: 'not_allowed_now', details: { state: 'ended' } },
    });
  });

  test('does not start without a caller id', async () => {
    const { body } = await create({ callerId: null });
    expect(await move(body.id, 'start')).toMatchObject({
      status: 422,
      body: { code: 'caller_id_missing', field: 'settings.callerId' },
    });
  });

  test('does not start over a trunk that nobody armed', async () => {
    const { body } = await create();
    expect((await web.ask(supervisor, 'POST', '/api/v1/trunks/real/disarm')).body).toMatchObject({ armed: false });
    expect(await move(body.id, 'start')).toMatchObject({
      status: 422,
      body: { code: 'trunk_disarmed', field: 'settings.trunk' },
    });
    expect((await web.ask(admin, 'POST', '/api/v1/trunks/real/arm')).body).toMatchObject({ armed: true });
    expect((await move(body.id, 'start')).body).toMatchObject({ state: 'running' });
  });

  test('may be paused by a supervisor, and started by an admin only', async () => {
    const { body } = await create();
    expect((await move(body.id, 'start', supervisor)).status).toBe(403);
    await move(body.id, 'start');
    expect((await move(body.id, 'pause', supervisor)).body).toMatchObject({ state: 'paused' });
  });

  test('is changed only by whoever saw its newest version', async () => {
    const { body } = await create();
    const put = (version: number) =>
      web.ask(admin, 'PUT', `/api/v1/campaigns/${String(body.id)}`, {
        name: `Renamed ${serial}`,
        settings: realSettings({ weight: 20 }),
        version,
      });
    expect((await put(1)).body).toMatchObject({ name: `Renamed ${serial}`, version: 2, settings: { weight: 20 } });
    expect(await put(1)).toMatchObject({
      status: 409,
      body: { code: 'stale_version', field: 'version', details: { version: 2 } },
    });
  });

  test('that runs cannot lose its caller id', async () => {
    const { body } = await create();
    await move(body.id, 'start');
    const change = { name: `Campaign ${serial}`, settings: realSettings({ callerId: null }), version: 2 };
    expect(await web.ask(admin, 'PUT', `/api/v1/campaigns/${String(body.id)}`, change)).toMatchObject({
      status: 422,
      body: { code: 'caller_id_missing' },
    });
  });

  test('has agents, who must be agents', async () => {
    const { body } = await create();
    const put = (userIds: string[]) => web.ask(admin, 'PUT', `/api/v1/campaigns/${String(body.id)}/agents`, { userIds });
    const agents = [await web.addUser('agent.one', 'agent'), await web.addUser('agent.two', 'agent')];
    expect((await put(agents)).body).toMatchObject({ agents: 2 });
    expect((await put(agents.slice(1))).body).toMatchObject({ agents: 1 });
    const boss = await web.addUser('boss', 'supervisor');
    expect(await put([...agents, boss])).toMatchObject({ status: 422, body: { code: 'not_an_agent', field: 'userIds.2' } });
    expect((await web.ask(admin, 'GET', `/api/v1/campaigns/${String(body.id)}`)).body).toMatchObject({ agents: 1 });
  });

  test('tells the dialer of everybody who came or went', async () => {
    const { body } = await create();
    const [gone, stays, comes] = await Promise.all(['gone', 'stays', 'comes'].map((login) => web.addUser(login, 'agent')));
    const put = (userIds: unknown[]) => web.ask(admin, 'PUT', `/api/v1/campaigns/${String(body.id)}/agents`, { userIds });
    await put([gone, stays]);
    const told: string[] = [];
    const commands = defineStream(floorCommandsKey('main'), floorCommand);
    const reader = follow(web.redis, commands, {
      log: web.services.log,
      onMessage(command) {
        if (command.type === 'changed') told.push(`${command.what} ${command.id}`);
      },
    });
    await reader.ready;
    await put([stays, comes]);
    await eventually('the dialer is told', () => told.length === 3);
    await reader.stop();
    expect(told.toSorted()).toEqual([`campaign ${String(body.id)}`, `user ${gone}`, `user ${comes}`].toSorted());
  });

  test('is left out of the list when its settings cannot be read, and takes no other with it', async () => {
    const { body } = await create();
    const { settings } = await web.database
      .selectFrom('campaign')
      .select('settings')
      .where('id', '=', String(body.id))
      .executeTakeFirstOrThrow();
    const write = (value: unknown) =>
      web.database
        .updateTable('campaign')
        .set({ settings: JSON.stringify(value) })
        .where('id', '=', String(body.id))
        .execute();
    const unreadable: string[] = [];
    await write({ of: 'another age' });
    const listed = await listCampaigns(web.database, (id) => unreadable.push(id));
    expect(unreadable).toEqual([body.id]);
    expect(listed.length).toBeGreaterThan(0);
    await write(settings);
  });
});

describe('demo and real', () => {
  test('never mix: a campaign stays what its first trunk made it', async () => {
    const { body } = await create({ trunk: 'demo', callerId: null });
    expect(body).toMatchObject({ demo: true });
    expect((await move(body.id, 'start')).body).toMatchObject({ state: 'running' });
    const change = { name: `Campaign ${serial}`, settings: realSettings({ trunk: 'real' }), version: 2 };
    expect(await web.ask(admin, 'PUT', `/api/v1/campaigns/${String(body.id)}`, change)).toMatchObject({
      status: 422,
      body: { code: 'demo_and_real', field: 'settings.trunk' },
    });
  });

  test('an account of the demo neither arms a real trunk nor uses one', async () => {
    await web.addUser('demo.admin', 'admin', { demo: true });
    const demo = await web.cookieOf('demo.admin');
    const { body } = await create();
    expect(await web.ask(demo, 'POST', '/api/v1/trunks/real/arm')).toMatchObject({
      status: 403,
      body: { code: 'demo_and_real' },
    });
    expect(await create({}, demo)).toMatchObject({ status: 403, body: { code: 'demo_and_real' } });
    expect(await move(body.id, 'start', demo)).toMatchObject({ status: 403, body: { code: 'demo_and_real' } });
    expect(await move(body.id, 'end', demo)).toMatchObject({ status: 403, body: { code: 'demo_and_real' } });
  });

  test('an account of the demo gives real campaigns no agents, and sees no import of theirs', async () => {
    await web.addUser('demo.overseer', 'admin', { demo: true });
    const demo = await web.cookieOf('demo.overseer');
    const real = String((await create()).body.id);
    const own = String((await create({ trunk: 'demo', callerId: null })).body.id);
    expect(await web.ask(demo, 'PUT', `/api/v1/campaigns/${real}/agents`, { userIds: [] })).toMatchObject({
      status: 403,
      body: { code: 'demo_and_real' },
    });
    expect((await web.ask(demo, 'PUT', `/api/v1/campaigns/${own}/agents`, { userIds: [] })).status).toBe(200);
    const list = { filePath: 'x', fileName: 'x', profile: 'sa-bank', dryRun: true, createdBy: null };
    const ofReal = await createImport(web.database, { ...list, campaignId: real });
    const ofDemo = await createImport(web.database, { ...list, campaignId: own });
    const seen = async (cookie: string): Promise<unknown[]> =>
      (await web.app.inject({ url: '/api/v1/imports', headers: { cookie } })).json<{ id: string }[]>().map(({ id }) => id);
    expect(await seen(admin)).toEqual([ofDemo, ofReal]);
    expect(await seen(demo)).toEqual([ofDemo]);
    expect((await web.ask(demo, 'GET', `/api/v1/imports/${ofReal}/errors`)).body).toMatchObject({ code: 'unknown_import' });
    expect((await web.ask(demo, 'GET', `/api/v1/imports/${ofDemo}/errors`)).body).toMatchObject({ code: 'no_error_file' });
  });
});
