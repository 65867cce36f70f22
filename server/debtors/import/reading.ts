import { REJECT_REASONS } from '../../contract/imports.ts';
import { MOST_REJECTED } from './absent.ts';
import { teller } from './batches.ts';
import { openErrorFile } from './error-file.ts';
import { refuse } from './faults.ts';
import type { Reading } from './imports.ts';
import { openList } from './list.ts';
import { createRowReader } from './rows.ts';
import type { Taking } from './run.ts';
import { openStaging, stagingOf, type StagingWriter } from './staging.ts';

/**
 * Reads a whole list into its staging table, and what is wrong with it into the error file. Returns what it counted; where the list
 * cannot be read it throws a Refusal and leaves nothing.
 */
export async function readList({ run, stored, format, client }: Taking): Promise<Omit<Reading, 'classes' | 'kept'>> {
  const { progress } = stored;
  const tell = teller(run, progress);
  const list = await openList(stored.filePath, format);
  const readRow = createRowReader(format, list.layout);
  const reasons = noReasons();
  const counts = {
    rows: 0,
    accepted: 0,
    lastRow: 0,
    rejected: 0,
    reasons,
    rejectedAccounts: [] as string[],
    badIbans: 0,
    unknownRegions: 0,
  };
  Object.assign(progress, { phase: 'reading', bytesTotal: list.bytes, mergedThrough: 0 });
  const errors = openErrorFile(stored.errorsPath);
  let writer: StagingWriter | null = null;
  try {
    writer = await openStaging(client, stagingOf(run.importId));
    for await (const records of list.records) {
      run.signal?.throwIfAborted();
      for (const { row, cells } of records) {
        const read = readRow(cells);
        if (read.kind === 'blank') continue;
        counts.rows += 1;
        counts.lastRow = row;
        if (read.kind === 'rejected') {
          counts.rejected += 1;
          if (format.absent === 'recalled' && counts.rejected <= MOST_REJECTED) counts.rejectedAccounts.push(read.account);
          for (const fault of read.faults) {
            if (isRejectReason(fault.reason)) reasons[fault.reason] += 1;
            await errors.add(row, fault, 'row rejected');
          }
        } else {
          counts.accepted += 1;
          const full = writer.write(row, read.debt);
          if (full !== undefined) await full;
          for (const fault of read.warnings) {
            if (fault.reason === 'bad_iban') counts.badIbans += 1;
            if (fault.reason === 'unknown_region') counts.unknownRegions += 1;
            await errors.add(row, fault, 'row kept');
          }
        }
      }
      Object.assign(progress, { bytesRead: list.bytesRead(), rows: counts.rows });
      await tell();
    }
    if (counts.rows === 0) throw refuse('import_no_rows', 'The list has a header and no rows', 'file');
    await writer.commit();
    await errors.close();
  } catch (error) {
    await errors.abandon();
    // A connection that is gone has rolled back by itself.
    await writer?.abandon().catch(() => undefined);
    throw error;
  } finally {
    await list.close();
  }
  Object.assign(progress, { bytesRead: list.bytes, rows: counts.rows });
  await tell(true);
  return counts;
}

/** Every reason with a count of zero. */
export function noReasons(): Record<(typeof REJECT_REASONS)[number], number> {
  return { missing_account: 0, missing_name: 0, no_valid_phone: 0, bad_amount: 0, bad_date: 0, missing_address: 0 };
}

function isRejectReason(reason: string): reason is (typeof REJECT_REASONS)[number] {
  return REJECT_REASONS.some((known) => known === reason);
}
