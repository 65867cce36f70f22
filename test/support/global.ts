import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, createPool } from '../../server/kernel/database.ts';
import { migrateToLatest } from '../../server/kernel/migrate.ts';
import { choosePort } from '../../server/machine/ports.ts';
import { ensureDatabase, postgresUrl, startPostgres } from '../../server/machine/postgres.ts';
import { identify } from '../../server/machine/process.ts';
import { startRedis } from '../../server/machine/redis.ts';
import type { Service } from '../../server/machine/service.ts';
import { openTree } from '../../server/machine/tree.ts';
import { TEMPLATE } from './template.ts';

const RUNTIME = join(import.meta.dirname, '../../.runtime');

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of the server's own database; names of databases are appended by `freshDatabase`. */
    postgres: { port: number; password: string };
    redis: { port: number; password: string };
    /** A folder of this run, removed at its end. */
    runFolder: string;
    treeFolder: string;
  }
}

interface Project {
  provide(key: 'postgres' | 'redis', value: { port: number; password: string }): void;
  provide(key: 'runFolder' | 'treeFolder', value: string): void;
}

/** Starts one PostgreSQL with a migrated template database and one Redis for the whole run; returns how to end them. */
export default async function setup(project: Project): Promise<() => Promise<void>> {
  removeAbandonedRuns();
  const runFolder = join(RUNTIME, 'test', String(process.pid));
  mkdirSync(runFolder, { recursive: true });
  const treeFolder = join(RUNTIME, 'tree');
  const tree = openTree(treeFolder);

  const services: Service[] = [];
  async function stop(): Promise<void> {
    await Promise.all(services.map((service) => service.stop()));
    rmSync(runFolder, { recursive: true, force: true });
  }
  try {
    const password = randomBytes(12).toString('hex');
    const postgres = { port: await choosePort(null, 'tcp'), password };
    const redis = { port: await choosePort(null, 'tcp', new Set([postgres.port])), password };
    const started = await Promise.allSettled([
      startPostgres({
        ...postgres,
        tree,
        dataFolder: join(runFolder, 'postgres'),
        logFile: join(runFolder, 'postgres.log'),
        durable: false,
        diesWithUs: true,
      }),
      startRedis({
        ...redis,
        tree,
        dataFolder: join(runFolder, 'redis'),
        logFile: join(runFolder, 'redis.log'),
        durable: false,
        diesWithUs: true,
      }),
    ]);
    for (const result of started) if (result.status === 'fulfilled') services.push(result.value);
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    await ensureDatabase(postgres, TEMPLATE);
    const database = createDatabase(createPool(postgresUrl(postgres, TEMPLATE)));
    try {
      await migrateToLatest(database);
    } finally {
      await database.destroy();
    }
    project.provide('postgres', postgres);
    project.provide('redis', redis);
    project.provide('runFolder', runFolder);
    project.provide('treeFolder', treeFolder);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Folders of runs that were killed: the servers in them died with their run. */
function removeAbandonedRuns(): void {
  const home = join(RUNTIME, 'test');
  mkdirSync(home, { recursive: true });
  for (const name of readdirSync(home)) {
    if (identify(Number(name)) === null) rmSync(join(home, name), { recursive: true, force: true });
  }
}
