/** A connection that prepares statements, and sends those of a transaction that need not wait for one another in one journey. */
import type { Writable } from 'node:stream';
import type { CompiledQuery, PostgresCursor, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { readStatement, TOGETHER, type Statement } from './statements.ts';

const BEGIN: Statement = { text: 'begin', name: 'begin', values: [] };
const COMMIT: Statement = { text: 'commit', name: 'commit', values: [] };

type Result = PostgresQueryResult<unknown>;

/** The driver's own way to write a value, of which its types do not tell. */
function toWire(value: unknown): unknown {
  return (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils.prepareValue(value);
}

/** What the driver's connection does beyond what its types tell. */
interface Wire {
  stream: Writable;
  bind(statement: { statement: string | undefined; values: readonly unknown[] }): void;
  describe(portal: { type: 'P'; name: string }): void;
  execute(portal: null): void;
  sync(): void;
}

/** A connection of a pool as Kysely uses it. `pipelined`: a statement may be sent before those ahead of it are answered. */
export class PreparingClient implements PostgresPoolClient {
  private readonly client: pg.PoolClient;
  private readonly pipelined: boolean;
  /** What this connection has prepared. */
  private readonly prepared = new Set<string>();
  /** A transaction's beginning waits for its first statement. */
  private begins = false;
  /** A transaction's end went along with its last statement. */
  private isOver = false;
  constructor(client: pg.PoolClient, pipelined: boolean) {
    this.client = client;
    this.pipelined = pipelined;
  }

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    asked: string | PostgresCursor<R>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof asked !== 'string') return (this.client as unknown as PostgresPoolClient).query(asked);
    return this.answer(asked, values) as Promise<PostgresQueryResult<R>>;
  }

  /** With `broken` the connection is given up instead of being used again. */
  release(broken?: boolean | Error): void {
    this.begins = this.isOver = false;
    this.client.release(broken);
  }

  private answer(asked: string, values: readonly unknown[]): Promise<Result> {
    if (asked === TOGETHER) return this.answerBoth(values as readonly [CompiledQuery, CompiledQuery]);
    if (this.pipelined && asked === BEGIN.text) {
      this.begins = true;
      return Promise.resolve(done('BEGIN'));
    }
    if (this.pipelined && (asked === COMMIT.text || asked === 'rollback')) {
      const isDone = this.begins || this.isOver;
      this.begins = this.isOver = false;
      if (isDone) return Promise.resolve(done(asked.toUpperCase()));
      return this.ask(asked === COMMIT.text ? COMMIT : { text: asked, values });
    }
    const { statement, isLast } = readStatement(asked, values);
    return this.begins || (isLast && this.pipelined) ? this.answerOne(statement, isLast) : this.ask(statement);
  }

  /** Of a statement with which its transaction begins or ends. */
  private async answerOne(statement: Statement, isLast: boolean): Promise<Result> {
    const { results, isOver } = await this.send([statement], isLast);
    this.isOver = isOver;
    return results[0] ?? done('');
  }

  private async answerBoth([first, second]: readonly [CompiledQuery, CompiledQuery]): Promise<Result> {
    const one = readStatement(first.sql, first.parameters).statement;
    const two = readStatement(second.sql, second.parameters).statement;
    const results = this.pipelined ? (await this.send([one, two], false)).results : [await this.ask(one), await this.ask(two)];
    return { command: 'SELECT', rowCount: 1, rows: [{ first: results[0]?.rows, second: results[1]?.rows }] } as Result;
  }

  /**
   * Sends statements with the beginning of their transaction where that waits for them, and where `isLast` with its end if that makes no journey
   * of its own. What is prepared makes one journey with one answer; a statement's first time is a message of its own, for the driver to note
   * that it is prepared.
   */
  private async send(statements: readonly Statement[], isLast: boolean): Promise<{ results: Result[]; isOver: boolean }> {
    const first = this.begins ? [BEGIN] : [];
    this.begins = false;
    const whole = [...first, ...statements, ...(isLast ? [COMMIT] : [])];
    if (whole.length > 1 && whole.every(({ name }) => name !== undefined && this.prepared.has(name))) {
      const results = await this.travel(whole);
      return { results: results.slice(first.length), isOver: isLast };
    }
    const stream = this.connection()?.stream;
    stream?.cork();
    const answers = [...first, ...statements].map((each) => this.ask(each));
    stream?.uncork();
    const results = await Promise.all(answers);
    return { results: results.slice(first.length), isOver: false };
  }

  /** By callback: what pg's own promise brings stays alive until the next full collection, and each lesser one copies all of it. */
  private ask({ text, name, values }: Statement): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const client = this.client as unknown as {
      query(statement: unknown, values: unknown, answer: (error: Error | null, result: Result) => void): void;
    };
    client.query(name === undefined ? text : { name, text }, values, (error, result) => {
      if (error !== null) return reject(error);
      if (name !== undefined) this.prepared.add(name);
      resolve(result);
    });
    return promise;
  }

  /** Statements that are prepared, in one journey: the server answers all of them at once, so that nobody is woken by the first. */
  private travel(statements: readonly Statement[]): Promise<Result[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Result[]>();
    const bound = statements.map(({ name, values }) => ({ statement: name, values: values.map(toWire) }));
    const journey = new pg.Query({ text: '' }, (error: Error | null | undefined, results: unknown) => {
      if (error) reject(error);
      else resolve(results as Result[]);
    });
    journey.submit = (connection) => {
      const wire = connection as unknown as Wire;
      wire.stream.cork();
      for (const each of bound) {
        wire.bind(each);
        wire.describe({ type: 'P', name: '' });
        wire.execute(null);
      }
      wire.sync();
      wire.stream.uncork();
    };
    this.client.query(journey);
    return promise;
  }

  private connection(): { stream?: Writable } | undefined {
    return (this.client as unknown as { connection?: { stream?: Writable } }).connection;
  }
}

function done(command: string): Result {
  return { command, rowCount: 0, rows: [] } as unknown as Result;
}
