import { Kysely, PostgresDialect, type PostgresPoolClient, type Transaction } from 'kysely';
import pg from 'pg';
import { PreparingClient } from './connection.ts';
import type { Schema } from './schema.ts';

export type { Schema } from './schema.ts';
export type Database = Kysely<Schema>;
export type Tx = Transaction<Schema>;

const INT8 = 20;
const DATE = 1082;
const TIMESTAMPTZ = 1184;

/** The last one read: rows of one statement often say the same. */
let lastTimestamp = { text: '', instant: null as Temporal.Instant | null };

/** Postgres writes `2026-11-21 22:00:00.123+00`; infinity stands for "no bound" and has no instant. */
function parseTimestamp(text: string): Temporal.Instant | null {
  if (text.endsWith('infinity')) return null;
  if (text !== lastTimestamp.text) lastTimestamp = { text, instant: Temporal.Instant.from(text.replace(' ', 'T')) };
  return lastTimestamp.instant;
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
 * never as a crash of the process. With `pipeline` a statement is sent before those ahead of it on its connection are answered, which spares
 * each transaction a journey; such a connection can neither COPY nor keep a cursor.
 */
export function createPool(url: string, options: { max?: number; applicationName?: string; pipeline?: boolean } = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'wusul',
    types,
    options: '-c timezone=UTC',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    pipeline: options.pipeline ?? false,
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

/** Sorts before every id: where a walk by id begins. */
export const LEAST_ID = '00000000-0000-0000-0000-000000000000';

/** Kysely over a pool; `destroy()` ends the pool too. Statements marked by `named` are prepared once per connection. */
export function createDatabase(pool: pg.Pool): Database {
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const connect = async (): Promise<PostgresPoolClient> => {
    const client = await pool.connect();
    let preparing = known.get(client);
    if (preparing === undefined) {
      preparing = new PreparingClient(client, pool.options.pipeline === true);
      known.set(client, preparing);
    }
    return preparing;
  };
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: { connect, end: () => pool.end(), options: pool.options } }),
  });
}
