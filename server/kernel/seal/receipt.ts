import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { canonicalJson, leafOf, type Json } from '../history.ts';
import type { Schema } from '../schema.ts';
import { batchHash, entryHash } from './batch.ts';
import { exportedHead, hashesOfBatches, headOfBatch, readHead } from './heads.ts';
import { batchesOfMonth, eventById, eventsOfMonth } from './store.ts';
import { inclusionPath, provesInclusion, sha256 } from './tree.ts';

const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const id = z.string().regex(/^\d{1,18}$/);

/** Proof that an event stood in the sealed history: bytes in hexadecimal, ids as text, moments in ISO 8601 with six decimals. */
export const receipt = z.object({
  event: z.object({
    id,
    at: z.string(),
    kind: z.string(),
    subject: z.string(),
    subjectId: z.string(),
    actor: z.string().nullable(),
    leaf: hex,
    /** Null once erased, like the salt. */
    body: z.json().nullable(),
    salt: hex.nullable(),
  }),
  /** Where the event is in its batch, and its siblings up to the batch's root. */
  index: z.number().int().min(0),
  path: z.array(hex),
  batch: z.object({
    number: id,
    month: z.string(),
    firstId: id,
    lastId: id,
    throughId: id,
    events: z.number().int().positive(),
    total: id,
    ids: z.string(),
    root: hex,
    marksHash: hex,
    previous: hex,
    sealedAt: z.string(),
    hash: hex,
  }),
  /** The day's signed head and the batch's siblings up to its root; null until the day is over. */
  head: exportedHead.extend({ path: z.array(hex) }).nullable(),
});
export type Receipt = z.infer<typeof receipt>;

/** What is wrong with a receipt; `unsigned` when nothing is but its day has no head yet. */
export type ReceiptFault = 'body' | 'inclusion' | 'batch' | 'head' | 'unsigned';

/** The receipt of an event: an inclusion proof (RFC 9162, 2.1.3) of the event in its batch and of the batch in its day's head. Null while not sealed. */
export async function receiptOf(database: Kysely<Schema>, eventId: bigint): Promise<Receipt | null> {
  const event = await eventById(database, eventId);
  if (event === null) return null;
  const [batch] = await batchesOfMonth(database, event.month, eventId - 1n, 1);
  if (batch === undefined) return null;
  const events = await eventsOfMonth(database, event.month, batch.firstId - 1n, batch.events);
  const index = events.findIndex((other) => other.id === eventId);
  if (index === -1) return null;
  const { marks, root, previous, hash, number, firstId, lastId, throughId, total, ...plain } = batch;
  return {
    event: {
      id: event.id.toString(),
      at: event.at,
      kind: event.kind,
      subject: event.subject,
      subjectId: event.subjectId,
      actor: event.actor,
      leaf: event.leaf,
      body: (event.body ?? null) as Receipt['event']['body'],
      salt: event.salt?.toString('hex') ?? null,
    },
    index,
    path: hexOf(inclusionPath(events.map(entryHash), index)),
    batch: {
      number: number.toString(),
      month: plain.month,
      firstId: firstId.toString(),
      lastId: lastId.toString(),
      throughId: throughId.toString(),
      events: plain.events,
      total: total.toString(),
      ids: plain.ids,
      root: root.toString('hex'),
      marksHash: sha256(marks).toString('hex'),
      previous: previous.toString('hex'),
      sealedAt: plain.sealedAt,
      hash: hash.toString('hex'),
    },
    head: await headPart(database, number),
  };
}

/** Checks a receipt by itself, with nothing but the public keys that may sign heads. Null when it proves the event. */
export function faultOfReceipt(given: Receipt, keys: ReadonlyMap<string, KeyObject>): ReceiptFault | null {
  const { event, batch, head } = given;
  if ((event.body === null) !== (event.salt === null)) return 'body';
  if (
    event.salt !== null &&
    leafOf(Buffer.from(event.salt, 'hex'), canonicalJson(event.body as Json)).toString('hex') !== event.leaf
  )
    return 'body';
  const entry = entryHash({ ...event, id: BigInt(event.id) });
  if (!provesInclusion(entry, given.index, batch.events, bytesOf(given.path), Buffer.from(batch.root, 'hex'))) return 'inclusion';
  const hash = batchHash(
    {
      ...batch,
      number: BigInt(batch.number),
      firstId: BigInt(batch.firstId),
      lastId: BigInt(batch.lastId),
      throughId: BigInt(batch.throughId),
      total: BigInt(batch.total),
      root: Buffer.from(batch.root, 'hex'),
      previous: Buffer.from(batch.previous, 'hex'),
    },
    Buffer.from(batch.marksHash, 'hex'),
  );
  if (hash.toString('hex') !== batch.hash) return 'batch';
  if (head === null) return 'unsigned';
  const statement = readHead(head, keys);
  if (typeof statement === 'string') return 'head';
  const first = BigInt(statement.firstBatch);
  const place = Number(BigInt(batch.number) - first);
  const size = Number(BigInt(statement.lastBatch) - first) + 1;
  return provesInclusion(hash, place, size, bytesOf(head.path), Buffer.from(statement.root, 'hex')) ? null : 'head';
}

async function headPart(database: Kysely<Schema>, batch: bigint): Promise<Receipt['head']> {
  const head = await headOfBatch(database, batch);
  if (head === null) return null;
  const { firstBatch, lastBatch } = readStatement(head.statement);
  const hashes = await hashesOfBatches(database, firstBatch, lastBatch);
  return { ...head, path: hexOf(inclusionPath(hashes, Number(batch - firstBatch))) };
}

function readStatement(text: string): { firstBatch: bigint; lastBatch: bigint } {
  const statement = z.object({ firstBatch: id, lastBatch: id }).parse(JSON.parse(text));
  return { firstBatch: BigInt(statement.firstBatch), lastBatch: BigInt(statement.lastBatch) };
}

function hexOf(path: readonly Buffer[]): string[] {
  return path.map((step) => step.toString('hex'));
}

function bytesOf(path: readonly string[]): Buffer[] {
  return path.map((step) => Buffer.from(step, 'hex'));
}
