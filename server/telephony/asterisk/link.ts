/** Keeps one application connected to Asterisk: REST, event socket, and the order in which they come and go. */
import type { Logger } from '../../kernel/log.ts';
import { SwitchFault } from '../faults.ts';
import {
  createHttpRest,
  createSocketRest,
  PING,
  pingSwitch,
  type AriRequest,
  type HttpRest,
  type RestOptions,
  type SocketRest,
} from './rest.ts';
import { openStream, type Stream } from './stream.ts';

export interface LinkOptions extends RestOptions {
  application: string;
  pingEveryMs: number;
  silenceLimitMs: number;
  log: Pick<Logger, 'info' | 'warn'> | null;
  /** Everything that must be said anew on each connection, before anybody hears of it. */
  prepare(): Promise<void>;
  onMessage(message: unknown): void;
  onConnected(): void;
  onLost(): void;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;
/** An Asterisk that takes requests over its event socket answers the first at once. */
const SOCKET_REPLY_LIMIT_MS = 1_000;

/** Belongs to whoever called `open`, who ends it with `close`. */
export class Link {
  readonly #options: LinkOptions;
  readonly #http: HttpRest;
  #reached = false;
  /** Where the switch takes requests over the event socket. */
  #socket: SocketRest | null = null;
  #stream: Stream | null = null;
  #connected = false;
  #closed = false;
  #lostAtMs = performance.now();
  #wake: () => void = () => {};
  #running: Promise<void> | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#http = createHttpRest(options);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Monotonic milliseconds since the last sign of life. */
  silenceMs(): number {
    return this.#stream?.silenceMs() ?? performance.now() - this.#lostAtMs;
  }

  /** Resolves at the first connection, however long it takes; rejects when the link is closed before. */
  open(): Promise<void> {
    if (this.#running !== null) return Promise.reject(new Error('The link was opened before'));
    return new Promise((resolve, reject) => {
      this.#running = this.#keepConnected(resolve).finally(() => reject(new SwitchFault('not_connected', 'closed')));
    });
  }

  /** Ends the connection for good; resolves when nothing of it is left. Requests under way are given up. */
  async close(): Promise<void> {
    this.end();
    await this.#running;
  }

  /** As `close`, for callers inside an event. */
  end(): void {
    this.#closed = true;
    this.#wake();
    this.#stream?.close();
    this.#http.abandon();
  }

  /**
   * Also while the event socket is lost: then HTTP may still answer, and calls that ring can be withdrawn. What is done to one leg goes
   * over the socket, at half the work; what is asked about many, or written into Asterisk's configuration, goes beside it, so that no
   * bridge waits for it.
   * @throws SwitchFault; `not_connected` says that nothing was sent.
   */
  ask(request: AriRequest): Promise<unknown> {
    if (this.#closed || !this.#reached) return Promise.reject(new SwitchFault('not_connected', 'not connected'));
    const aside = request.method === 'GET' || request.method === 'PUT';
    return (aside ? this.#http : (this.#socket ?? this.#http)).ask(request);
  }

  async #keepConnected(onFirst: () => void): Promise<void> {
    let waitMs = FIRST_RETRY_MS;
    while (!this.#closed) {
      try {
        await this.#session(() => {
          waitMs = FIRST_RETRY_MS;
          onFirst();
        });
      } catch (error) {
        if (!this.#closed) {
          const reason = error instanceof Error ? error.message : 'unknown';
          this.#options.log?.warn({ reason }, 'the switch cannot be reached');
        }
      }
      if (!this.#closed) await this.#pause(waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
    }
  }

  /** One connection from its beginning to its loss. */
  async #session(onConnected: () => void): Promise<void> {
    const options = this.#options;
    if ((await pingSwitch(options)) === null) throw new SwitchFault('not_connected', 'no answer to a ping');
    this.#reached = true;
    const lost = Promise.withResolvers<void>();
    const stream = await openStream({
      ...options,
      onMessage: (text) => this.#receive(text),
      onClose: () => lost.resolve(),
    });
    this.#stream = stream;
    try {
      const ready = this.#tryRequestsOver(stream).then(() => (this.#closed ? undefined : options.prepare()));
      const prepared = await Promise.race([ready.then(() => true), lost.promise.then(() => false)]);
      if (!prepared || this.#closed) return;
      this.#connected = true;
      options.log?.info('connected to the switch');
      options.onConnected();
      onConnected();
      await lost.promise;
    } finally {
      const was = this.#connected;
      const socket = this.#socket;
      this.#connected = false;
      this.#stream = null;
      this.#socket = null;
      this.#lostAtMs = performance.now();
      stream.close();
      socket?.abandon();
      this.#http.abandon();
      // Whoever closed the link knows.
      if (was && !this.#closed) options.onLost();
    }
  }

  async #tryRequestsOver(stream: Stream): Promise<void> {
    const probe = createSocketRest((text) => stream.send(text), SOCKET_REPLY_LIMIT_MS);
    this.#socket = probe;
    try {
      await probe.ask(PING);
      this.#socket = createSocketRest((text) => stream.send(text), this.#options.replyLimitMs);
    } catch {
      this.#socket = null;
    }
  }

  #receive(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      message = null;
    }
    const answered = this.#socket?.receive(message) ?? false;
    if (!answered) this.#options.onMessage(message);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
