import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { ROLES, type Role } from '../../server/contract/people.ts';
import type { Desk } from '../../server/contract/desk.ts';
import type { Wallboard } from '../../server/contract/wallboard.ts';
import { startWeb, type RunningWeb } from '../../server/web/start.ts';
import { eventually } from '../support/conditions.ts';
import { connect, deskOf, openFloorEnd, webContext, type FloorEnd, type TestSocket } from '../support/console.ts';
import { openWeb, PASSWORD, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let server: RunningWeb;
let second: RunningWeb;
let floor: FloorEnd;
let far: WebSocketServer;
const ids = new Map<Role, string>();
let open: TestSocket[] = [];

beforeAll(async () => {
  web = await openWeb();
  for (const role of ROLES) ids.set(role, await web.addUser(`the.${role}`, role));
  far = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => (offered.has('sip') ? 'sip' : false) });
  far.on('connection', (line) => line.on('message', (data) => line.send(`heard: ${textOf(data)}`)));
  await once(far, 'listening');
  const context = webContext({
    databaseUrl: web.databaseUrl,
    redisUrl: web.redisUrl,
    dataDir: web.dataDir,
    sipWsUrl: `ws://127.0.0.1:${(far.address() as AddressInfo).port}/ws`,
  });
  server = await startWeb(context);
  second = await startWeb(context);
  floor = openFloorEnd(web.redisUrl);
});
afterAll(async () => {
  await Promise.all([server.stop(), second.stop()]);
  await floor.close();
  far.close();
  await web.close();
});
beforeEach(() => {
  floor.commands.length = 0;
  floor.answer = (command) => ({ ok: true, desk: deskOf(command.agentId) });
});
afterEach(async () => {
  for (const socket of open) socket.disconnect();
  open = [];
  await eventually('the desk is free', async () => (await web.redis.keys('desk:*')).length === 0);
});

/** A sign-in by the real clock: the servers under test have it. */
async function cookieOf(role: Role): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: `the.${role}`, password: PASSWORD }),
  });
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function socketOf(role: Role, port = server.port): Promise<TestSocket> {
  const socket = await connect(port, await cookieOf(role));
  open.push(socket);
  return socket;
}

const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString() : '');
const agentId = (): string => ids.get('agent') ?? '';
const told = (socket: TestSocket, event: 'desk:taken' | 'session:ended'): (() => boolean) => {
  let heard = false;
  socket.on(event, () => (heard = true));
  return () => heard;
};

describe('a socket', () => {
  test('is refused without a sign-in, and from another site', async () => {
    await expect(connect(server.port, null)).rejects.toThrow('not_signed_in');
    await expect(connect(server.port, await cookieOf('agent'), { origin: 'https://evil.test' })).rejects.toThrow(
      'websocket error',
    );
    const own = await connect(server.port, await cookieOf('agent'), { origin: `http://localhost:${server.port}` });
    open.push(own);
  });

  test('lets each role send only what is its own', async () => {
    const admin = await socketOf('admin');
    const forbidden = { ok: false, code: 'forbidden', problem: { code: 'forbidden' } };
    expect(await admin.emitWithAck('desk:open', { takeOver: false })).toMatchObject(forbidden);
    const agent = await socketOf('agent');
    expect(await agent.emitWithAck('wallboard:watch', { floorId: 'main' })).toMatchObject(forbidden);
  });

  test('gets the field that is wrong, and nothing for an event that does not exist', async () => {
    const agent = await socketOf('agent');
    const promise = { code: 'promise', debtId: agentId(), amountMinor: '0', currency: 'SAR', dueOn: '2026-12-01' };
    const dispose = { type: 'dispose', attemptId: agentId(), outcome: promise, next: 'ready' };
    const reply = await agent.emitWithAck('desk:command', { seq: 0, command: dispose as never });
    expect(reply).toMatchObject({ ok: false, problem: { code: 'invalid', field: 'outcome.amountMinor' } });
    const unknown: unknown = await (agent as unknown as { emitWithAck: (event: string) => Promise<unknown> }).emitWithAck(
      'admin:all',
    );
    expect(unknown).toMatchObject({ ok: false, code: 'unknown_event' });
  });

  test('that sends what no console sends gets nothing done and harms nobody', async () => {
    const agent = await socketOf('agent');
    const rude = agent as unknown as { emit: (event: string, ...values: unknown[]) => void };
    rude.emit('desk:open', { takeOver: true });
    rude.emit('desk:open');
    rude.emit('desk:open', { takeOver: true }, 'no function', () => undefined);
    rude.emit('desk:command', { seq: 1, command: { type: 'ready' } });
    rude.emit('desk:command', null, null);
    rude.emit('wallboard:unwatch', () => undefined);
    expect(await agent.emitWithAck('desk:open', { takeOver: false })).toMatchObject({ ok: true });
    expect(floor.commands.filter((command) => command.type === 'desk')).toEqual([]);
  });

  test('ends at once when its session is revoked in another process', async () => {
    const agent = await socketOf('agent', second.port);
    const ended = told(agent, 'session:ended');
    const admin = await cookieOf('admin');
    await fetch(`http://127.0.0.1:${server.port}/api/v1/users/${agentId()}/revoke`, {
      method: 'POST',
      headers: { cookie: admin },
    });
    await eventually('the socket is closed', () => agent.disconnected);
    expect(ended()).toBe(true);
  });

  test('ends when its session was revoked in the database alone', async () => {
    const agent = await socketOf('agent');
    const ended = told(agent, 'session:ended');
    await web.database.updateTable('sign_in_session').set({ revoked_at: '2026-11-23T08:00:00Z' }).execute();
    await eventually('the socket is closed', () => agent.disconnected);
    expect(ended()).toBe(true);
  });
});

