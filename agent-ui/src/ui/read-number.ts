import { normaliseDigits } from '../../../server/contract/digits.ts';

/** Reads a plain number without grouping: digits of any script, `.`, `,` or `٫` before the decimals. Null for anything else. */
export function readNumber(text: string, decimals: number): number | null {
  const plain = normaliseDigits(text).trim().replace(/[,٫]/, '.');
  const pattern = decimals > 0 ? new RegExp(`^[0-9]+(\\.[0-9]{0,${decimals}})?$`) : /^[0-9]+$/;
  return pattern.test(plain) ? Number(plain) : null;
}
