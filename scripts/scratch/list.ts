import { between } from '../robots/chance.ts';

/** The header of a made-up list; the profile `eg-telecom` knows how to read it. */
const HEADER = 'account,name,mobile,amount,due date,address';
export const LIST_PROFILE = 'eg-telecom';
export const LIST_COUNTRY = 'EG';

/**
 * A list of invented debtors as CSV, one telephone each. Every number ends with one of `endings` (two digits), in turn: they decide
 * what the demo carrier does (dialplans/README.md). Lists of different areas (0–9) have no number in common. At most 100 000 lines.
 */
export function inventList(endings: readonly string[], count: number, random: () => number, area = 0): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const ending = endings[index % endings.length] ?? '00';
    const number = `+2010${area}${String(index).padStart(5, '0')}${ending}`;
    const amount = between(random, [100, 90_000]);
    const day = String(between(random, [1, 28])).padStart(2, '0');
    return `SCRATCH-${area}-${index},Invented Debtor ${letters(area)} ${letters(index)},${number},${amount},${day}/01/2026,Cairo`;
  });
  return [HEADER, ...lines, ''].join('\n');
}

/** Names differ in letters, since people of one name are matched by their numbers. */
function letters(index: number): string {
  return String(index).replaceAll(/[0-9]/g, (digit) => String.fromCodePoint(65 + Number(digit)));
}