describe('a desk', () => {
  test('opens with all of it, and hears what the dialer tells', async () => {
    const agent = await socketOf('agent');
    expect(await agent.emitWithAck('desk:open', { takeOver: false })).toEqual({ ok: true, desk: deskOf(agentId()) });
    const news: Desk[] = [];
    agent.on('desk', (desk) => news.push(desk));
    await floor.tell({ type: 'desk', desk: deskOf(agentId(), { seq: 2, state: 'paused' }) });
    await floor.tell({ type: 'desk', desk: deskOf(ids.get('admin') ?? '', { seq: 9 }) });
    await eventually('the desk is told', () => news.length > 0);
    expect(news).toEqual([deskOf(agentId(), { seq: 2, state: 'paused' })]);
  });

  test('passes a command with the number last seen, and the answer back', async () => {
    const agent = await socketOf('agent');
    await agent.emitWithAck('desk:open', { takeOver: false });
    floor.answer = () => ({ ok: false, problem: { code: 'not_allowed_now', message: 'Not now.', field: null } });
    const reply = await agent.emitWithAck('desk:command', { seq: 7, command: { type: 'ready' } });
    expect(reply).toMatchObject({ ok: false, problem: { code: 'not_allowed_now' } });
    expect(floor.commands.at(-1)).toMatchObject({ type: 'desk', agentId: agentId(), seq: 7, command: { type: 'ready' } });
  });

  test('says so when the dialer is silent', async () => {
    const agent = await socketOf('agent');
    await agent.emitWithAck('desk:open', { takeOver: false });
    floor.answer = () => null;
    const reply = await agent.emitWithAck('desk:command', { seq: 1, command: { type: 'ready' } });
    expect(reply).toMatchObject({ ok: false, problem: { code: 'dialer_silent' } });
  });

  test('is open in one tab, over all processes, until another takes it', async () => {
    const first = await socketOf('agent');
    const other = await socketOf('agent', second.port);
    const taken = told(first, 'desk:taken');
    first.on('desk:ping', (answer) => answer());
    await first.emitWithAck('desk:open', { takeOver: false, tab: 'one' });
    expect(await other.emitWithAck('desk:open', { takeOver: false, tab: 'two' })).toMatchObject({
      ok: false,
      problem: { code: 'desk_open_elsewhere' },
    });
    expect(await other.emitWithAck('desk:open', { takeOver: true, tab: 'two' })).toMatchObject({ ok: true });
    await eventually('the first tab is told', taken);
    expect(await first.emitWithAck('desk:command', { seq: 1, command: { type: 'ready' } })).toMatchObject({
      ok: false,
      problem: { code: 'desk_not_open' },
    });
  });

  test('is its own page’s again after a reconnection, although the former socket still seems alive', async () => {
    const former = await socketOf('agent');
    const taken = told(former, 'desk:taken');
    await former.emitWithAck('desk:open', { takeOver: false, tab: 'page' });
    const again = await socketOf('agent');
    expect(await again.emitWithAck('desk:open', { takeOver: false, tab: 'page' })).toMatchObject({ ok: true });
    former.disconnect();
    expect(await again.emitWithAck('desk:command', { seq: 1, command: { type: 'ready' } })).toMatchObject({ ok: true });
    expect(taken()).toBe(false);
  });

  test('whose console answers pings is reported alive, and one that does not is not', async () => {
    const agent = await socketOf('agent');
    const alive = () => floor.commands.filter((command) => command.type === 'alive');
    let answering = true;
    let pings = 0;
    agent.on('desk:ping', (answer) => {
      pings += 1;
      if (answering) answer();
    });
    await agent.emitWithAck('desk:open', { takeOver: false });
    await eventually('it is alive', () => alive().length >= 2);
    expect(alive()[0]).toEqual({ type: 'alive', agentIds: [agentId()] });
    answering = false;
    const silentFrom = pings;
    await eventually('two pings have gone unanswered', () => pings >= silentFrom + 2);
    const reports = alive().length;
    await eventually('another ping has gone unanswered', () => pings >= silentFrom + 3);
    expect(alive().length).toBe(reports);
  });

  test('is sent whole again when a dialer takes the floor', async () => {
    const agent = await socketOf('agent');
    await agent.emitWithAck('desk:open', { takeOver: false });
    const news: Desk[] = [];
    agent.on('desk', (desk) => news.push(desk));
    floor.answer = (command) => ({ ok: true, desk: deskOf(command.agentId, { seq: 1, state: 'connecting' }) });
    await floor.tell({ type: 'taken', floorId: 'main', epoch: 2 });
    await eventually('the new desk', () => news.length > 0);
    expect(news.at(-1)).toMatchObject({ state: 'connecting' });
  });
});

