import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A door before a switch's HTTP port, at which the event socket alone can be shut. */
export interface Door {
  url: string;
  /** Ends every event socket and lets no new one in. */
  cutEvents(): void;
  openEvents(): void;
  close(): Promise<void>;
}

/** Opens a door on a free port of loopback; whoever opened it closes it. */
export async function openDoor(port: number): Promise<Door> {
  const all = new Set<Socket>();
  const events = new Set<Socket>();
  let shut = false;
  const server = createServer((outside) => {
    const inside = connect({ host: '127.0.0.1', port });
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      all.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        all.delete(socket);
        events.delete(socket);
        other.destroy();
      });
    }
    outside.on('data', (chunk) => {
      if (String(chunk).startsWith('GET /ari/events')) {
        if (shut) {
          outside.destroy();
          return;
        }
        events.add(outside);
      }
      inside.write(chunk);
    });
    inside.pipe(outside);
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    cutEvents() {
      shut = true;
      for (const socket of events) socket.destroy();
    },
    openEvents() {
      shut = false;
    },
    async close() {
      for (const socket of all) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
