import { dateText, type Calendar } from '../../../contract/dates.ts';

/** How a workbook's cells are written down, so that they read like those of a text file of the same format. */
export interface CellForm {
  calendar: Calendar;
  decimal: '.' | ',';
  /** Days count from 1904, as Macs once had it. */
  from1904: boolean;
  /** Cell styles whose numbers are dates. */
  dateStyles: ReadonlySet<number>;
}

/** Formats built into every workbook that show a date (ECMA-376 part 1, 18.8.30). */
const BUILT_IN_DATES = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 57, 58]);

/** True for a number format that shows a day: by its number where built in, else by a `d` or `y` in its code outside quotes and brackets. */
export function showsDate(formatId: number, codes: ReadonlyMap<number, string>): boolean {
  const code = codes.get(formatId);
  if (code === undefined) return BUILT_IN_DATES.has(formatId);
  return /[dy]/i.test(code.replaceAll(/"[^"]*"|\\.|\[[^\]]*\]|_./g, ''));
}

/** A number of a cell as text: a date in the list's calendar where the cell shows one, else with the list's decimal separator. */
export function numberText(raw: string, style: number, form: CellForm): string {
  const value = Number(raw);
  if (raw.trim() === '' || !Number.isFinite(value)) return raw;
  if (form.dateStyles.has(style)) return dayText(value, form) ?? raw;
  // Binary fractions show as 130.50000000000001; no amount has more than six decimals.
  const plain = Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(6).replace(/\.?0+$/, '');
  return form.decimal === ',' ? plain.replace('.', ',') : plain;
}

/** Day 1 is 1900-01-01, and 1900 is taken for a leap year, so from March 1900 on day 0 is 1899-12-30. */
function dayText(serial: number, form: CellForm): string | null {
  const days = Math.floor(serial);
  if (days < 61 || days > 109_573) return null;
  const start = form.from1904 ? Temporal.PlainDate.from('1904-01-01') : Temporal.PlainDate.from('1899-12-30');
  return dateText(start.add({ days }).toString(), { calendar: form.calendar, order: 'ymd' });
}

/** The column a cell's reference names, from 0 (`C5` is 2); -1 where it names none or one beyond what a sheet has. */
export function columnOf(reference: string): number {
  let column = 0;
  for (const character of reference) {
    const letter = character.charCodeAt(0) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column > 16_384 ? -1 : column - 1;
}
