/** Requests to Asterisk's REST interface: over the event socket where it takes them, else over HTTP. */
import { z } from 'zod';

import { SwitchFault, type SwitchFaultCode } from '../faults.ts';

export interface RestOptions {
  /** ARI's address without path, e.g. http://127.0.0.1:8088. */
  url: string;
  user: string;
  password: string;
  /** After this long without an answer a request counts as unanswered. */
  replyLimitMs: number;
}

/** One request, its path relative to `/ari/`. What goes into the path is encoded by whoever writes it. */
export interface AriRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Record<string, string | number>;
  body?: unknown;
}

/** Requests under way over HTTP. */
export interface HttpRest {
  /**
   * The answer's body, null where there is none.
   * @throws SwitchFault `no_reply` when the limit passes, the connection breaks or `abandon` is called, else what Asterisk's words mean.
   */
  ask(request: AriRequest): Promise<unknown>;
  /** Ends the wait of everything under way: the link is lost. */
  abandon(): void;
}

export function createHttpRest(options: RestOptions): HttpRest {
  const authorization = `Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}`;
  let lost = new AbortController();
  return {
    async ask({ method, body, ...request }) {
      let status: number;
      let text: string;
      try {
        const answer = await fetch(`${options.url}/ari/${uriOf(request)}`, {
          method,
          headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.any([AbortSignal.timeout(options.replyLimitMs), lost.signal]),
        });
        status = answer.status;
        text = await answer.text();
      } catch {
        throw new SwitchFault('no_reply', 'no answer in time');
      }
      return readAnswer(status, text);
    },
    abandon() {
      lost.abort();
      lost = new AbortController();
    },
  };
}

/** An answer that came over the event socket. */
const socketAnswer = z.object({
  type: z.literal('RESTResponse'),
  request_id: z.string(),
  status_code: z.number().int(),
  message_body: z.string().optional(),
});

/** Requests under way over one event socket. */
export interface SocketRest {
  /** As over HTTP. Asterisk does what it is asked in order, one after another. */
  ask(request: AriRequest): Promise<unknown>;
  /** Takes a message of the socket if it is the answer to a request. */
  receive(message: unknown): boolean;
  /** Ends the wait of everything under way: the socket is lost. */
  abandon(): void;
}

/** `send` writes to the socket. Asterisk takes requests there since 22.4; an earlier one does not answer them. */
export function createSocketRest(send: (text: string) => void, replyLimitMs: number): SocketRest {
  interface Waiting {
    limit: NodeJS.Timeout;
    resolve: (answer: unknown) => void;
    reject: (fault: unknown) => void;
  }
  const waiting = new Map<string, Waiting>();
  let lastId = 0;

  function take(id: string): Waiting | undefined {
    const one = waiting.get(id);
    clearTimeout(one?.limit);
    waiting.delete(id);
    return one;
  }

  return {
    ask({ method, body, ...request }) {
      lastId += 1;
      const id = String(lastId);
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => take(id)?.reject(new SwitchFault('no_reply', 'no answer in time')), replyLimitMs);
        waiting.set(id, { limit, resolve, reject });
        const content = body === undefined ? {} : { content_type: 'application/json', message_body: JSON.stringify(body) };
        send(JSON.stringify({ type: 'RESTRequest', request_id: id, method, uri: uriOf(request), ...content }));
      });
    },
    receive(message) {
      const answer = socketAnswer.safeParse(message);
      if (!answer.success) return false;
      const one = take(answer.data.request_id);
      try {
        one?.resolve(readAnswer(answer.data.status_code, answer.data.message_body ?? ''));
      } catch (fault) {
        one?.reject(fault);
      }
      return true;
    },
    abandon() {
      for (const id of waiting.keys()) take(id)?.reject(new SwitchFault('no_reply', 'the connection was lost'));
    },
  };
}

/** Asterisk's own clock (epoch milliseconds), when it answers and every module is in; null otherwise. */
export async function pingSwitch(options: RestOptions): Promise<number | null> {
  try {
    const { timestamp } = z.object({ timestamp: z.string() }).parse(await createHttpRest(options).ask(PING));
    const stampMs = Date.parse(timestamp);
    return Number.isNaN(stampMs) ? null : stampMs;
  } catch {
    return null;
  }
}

/**
 * A file that Asterisk keeps, over HTTP; null where it has none of that path.
 * @throws SwitchFault `no_reply` when the limit passes or the connection breaks, `refused` for any other answer.
 */
export async function fetchFile({ url, user, password, replyLimitMs }: RestOptions, path: string): Promise<Buffer | null> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  try {
    const answer = await fetch(`${url}/ari/${path}`, { headers: { authorization }, signal: AbortSignal.timeout(replyLimitMs) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.ok) return bytes;
    if (answer.status === 404) return null;
  } catch {
    throw new SwitchFault('no_reply', 'no answer in time');
  }
  throw new SwitchFault('refused', 'a file that cannot be read');
}

/** The smallest question there is. */
export const PING: AriRequest = { method: 'GET', path: 'asterisk/ping' };

function uriOf({ path, query }: Pick<AriRequest, 'path' | 'query'>): string {
  if (query === undefined) return path;
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${path}?${pairs.join('&')}`;
}

function readAnswer(status: number, text: string): unknown {
  if (status >= 400) throw readFault(text);
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new SwitchFault('refused', 'an answer that is not JSON');
  }
}

/** The words of Asterisk's REST interface, by what they mean for us. */
const WORDS: readonly [RegExp, SwitchFaultCode][] = [
  [/bridge not found|bridge not in stasis/i, 'bridge_gone'],
  [/not in (a )?stasis|not in this application/i, 'leg_not_controlled'],
  [/(channel|provided channel).*not found|no such channel|channel does not exist/i, 'leg_gone'],
];

function readFault(text: string): SwitchFault {
  const words = wordsOf(text);
  const code = WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? 'refused';
  return new SwitchFault(code, words);
}

function wordsOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return Object.values(body).map(String).join('; ');
  } catch {
    // not JSON: the text itself
  }
  return text.slice(0, 200);
}
