import type { Redis } from 'ioredis';
import { inject } from 'vitest';
import { createRedis } from '../../server/kernel/redis.ts';
import { redisUrl } from '../../server/machine/redis.ts';

const DATABASES = 256;

/** A numbered database of its own in the run's Redis; the file calls `close` when it is done (`afterAll`). */
export interface FreshRedis {
  url: string;
  redis: Redis;
  close(): Promise<void>;
}

/** Takes the next empty database. Channels of PUBLISH cross databases; streams, keys and jobs do not. */
export async function freshRedis(): Promise<FreshRedis> {
  const server = inject('redis');
  const counter = createRedis(redisUrl(server));
  const number = 1 + ((await counter.incr('next-database')) % (DATABASES - 1));
  counter.disconnect();
  const url = redisUrl(server, number);
  const redis = createRedis(url);
  await redis.flushdb();
  return {
    url,
    redis,
    async close() {
      await redis.flushdb();
      redis.disconnect();
    },
  };
}
