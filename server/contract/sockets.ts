import type { Desk, DeskCommand, DeskReply } from './desk.ts';
import type { ImportRow } from './imports.ts';
import type { Wallboard } from './wallboard.ts';

/** What the server sends. One Socket.IO namespace (`/`), the session cookie signs in, the Origin is checked. */
export interface ServerEvents {
  /** The agent's desk changed, sent only to that agent's socket. */
  desk: (desk: Desk) => void;
  /** Answer at once: timers of hidden tabs are throttled, message handlers are not. Missing for 5 s, the agent takes no call. */
  'desk:ping': (answer: () => void) => void;
  /** Another tab took the desk over; this one is now read-only. */
  'desk:taken': () => void;
  wallboard: (board: Wallboard) => void;
  import: (row: ImportRow) => void;
  /** The sign-in session has ended or was revoked; the socket closes next. */
  'session:ended': () => void;
}

/** What a client sends; each answers through its last argument. A role without the right gets a problem `forbidden`. */
export interface ClientEvents {
  /**
   * Agent: take the desk in this tab. Refused with `desk_open_elsewhere` unless `takeOver`. `tab` is an id that the page chose when
   * it was loaded: with it a page that reconnects takes its own desk back although its former socket still seems alive.
   */
  'desk:open': (options: { takeOver: boolean; tab?: string | undefined }, answer: (reply: DeskReply) => void) => void;
  /** Agent: ask for something, naming the last sequence number seen. */
  'desk:command': (request: { seq: number; command: DeskCommand }, answer: (reply: DeskReply) => void) => void;
  /** Supervisor, admin: start and stop receiving the wallboard. */
  'wallboard:watch': (options: { floorId: string }, answer: (reply: { ok: boolean; code: string | null }) => void) => void;
  'wallboard:unwatch': () => void;
}
