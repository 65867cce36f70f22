import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Outside the range from which the kernel takes ports for outgoing connections, so that a free port stays free. */
const FROM = 12_000;
const TO = 32_000;

export type Transport = 'tcp' | 'udp' | 'both';

/** `preferred` if it is free on loopback, else another free port. */
export async function choosePort(
  preferred: number | null,
  transport: Transport,
  taken: ReadonlySet<number> = new Set(),
): Promise<number> {
  if (preferred !== null && !taken.has(preferred) && (await isFree(preferred, transport))) return preferred;
  for (let tries = 0; tries < 500; tries += 1) {
    const port = FROM + Math.floor(Math.random() * (TO - FROM));
    if (!taken.has(port) && (await isFree(port, transport))) return port;
  }
  throw new Error('This machine has no free port between 12000 and 32000');
}

/** `count` free UDP ports in a row, beginning with an even one: a range for RTP. */
export async function choosePortRange(count: number, preferredFrom: number | null): Promise<{ from: number; to: number }> {
  for (let tries = 0; tries < 200; tries += 1) {
    const from =
      tries === 0 && preferredFrom !== null ? preferredFrom : 2 * Math.floor((FROM + Math.random() * (TO - FROM - count)) / 2);
    const ports = Array.from({ length: count }, (_, index) => from + index);
    const free = await Promise.all(ports.map((port) => isFree(port, 'udp')));
    if (free.every(Boolean)) return { from, to: from + count - 1 };
  }
  throw new Error(`This machine has no ${count} free UDP ports in a row`);
}

/** Whether a port can be bound on loopback now. */
export async function isFree(port: number, transport: Transport): Promise<boolean> {
  const tcp = transport === 'udp' || (await tcpIsFree(port));
  return tcp && (transport === 'tcp' || (await udpIsFree(port)));
}

function tcpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function udpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

/** The ports one Asterisk listens on, all on loopback unless the media address says otherwise. */
export interface AsteriskPorts {
  sip: number;
  /** ARI, and SIP over WebSocket at `/ws`. */
  http: number;
  ami: number;
  /** The demo carrier's SIP port. */
  carrier: number;
  rtpFrom: number;
  rtpTo: number;
}

/** Ports for one Asterisk with `rtpPorts` of them for media (two per leg); each preferred one only if it is free. */
export async function chooseAsteriskPorts(preferred: Partial<AsteriskPorts> | null, rtpPorts: number): Promise<AsteriskPorts> {
  const taken = new Set<number>();
  async function take(wanted: number | undefined): Promise<number> {
    const port = await choosePort(wanted ?? null, 'both', taken);
    taken.add(port);
    return port;
  }
  const sip = await take(preferred?.sip);
  const http = await take(preferred?.http);
  const ami = await take(preferred?.ami);
  const carrier = await take(preferred?.carrier);
  const rtp = await choosePortRange(rtpPorts, preferred?.rtpFrom ?? null);
  return { sip, http, ami, carrier, rtpFrom: rtp.from, rtpTo: rtp.to };
}
