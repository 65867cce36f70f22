/** How a number is written on a trunk (no I/O). */
import type { NumberFormat } from './trunk.ts';

export class NotDialableError extends Error {
  readonly code = 'number_not_dialable';
  constructor() {
    super('The number is not in E.164 form');
  }
}

/**
 * An E.164 number with its plus sign, in the form the trunk wants.
 * @throws NotDialableError when it is not a plus sign and 6 to 15 digits (ITU-T E.164).
 */
export function dialString(number: string, format: NumberFormat): string {
  const digits = /^\+([1-9]\d{5,14})$/.exec(number)?.[1];
  if (digits === undefined) throw new NotDialableError();
  return format.prefix + inForm(digits, format);
}

function inForm(digits: string, format: NumberFormat): string {
  if (format.form === 'plus') return `+${digits}`;
  if (format.form === 'digits') return digits;
  const { countryCode } = format;
  if (format.form === 'national' && countryCode !== undefined && digits.startsWith(countryCode)) {
    return format.nationalPrefix + digits.slice(countryCode.length);
  }
  return `00${digits}`;
}
