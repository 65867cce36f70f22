import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SESSION_COOKIE } from '../../server/access/sessions.ts';
import { openWeb, PASSWORD, type TestWeb } from '../support/web.ts';

let web: TestWeb;
beforeAll(async () => {
  web = await openWeb();
});
afterAll(() => web.close());

const who = (cookie: string) => web.ask(cookie, 'GET', '/api/v1/session');
const tryToSignIn = (login: string, password: string) => web.ask(null, 'POST', '/api/v1/session', { login, password });

describe('signing in', () => {
  test('gives a cookie that scripts cannot read, and answers with who one is', async () => {
    await web.addUser('sara', 'agent');
    const response = await web.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { login: ' Sara ', password: PASSWORD },
    });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ login: 'sara', role: 'agent', demo: false });
    expect(response.cookies).toMatchObject([{ name: SESSION_COOKIE, httpOnly: true, sameSite: 'Lax', path: '/' }]);
  });

  test('stores no token, only its hash', async () => {
    const cookie = await web.cookieOf('sara');
    const rows = await web.database.selectFrom('sign_in_session').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(cookie.split('=')[1]);
  });

  test('tells nobody whether the name or the password was wrong', async () => {
    const [unknown, wrong] = await Promise.all([tryToSignIn('nobody', PASSWORD), tryToSignIn('sara', 'not the password')]);
    expect(unknown).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
    expect(wrong.body).toEqual(unknown.body);
  });

  test('names the field that is missing', async () => {
    expect(await web.ask(null, 'POST', '/api/v1/session', { login: 'sara' })).toMatchObject({
      status: 400,
      body: { code: 'invalid', field: 'password' },
    });
  });

  test('is refused to a name after ten failures, even with the right password, for a quarter of an hour', async () => {
    await web.addUser('omar', 'agent');
    for (let i = 0; i < 10; i++) expect((await tryToSignIn('omar', 'wrong')).status).toBe(401);
    const refused = await tryToSignIn('omar', PASSWORD);
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_sign_ins', details: { seconds: 900 } } });
    expect(refused.headers['retry-after']).toBe('900');
    web.clock.advance({ minutes: 15 });
    expect((await tryToSignIn('omar', PASSWORD)).status).toBe(200);
  });
});

test('guesses made all at once are no way around the limit', async () => {
  await web.addUser('huda', 'agent');
  const answers = await Promise.all(Array.from({ length: 30 }, () => tryToSignIn('huda', 'wrong')));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
});

describe('a sign-in session', () => {
  test('lasts while it is used, and ends twelve hours after its last use', async () => {
    await web.addUser('noor', 'supervisor');
    const cookie = await web.cookieOf('noor');
    for (let shift = 0; shift < 3; shift++) {
      web.clock.advance({ hours: 11 });
      expect((await who(cookie)).status).toBe(200);
    }
    web.clock.advance({ hours: 12, minutes: 1 });
    expect((await who(cookie)).status).toBe(401);
  });

  test('ends after seven days however much it is used', async () => {
    await web.addUser('hind', 'supervisor');
    const cookie = await web.cookieOf('hind');
    for (let hours = 0; hours < 7 * 24 - 8; hours += 8) {
      web.clock.advance({ hours: 8 });
      expect((await who(cookie)).status).toBe(200);
    }
    web.clock.advance({ hours: 9 });
    expect((await who(cookie)).status).toBe(401);
  });

  test('ends with signing out', async () => {
    const cookie = await web.cookieOf('sara');
    expect((await web.ask(cookie, 'DELETE', '/api/v1/session')).status).toBe(204);
    expect((await who(cookie)).status).toBe(401);
  });

  test('is nobody’s when the cookie is made up', async () => {
    expect((await who(`${SESSION_COOKIE}=made-up`)).status).toBe(401);
  });
});
