import type { Writable } from 'node:stream';
import {
  Kysely,
  PostgresDialect,
  sql,
  type PostgresCursor,
  type PostgresPoolClient,
  type PostgresQueryResult,
  type RawBuilder,
  type Transaction,
} from 'kysely';
import pg from 'pg';
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

/**
 * The beginning of a statement that is asked so often that planning it anew each time would cost more than it does. Its text must always be
 * the same: a name stands for one statement. Few statements deserve it, since each connection keeps all of theirs.
 */
export function named(name: string): RawBuilder<unknown> {
  return sql.raw(`/* named ${name} */`);
}

/**
 * The same for the last statement of a transaction, with which its end is sent where the pool says `pipeline`: what fails, fails as if it had
 * been waited for, and nothing may be asked after it. Only inside a transaction.
 */
export function lastNamed(name: string): RawBuilder<unknown> {
  return sql.raw(`/* named ${name}, last */`);
}

const NAME = /^\s*\/\* named ([a-z0-9-]+)(, last)? \*\//;

/** A connection that prepares what is `named`. */
class PreparingClient implements PostgresPoolClient {
  private readonly client: pg.PoolClient;
  /** Whether a statement may be sent before those ahead of it are answered. */
  private readonly pipelined: boolean;
  /** Holds the beginning of a transaction until its first statement. */
  private held: Writable | null = null;
  /** The end of a transaction that was sent with its last statement. */
  private ending: Promise<PostgresQueryResult<unknown>> | null = null;
  constructor(client: pg.PoolClient, pipelined: boolean) {
    this.client = client;
    this.pipelined = pipelined;
  }

  /** Where it may be, a transaction's beginning is not waited for: where that fails, so does the statement behind it. */
  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    asked: string | PostgresCursor<R>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof asked !== 'string') {
      this.letGo();
      return (this.client as unknown as PostgresPoolClient).query(asked);
    }
    if (asked === 'begin' && this.pipelined) {
      this.hold();
      this.ask<R>(asked).catch(() => undefined);
      return Promise.resolve({ command: 'BEGIN', rowCount: 0, rows: [] } as unknown as PostgresQueryResult<R>);
    }
    const { ending } = this;
    if (ending !== null && (asked === 'commit' || asked === 'rollback')) {
      this.ending = null;
      // Where the statement failed, the server has made a roll-back of it.
      return ending as Promise<PostgresQueryResult<R>>;
    }
    const [, name, mark] = NAME.exec(asked) ?? [];
    const isLast = mark !== undefined && this.pipelined;
    if (isLast) this.hold();
    const answer = this.ask<R>(name === undefined ? asked : { name, text: asked }, values);
    if (isLast) {
      this.ending = this.ask('commit');
      this.ending.catch(() => undefined);
    }
    this.letGo();
    return answer;
  }

  /** By callback: what pg's own promise brings stays alive until the next full collection, and each lesser one copies all of it. */
  private ask<R>(
    statement: string | { name: string; text: string },
    values?: readonly unknown[],
  ): Promise<PostgresQueryResult<R>> {
    const { promise, resolve, reject } = Promise.withResolvers<PostgresQueryResult<R>>();
    const client = this.client as unknown as {
      query(statement: unknown, values: unknown, answer: (error: Error | null, result: PostgresQueryResult<R>) => void): void;
    };
    client.query(statement, values, (error, result) => (error === null ? resolve(result) : reject(error)));
    return promise;
  }

  /** What is written goes out with the next statement: each writing costs more than what is in it. */
  private hold(): void {
    if (this.held !== null) return;
    this.held = (this.client as unknown as { connection?: { stream?: Writable } }).connection?.stream ?? null;
    this.held?.cork();
  }

  private letGo(): void {
    this.held?.uncork();
    this.held = null;
  }

  /** With `broken` the connection is given up instead of being used again. */
  release(broken?: boolean | Error): void {
    this.letGo();
    this.client.release(broken);
  }
}
