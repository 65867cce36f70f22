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

const E164 = /^\+[1-9]\d{5,14}$/;

/** The number of a caller as a trunk writes it, in E.164; null for none, and for what cannot be one. */
export function callerNumber(text: string, format: NumberFormat): string | null {
  const number = internationalOf(text, format);
  return E164.test(number) ? number : null;
}

function internationalOf(text: string, { countryCode, nationalPrefix, form }: NumberFormat): string {
  if (text.startsWith('+')) return text;
  if (text.startsWith('00')) return `+${text.slice(2)}`;
  if (form === 'national' && countryCode !== undefined && nationalPrefix !== '' && text.startsWith(nationalPrefix)) {
    return `+${countryCode}${text.slice(nationalPrefix.length)}`;
  }
  return `+${text}`;
}

/** How a number of ours may be written by a carrier that sends a call to it: digits only, in every form of the trunk, each once. */
export function calledForms(number: string, format: NumberFormat): string[] {
  const digits = number.slice(1);
  const onTrunk = dialString(number, { ...format, prefix: '' }).replaceAll(/\D/g, '');
  return [...new Set([digits, `00${digits}`, onTrunk])];
}
