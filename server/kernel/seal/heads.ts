import { sign, verify, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import { canonicalJson } from '../history.ts';
import type { Schema } from '../schema.ts';
import { keyName } from './keys.ts';
import { merkleRoot, sha256 } from './tree.ts';

const HEAD_LOCK = 2_026_110_902;
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const number = z.string().regex(/^\d{1,18}$/);

/** What a daily head says: the batches sealed since the head before it, up to the end of that day in UTC. */
export const headStatement = z.object({
  says: z.literal('wusul history head 1'),
  day: z.iso.date(),
  firstBatch: number,
  lastBatch: number,
  /** Merkle root over the hashes of those batches, in hexadecimal. */
  root: hex32,
  /** Hash of the last batch. */
  hash: hex32,
  /** Events in all batches so far. */
  total: number,
  /** SHA-256 of the statement before, or null for the first. */
  previous: hex32.nullable(),
  /** Name of the public key. */
  key: z.string(),
});
export type HeadStatement = z.infer<typeof headStatement>;

/** A head as exported: the signed text, and the Ed25519 signature over its UTF-8 bytes in base64. */
export const exportedHead = z.object({ statement: z.string(), signature: z.base64() });
export type ExportedHead = z.infer<typeof exportedHead>;

/** Signs a head for every day before `today` (`YYYY-MM-DD`, UTC) that sealed something and has none yet. Returns how many. */
export async function signHeads(database: Kysely<Schema>, key: KeyObject, today: string): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${HEAD_LOCK})`.execute(transaction);
    let last = (await newestHead(transaction)) ?? null;
    const days = await daysToSign(transaction, last, today);
    for (const { day, lastBatch } of days) {
      const statement = await statementOf(transaction, { day, lastBatch, last, key: keyName(key) });
      const signature = sign(null, Buffer.from(statement), key);
      last = { day, first_batch: (last?.last_batch ?? 0n) + 1n, last_batch: lastBatch, statement, signature };
      await transaction.insertInto('history_head').values(last).execute();
    }
    return days.length;
  });
}

/** The newest heads, newest first, at most `limit`. */
export async function listHeads(database: Kysely<Schema>, limit: number): Promise<ExportedHead[]> {
  const rows = await database
    .selectFrom('history_head')
    .select(['statement', 'signature'])
    .orderBy('day', 'desc')
    .limit(limit)
    .execute();
  return rows.map(exported);
}

/** The head that covers a batch, or null while its day has none. */
export async function headOfBatch(database: Kysely<Schema>, batch: bigint): Promise<ExportedHead | null> {
  const row = await database
    .selectFrom('history_head')
    .select(['statement', 'signature'])
    .where('last_batch', '>=', batch)
    .where('first_batch', '<=', batch)
    .executeTakeFirst();
  return row === undefined ? null : exported(row);
}

/** Hashes of the batches from `first` to `last`, in order. */
export async function hashesOfBatches(database: Kysely<Schema>, first: bigint, last: bigint): Promise<Buffer[]> {
  const rows = await database
    .selectFrom('history_batch')
    .select('hash')
    .where('number', '>=', first)
    .where('number', '<=', last)
    .orderBy('number')
    .execute();
  return rows.map((row) => row.hash);
}

/** What a head says if one of these keys signed it; else what is wrong with it. */
export function readHead(
  head: ExportedHead,
  keys: ReadonlyMap<string, KeyObject>,
): HeadStatement | 'malformed' | 'unknown_key' | 'bad_signature' {
  const read = headStatement.safeParse(parsed(head.statement));
  if (!read.success) return 'malformed';
  const key = keys.get(read.data.key);
  if (key === undefined) return 'unknown_key';
  return verify(null, Buffer.from(head.statement), key, Buffer.from(head.signature, 'base64')) ? read.data : 'bad_signature';
}

/** Writes each head that has no file yet into the folder, as `DAY.json`; one that is there is left as it is, for audits to compare. */
export async function exportHeads(database: Kysely<Schema>, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const rows = await database.selectFrom('history_head').select(['day', 'statement', 'signature']).execute();
  for (const row of rows) {
    const file = join(folder, `${row.day}.json`);
    if (existsSync(file)) continue;
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(exported(row))}\n`, { mode: 0o600 });
    renameSync(draft, file);
  }
}

/** The heads in a folder, by the names of their files; null for a file that holds none. */
export function readHeadFiles(folder: string): { file: string; head: ExportedHead | null }[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.toSorted().map((file) => {
    const read = exportedHead.safeParse(parsed(readFileSync(join(folder, file), 'utf8')));
    return { file, head: read.success ? read.data : null };
  });
}

type HeadRow = Pick<ExportedHead, 'statement'> & { day: string; first_batch: bigint; last_batch: bigint; signature: Buffer };

function newestHead(database: Kysely<Schema>): Promise<HeadRow | undefined> {
  return database
    .selectFrom('history_head')
    .select(['day', 'first_batch', 'last_batch', 'statement', 'signature'])
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** A day whose clock was set back joins the next one: days and batches go forward together. */
async function daysToSign(
  database: Kysely<Schema>,
  last: HeadRow | null,
  today: string,
): Promise<{ day: string; lastBatch: bigint }[]> {
  const found = await sql<{ day: string; lastBatch: bigint }>`
    select (sealed_at at time zone 'UTC')::date as day, max(number) as "lastBatch" from history_batch
    where number > ${(last?.last_batch ?? 0n).toString()}::bigint group by 1 order by 1`.execute(database);
  const days: { day: string; lastBatch: bigint }[] = [];
  for (const row of found.rows) {
    const before = days.at(-1) ?? { day: last?.day ?? '', lastBatch: last?.last_batch ?? 0n };
    if (row.day < today && row.day > before.day && row.lastBatch > before.lastBatch) days.push(row);
  }
  return days;
}

async function statementOf(
  database: Kysely<Schema>,
  head: { day: string; lastBatch: bigint; last: HeadRow | null; key: string },
): Promise<string> {
  const firstBatch = (head.last?.last_batch ?? 0n) + 1n;
  const hashes = await hashesOfBatches(database, firstBatch, head.lastBatch);
  const { total, hash } = await database
    .selectFrom('history_batch')
    .select(['total', 'hash'])
    .where('number', '=', head.lastBatch)
    .executeTakeFirstOrThrow();
  const statement: HeadStatement = {
    says: 'wusul history head 1',
    day: head.day,
    firstBatch: firstBatch.toString(),
    lastBatch: head.lastBatch.toString(),
    root: merkleRoot(hashes).toString('hex'),
    hash: hash.toString('hex'),
    total: total.toString(),
    previous: head.last === null ? null : sha256(head.last.statement).toString('hex'),
    key: head.key,
  };
  return canonicalJson(statement);
}

function exported(row: { statement: string; signature: Buffer }): ExportedHead {
  return { statement: row.statement, signature: row.signature.toString('base64') };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
