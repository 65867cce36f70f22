import { io, type Socket } from 'socket.io-client';
import type { ClientEvents, ServerEvents } from '../../../server/contract/sockets.ts';
import { sessionEnded } from './session.ts';

export type AppSocket = Socket<ServerEvents, ClientEvents>;

let shared: AppSocket | null = null;

/**
 * The page's one socket: same origin, the session's cookie, WebSocket only (long polling would lose the promise that a hidden tab
 * answers a ping at once). It reconnects by itself, at first after 300 ms.
 */
export function openSocket(): AppSocket {
  if (shared) return shared;
  const socket: AppSocket = io({
    transports: ['websocket'],
    reconnectionDelay: 300,
    reconnectionDelayMax: 3_000,
    randomizationFactor: 0.3,
  });
  socket.on('session:ended', () => {
    closeSocket();
    sessionEnded();
  });
  socket.on('disconnect', (reason) => {
    // After a server's own goodbye the library waits for us; the server may only be restarting.
    if (reason === 'io server disconnect' && shared === socket) setTimeout(() => shared === socket && socket.connect(), 1_000);
  });
  shared = socket;
  return socket;
}

/** Closes the page's socket, at sign-out. */
export function closeSocket(): void {
  shared?.close();
  shared = null;
}
