import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../../server/contract/desk.ts';
import { startWeb, type RunningWeb } from '../../server/web/start.ts';
import { eventually } from '../support/conditions.ts';
import { connect, deskOf, openFloorEnd, openSocket, webContext, type FloorEnd, type TestSocket } from '../support/console.ts';
import { openLine, type Line } from '../support/line.ts';
import { openWeb, PASSWORD, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let server: RunningWeb;
let floor: FloorEnd;
let redis: Line;
let postgres: Line;
let agent: TestSocket;
let cookie: string;
let agentId: string;

beforeAll(async () => {
  web = await openWeb();
  [redis, postgres] = await Promise.all([openLine(web.redisUrl), openLine(web.databaseUrl)]);
  agentId = await web.addUser('sara', 'agent');
  server = await startWeb(webContext({ databaseUrl: postgres.url, redisUrl: redis.url, dataDir: web.dataDir }));
  floor = openFloorEnd(web.redisUrl);
  const response = await ask('POST', '/api/v1/session', { login: 'sara', password: PASSWORD });
  cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  agent = await connect(server.port, cookie);
  agent.on('desk:ping', (answer) => answer());
  await agent.emitWithAck('desk:open', { takeOver: false, tab: 'page' });
});
afterAll(async () => {
  agent.disconnect();
  redis.mend();
  postgres.mend();
  await server.stop();
  await floor.close();
  await Promise.all([redis.close(), postgres.close()]);
  await web.close();
});

function ask(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers: { ...(cookie && { cookie }), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}

test('without Redis nothing crashes, commands are refused by name, and desks are whole again when it is back', async () => {
  redis.cut();
  await eventually('a command is refused', async () => {
    const reply = await agent.emitWithAck('desk:command', { seq: 1, command: { type: 'ready' } });
    return !reply.ok && reply.problem.code === 'messages_away';
  });
  expect((await ask('GET', '/api/v1/session')).status).toBe(200);
  expect(await (await ask('GET', '/readyz')).json()).toMatchObject({ ready: false, checks: { database: true, redis: false } });

  const desks: Desk[] = [];
  agent.on('desk', (desk) => desks.push(desk));
  floor.answer = (command) => ({ ok: true, desk: deskOf(command.agentId, { seq: 42 }) });
  redis.mend();
  await eventually('the desk is sent whole', () => desks.some((desk) => desk.seq === 42), 20_000);
  await eventually(
    'commands pass again',
    async () => (await agent.emitWithAck('desk:command', { seq: 42, command: { type: 'ready' } })).ok,
  );
  await floor.tell({ type: 'desk', desk: deskOf(agentId, { seq: 43 }) });
  await eventually('news pass again', () => desks.some((desk) => desk.seq === 43));
});

test('without Postgres nothing crashes, requests are refused by name, sockets stay, and all works when it is back', async () => {
  postgres.cut();
  const refused = await ask('GET', '/api/v1/session');
  expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'store_away' }]);
  expect((await ask('GET', '/healthz')).status).toBe(200);
  expect((await agent.emitWithAck('desk:command', { seq: 43, command: { type: 'ready' } })).ok).toBe(true);
  await eventually('a check of the sessions has failed meanwhile', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    return /wusul_session_checks_failed_total\{role="web"\} [1-9]/.test(metrics);
  });
  expect(agent.connected).toBe(true);
  const latecomer = openSocket(server.port, cookie, { reconnection: true, reconnectionDelay: 100 });
  let turnedAway = 0;
  latecomer.on('connect_error', () => (turnedAway += 1));
  await eventually('a console that comes meanwhile is turned away, more than once', () => turnedAway > 1);
  postgres.mend();
  await eventually('it gets in by itself', () => latecomer.connected);
  latecomer.disconnect();
  await eventually('requests pass again', async () => (await ask('GET', '/api/v1/session')).status === 200);
});
