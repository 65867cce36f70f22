/** Asterisk's REST interface through ari-client, with what it lacks: limits in time, and errors that say which fault it was. */
import ari from 'ari-client';

import { SwitchFault, type SwitchFaultCode } from '../faults.ts';

export type AriClient = ari.Client;

export interface RestOptions {
  url: string;
  user: string;
  password: string;
  /** After this long without an answer a request counts as unanswered. */
  replyLimitMs: number;
}

export interface Rest {
  /**
   * Runs one request of ari-client.
   * @throws SwitchFault `no_reply` when the limit passes or `abandon` is called meanwhile, else what Asterisk's words mean.
   */
  ask<Answer>(request: (client: AriClient) => PromiseLike<Answer>): Promise<Answer>;
  /** Ends the wait of everything under way: the link is lost. ari-client itself never settles a request whose socket broke. */
  abandon(): void;
}

const NOTICE = 'This API is using a deprecated version of Swagger!';

/** Fetches Asterisk's description of its interface; once is enough for the life of the process, restarts of Asterisk included. */
export async function connectRest(options: RestOptions): Promise<Rest> {
  const client = await withLimit(
    quietly(() => ari.connect(options.url, options.user, options.password)),
    10_000,
  );
  const waiting = new Set<(fault: SwitchFault) => void>();
  return {
    ask(request) {
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          clearTimeout(limit);
          waiting.delete(giveUp);
          finish();
        };
        const giveUp = (fault: SwitchFault): void => settle(() => reject(fault));
        const limit = setTimeout(() => giveUp(new SwitchFault('no_reply', 'no answer in time')), options.replyLimitMs);
        waiting.add(giveUp);
        request(client).then(
          (answer) => settle(() => resolve(answer)),
          (error: unknown) => settle(() => reject(readFault(error))),
        );
      });
    },
    abandon() {
      for (const giveUp of waiting) giveUp(new SwitchFault('no_reply', 'the connection was lost'));
    },
  };
}

/** Asterisk's own clock (epoch milliseconds), when it answers and every module is in; null otherwise. */
export async function pingSwitch(options: RestOptions): Promise<number | null> {
  try {
    const answer = await fetch(`${options.url}/ari/asterisk/ping`, {
      headers: { authorization: `Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}` },
      signal: AbortSignal.timeout(options.replyLimitMs),
    });
    const body: unknown = await answer.json();
    if (!answer.ok || typeof body !== 'object' || body === null || !('timestamp' in body)) return null;
    const stampMs = Date.parse(String(body.timestamp));
    return Number.isNaN(stampMs) ? null : stampMs;
  } catch {
    return null;
  }
}

/** The words of Asterisk's REST interface, by what they mean for us. */
const WORDS: readonly [RegExp, SwitchFaultCode][] = [
  [/bridge not found|bridge not in stasis/i, 'bridge_gone'],
  [/not in (a )?stasis|not in this application/i, 'leg_not_controlled'],
  [/(channel|provided channel).*not found|no such channel|channel does not exist/i, 'leg_gone'],
];

function readFault(error: unknown): SwitchFault {
  const text = error instanceof Error ? error.message : String(error);
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

/** swagger-client prints a notice about its own age; nothing else is held back. */
async function quietly<Value>(run: () => PromiseLike<Value>): Promise<Value> {
  const { log } = console;
  console.log = (...words: unknown[]) => {
    const [first] = words;
    if (Array.isArray(first) && String(first[0]).startsWith(NOTICE)) return;
    log(...words);
  };
  try {
    return await run();
  } finally {
    console.log = log;
  }
}

async function withLimit<Value>(work: Promise<Value>, limitMs: number): Promise<Value> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new SwitchFault('no_reply', 'no answer in time')), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(limit);
  }
}
