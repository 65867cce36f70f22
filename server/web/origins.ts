import type { IncomingHttpHeaders } from 'node:http';

/**
 * The origins from which a browser may change something or open a socket. Programs that are no browsers send no Origin: they
 * carry no one else's cookie and pass.
 */
export class Origins {
  readonly #allowed = new Set<string>();

  constructor(publicUrl: string) {
    this.allow(publicUrl);
  }

  /** Adds an origin, given as any URL of it. */
  allow(url: string): void {
    this.#allowed.add(new URL(url).origin);
  }

  /** Adds the names that a loopback address goes by, once the port is known. */
  allowLoopback(scheme: 'http' | 'https', port: number): void {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) this.allow(`${scheme}://${host}:${port}`);
  }

  /** Whether a request may act in the name of its cookie. */
  accepts(headers: IncomingHttpHeaders): boolean {
    if (headers.origin !== undefined) return this.#allowed.has(headers.origin);
    const site = headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  /** WebSocket origins of the same places, for the content security policy. */
  sockets(): string[] {
    return [...this.#allowed].map((origin) => origin.replace(/^http/, 'ws'));
  }
}
