import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Pool } from 'pg';
import { loadSettings } from '../server/config.ts';
import { createDatabase, createPool, type Database } from '../server/kernel/database.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { choosePort } from '../server/machine/ports.ts';
import { ensureDatabase, localPostgresUrl, startPostgres, type PostgresSettings } from '../server/machine/postgres.ts';
import { openTree } from '../server/machine/tree.ts';

/** Runs `work` with a pool on a database, and ends the pool. `pipeline`: as `createPool` has it. */
export async function withPool<T>(
  url: string,
  work: (pool: Pool, database: Database) => Promise<T>,
  { pipeline = false }: { pipeline?: boolean } = {},
): Promise<T> {
  const pool = createPool(url, { applicationName: 'wusul-command', pipeline });
  const database = createDatabase(pool);
  try {
    return await work(pool, database);
  } finally {
    await database.destroy();
  }
}

/**
 * Runs `work` on a new, migrated database that is gone afterwards: on the server given, whose user must be allowed to create databases, or,
 * without one, on a PostgreSQL of our own that is gone too.
 */
export async function withScratchDatabase<T>(serverUrl: string | null, work: (url: string) => Promise<T>): Promise<T> {
  if (serverUrl === null) return withOwnPostgres((url) => withScratchDatabase(url, work));
  const name = `wusul_scratch_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, `create database ${name}`);
  try {
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    await withPool(url.href, (_, database) => migrateToLatest(database));
    return await work(url.href);
  } finally {
    await administer(serverUrl, `drop database if exists ${name} with (force)`);
  }
}

/**
 * Lays a new, migrated database on a PostgreSQL of our own that writes no log and is not safe against a crash, then runs `work` with it on
 * one as safe as any; both are gone afterwards.
 */
export async function withLaidDatabase<Laid, T>(
  lay: (url: string) => Promise<Laid>,
  work: (url: string, laid: Laid) => Promise<T>,
): Promise<T> {
  return withOwnServer(async (settings) => {
    const url = localPostgresUrl(settings, 'laid');
    const laid = await withService({ ...settings, durable: false }, async () => {
      await ensureDatabase(settings, 'laid');
      await withPool(url, (_, database) => migrateToLatest(database));
      return lay(url);
    });
    return withService({ ...settings, durable: true }, () => work(url, laid));
  });
}

function withOwnPostgres<T>(work: (url: string) => Promise<T>): Promise<T> {
  return withOwnServer((settings) =>
    withService({ ...settings, durable: true }, () => work(localPostgresUrl(settings, 'postgres'))),
  );
}

type ServerSettings = Omit<PostgresSettings, 'durable'>;

/** A folder, a port and a password for a PostgreSQL of our own. */
async function withOwnServer<T>(work: (settings: ServerSettings) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'wusul-postgres-'));
  // As root the server runs as another user, who must be able to enter.
  chmodSync(folder, 0o711);
  try {
    return await work({
      tree: openTree(join(loadSettings().RUNTIME_DIR, 'tree')),
      port: await choosePort(null, 'tcp'),
      password: randomBytes(12).toString('hex'),
      dataFolder: join(folder, 'data'),
      logFile: join(folder, 'postgres.log'),
      diesWithUs: true,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withService<T>(settings: PostgresSettings, work: () => Promise<T>): Promise<T> {
  const service = await startPostgres(settings);
  try {
    return await work();
  } finally {
    await service.stop();
  }
}

async function administer(serverUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
