import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWeb, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let behind: TestWeb;
beforeAll(async () => {
  [web, behind] = await Promise.all([openWeb(), openWeb({ trustedProxies: ['10.0.0.0/8'] })]);
});
afterAll(() => Promise.all([web.close(), behind.close()]));

/** How many sign-ins this minute leaves to whoever the server takes the caller for. */
async function leftTo(server: TestWeb, remoteAddress: string, forwardedFor: string): Promise<number> {
  const response = await server.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    remoteAddress,
    headers: { 'x-forwarded-for': forwardedFor },
    payload: { login: 'nobody', password: 'not the password' },
  });
  return Number(response.headers['x-ratelimit-remaining']);
}

describe('the address by which sign-ins are counted', () => {
  test('is that of the connection, whatever a caller says of themselves', async () => {
    const first = await leftTo(web, '10.0.0.9', '198.51.100.1');
    expect(await leftTo(web, '10.0.0.9', '198.51.100.2')).toBe(first - 1);
  });

  test('is the one that a trusted proxy names', async () => {
    const first = await leftTo(behind, '10.0.0.9', '198.51.100.1');
    expect(await leftTo(behind, '10.0.0.9', '198.51.100.2')).toBe(first);
    expect(await leftTo(behind, '10.0.0.9', '198.51.100.1')).toBe(first - 1);
    // What the caller wrote before the proxy's own word does not count.
    expect(await leftTo(behind, '10.0.0.9', '203.0.113.7, 198.51.100.1')).toBe(first - 2);
  });

  test('is not the one that anybody else names', async () => {
    const first = await leftTo(behind, '192.0.2.5', '198.51.100.77');
    expect(await leftTo(behind, '192.0.2.5', '198.51.100.78')).toBe(first - 1);
  });
});
