import { Redis } from 'ioredis';

/** A connection that keeps retrying; commands fail at once while Redis is away instead of queueing without end. The caller ends it. */
export function createRedis(url: string): Redis {
  const redis = new Redis(url, {
    // With one retry or more, a command under way when the connection breaks is neither answered nor refused until Redis is back.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: true,
    // What one turn of the event loop sends goes out in one write.
    enableAutoPipelining: true,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  redis.on('error', () => {
    // Reported by the commands that fail; a connection's own errors would only repeat them.
  });
  return redis;
}