describe('a wallboard', () => {
  const board: Wallboard = {
    floorId: 'main',
    at: '2026-11-23T08:00:00Z',
    switchUp: true,
    dialerUp: true,
    agents: [],
    campaigns: [],
  };

  test('is sent to whoever watches, and says when the dialer is gone', async () => {
    const supervisor = await socketOf('supervisor');
    const boards: Wallboard[] = [];
    supervisor.on('wallboard', (next) => boards.push(next));
    expect(await supervisor.emitWithAck('wallboard:watch', { floorId: 'main' })).toEqual({ ok: true, code: null });
    await eventually('a first board', () => boards.length > 0);
    expect(boards[0]).toMatchObject({ dialerUp: false });
    await floor.tell({ type: 'wallboard', wallboard: board });
    await eventually('the dialer’s board', () => boards.at(-1)?.dialerUp === true);
    await eventually('the dialer is missed', () => boards.at(-1)?.dialerUp === false);
    expect(boards.at(-1)).toMatchObject({ switchUp: true, dialerUp: false });
  });

  test('of a floor that is not served here is refused', async () => {
    const supervisor = await socketOf('supervisor');
    expect(await supervisor.emitWithAck('wallboard:watch', { floorId: 'moon' })).toEqual({ ok: false, code: 'unknown_floor' });
  });
});

describe('SIP on the same origin', () => {
  const dial = (cookie: string, headers: Record<string, string> = {}, path = '/sip', protocols = ['sip']) =>
    new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocols, { headers: { cookie, ...headers } });

  async function statusOf(line: WebSocket): Promise<number> {
    const [, response] = (await once(line, 'unexpected-response')) as [unknown, { statusCode: number }];
    return response.statusCode;
  }

  test('carries what an agent’s station says to the switch and back, beside Socket.IO', async () => {
    await socketOf('agent');
    const line = dial(await cookieOf('agent'));
    const heard: string[] = [];
    line.on('message', (data) => heard.push(textOf(data)));
    await once(line, 'open');
    expect(line.protocol).toBe('sip');
    line.send('REGISTER sip:wusul SIP/2.0');
    await eventually('the answer', () => heard.length > 0);
    expect(heard).toEqual(['heard: REGISTER sip:wusul SIP/2.0']);
    line.close();
  });

  test('is one line for each agent, the newest', async () => {
    const cookie = await cookieOf('agent');
    const former = dial(cookie);
    await once(former, 'open');
    const replaced = once(former, 'close');
    const line = dial(cookie);
    await once(line, 'open');
    expect((await replaced)[0]).toBe(4001);
    expect(line.readyState).toBe(WebSocket.OPEN);
    line.close();
  });

  test('is refused to strangers, to other roles, to other sites, and elsewhere', async () => {
    expect(await statusOf(dial(''))).toBe(401);
    expect(await statusOf(dial(await cookieOf('admin')))).toBe(403);
    expect(await statusOf(dial(await cookieOf('agent'), { origin: 'https://evil.test' }))).toBe(403);
    expect(await statusOf(dial(await cookieOf('agent'), {}, '/anything'))).toBe(404);
  });

  test('ends with the session', async () => {
    const cookie = await cookieOf('agent');
    const line = dial(cookie);
    await once(line, 'open');
    await fetch(`http://127.0.0.1:${server.port}/api/v1/session`, { method: 'DELETE', headers: { cookie } });
    const [code] = (await once(line, 'close')) as [number];
    expect(code).toBe(1001);
  });
});

describe('a station', () => {
  test('is made known to the switch before its account is given out', async () => {
    const station = async () => {
      const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/station`, {
        headers: { cookie: await cookieOf('agent') },
      });
      return { status: response.status, body: (await response.json()) as object, cache: response.headers.get('cache-control') };
    };
    expect(await station()).toMatchObject({
      status: 200,
      cache: 'no-store',
      body: { kind: 'browser', user: `agent-${agentId()}`, host: '127.0.0.1', port: 5060 },
    });
    expect(floor.commands).toMatchObject([{ type: 'provision_station', agentId: agentId() }]);
    floor.answer = () => null;
    expect(await station()).toMatchObject({ status: 503, body: { code: 'dialer_silent' } });
  });
});
