import type { IncomingMessage } from 'node:http';
import { Server } from 'socket.io';
import { z } from 'zod';
import { mayDo, type Permission } from '../access/rules.ts';
import { SESSION_COOKIE } from '../access/sessions.ts';
import { whoIs } from '../access/sign-in.ts';
import type { SignedIn } from '../access/store.ts';
import { deskCommand, type DeskReply } from '../contract/desk.ts';
import type { Problem } from '../contract/people.ts';
import type { ClientEvents } from '../contract/sockets.ts';
import { readImportRow } from '../debtors/import/overview.ts';
import type { App } from './app.ts';
import { Boards } from './boards.ts';
import type { Connections } from './connections.ts';
import { DeskTabs, type ConsoleServer, type ConsoleSocket } from './desk-tabs.ts';
import { problemOf } from './errors.ts';
import type { WebServices } from './services.ts';

/** The permission of every event a client may send; one that is not here does not exist. */
export const SOCKET_PERMISSIONS: { readonly [Event in keyof ClientEvents]: Permission } = {
  'desk:open': 'desk.use',
  'desk:command': 'desk.use',
  'wallboard:watch': 'wallboard.watch',
  'wallboard:unwatch': 'wallboard.watch',
};

/** Every event's arguments, before the answering function. */
const ARGUMENTS = {
  'desk:open': z.object({ takeOver: z.boolean(), tab: z.string().min(1).max(64).optional() }),
  'desk:command': z.object({ seq: z.number().int().min(0), command: deskCommand }),
  'wallboard:watch': z.object({ floorId: z.string().min(1).max(64) }),
} as const;

const IMPORTS_ROOM = 'imports';
/** Accounts of the demo hear of its own imports alone. */
const DEMO_IMPORTS_ROOM = 'imports of the demo';

/** The consoles' sockets. */
export interface Sockets {
  io: ConsoleServer;
  desks: DeskTabs;
  boards: Boards;
  /** Sends an import's row to those who may see it. */
  showImport(importId: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Opens Socket.IO on the application's server. The session cookie signs in, the Origin is checked, every event is held against
 * its permission, and the socket ends with its session. The caller stops it before the application.
 */
export function openSockets(app: App, services: WebServices, connections: Connections): Sockets {
  const signedIn = new WeakMap<IncomingMessage, SignedIn>();
  const io: ConsoleServer = new Server(app.server, {
    serveClient: false,
    // `/sip` shares the server's upgrades.
    destroyUpgrade: false,
    maxHttpBufferSize: 65_536,
    pingInterval: 10_000,
    pingTimeout: 10_000,
    allowRequest: (request, answer) => void admit(request, answer),
  });
  const desks = new DeskTabs(services);
  const boards = new Boards(io, services.clock, services.floor.floorId, () => void services.floor.tell({ type: 'watched' }));
  services.floor.listen({
    onDesk: (desk) => desks.send(desk),
    onWallboard: (board) => boards.show(board),
    onVoid: () => desks.invalidate(),
  });

  /** While the store is away the handshake fails as a lost line does, so that the client tries again by itself. */
  async function admit(request: IncomingMessage, answer: (refusal: string | null, admitted: boolean) => void): Promise<void> {
    let admitted = services.origins.accepts(request.headers);
    try {
      const who = admitted ? await signInSocket(app, services, request.headers.cookie) : null;
      if (who) signedIn.set(request, who);
    } catch {
      admitted = false;
    }
    answer(admitted ? null : 'refused', admitted);
  }

  io.use((socket, next) => {
    const who = signedIn.get(socket.request);
    if (who) socket.data.who = who;
    next(who ? undefined : new Error('not_signed_in'));
  });

  io.on('connection', (socket) => {
    app.metrics.sockets.inc();
    const { who } = socket.data;
    const forget = connections.add({
      tokenHash: who.tokenHash,
      userId: who.userId,
      end() {
        socket.emit('session:ended');
        socket.disconnect(true);
      },
    });
    socket.on('disconnect', () => {
      app.metrics.sockets.dec();
      forget();
      void desks.close(socket);
    });
    if (mayDo(who.role, 'imports.read')) void socket.join(who.demo ? DEMO_IMPORTS_ROOM : IMPORTS_ROOM);
    socket.use(([event, ...values], next) => {
      const answer: unknown = values.at(-1);
      const fault = faultOf(who, event, values);
      if (!fault) return next();
      if (typeof answer === 'function') answer({ ok: false, code: fault.code, problem: fault });
      return undefined;
    });
    listen(socket, { desks, boards, app, services });
  });

  return {
    io,
    desks,
    boards,
    async showImport(importId) {
      const row = await readImportRow(services.database, importId);
      if (row) io.to(IMPORTS_ROOM).emit('import', row);
      const ofDemo = await readImportRow(services.database, importId, { demo: true });
      if (ofDemo) io.to(DEMO_IMPORTS_ROOM).emit('import', ofDemo);
    },
    async stop() {
      boards.stop();
      await desks.stop();
      await io.close();
    },
  };
}

/** Binds the events; what reaches a listener is permitted and of the right shape. */
function listen(socket: ConsoleSocket, rooms: { desks: DeskTabs; boards: Boards; app: App; services: WebServices }): void {
  const { desks, boards, app, services } = rooms;
  async function guarded(reply: Promise<DeskReply>): Promise<DeskReply> {
    try {
      return await reply;
    } catch (error) {
      services.log.error({ err: error }, 'socket event failed');
      return { ok: false, problem: problemOf(error).body };
    }
  }
  socket.on('desk:open', async (options, answer) => {
    answer(await guarded(desks.open(socket, { takeOver: options.takeOver, tab: options.tab ?? socket.id })));
  });
  socket.on('desk:command', async ({ seq, command }, answer) => {
    const reply = await guarded(desks.command(socket, { seq, command: deskCommand.parse(command) }));
    if (!reply.ok && reply.problem.code === 'dialer_silent') app.metrics.silentDialer.inc();
    answer(reply);
  });
  socket.on('wallboard:watch', ({ floorId }, answer) => {
    const ok = boards.watch(socket, floorId);
    answer({ ok, code: ok ? null : 'unknown_floor' });
  });
  socket.on('wallboard:unwatch', () => boards.unwatch(socket));
}

/** Why an event is refused, or null: unknown, not permitted, of the wrong shape, or without the function that takes the answer. */
function faultOf(who: SignedIn, event: string, [value, answer]: readonly unknown[]): Problem | null {
  if (!isKnown(event)) return { code: 'unknown_event', message: 'There is no such event.', field: null };
  if (!mayDo(who.role, SOCKET_PERMISSIONS[event]))
    return { code: 'forbidden', message: 'Your role may not do this.', field: null };
  if (event === 'wallboard:unwatch') return null;
  if (typeof answer !== 'function') return { code: 'invalid', message: 'The event needs a place for its answer.', field: null };
  const parsed = ARGUMENTS[event].safeParse(value);
  if (parsed.success) return null;
  const { body } = problemOf(parsed.error);
  // A command's fields are named as in the command.
  return { ...body, field: body.field?.replace(/^command\./, '') ?? null };
}

function isKnown(event: string): event is keyof ClientEvents {
  return Object.hasOwn(SOCKET_PERMISSIONS, event);
}

/** Whom the cookie of a handshake or upgrade signs in, or null. */
export async function signInSocket(app: App, services: WebServices, cookies: string | undefined): Promise<SignedIn | null> {
  const token = app.parseCookie(cookies ?? '')[SESSION_COOKIE];
  return token === undefined ? null : whoIs(services.database, services.clock, token);
}
