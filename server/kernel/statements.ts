/** How a statement says what its connection should do with it. */
import { CompiledQuery, sql, type Kysely, type RawBuilder } from 'kysely';
import type { Schema } from './schema.ts';

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

/**
 * Asks two statements, the second of which sees what the first did and whatever was committed meanwhile. Where the pool says `pipeline` both
 * make one journey. When one fails, so does this. The second is asked whatever the first has found.
 */
export async function together<A, B>(
  database: Kysely<Schema>,
  first: RawBuilder<A>,
  second: RawBuilder<B>,
): Promise<{ first: A[]; second: B[] }> {
  const query = CompiledQuery.raw(TOGETHER, [first.compile(database), second.compile(database)]);
  const { rows } = await database.executeQuery<{ first: A[]; second: B[] }>(query);
  const [both] = rows;
  if (both === undefined) throw new Error('two statements were asked together and nothing was answered');
  return both;
}

/** Stands for the two statements that are its parameters; its answer is one row of what each has found. */
export const TOGETHER = '/* together */';

/** A statement as a connection is asked it. */
export interface Statement {
  text: string;
  /** Under which it is prepared, if at all. */
  name?: string;
  values: readonly unknown[];
}

const NAME = /^\s*\/\* named ([a-z0-9-]+)(, last)? \*\//;

/** The statement of a text, and whether its transaction ends with it. */
export function readStatement(text: string, values: readonly unknown[]): { statement: Statement; isLast: boolean } {
  const [, name, last] = NAME.exec(text) ?? [];
  return { statement: name === undefined ? { text, values } : { text, name, values }, isLast: last !== undefined };
}
