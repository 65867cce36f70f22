import { canonicalJson } from '../history.ts';
import { leafHash, merkleRoot, sha256 } from './tree.ts';

/** Bytes of each leaf hash that a batch keeps. The root proves; the marks only say which row to name. */
export const MARK_BYTES = 8;

/** What the first batch has before it. */
export const NO_BATCH = Buffer.alloc(32);

/** What of an event is sealed: everything that stays of it when body and salt are erased. */
export interface SealedEvent {
  id: bigint;
  /** ISO 8601 in UTC with six decimals. */
  at: string;
  kind: string;
  subject: string;
  subjectId: string;
  actor: string | null;
  /** In hexadecimal. */
  leaf: string;
}

/** A batch as stored: events of one month, in the order of their ids. Moments in ISO 8601, UTC, six decimals. */
export interface Batch {
  number: bigint;
  /** First day of the month, `YYYY-MM-DD`. */
  month: string;
  firstId: bigint;
  lastId: bigint;
  throughId: bigint;
  events: number;
  total: bigint;
  /** The ids as Postgres writes an int8multirange: `{[1,4),[6,7)}`. */
  ids: string;
  root: Buffer;
  marks: Buffer;
  previous: Buffer;
  sealedAt: string;
  hash: Buffer;
}

/** What the next batch needs to know of the one before. */
export type ChainEnd = Pick<Batch, 'number' | 'total' | 'hash'>;

/** An event's leaf hash in its batch's tree, over a JSON array of id, moment, kind, subject, subject's id, actor and leaf in hexadecimal. */
export function entryHash(event: SealedEvent): Buffer {
  const { id, at, kind, subject, subjectId, actor, leaf } = event;
  return leafHash(JSON.stringify([id.toString(), at, kind, subject, subjectId, actor, leaf]));
}

/** The batch of these events (one month's, in the order of their ids, at least one) behind `last`, or the first of all. */
export function batchOf(
  events: readonly SealedEvent[],
  place: { month: string; throughId: bigint; sealedAt: string },
  last: ChainEnd | null,
): Batch {
  const [first] = events;
  const final = events.at(-1);
  if (first === undefined || final === undefined) throw new Error('A batch seals at least one event');
  const hashes = events.map(entryHash);
  const batch = {
    ...place,
    number: (last?.number ?? 0n) + 1n,
    firstId: first.id,
    lastId: final.id,
    events: events.length,
    total: (last?.total ?? 0n) + BigInt(events.length),
    ids: rangesOf(events.map((event) => event.id)),
    root: merkleRoot(hashes),
    marks: Buffer.concat(hashes.map((hash) => hash.subarray(0, MARK_BYTES))),
    previous: last?.hash ?? NO_BATCH,
  };
  return { ...batch, hash: batchHash(batch, sha256(batch.marks)) };
}

/** The hash of a batch: SHA-256 over the canonical JSON of all it says, the marks by their own hash, and so of all batches before it. */
export function batchHash(batch: Omit<Batch, 'hash' | 'marks'>, marksHash: Uint8Array): Buffer {
  return sha256(
    canonicalJson({
      number: batch.number.toString(),
      month: batch.month,
      first: batch.firstId.toString(),
      last: batch.lastId.toString(),
      through: batch.throughId.toString(),
      events: batch.events,
      total: batch.total.toString(),
      ids: batch.ids,
      root: batch.root.toString('hex'),
      marks: Buffer.from(marksHash).toString('hex'),
      previous: batch.previous.toString('hex'),
      sealedAt: batch.sealedAt,
    }),
  );
}

/** Ascending ids as Postgres writes an int8multirange. */
export function rangesOf(ids: readonly bigint[]): string {
  const ranges: { from: bigint; to: bigint }[] = [];
  for (const id of ids) {
    const range = ranges.at(-1);
    if (range?.to === id) range.to = id + 1n;
    else ranges.push({ from: id, to: id + 1n });
  }
  return `{${ranges.map(({ from, to }) => `[${from},${to})`).join(',')}}`;
}

/** The ids of an int8multirange, ascending. */
export function idsOf(ranges: string): bigint[] {
  const ids: bigint[] = [];
  for (const [, from = '', to = ''] of ranges.matchAll(/\[(-?\d+),(-?\d+)\)/g)) {
    for (let id = BigInt(from); id < BigInt(to); id += 1n) ids.push(id);
  }
  return ids;
}
