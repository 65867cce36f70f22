import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { auditChain } from './audit-chain.ts';
import { auditMonth } from './audit-month.ts';
import type { ExportedHead } from './heads.ts';
import { lastBatch, monthsOfHistory } from './store.ts';

/** Everything an audit can find wrong. */
export const FAULT_KINDS = [
  /** The body is not what its leaf says. */
  'body_changed',
  /** The leaf is not what was sealed; the body still is. */
  'leaf_changed',
  /** Body and leaf agree, or the body is erased, but the row is not what was sealed. */
  'row_changed',
  /** A sealed row is gone. */
  'row_removed',
  /** A row stands where the sealed history had none. */
  'row_inserted',
  /** Every row passes, but not the batch's root. */
  'root_wrong',
  /** A batch is not what its own hash says. */
  'batch_changed',
  /** A batch is missing, or does not continue the one before. */
  'chain_broken',
  /** A head's signature does not fit its statement. */
  'signature_wrong',
  /** A head is signed by a key that is not trusted here. */
  'key_unknown',
  /** A head says something else than the batches, or than the heads around it. */
  'head_contradicted',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One thing that is wrong, with the row, batch or head it was found at. */
export interface AuditFault {
  kind: FaultKind;
  eventId: bigint | null;
  batch: bigint | null;
  /** A month's first day, or a head's day. */
  day: string | null;
}

/** What an audit takes: `months` (first days) limits the rows that are read, never the chain. */
export interface AuditTask {
  database: Kysely<Schema>;
  /** Trusted public keys by name. */
  keys: ReadonlyMap<string, KeyObject>;
  /** Exported heads beside those in the database; null stands for a file that holds none. */
  exported: readonly { file: string; head: ExportedHead | null }[];
  months?: readonly string[] | undefined;
  onProgress?: ((progress: { month: string; events: number }) => void) | undefined;
}

/** What an audit found. `faults` are in the order of the history, rows before chain before heads. */
export interface AuditResult {
  events: number;
  /** Of them, those whose body and salt are erased. */
  erased: number;
  /** Behind the last batch: their bodies are compared with their leaves, nothing else can be. */
  unsealed: number;
  batches: number;
  heads: number;
  months: string[];
  /** The first ones; `faultsInAll` counts every one. */
  faults: AuditFault[];
  faultsInAll: number;
}

const FAULTS_KEPT = 100;

/** Collects faults: the first hundred by name, the rest by number. */
export class FaultList {
  readonly kept: AuditFault[] = [];
  count = 0;

  add(kind: FaultKind, where: Partial<Omit<AuditFault, 'kind'>>): void {
    this.count += 1;
    if (this.kept.length < FAULTS_KEPT) this.kept.push({ kind, eventId: null, batch: null, day: null, ...where });
  }
}

/** Verifies the whole history in one snapshot (invariant I9): every row month by month, the chain of batches, the signed heads. */
export async function auditHistory(task: AuditTask): Promise<AuditResult> {
  const faults = new FaultList();
  const result: AuditResult = {
    events: 0,
    erased: 0,
    unsealed: 0,
    batches: 0,
    heads: 0,
    months: [],
    faults: faults.kept,
    faultsInAll: 0,
  };
  await task.database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (snapshot) => {
      const throughId = (await lastBatch(snapshot))?.throughId ?? 0n;
      const all = await monthsOfHistory(snapshot);
      result.months = all.filter((month) => task.months === undefined || task.months.includes(month));
      for (const month of result.months) {
        const found = await auditMonth(snapshot, { month, throughId }, faults, (events) =>
          task.onProgress?.({ month, events: result.events + events }),
        );
        result.events += found.events;
        result.erased += found.erased;
        result.unsealed += found.unsealed;
      }
      Object.assign(result, await auditChain(snapshot, task, faults));
    });
  result.faultsInAll = faults.count;
  return result;
}
