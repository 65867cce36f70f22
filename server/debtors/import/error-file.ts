import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { RowFault } from './rows.ts';

const MESSAGES: Readonly<Record<RowFault['reason'], string>> = {
  missing_account: 'The account number is missing',
  missing_name: 'The name is missing',
  no_valid_phone: 'There is no valid phone number',
  bad_amount: 'The amount is not a number above zero',
  bad_date: 'There is no such date in the calendar of the list',
  missing_address: 'The address is missing',
  unknown_account: 'The creditor has no such account',
  unknown_action: 'What happened is not one of payment, balance, recall and closed',
  bad_national_id: 'The identifier fails its check, so it identifies nobody',
  bad_iban: 'The IBAN fails its check and was left out',
  unknown_region: 'The country has no such state or province, so its rules could not be told by it',
  invalid_phone: 'A phone number is not valid and was left out',
  bad_related_phone: 'No number of the guarantor, co-debtor or attorney is valid, so they were left out',
  related_without_name: 'A guarantor, co-debtor or attorney has no name, so they were left out',
};

/** The file that tells what was wrong with a list: `row,column,reason,effect,message`, one line per fault, no values of the list. */
export interface ErrorFile {
  add(row: number, fault: RowFault, effect: 'row rejected' | 'row kept'): Promise<void>;
  /** Puts the file in its place. */
  close(): Promise<void>;
  /** Leaves no file behind. */
  abandon(): Promise<void>;
}

/** Opens an error file (UTF-8 with mark, as spreadsheets want it); it appears at `path` when closed. `row` counts as a spreadsheet does. */
export function openErrorFile(path: string): ErrorFile {
  const unfinished = `${path}.part`;
  const stream = createWriteStream(unfinished, { mode: 0o600 });
  let failure: unknown;
  stream.on('error', (error) => {
    failure = error;
  });
  stream.write('\ufeffrow,column,reason,effect,message\r\n');
  return {
    async add(row, fault, effect) {
      if (failure !== undefined) throw failure;
      const line = [String(row), fault.column, fault.reason, effect, MESSAGES[fault.reason]].map(csvCell).join(',');
      if (!stream.write(`${line}\r\n`)) await once(stream, 'drain');
    },
    async close() {
      stream.end();
      await finished(stream);
      await rename(unfinished, path);
    },
    async abandon() {
      stream.destroy();
      await rm(unfinished, { force: true });
    },
  };
}

/** Column names come from the list; one that a spreadsheet would run as a formula is disarmed. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
