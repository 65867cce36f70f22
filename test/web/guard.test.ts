import { fastify } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mayDo, PERMISSIONS } from '../../server/access/rules.ts';
import { ROLES, type Role } from '../../server/contract/people.ts';
import { guardRoutes } from '../../server/web/guard.ts';
import { SOCKET_PERMISSIONS } from '../../server/web/sockets.ts';
import { openWeb, PUBLIC_URL, type TestWeb } from '../support/web.ts';

const SOME_ID = '019aa000-0000-7000-8000-000000000000';
/** The only addresses that need no sign-in, or decide for themselves. */
const OPEN = new Map([
  ['POST /api/v1/session', 'public'],
  ['GET /healthz', 'public'],
  ['GET /readyz', 'public'],
  ['GET /api/openapi.json', 'public'],
  ['GET /*', 'public'],
  ['GET /metrics', 'checked'],
]);

let web: TestWeb;
const cookies = new Map<Role, string>();

beforeAll(async () => {
  web = await openWeb();
  for (const role of ROLES) {
    await web.addUser(`the.${role}`, role);
    cookies.set(role, await web.cookieOf(`the.${role}`));
  }
});
afterAll(() => web.close());

function guarded() {
  return web.app.guardedRoutes.filter((route) => route.method !== 'HEAD');
}

describe('every route', () => {
  test('names a permission of the table, but for the few that are open', () => {
    expect(guarded().length).toBeGreaterThan(25);
    const unnamed = guarded().filter(({ method, url, permission }) => {
      const open = OPEN.get(`${method} ${url}`);
      return open === undefined ? !Object.hasOwn(PERMISSIONS, permission) : permission !== open;
    });
    expect(unnamed).toEqual([]);
  });

  test('refuses whoever is not signed in', async () => {
    for (const { method, url } of guarded().filter((route) => !OPEN.has(`${route.method} ${route.url}`))) {
      const response = await web.app.inject({ method: method as 'GET', url: urlOf(url) });
      expect([method, url, response.statusCode]).toEqual([method, url, 401]);
      expect(response.json()).toMatchObject({ code: 'not_signed_in' });
    }
  });

  test('refuses each role that the table does not grant it, before it looks at the request', async () => {
    let refused = 0;
    for (const role of ROLES) {
      for (const { method, url, permission } of guarded()) {
        if (permission === 'public' || permission === 'checked' || mayDo(role, permission)) continue;
        const response = await web.app.inject({
          method: method as 'GET',
          url: urlOf(url),
          headers: { cookie: cookies.get(role) ?? '' },
        });
        expect([role, method, url, response.statusCode]).toEqual([role, method, url, 403]);
        expect(response.json()).toMatchObject({ code: 'forbidden' });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(25);
  });

  test('that is added without a permission keeps the program from starting', () => {
    const app = fastify().withTypeProvider<ZodTypeProvider>();
    guardRoutes(app, web.services);
    expect(() => app.get('/api/v1/open-by-mistake', () => 'secret')).toThrow('names no permission');
  });
});

test('every socket event names a permission of the table', () => {
  for (const permission of Object.values(SOCKET_PERMISSIONS)) expect(Object.keys(PERMISSIONS)).toContain(permission);
});

describe('a request from another site', () => {
  test('changes nothing, whatever cookie it carries', async () => {
    for (const headers of [{ origin: 'https://evil.test' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
      const response = await web.app.inject({
        method: 'PATCH',
        url: '/api/v1/session',
        headers: { cookie: cookies.get('agent') ?? '', ...headers },
        payload: { language: 'fa' },
      });
      expect(response.statusCode).toBe(403);
      expect(response.json()).toMatchObject({ code: 'foreign_origin' });
    }
  });

  test('is told from our own pages', async () => {
    const response = await web.app.inject({
      method: 'PATCH',
      url: '/api/v1/session',
      headers: { cookie: cookies.get('agent') ?? '', origin: PUBLIC_URL },
      payload: { language: 'fa' },
    });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ language: 'fa' });
  });
});

test('answers carry the headers that keep other sites out', async () => {
  const { headers } = await web.ask(null, 'GET', '/healthz');
  expect(headers['content-security-policy']).toContain("script-src 'self';");
  expect(headers['content-security-policy']).toContain('ws://wusul.test');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['x-frame-options']).toBe('DENY');
});

test('the figures are for this machine and for admins', async () => {
  const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
    web.app.inject({ method: 'GET', url: '/metrics', remoteAddress, headers });
  expect((await from('127.0.0.1')).body).toContain('wusul_http_request_seconds_bucket');
  expect((await from('192.0.2.1')).statusCode).toBe(401);
  expect((await from('127.0.0.1', { 'x-forwarded-for': '192.0.2.1' })).statusCode).toBe(401);
  expect((await from('192.0.2.1', { cookie: cookies.get('agent') ?? '' })).statusCode).toBe(403);
  expect((await from('192.0.2.1', { cookie: cookies.get('admin') ?? '' })).statusCode).toBe(200);
});

test('the API describes itself', async () => {
  const { body } = await web.ask(null, 'GET', '/api/openapi.json');
  expect(body).toMatchObject({ openapi: '3.1.0' });
  expect(Object.keys(body.paths as object)).toContain('/api/v1/campaigns/{id}');
});

test('readiness says what is missing: nobody holds the floor yet', async () => {
  const { status, body } = await web.ask(null, 'GET', '/readyz');
  expect([status, body]).toEqual([503, { ready: false, checks: { database: true, redis: true, dialer: false } }]);
});

test('an unexpected fault is answered without a word of its text', async () => {
  await web.database.schema.alterTable('trunk').renameTo('trunk_away').execute();
  const { status, body } = await web.ask(cookies.get('admin') ?? '', 'GET', '/api/v1/trunks');
  await web.database.schema.alterTable('trunk_away').renameTo('trunk').execute();
  expect(status).toBe(500);
  expect(body).toEqual({ code: 'unexpected', message: 'Something went wrong here. It was noted.', field: null });
});

function urlOf(pattern: string): string {
  return pattern.replaceAll(/:[a-zA-Z]+/g, SOME_ID);
}
