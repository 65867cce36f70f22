/** The numbers of an uploaded list, read into a table of their own before anything changes. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { finished, pipeline } from 'node:stream/promises';
import { sql, type RawBuilder } from 'kysely';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openErrorFile } from '../../debtors/import/error-file.ts';
import { refuse } from '../../debtors/import/faults.ts';
import { openList } from '../../debtors/import/list.ts';
import { isPhoneCountry, readPhone, readPhones } from '../../debtors/phones.ts';

/** Where a list's numbers stand until they are taken. */
export interface StagedNumbers {
  name: string;
  table: RawBuilder<unknown>;
}

/** The staging table of a list, whether it exists or not. */
export function stagedNumbers(listId: string): StagedNumbers {
  const name = `do_not_call_rows_${listId.replaceAll('-', '')}`;
  return { name, table: sql.table(name) };
}

const CHUNK = 65_536;

/**
 * Which columns of a list hold numbers, and whether its first row is one of numbers already rather than a header: columns whose header says so,
 * else those whose first cell is a number, else the only one there is. Throws `import_column_unmapped` where none of it tells.
 */
export function numberColumns(
  header: readonly string[],
  named: readonly number[],
  country: string,
): { columns: readonly number[]; headless: boolean } {
  if (named.length > 0) return { columns: named, headless: false };
  const home = isPhoneCountry(country) ? country : null;
  const numbers = header.flatMap((cell, index) => (home !== null && readPhone(cell, home) !== null ? [index] : []));
  if (numbers.length > 0) return { columns: numbers, headless: true };
  // A first row of digits that are no number is one of the list's mistakes, and no header.
  if (header.length === 1) return { columns: [0], headless: !/\p{L}/u.test(header[0] ?? '') };
  const columns = header.map((cell) => JSON.stringify(cell)).join(', ');
  throw refuse('import_column_unmapped', `No column of numbers was found. The list has ${columns}; call it “phone”`, 'phone', {
    missing: ['phone'],
    header,
  });
}

/**
 * Reads a list of numbers (CSV, XLSX, or one number a line; digits of any script; national forms as in `country`) into its staging table, and
 * what is no number into the error file, without it. Returns rows, rows without a number, and the file's SHA-256. A list that cannot be read
 * throws a Refusal and leaves nothing. `tell` hears how many rows have been read.
 */
export async function stageNumbers(
  client: PoolClient,
  list: { id: string; filePath: string; errorsPath: string; country: string },
  { signal, tell }: { signal?: AbortSignal | undefined; tell: (rows: number) => Promise<void> },
): Promise<{ rows: number; rejected: number; digest: string }> {
  const { country } = list;
  if (!isPhoneCountry(country)) throw refuse('import_unknown_country', `Unknown country ${JSON.stringify(country)}`, 'country');
  const file = await openList(list.filePath, { columns: {} }, []);
  const errors = openErrorFile(list.errorsPath);
  const { name } = stagedNumbers(list.id);
  const counts = { rows: 0, rejected: 0 };
  let copying = false;
  try {
    const { columns, headless } = numberColumns(file.layout.header, file.layout.columns.phone, country);
    const column = headless ? 'phone' : (file.layout.header[columns[0] ?? 0] ?? 'phone');
    await client.query('begin');
    copying = true;
    await client.query(`drop table if exists ${name}`);
    await client.query(`create unlogged table ${name} (e164 text not null)`);
    const stream = client.query(copyFrom(`copy ${name} from stdin`));
    let failure: unknown;
    stream.on('error', (error) => {
      failure = error;
    });
    let buffer = '';
    const flush = async (): Promise<void> => {
      if (failure !== undefined) throw failure;
      const full = !stream.write(buffer);
      buffer = '';
      if (full) await once(stream, 'drain');
    };
    const take = async (row: number, cells: readonly string[]): Promise<void> => {
      if (cells.every((cell) => cell.trim() === '')) return;
      counts.rows += 1;
      const { phones, invalid } = readPhones(columns.map((index) => cells[index] ?? '').join(';'), country);
      for (const phone of phones) buffer += `${phone.e164}\n`;
      if (phones.length === 0) {
        counts.rejected += 1;
        await errors.add(row, { reason: 'no_valid_phone', column }, 'row rejected');
      } else if (invalid > 0) await errors.add(row, { reason: 'invalid_phone', column }, 'row kept');
      if (buffer.length > CHUNK) await flush();
    };
    if (headless) await take(1, file.layout.header);
    for await (const records of file.records) {
      signal?.throwIfAborted();
      for (const { row, cells } of records) await take(row, cells);
      await tell(counts.rows);
    }
    await flush();
    stream.end();
    await finished(stream);
    await client.query(`create index on ${name} (e164)`);
    await client.query(`analyze ${name}`);
    if (counts.rows === 0) throw refuse('import_no_rows', 'The list has no numbers', 'file');
    await client.query('commit');
    await errors.close();
  } catch (error) {
    await errors.abandon();
    // A connection that is gone has rolled back by itself.
    if (copying) await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  const digest = createHash('sha256');
  await pipeline(createReadStream(list.filePath), digest);
  return { ...counts, digest: digest.digest('hex') };
}
