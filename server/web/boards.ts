import type { Wallboard } from '../contract/wallboard.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ConsoleServer, ConsoleSocket } from './desk-tabs.ts';

/** The dialer sends a wallboard every second while it holds the floor; silent for this long, it does not. */
const SILENT_MS = 5_000;
const LOOK_MS = 1_000;
/** How often the dialer is told that somebody looks. */
const WATCHED_EVERY_MS = 3_000;

/** The wallboards on screen in this process. Made and stopped by `openSockets`. */
export class Boards {
  readonly #io: ConsoleServer;
  readonly #clock: Clock;
  readonly #floorId: string;
  readonly #tellWatched: () => void;
  readonly #timer: NodeJS.Timeout;
  #last: { board: Wallboard; atMs: number } | null = null;
  #toldSilent = false;
  #toldWatchedMs = -Infinity;

  /** `tellWatched` tells the dialer that somebody looks: it works out what nobody else needs. */
  constructor(io: ConsoleServer, clock: Clock, floorId: string, tellWatched: () => void) {
    this.#io = io;
    this.#clock = clock;
    this.#floorId = floorId;
    this.#tellWatched = tellWatched;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Begins to send a floor's wallboard to a socket, first the last one known; false for a floor this process does not serve. */
  watch(socket: ConsoleSocket, floorId: string): boolean {
    if (floorId !== this.#floorId) return false;
    void socket.join(roomOf(floorId));
    this.#watched();
    socket.emit('wallboard', this.#current());
    return true;
  }

  unwatch(socket: ConsoleSocket): void {
    void socket.leave(roomOf(this.#floorId));
  }

  /** A new wallboard from the dialer. */
  show(board: Wallboard): void {
    this.#last = { board, atMs: this.#clock.monotonicMs() };
    this.#toldSilent = false;
    this.#io.to(roomOf(board.floorId)).volatile.emit('wallboard', board);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #silent(): boolean {
    return this.#last === null || this.#clock.monotonicMs() - this.#last.atMs > SILENT_MS;
  }

  #current(): Wallboard {
    const at = this.#clock.now().toString({ fractionalSecondDigits: 3 });
    const board = this.#last?.board ?? {
      floorId: this.#floorId,
      at,
      switchUp: false,
      dialerUp: false,
      agents: [],
      campaigns: [],
    };
    return this.#silent() ? { ...board, at, dialerUp: false } : board;
  }

  #watched(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#toldWatchedMs < WATCHED_EVERY_MS) return;
    this.#toldWatchedMs = nowMs;
    this.#tellWatched();
  }

  #look(): void {
    if (this.#io.sockets.adapter.rooms.has(roomOf(this.#floorId))) this.#watched();
    if (this.#toldSilent || !this.#silent()) return;
    this.#toldSilent = true;
    this.#io.to(roomOf(this.#floorId)).emit('wallboard', this.#current());
  }
}

function roomOf(floorId: string): string {
  return `wallboard:${floorId}`;
}
