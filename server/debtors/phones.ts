import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { normaliseDigits } from '../contract/digits.ts';
import { readPlainNumber } from './plain-numbers.ts';
import { zonesOfNumber } from './zones.ts';

/** A dialable number. `zones`: IANA time zones its holder may be in, as far as the number tells. */
export interface PhoneNumber {
  e164: string;
  country: string;
  /** libphonenumber's type in lower case (`mobile`, `fixed_line_or_mobile`, `premium_rate`, …) or `unknown`. */
  type: string;
  zones: readonly string[];
}

/** True for an ISO 3166 code whose numbering plan is known. */
export function isPhoneCountry(code: string): code is CountryCode {
  return isSupportedCountry(code);
}

/**
 * One number as written in a country: any script's digits, national or international form. Null unless its numbering plan
 * says it is valid.
 */
export function readPhone(text: string, country: CountryCode): PhoneNumber | null {
  const dialed = asDialed(normaliseDigits(text));
  const plain = readPlainNumber(dialed, country);
  if (plain !== null) return { ...plain, country, zones: zonesOfNumber(plain.e164, country) };
  const found = parsePhoneNumberFromString(dialed, country);
  if (!found?.isValid()) return null;
  const home = found.country ?? country;
  return {
    e164: found.number,
    country: home,
    type: WORLD_NUMBERS[found.countryCallingCode] ?? found.getType()?.toLowerCase() ?? 'unknown',
    zones: zonesOfNumber(found.number, home),
  };
}

/** Calling codes of no country (ITU-T E.164, list of assigned codes) whose numbers libphonenumber takes for ordinary ones. */
const WORLD_NUMBERS: Readonly<Record<string, string | undefined>> = {
  808: 'shared_cost',
  870: 'satellite',
  881: 'satellite',
  882: 'satellite',
  979: 'premium_rate',
};

/** `00` is how the world outside North America dials abroad, whatever prefix the list's own country uses. */
function asDialed(text: string): string {
  const plain = text.replaceAll(/[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '').trim();
  return plain.startsWith('00') ? `+${plain.slice(2)}` : plain;
}

/**
 * The numbers in one cell, several of which may stand there separated by ; , ، / | or line breaks, in their order, each once.
 * `invalid` counts the pieces that are no valid number; a cell of nothing but dashes is empty.
 */
export function readPhones(cell: string, country: CountryCode): { phones: PhoneNumber[]; invalid: number } {
  const phones = new Map<string, PhoneNumber>();
  let invalid = 0;
  for (const piece of cell.split(/[;,،؛/|\n\r]+/)) {
    if (!/[\p{L}\p{N}]/u.test(piece)) continue;
    const phone = readPhone(piece, country);
    if (phone === null) invalid += 1;
    else phones.set(phone.e164, phone);
  }
  return { phones: [...phones.values()], invalid };
}
