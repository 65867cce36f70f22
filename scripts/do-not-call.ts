import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { z } from 'zod';
import { loadSettings } from '../server/config.ts';
import { doNotCallFields, type DoNotCallResult } from '../server/contract/do-not-call.ts';
import { Refusal } from '../server/kernel/errors.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { borrowDatabase } from '../server/machine/borrow.ts';
import { createList } from '../server/queue/do-not-call/store.ts';
import { takeDoNotCallList } from '../server/queue/do-not-call/take.ts';
import { withPool } from './postgres.ts';
import { misuse, readOptions, tell } from './report.ts';

/**
 * `npm run do-not-call -- FILE --name NAME --source registry --country SA [--blocks everything] [--until DATE] [--dry-run] [--json]` takes a
 * list of numbers that are not to be called (CSV, XLSX or one a line), at once; with `--dry-run` it only counts.
 */

const COMMAND = 'do-not-call';
const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, positionals } = readOptions(COMMAND, process.argv.slice(2), {
  name: text,
  source: text,
  country: text,
  blocks: text,
  until: text,
  errors: text,
  'dry-run': flag,
  json: flag,
});
const [file, ...more] = positionals;
if (file === undefined) misuse(COMMAND, 'name a file: npm run do-not-call -- FILE --name NAME --source registry --country SA');
if (more.length > 0) misuse(COMMAND, 'one file at a time');
if (!existsSync(file) || !statSync(file).isFile()) misuse(COMMAND, `there is no file ${file}`);
const filePath = resolve(file);
const errorsPath = values.errors === undefined ? `${filePath}.errors.csv` : resolve(values.errors);
const { name, source, country, blocks, until } = values;
const asked = doNotCallFields.safeParse({ name, source, country, blocks, until });
if (!asked.success) {
  const [fault] = asked.error.issues;
  misuse(COMMAND, `--${String(fault?.path[0] ?? 'name')}: ${fault?.message ?? ''}`);
}

try {
  const result = await take(asked.data);
  if (result.rejected > 0) tell(`Rows without a number: ${errorsPath}`);
  if (values.json) process.stdout.write(`${JSON.stringify({ name: COMMAND, dryRun: values['dry-run'], ...result })}\n`);
  else process.stdout.write(table(result));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  misuse(COMMAND, error.message);
}

async function take(list: z.output<typeof doNotCallFields>): Promise<DoNotCallResult> {
  const borrowed = await borrowDatabase(loadSettings());
  try {
    return await withPool(borrowed.databaseUrl, async (pool, database) => {
      await migrateToLatest(database);
      const listId = await createList(database, {
        ...list,
        until: list.until ?? null,
        dryRun: values['dry-run'],
        fileName: basename(filePath),
        filePath,
        errorsPath,
        demo: false,
        createdBy: null,
      });
      return takeDoNotCallList({ pool, database, listId });
    });
  } finally {
    await borrowed.release();
  }
}

function table(result: DoNotCallResult): string {
  const rows: (readonly [string, number])[] = [
    ['rows', result.rows],
    ['numbers', result.numbers],
    ['new', result.new],
    ['already on the list', result.already],
    ['rows without a number', result.rejected],
    ['people reached', result.people],
    ['left the queue', result.left],
    ['ringing calls ended', result.calledOff],
  ];
  return rows.map(([words, count]) => `${words.padEnd(24)} ${String(count).padStart(12)}\n`).join('');
}
