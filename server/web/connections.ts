import type { Counter } from 'prom-client';
import { stillSignedIn } from '../access/store.ts';
import type { WebServices } from './services.ts';

const POLL_MS = 2_000;

/** A long-lived connection that lasts no longer than the sign-in session it was opened with. */
export interface Connection {
  tokenHash: Buffer;
  userId: string;
  /** Tells the client and closes. */
  end(): void;
}

/**
 * Every open socket of this process. It ends those whose session was revoked, has expired or belongs to a disabled user: at once
 * when told, within two seconds otherwise, since another process may have done it. `stop` ends the polling.
 */
export class Connections {
  readonly #open = new Set<Connection>();
  readonly #services: Pick<WebServices, 'database' | 'clock' | 'log'>;
  readonly #checksFailed: Counter;
  readonly #timer: NodeJS.Timeout;

  constructor(services: Pick<WebServices, 'database' | 'clock' | 'log'>, checksFailed: Counter) {
    this.#services = services;
    this.#checksFailed = checksFailed;
    this.#timer = setInterval(() => void this.check(), POLL_MS);
  }

  /** Watches a connection; the function returned forgets it. */
  add(connection: Connection): () => void {
    this.#open.add(connection);
    return () => this.#open.delete(connection);
  }

  /** Looks at every session now. While the database is away nobody is sent off. */
  async check(): Promise<void> {
    const { database, clock, log } = this.#services;
    const watched = [...this.#open];
    if (watched.length === 0) return;
    const hashes = new Map(watched.map((connection) => [connection.tokenHash.toString('hex'), connection.tokenHash]));
    try {
      const good = await stillSignedIn(database, [...hashes.values()], clock.now());
      for (const connection of watched) if (!good.has(connection.tokenHash.toString('hex'))) connection.end();
    } catch {
      this.#checksFailed.inc();
      log.warn('sessions of open sockets could not be checked');
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
