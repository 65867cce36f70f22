import { createServer, connect, type Socket } from 'node:net';

/** A TCP way to a real server on loopback that can be cut and mended, as networks are. The server behind it stays as it is. */
export interface Wire {
  /** The server's URL with this way's port. */
  url: string;
  cut(): void;
  mend(): void;
  /** Keeps back what goes to the server, while its news still come; `release` lets it go. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** Opens a way to the server of a URL; whoever opens it closes it. */
export async function openWire(url: string): Promise<Wire> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const clients = new Map<Socket, Socket>();
  let whole = true;
  let held = false;
  const server = createServer((client) => {
    if (!whole) {
      client.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    clients.set(client, far);
    client.on('close', () => clients.delete(client));
    for (const [one, other] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      if (one !== client || !held) one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire has no port');
  const near = new URL(url);
  near.hostname = '127.0.0.1';
  near.port = String(address.port);
  return {
    url: near.href.replace(/\/$/, url.endsWith('/') ? '/' : ''),
    cut() {
      whole = false;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      whole = true;
    },
    hold() {
      if (held) return;
      held = true;
      for (const [client, far] of clients) client.unpipe(far);
    },
    release() {
      if (!held) return;
      held = false;
      for (const [client, far] of clients) client.pipe(far);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
