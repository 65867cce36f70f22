import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Pool } from 'pg';
import { createDatabase, createPool, type Database } from '../server/kernel/database.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { choosePort } from '../server/machine/ports.ts';
import { postgresUrl, startPostgres } from '../server/machine/postgres.ts';

/** Runs `work` with a pool on a database, and ends the pool. */
export async function withPool<T>(url: string, work: (pool: Pool, database: Database) => Promise<T>): Promise<T> {
  const pool = createPool(url, { applicationName: 'wusul-command' });
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

async function withOwnPostgres<T>(work: (url: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'wusul-postgres-'));
  // As root the server runs as another user, who must be able to enter.
  chmodSync(folder, 0o711);
  const settings = { port: await choosePort(null, 'tcp'), password: randomBytes(12).toString('hex') };
  try {
    const service = await startPostgres({
      ...settings,
      dataFolder: join(folder, 'data'),
      logFile: join(folder, 'postgres.log'),
      durable: true,
      diesWithUs: true,
    });
    try {
      return await work(postgresUrl(settings, 'postgres'));
    } finally {
      await service.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
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
