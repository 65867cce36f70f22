import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { mayDo } from '../access/rules.ts';
import type { App } from './app.ts';
import type { Connections } from './connections.ts';
import type { WebServices } from './services.ts';
import { signInSocket } from './sockets.ts';

const PATH = '/sip';
const LONGEST_MESSAGE_BYTES = 65_536;
/** What a station may say before the switch's end is open. */
const MOST_WAITING = 32;
const CONNECT_LIMIT_MS = 5_000;
const HEARTBEAT_MS = 20_000;
/** WebSocket close codes: the agent's newer line took its place; going away; the switch cannot be reached. */
const REPLACED = 4001;
const GOING_AWAY = 1001;
const SWITCH_AWAY = 1013;

/** The proxy; `stop` closes every line. */
export interface SipProxy {
  stop(): void;
}

/**
 * Carries SIP over WebSocket between browser stations and the switch on the consoles' own origin. Only a signed-in agent from our
 * own pages gets through, on one line, the newest; it ends with the session. Other upgrades than Socket.IO's are refused here.
 */
export function proxySip(app: App, services: WebServices, connections: Connections): SipProxy {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('sip') ? 'sip' : false),
  });

  // The switch takes a bounded number of WebSockets, the dialer's own among them.
  const lines = new Map<string, WebSocket>();

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const who = await signInSocket(app, services, request.headers.cookie);
    if (!who) return refuse(socket, '401 Unauthorized');
    if (!mayDo(who.role, 'station.use')) return refuse(socket, '403 Forbidden');
    server.handleUpgrade(request, socket, head, (station) => {
      const forget = connections.add({
        tokenHash: who.tokenHash,
        userId: who.userId,
        end: () => station.close(GOING_AWAY, 'session ended'),
      });
      lines.get(who.userId)?.close(REPLACED, 'opened anew');
      lines.set(who.userId, station);
      station.once('close', () => {
        forget();
        if (lines.get(who.userId) === station) lines.delete(who.userId);
      });
      join(station, services.sip.wsUrl);
    });
  }

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path.startsWith('/socket.io/')) return;
    socket.on('error', () => socket.destroy());
    if (path !== PATH) return refuse(socket, '404 Not Found');
    if (!services.origins.accepts(request.headers)) return refuse(socket, '403 Forbidden');
    upgrade(request, socket, head).catch(() => refuse(socket, '503 Service Unavailable'));
  });

  return {
    stop() {
      for (const station of server.clients) station.close(GOING_AWAY, 'stopping');
      server.close();
    },
  };
}

/** Joins a station to the switch: what one says the other hears, and when one leaves so does the other. */
function join(station: WebSocket, switchUrl: string): void {
  const upstream = new WebSocket(switchUrl, ['sip'], {
    perMessageDeflate: false,
    handshakeTimeout: CONNECT_LIMIT_MS,
    maxPayload: LONGEST_MESSAGE_BYTES,
  });
  const waiting: { data: RawData; binary: boolean }[] = [];
  let heard = true;
  const heartbeat = setInterval(() => {
    if (!heard) return station.terminate();
    heard = false;
    station.ping();
    return undefined;
  }, HEARTBEAT_MS);

  station.on('pong', () => (heard = true));
  station.on('message', (data, binary) => {
    heard = true;
    if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary });
    else if (waiting.length < MOST_WAITING) waiting.push({ data, binary });
    else station.close(SWITCH_AWAY, 'the switch does not answer');
  });
  upstream.on('open', () => {
    for (const { data, binary } of waiting.splice(0)) upstream.send(data, { binary });
  });
  upstream.on('message', (data, binary) => {
    if (station.readyState === WebSocket.OPEN) station.send(data, { binary });
  });
  upstream.on('close', () => station.close(SWITCH_AWAY, 'the switch is gone'));
  station.on('close', () => {
    clearInterval(heartbeat);
    upstream.terminate();
  });
  // Each error is followed by a close.
  upstream.on('error', () => undefined);
  station.on('error', () => undefined);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
