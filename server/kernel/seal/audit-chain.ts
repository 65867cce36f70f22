import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import type { FaultList } from './audit.ts';
import { batchHash, NO_BATCH } from './batch.ts';
import { hashesOfBatches, readHead, type ExportedHead, type HeadStatement } from './heads.ts';
import { chainAfter } from './store.ts';
import { merkleRoot, sha256 } from './tree.ts';

const BATCHES_AT_ONCE = 4_096;

/** Heads as the database and the exported files have them. */
export interface HeadsToCheck {
  keys: ReadonlyMap<string, KeyObject>;
  exported: readonly { file: string; head: ExportedHead | null }[];
}

/** Verifies that each batch is what its hash says and continues the one before, and that every signed head agrees with the chain. */
export async function auditChain(
  database: Kysely<Schema>,
  given: HeadsToCheck,
  faults: FaultList,
): Promise<{ batches: number; heads: number }> {
  return { batches: await auditBatches(database, faults), heads: await auditHeads(database, given, faults) };
}

async function auditBatches(database: Kysely<Schema>, faults: FaultList): Promise<number> {
  let last: { number: bigint; hash: Buffer; total: bigint } = { number: 0n, hash: NO_BATCH, total: 0n };
  let batches = 0;
  for (;;) {
    const page = await chainAfter(database, last.number, BATCHES_AT_ONCE);
    for (const batch of page) {
      batches += 1;
      const where = { batch: batch.number, day: batch.month };
      const continues =
        batch.number === last.number + 1n &&
        batch.previous.equals(last.hash) &&
        batch.total === last.total + BigInt(batch.events);
      if (!batchHash(batch, batch.marksHash).equals(batch.hash)) faults.add('batch_changed', where);
      else if (!continues) faults.add('chain_broken', where);
      last = batch;
    }
    if (page.length < BATCHES_AT_ONCE) return batches;
  }
}

/** The database's heads follow one another without a gap; a file must agree with the chain by itself, since the database may have lost its row. */
async function auditHeads(database: Kysely<Schema>, { keys, exported }: HeadsToCheck, faults: FaultList): Promise<number> {
  const rows = await database.selectFrom('history_head').selectAll().orderBy('day').execute();
  const known = new Set<string>();
  let last: { statement: string; lastBatch: bigint } | null = null;
  for (const row of rows) {
    const head = { statement: row.statement, signature: row.signature.toString('base64') };
    known.add(JSON.stringify(head));
    const says = read(head, row.day);
    if (says === null) continue;
    const follows =
      says.day === row.day &&
      BigInt(says.firstBatch) === row.first_batch &&
      BigInt(says.lastBatch) === row.last_batch &&
      row.first_batch === (last?.lastBatch ?? 0n) + 1n &&
      says.previous === (last === null ? null : sha256(last.statement).toString('hex'));
    if (!follows || !(await agrees(database, says))) faults.add('head_contradicted', { day: row.day, batch: row.last_batch });
    last = { statement: row.statement, lastBatch: row.last_batch };
  }
  for (const { file, head } of exported) {
    const day = file.replace(/\.json$/, '');
    if (head === null) faults.add('signature_wrong', { day });
    else if (!known.has(JSON.stringify({ statement: head.statement, signature: head.signature }))) {
      const says = read(head, day);
      // Signed here once, and not what the database says of that day.
      if (says !== null) faults.add('head_contradicted', { day, batch: BigInt(says.lastBatch) });
    }
  }
  return rows.length;

  function read(head: ExportedHead, day: string): HeadStatement | null {
    const says = readHead(head, keys);
    if (typeof says !== 'string') return says;
    faults.add(says === 'unknown_key' ? 'key_unknown' : 'signature_wrong', { day });
    return null;
  }
}

async function agrees(database: Kysely<Schema>, says: HeadStatement): Promise<boolean> {
  const [first, last] = [BigInt(says.firstBatch), BigInt(says.lastBatch)];
  const hashes = await hashesOfBatches(database, first, last);
  if (BigInt(hashes.length) !== last - first + 1n) return false;
  const tip = await database.selectFrom('history_batch').select('total').where('number', '=', last).executeTakeFirst();
  return (
    tip?.total.toString() === says.total &&
    hashes.at(-1)?.toString('hex') === says.hash &&
    merkleRoot(hashes).toString('hex') === says.root
  );
}
