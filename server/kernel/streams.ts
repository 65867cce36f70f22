import type { Redis } from 'ioredis';
import type { z } from 'zod';
import type { Logger } from './log.ts';

const FIELD = 'message';
const BLOCK_MS = 1_000;
const RETRY_MS = 250;

/**
 * A typed stream of messages between processes. It is a hint that makes things quick: the database holds the truth, a reader that
 * was away asks for a snapshot. Old messages are trimmed.
 */
export interface Stream<Schema extends z.ZodType> {
  readonly key: string;
  readonly schema: Schema;
  /** Roughly how many messages are kept. */
  readonly keep: number;
}

/** Names a stream and the shape of its messages. */
export function defineStream<Schema extends z.ZodType>(key: string, schema: Schema, keep = 10_000): Stream<Schema> {
  return { key, schema, keep };
}

/** Appends one message. Throws when Redis is away: the caller decides whether that matters. */
export async function publish<Schema extends z.ZodType>(
  redis: Redis,
  stream: Stream<Schema>,
  message: z.infer<Schema>,
): Promise<void> {
  await redis.xadd(stream.key, 'MAXLEN', '~', stream.keep, '*', FIELD, JSON.stringify(message));
}

/** What a reader was started with, and how to stop it. */
export interface Reader {
  /** Resolves once the reader's place in the stream is fixed: whatever is appended after that will be read. */
  ready: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Reads every message from now on, in order, until stopped; survives the loss of Redis. `onGap` is called when messages may have
 * been missed (the connection was lost and is back). The reader owns a connection of its own, since a blocking read occupies it.
 */
export function follow<Schema extends z.ZodType>(
  redis: Redis,
  stream: Stream<Schema>,
  options: { onMessage: (message: z.infer<Schema>) => void | Promise<void>; onGap?: () => void; log: Logger },
): Reader {
  const connection = redis.duplicate({ maxRetriesPerRequest: null, enableAutoPipelining: false });
  let missed = false;
  connection.on('error', () => {
    // Told through onGap when the connection is back.
  });
  // A read under way is resent by itself and does not fail.
  connection.on('close', () => (missed = true));
  let stopped = false;
  let cursor: string | null = null;
  const { promise: ready, resolve: placed } = Promise.withResolvers<void>();

  async function read(): Promise<void> {
    // `$` would skip what arrives between two reads: the newest id is looked up once.
    if (cursor === null) {
      const newest = await connection.xrevrange(stream.key, '+', '-', 'COUNT', 1);
      cursor = newest[0]?.[0] ?? '0-0';
      placed();
    }
    const reply = await connection.xread('COUNT', 200, 'BLOCK', BLOCK_MS, 'STREAMS', stream.key, cursor);
    for (const [, entries] of reply ?? []) {
      for (const [id, fields] of entries) {
        cursor = id;
        await deliver(fields[1] ?? '');
      }
    }
  }

  async function deliver(text: string): Promise<void> {
    const parsed = stream.schema.safeParse(parseJson(text));
    if (!parsed.success) {
      options.log.warn({ stream: stream.key }, 'stream message of an unknown shape was dropped');
      return;
    }
    try {
      await options.onMessage(parsed.data);
    } catch (error) {
      options.log.error({ err: error, stream: stream.key }, 'stream message failed');
    }
  }

  const running = (async () => {
    while (!stopped) {
      try {
        await read();
        if (missed) {
          missed = false;
          options.onGap?.();
        }
      } catch {
        if (stopped) break;
        missed = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  })();

  return {
    ready,
    async stop() {
      stopped = true;
      connection.disconnect();
      await running;
      placed();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
