import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.ts';

export type { Schema } from './schema.ts';
export type Database = Kysely<Schema>;
export type Tx = Transaction<Schema>;

const INT8 = 20;
const DATE = 1082;
const TIMESTAMPTZ = 1184;

/** Postgres writes `2026-11-21 22:00:00.123+00`; infinity stands for "no bound" and has no instant. */
function parseTimestamp(text: string): Temporal.Instant | null {
  if (text.endsWith('infinity')) return null;
  return Temporal.Instant.from(text.replace(' ', 'T'));
}

const parsers = new Map<number, (text: string) => unknown>([
  [INT8, (text) => BigInt(text)],
  [DATE, (text) => text],
  [TIMESTAMPTZ, parseTimestamp],
]);

/** How rows arrive: int8 as bigint, dates as `YYYY-MM-DD`, timestamptz as Temporal.Instant in UTC. */
const types = {
  getTypeParser: (oid: number, format?: string): unknown =>
    (format === 'binary' ? undefined : parsers.get(oid)) ?? pg.types.getTypeParser(oid, format as 'text'),
} as unknown as pg.CustomTypesConfig;

/**
 * A pool of connections. The caller owns it and ends it (`pool.end()`); a lost server surfaces as errors of single queries,
 * never as a crash of the process.
 */
export function createPool(url: string, options: { max?: number; applicationName?: string } = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'wusul',
    types,
    options: '-c timezone=UTC',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  pool.on('error', () => {
    // An idle connection broke; the next query opens another.
  });
  pool.on('connect', (client) => {
    client.on('error', () => {
      // A connection broke in the middle of a transaction: the query under way fails and says so.
    });
  });
  return pool;
}

/** Kysely over a pool; `destroy()` ends the pool too. */
export function createDatabase(pool: pg.Pool): Database {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}
