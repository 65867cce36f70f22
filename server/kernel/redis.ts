import { Redis } from 'ioredis';

/** A connection that keeps retrying; commands fail at once while Redis is away instead of queueing without end. The caller ends it. */
export function createRedis(url: string): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  redis.on('error', () => {
    // Reported by the commands that fail; a connection's own errors would only repeat them.
  });
  return redis;
}
