import { once } from 'node:events';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { Desk, DeskReply } from '../../server/contract/desk.ts';
import {
  floorCommand,
  floorCommandsKey,
  floorEvent,
  floorEventsKey,
  type FloorCommand,
  type FloorEvent,
} from '../../server/contract/floor.ts';
import type { ClientEvents, ServerEvents } from '../../server/contract/sockets.ts';
import { createLogger } from '../../server/kernel/log.ts';
import { createRedis } from '../../server/kernel/redis.ts';
import type { RoleContext } from '../../server/kernel/role.ts';
import { defineStream, follow, publish } from '../../server/kernel/streams.ts';

export type TestSocket = Socket<ServerEvents, ClientEvents>;

/** What `startWeb` needs to serve a test on a port of its own. */
export function webContext(given: { databaseUrl: string; redisUrl: string; dataDir: string; sipWsUrl?: string }): RoleContext {
  return {
    role: 'web',
    version: '0.0.0-test',
    databaseUrl: given.databaseUrl,
    redisUrl: given.redisUrl,
    floorId: 'main',
    dataDir: given.dataDir,
    historyKeyFile: null,
    pacingRecordDays: 1,
    runtimeDir: given.dataDir,
    demo: false,
    http: { bind: '127.0.0.1', port: 0, publicUrl: 'http://wusul.test', tls: null, trustedProxies: [] },
    sip: { wsUrl: given.sipWsUrl ?? 'ws://127.0.0.1:1/ws', host: '127.0.0.1', port: 5060 },
    mediaAddress: '127.0.0.1',
    trunks: [],
    ari: { url: 'http://127.0.0.1:1', user: 'none', password: 'none' },
    ami: null,
    recordFile: null,
    recordKeep: { days: 1, megabytes: 1 },
    secrets: { station: 'station-key-of-a-test' },
    log: createLogger('test', 'fatal'),
  };
}

/** Begins to open a console's socket. */
export function openSocket(
  port: number,
  cookie: string | null,
  options: Partial<ManagerOptions & SocketOptions> = {},
): TestSocket {
  return io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...options,
    extraHeaders: { ...(cookie === null ? {} : { cookie }), ...options.extraHeaders },
  });
}

/** Opens a console's socket; resolves when it is connected, rejects with the server's reason when it is refused. */
export async function connect(port: number, cookie: string | null, headers: Record<string, string> = {}): Promise<TestSocket> {
  const socket = openSocket(port, cookie, { extraHeaders: headers });
  const refused = new Promise<never>((_, reject) => {
    socket.once('connect_error', reject);
  });
  await Promise.race([once(socket as unknown as NodeJS.EventEmitter, 'connect'), refused]);
  return socket;
}

/** Whoever stands where the dialer stands: sees each command and answers as the test says. */
export interface FloorEnd {
  commands: FloorCommand[];
  /** Answers a command that has an id; null stays silent. */
  answer: (command: Extract<FloorCommand, { id: string; agentId: string }>) => DeskReply | null;
  tell(event: FloorEvent): Promise<void>;
  close(): Promise<void>;
}

/** Opens the far end of a floor's line. */
export function openFloorEnd(redisUrl: string): FloorEnd {
  const redis = createRedis(redisUrl);
  const events = defineStream(floorEventsKey('main'), floorEvent);
  const end: FloorEnd = {
    commands: [],
    answer: (command) => ({ ok: true, desk: deskOf(command.agentId) }),
    tell: (event) => publish(redis, events, event),
    async close() {
      await reader.stop();
      redis.disconnect();
    },
  };
  const reader = follow(redis, defineStream(floorCommandsKey('main'), floorCommand), {
    log: createLogger('test', 'fatal'),
    async onMessage(command) {
      end.commands.push(command);
      if (!('agentId' in command)) return;
      const reply = end.answer(command);
      if (reply) await end.tell({ type: 'reply', id: command.id, reply });
    },
  });
  return end;
}

/** A desk of somebody who is not logged in. */
export function deskOf(agentId: string, change: Partial<Desk> = {}): Desk {
  const at = '2026-11-23T08:00:00Z';
  return {
    seq: 1,
    agentId,
    state: 'offline',
    reason: null,
    since: at,
    serverTime: at,
    standsBy: false,
    campaignId: null,
    campaigns: [],
    pauseAfterCall: null,
    logOutAfterCall: false,
    able: false,
    legUp: false,
    call: null,
    wrapUpEndsAt: null,
    lastEffect: null,
    ...change,
  };
}
