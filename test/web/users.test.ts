import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWeb, PASSWORD, realSettings, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let admin: string;
let adminId: string;

beforeAll(async () => {
  web = await openWeb();
  adminId = await web.addUser('root', 'admin');
  admin = await web.cookieOf('root');
  await web.addTrunk('real', 'real', true);
  await web.addTrunk('demo', 'demo', true);
});
afterAll(() => web.close());

const agent = (login: string, more: object = {}) => ({ login, displayName: 'آرزو', password: PASSWORD, role: 'agent', ...more });

describe('an admin', () => {
  test('adds an agent who may then sign in, and says which campaigns they serve', async () => {
    const campaign = await web.ask(admin, 'POST', '/api/v1/campaigns', { name: 'Cards', settings: realSettings() });
    const added = await web.ask(
      admin,
      'POST',
      '/api/v1/users',
      agent('arezu', {
        language: 'fa',
        languages: ['fa', 'ar', 'fa'],
        skills: [' Legal ', 'legal'],
        campaignIds: [campaign.body.id],
      }),
    );
    expect(added).toMatchObject({
      status: 201,
      body: {
        login: 'arezu',
        language: 'fa',
        languages: ['fa', 'ar'],
        skills: ['legal'],
        stationKind: 'browser',
        disabled: false,
        campaignIds: [campaign.body.id],
      },
    });
    expect(added.body).not.toHaveProperty('password');
    await web.cookieOf('arezu');
  });

  test('is told which field is wrong', async () => {
    expect(await web.ask(admin, 'POST', '/api/v1/users', agent('arezu'))).toMatchObject({
      status: 409,
      body: { code: 'login_taken', field: 'login' },
    });
    expect(await web.ask(admin, 'POST', '/api/v1/users', agent('short', { password: 'short' }))).toMatchObject({
      status: 400,
      body: { code: 'invalid', field: 'password' },
    });
    expect(await web.ask(admin, 'POST', '/api/v1/users', agent('tongue', { languages: ['Arabic'] }))).toMatchObject({
      status: 400,
      body: { code: 'invalid', field: 'languages.0' },
    });
    const nowhere = agent('nowhere', { campaignIds: ['019aa000-0000-7000-8000-000000000000'] });
    expect(await web.ask(admin, 'POST', '/api/v1/users', nowhere)).toMatchObject({
      status: 422,
      body: { code: 'unknown_campaign', field: 'campaignIds.0' },
    });
    const rows = (await web.ask(admin, 'GET', '/api/v1/users')).body as unknown as { login: string }[];
    expect(rows.map((row) => row.login)).not.toContain('nowhere');
  });

  test('who disables a user, changes their role or their password ends their sessions', async () => {
    for (const [login, change] of [
      ['one', { disabled: true }],
      ['two', { role: 'supervisor' }],
      ['three', { password: 'another long password' }],
    ] as const) {
      const id = await web.addUser(login, 'agent');
      const cookie = await web.cookieOf(login);
      expect((await web.ask(admin, 'PATCH', `/api/v1/users/${id}`, change)).status).toBe(200);
      expect((await web.ask(cookie, 'GET', '/api/v1/session')).status).toBe(401);
    }
  });

  test('who changes a name leaves the sessions alone', async () => {
    const id = await web.addUser('four', 'agent');
    const cookie = await web.cookieOf('four');
    await web.ask(admin, 'PATCH', `/api/v1/users/${id}`, { displayName: 'Four' });
    expect((await web.ask(cookie, 'GET', '/api/v1/session')).body).toMatchObject({ displayName: 'Four' });
  });

  test('revokes all sessions of a user', async () => {
    const id = await web.addUser('five', 'agent');
    const cookies = [await web.cookieOf('five'), await web.cookieOf('five')];
    expect((await web.ask(admin, 'POST', `/api/v1/users/${id}/revoke`)).body).toEqual({ sessions: 2 });
    for (const cookie of cookies) expect((await web.ask(cookie, 'GET', '/api/v1/session')).status).toBe(401);
  });

  test('who is the last one cannot be disabled or become something else', async () => {
    for (const [change, field] of [
      [{ disabled: true }, 'disabled'],
      [{ role: 'agent' }, 'role'],
    ] as const) {
      expect(await web.ask(admin, 'PATCH', `/api/v1/users/${adminId}`, change)).toMatchObject({
        status: 409,
        body: { code: 'last_admin', field },
      });
    }
    await web.addUser('second', 'admin');
    expect((await web.ask(admin, 'PATCH', `/api/v1/users/${adminId}`, { displayName: 'Root' })).status).toBe(200);
  });

  test('who makes a supervisor of an agent takes them out of every campaign', async () => {
    const campaign = await web.ask(admin, 'POST', '/api/v1/campaigns', { name: 'Loans', settings: realSettings() });
    const added = await web.ask(admin, 'POST', '/api/v1/users', agent('risen', { campaignIds: [campaign.body.id] }));
    const changed = await web.ask(admin, 'PATCH', `/api/v1/users/${String(added.body.id)}`, { role: 'supervisor' });
    expect(changed.body).toMatchObject({ role: 'supervisor', campaignIds: [] });
  });

  test('writes no names into the history', async () => {
    const events = await web.database.selectFrom('event').select('body').where('subject', '=', 'user').execute();
    expect(events.length).toBeGreaterThan(5);
    expect(JSON.stringify(events)).not.toContain('آرزو');
  });
});

describe('an account of the demo', () => {
  test('makes only accounts of the demo, and touches no real one', async () => {
    await web.addUser('demo.admin', 'admin', { demo: true });
    const demo = await web.cookieOf('demo.admin');
    const made = await web.ask(demo, 'POST', '/api/v1/users', agent('demo.robot'));
    expect(made.body).toMatchObject({ demo: true });
    for (const [method, url, body] of [
      ['PATCH', `/api/v1/users/${adminId}`, { password: 'mine from now on' }],
      ['POST', `/api/v1/users/${adminId}/revoke`, undefined],
    ] as const) {
      expect(await web.ask(demo, method, url, body)).toMatchObject({ status: 403, body: { code: 'demo_and_real' } });
    }
  });

  test('takes no real calls', async () => {
    const campaign = await web.ask(admin, 'POST', '/api/v1/campaigns', { name: 'Real calls', settings: realSettings() });
    const robot = await web.addUser('demo.agent', 'agent', { demo: true });
    expect(
      await web.ask(admin, 'PUT', `/api/v1/campaigns/${String(campaign.body.id)}/agents`, { userIds: [robot] }),
    ).toMatchObject({ status: 422, body: { code: 'demo_and_real', field: 'userIds.0' } });
  });
});
