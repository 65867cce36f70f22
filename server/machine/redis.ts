import { mkdirSync } from 'node:fs';
import { Redis } from 'ioredis';
import { localSocket } from './local-socket.ts';
import { endProcess, startProcess, type StartWatch } from './process.ts';
import { whenReady, type Service } from './service.ts';
import type { Tree } from './tree.ts';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 2_000;

/** What an embedded Redis needs. `durable` false keeps nothing on disk: tests only. */
export interface RedisSettings extends StartWatch {
  tree: Tree;
  dataFolder: string;
  port: number;
  password: string;
  logFile: string;
  durable: boolean;
  diesWithUs?: boolean;
}

/** Starts Redis on loopback. Its configuration goes in by standard input, so that the password stands on no command line. */
export async function startRedis(settings: RedisSettings): Promise<Service> {
  mkdirSync(settings.dataFolder, { recursive: true, mode: 0o700 });
  const command = settings.tree.command('redis-server', ['-']);
  const running = await startProcess({
    name: 'redis',
    ...command,
    folder: settings.dataFolder,
    logFile: settings.logFile,
    input: configuration(settings),
    ...(settings.diesWithUs && { diesWithUs: true }),
    onSpawn: settings.onSpawn,
    signal: settings.signal,
  });
  try {
    await whenReady(running, settings.logFile, START_LIMIT_MS, () => answers(redisUrl(settings)), settings.signal);
  } catch (error) {
    await endProcess(running.identity, 'SIGKILL', STOP_LIMIT_MS);
    throw error;
  }
  return {
    name: 'redis',
    process: running,
    async stop() {
      await endProcess(running.identity, 'SIGTERM', STOP_LIMIT_MS);
    },
  };
}

/** The address of one numbered database of an embedded Redis. */
export function redisUrl(settings: { port: number; password: string }, database = 0): string {
  return `redis://:${encodeURIComponent(settings.password)}@127.0.0.1:${settings.port}/${database}`;
}

/** The same for whoever runs on this machine: by the socket in the data folder, where there is one. */
export function localRedisUrl(settings: { port: number; password: string; dataFolder: string }): string {
  const socket = socketOf(settings);
  return socket === null ? redisUrl(settings) : `${redisUrl(settings)}?${new URLSearchParams({ path: socket }).toString()}`;
}

function socketOf({ dataFolder }: { dataFolder: string }): string | null {
  return localSocket(dataFolder, 'redis.sock');
}

function configuration(settings: RedisSettings): string {
  const socket = socketOf(settings);
  const lines = [
    'bind 127.0.0.1',
    `port ${settings.port}`,
    ...(socket === null ? [] : [`unixsocket "${socket}"`, 'unixsocketperm 700']),
    `requirepass ${settings.password}`,
    `dir ${JSON.stringify(settings.dataFolder)}`,
    'daemonize no',
    'loglevel warning',
    'databases 256',
    // A job that Redis forgot to make room would never run.
    'maxmemory-policy noeviction',
    'save ""',
    settings.durable ? 'appendonly yes' : 'appendonly no',
  ];
  return `${lines.join('\n')}\n`;
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 1_000 });
  redis.on('error', () => {
    // The server is not up yet.
  });
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
