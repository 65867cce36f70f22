import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RoleContext } from '../../server/kernel/role.ts';
import { startWeb } from '../../server/web/start.ts';
import { webContext } from '../support/console.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

let web: TestWeb;
beforeAll(async () => {
  web = await openWeb();
});
afterAll(() => web.close());

function contextWith(http: Partial<RoleContext['http']>, demo = false): RoleContext {
  const context = webContext({ databaseUrl: web.databaseUrl, redisUrl: web.redisUrl, dataDir: web.dataDir });
  return { ...context, demo, http: { ...context.http, ...http } };
}

describe('beyond this machine', () => {
  test('nothing is served without TLS', async () => {
    await expect(startWeb(contextWith({ bind: '0.0.0.0' }))).rejects.toMatchObject({
      code: 'bind_needs_tls',
      field: 'HTTP_BIND',
    });
  });

  test('nothing is served while accounts of the demo can sign in', async () => {
    const certPath = join(web.dataDir, 'cert.pem');
    writeFileSync(certPath, '');
    const http = { bind: '0.0.0.0', tls: { certPath, keyPath: certPath } };
    await expect(startWeb(contextWith(http, true))).rejects.toMatchObject({ code: 'bind_with_demo' });
    await web.addUser('demo.left', 'agent', { demo: true });
    await expect(startWeb(contextWith(http))).rejects.toMatchObject({ code: 'bind_with_demo' });
  });
});

test('a port that is taken stops the start', async () => {
  const first = await startWeb(contextWith({}));
  await expect(startWeb(contextWith({ port: first.port }))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await first.stop();
});

describe('the consoles', () => {
  const page = '<!doctype html><title>Wusul</title>';

  test('say plainly that they are not built', async () => {
    expect(await web.ask(null, 'GET', '/')).toMatchObject({ status: 503, body: { code: 'consoles_not_built' } });
  });

  test('are one page for every address, and files that may be kept for ever', async () => {
    const folder = join(web.dataDir, 'consoles');
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), page);
    writeFileSync(join(folder, 'assets/index-1a2b3c.js'), 'console.log(1)');
    for (const url of ['/', '/desk', '/campaigns/019aa000-0000-7000-8000-000000000000']) {
      const response = await web.app.inject({ method: 'GET', url });
      expect([url, response.statusCode, response.body]).toEqual([url, 200, page]);
      expect(response.headers['cache-control']).toContain('max-age=0');
    }
    const script = await web.app.inject({ method: 'GET', url: '/assets/index-1a2b3c.js' });
    expect(script.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable' });
    rmSync(folder, { recursive: true });
  });

  test('hide nothing that is missing, and give out nothing beside them', async () => {
    const folder = join(web.dataDir, 'consoles');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.html'), page);
    writeFileSync(join(web.dataDir, 'secret.txt'), 'secret');
    for (const url of ['/api/v1/nothing', '/assets/gone.js']) {
      expect(await web.ask(null, 'GET', url)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    for (const url of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt']) {
      expect((await web.app.inject({ method: 'GET', url })).body).not.toContain('secret');
    }
  });
});
