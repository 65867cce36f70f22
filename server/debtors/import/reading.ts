import { REJECT_REASONS } from '../../contract/imports.ts';
import { MOST_REJECTED } from './absent.ts';
import { teller } from './batches.ts';
import { openErrorFile } from './error-file.ts';
import { refuse } from './faults.ts';
import type { Reading } from './imports.ts';
import { openList } from './list.ts';
import { relatedRoles } from './related/rows.ts';
import { isSeconds, openSecondReader, SECOND_READER_FROM } from './second-reader.ts';
import type { Taking } from './run.ts';
import { openStaging, stagingOf, type StagingWriter } from './staging.ts';
import { createStretchReader, stretchesOf } from './stretches.ts';

/**
 * Reads a whole list into its staging table, and what is wrong with it into the error file. Returns what it counted; where the list
 * cannot be read it throws a Refusal and leaves nothing.
 */
export async function readList({ run, stored, format, client }: Taking): Promise<Omit<Reading, 'classes' | 'kept' | 'phoneIds'>> {
  const { progress } = stored;
  const tell = teller(run, progress);
  const list = await openList(stored.filePath, format);
  const readHere = createStretchReader(format, list);
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
    relates: relatedRoles(list.layout),
    badRelatedPhones: 0,
    relatedUnnamed: 0,
  };
  Object.assign(progress, { phase: 'reading', bytesTotal: list.bytes, mergedThrough: 0, lastLaneThrough: 0 });
  const errors = openErrorFile(stored.errorsPath);
  let writer: StagingWriter | null = null;
  // In a workbook taking its text apart costs more than the rows.
  const worthwhile = list.encoding !== null && list.bytes >= (run.secondReaderFrom ?? SECOND_READER_FROM);
  const second = worthwhile ? openSecondReader({ path: stored.filePath, format }) : null;
  try {
    writer = await openStaging(client, stagingOf(run.importId), counts.relates.length > 0);
    for await (const stretch of stretchesOf(list)) {
      run.signal?.throwIfAborted();
      const seconds = second && isSeconds(stretch.place) ? await second.next(stretch.place) : null;
      const read = seconds ?? readHere(stretch);
      counts.rows += read.rows;
      counts.accepted += read.accepted;
      counts.lastRow = read.lastRow || counts.lastRow;
      counts.rejected += read.rejectedAccounts.length;
      if (format.absent === 'recalled') {
        const room = MOST_REJECTED - counts.rejectedAccounts.length;
        counts.rejectedAccounts.push(...read.rejectedAccounts.slice(0, Math.max(0, room)));
      }
      for (const { row, fault, rejects } of read.faults) {
        if (isRejectReason(fault.reason)) reasons[fault.reason] += 1;
        if (fault.reason === 'bad_iban') counts.badIbans += 1;
        if (fault.reason === 'unknown_region') counts.unknownRegions += 1;
        if (fault.reason === 'bad_related_phone') counts.badRelatedPhones += 1;
        if (fault.reason === 'related_without_name') counts.relatedUnnamed += 1;
        await errors.add(row, fault, rejects ? 'row rejected' : 'row kept');
      }
      await writer.write(read.lines);
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
    await second?.close();
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
