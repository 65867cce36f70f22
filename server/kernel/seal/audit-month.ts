import type { Kysely } from 'kysely';
import { canonicalJson, leafOf, type Json } from '../history.ts';
import type { Schema } from '../schema.ts';
import type { AuditFault, FaultKind, FaultList } from './audit.ts';
import { entryHash, idsOf, MARK_BYTES, type Batch } from './batch.ts';
import { batchesOfMonth, pagesOfMonth, type StoredEvent } from './store.ts';
import { merkleRoot } from './tree.ts';

/** Few, so that rows are gone before the garbage collector has to carry them on. */
const EVENTS_AT_ONCE = 1_024;
const BATCHES_AT_ONCE = 256;

/** What was read of a month. */
export interface MonthFigures {
  events: number;
  erased: number;
  unsealed: number;
}

/** Verifies one month's rows against its batches, both in the order of ids, a page of each in memory. `throughId` is the last id sealed. */
export async function auditMonth(
  database: Kysely<Schema>,
  { month, throughId }: { month: string; throughId: bigint },
  faults: FaultList,
  onProgress: (events: number) => void,
): Promise<MonthFigures> {
  const figures: MonthFigures = { events: 0, erased: 0, unsealed: 0 };
  const batches = allBatches(database, month);
  let open = await nextBatch(batches, faults);
  for await (const page of pagesOfMonth(database, month, EVENTS_AT_ONCE)) {
    for (const event of page) {
      figures.events += 1;
      if (event.body === null) figures.erased += 1;
      while (open !== null && event.id > open.batch.lastId) {
        open.close();
        open = await nextBatch(batches, faults);
      }
      if (event.id > throughId) {
        figures.unsealed += 1;
        if (!bodyFits(event)) faults.add('body_changed', { eventId: event.id, day: month });
      } else if (open === null || event.id < open.batch.firstId) faults.add('row_inserted', { eventId: event.id, day: month });
      else open.check(event);
    }
    onProgress(figures.events);
  }
  while (open !== null) {
    open.close();
    open = await nextBatch(batches, faults);
  }
  return figures;
}

/** A batch while its rows come by. */
class OpenBatch {
  readonly batch: Batch;
  readonly #faults: FaultList;
  readonly #ids: readonly bigint[];
  readonly #hashes: Buffer[] = [];
  #next = 0;
  #sound = true;

  constructor(batch: Batch, faults: FaultList) {
    this.batch = batch;
    this.#faults = faults;
    this.#ids = idsOf(batch.ids);
  }

  /** Takes the next row within the batch's first and last id. */
  check(event: StoredEvent): void {
    this.#missUntil(event.id);
    if (this.#ids[this.#next] !== event.id) {
      this.#fault('row_inserted', event.id);
      return;
    }
    const place = this.#next;
    this.#next += 1;
    const hash = entryHash(event);
    this.#hashes.push(hash);
    const bodyHolds = bodyFits(event);
    if (this.#hasMark(hash, place)) {
      if (!bodyHolds) this.#fault('body_changed', event.id);
    } else this.#fault(bodyHolds || !this.#leafWas(event, place) ? 'row_changed' : 'leaf_changed', event.id);
  }

  /** Ends the batch: what was not seen is gone; the root is compared where every row was right. */
  close(): void {
    this.#missUntil(null);
    if (this.#sound && !merkleRoot(this.#hashes).equals(this.batch.root)) this.#fault('root_wrong', null);
  }

  #missUntil(id: bigint | null): void {
    for (let missing = this.#ids[this.#next]; missing !== undefined && (id === null || missing < id);) {
      this.#fault('row_removed', missing);
      this.#next += 1;
      missing = this.#ids[this.#next];
    }
  }

  #hasMark(hash: Buffer, place: number): boolean {
    const at = place * MARK_BYTES;
    return hash.compare(this.batch.marks, at, at + MARK_BYTES, 0, MARK_BYTES) === 0;
  }

  /** Whether the row is as sealed but for its leaf: the body gives the leaf that was. */
  #leafWas(event: StoredEvent, place: number): boolean {
    if (event.salt === null || event.body === null) return false;
    const leaf = leafOf(event.salt, canonicalJson(event.body as Json)).toString('hex');
    return this.#hasMark(entryHash({ ...event, leaf }), place);
  }

  #fault(kind: FaultKind, eventId: AuditFault['eventId']): void {
    this.#sound = false;
    this.#faults.add(kind, { eventId, batch: this.batch.number, day: this.batch.month });
  }
}

/** Whether body and salt give the leaf, or both are erased. */
function bodyFits({ body, salt, leaf }: StoredEvent): boolean {
  if (body === null || salt === null) return body === salt;
  return leafOf(salt, canonicalJson(body as Json)).toString('hex') === leaf;
}

async function nextBatch(batches: AsyncGenerator<Batch>, faults: FaultList): Promise<OpenBatch | null> {
  const next = await batches.next();
  return next.done === true ? null : new OpenBatch(next.value, faults);
}

async function* allBatches(database: Kysely<Schema>, month: string): AsyncGenerator<Batch> {
  for (let after = -1n; ;) {
    const page = await batchesOfMonth(database, month, after, BATCHES_AT_ONCE);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < BATCHES_AT_ONCE) return;
    after = last.lastId;
  }
}
