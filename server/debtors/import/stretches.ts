import type { OpenList } from './list.ts';
import type { ListFormat } from './profiles.ts';
import type { ListRecord } from './records.ts';
import { createRowReader, type RowFault } from './rows.ts';
import { stagedLine } from './staged-line.ts';

/** Rows of a list in one stretch: few enough to lie in memory many times over, enough that handing them on costs little. */
const STRETCH_ROWS = 512;

/** A list's records with the same `place`, which counts on with their rows. */
export interface Stretch {
  place: number;
  records: ListRecord[];
}

/** What was read in a stretch. */
export interface StretchReading {
  rows: number;
  accepted: number;
  /** The last row that is not blank, 0 where all are. */
  lastRow: number;
  /** Accounts of rejected rows, each row's. */
  rejectedAccounts: string[];
  faults: { row: number; fault: RowFault; rejects: boolean }[];
  /** The accepted rows, as COPY takes them. */
  lines: string;
}

/** The records of a list stretch by stretch, the same stretches whoever reads it. */
export async function* stretchesOf(list: OpenList): AsyncGenerator<Stretch> {
  let stretch: Stretch = { place: 0, records: [] };
  for await (const records of list.records) {
    for (const record of records) {
      const place = Math.floor(record.row / STRETCH_ROWS);
      if (place !== stretch.place) {
        if (stretch.records.length > 0) yield stretch;
        stretch = { place, records: [] };
      }
      stretch.records.push(record);
    }
  }
  if (stretch.records.length > 0) yield stretch;
}

/** The reader of stretches of a list in a format. */
export function createStretchReader(format: ListFormat, list: OpenList): (stretch: Stretch) => StretchReading {
  const readRow = createRowReader(format, list.layout);
  return ({ records }) => {
    const reading: StretchReading = { rows: 0, accepted: 0, lastRow: 0, rejectedAccounts: [], faults: [], lines: '' };
    for (const { row, cells } of records) {
      const read = readRow(cells);
      if (read.kind === 'blank') continue;
      reading.rows += 1;
      reading.lastRow = row;
      const rejects = read.kind === 'rejected';
      for (const fault of rejects ? read.faults : read.warnings) reading.faults.push({ row, fault, rejects });
      if (rejects) reading.rejectedAccounts.push(read.account);
      else {
        reading.accepted += 1;
        reading.lines += stagedLine(row, read.debt);
      }
    }
    return reading;
  };
}
