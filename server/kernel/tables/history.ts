import type { ColumnType, GeneratedAlways } from 'kysely';

/** What happened, sealed; and what is still to be done about it. */
export interface HistoryTables {
  event: EventTable;
  outbox: OutboxTable;
  history_batch: HistoryBatchTable;
  history_head: HistoryHeadTable;
}

interface EventTable {
  id: GeneratedAlways<bigint | null>;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
  kind: string;
  subject: string;
  subject_id: string;
  actor: string | null;
  body: ColumnType<unknown, string | null | undefined, string | null>;
  salt: Buffer | null;
  leaf: Buffer;
}

interface OutboxTable {
  id: GeneratedAlways<bigint>;
  job: string;
  key: string;
  payload: ColumnType<unknown, string, string>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  sent_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface HistoryBatchTable {
  number: bigint;
  month: string;
  first_id: bigint;
  last_id: bigint;
  through_id: bigint;
  events: number;
  total: bigint;
  ids: string;
  root: Buffer;
  marks: Buffer;
  previous: Buffer;
  hash: Buffer;
  sealed_at: ColumnType<Temporal.Instant, string, string>;
}

interface HistoryHeadTable {
  day: string;
  first_batch: bigint;
  last_batch: bigint;
  statement: string;
  signature: Buffer;
  signed_at: ColumnType<Temporal.Instant, string | undefined, string>;
}
