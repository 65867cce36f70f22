import { PhoneNumber } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';

/** Countries whose numbers lists mostly hold: calling code, and what is dialed before a national number (nothing where it is empty). */
export const PLAIN_PLANS: Readonly<Record<string, readonly [code: string, trunk: string]>> = {
  AE: ['971', '0'],
  BH: ['973', ''],
  EG: ['20', '0'],
  IQ: ['964', '0'],
  IR: ['98', '0'],
  JO: ['962', '0'],
  KW: ['965', ''],
  OM: ['968', ''],
  QA: ['974', ''],
  SA: ['966', '0'],
  US: ['1', '1'],
};

/**
 * A number written in one of the usual ways of its own country (`+966 59…`, `966 59…`, `059…`, `59…`; Latin digits), or null: then
 * only the full reading of `readPhone` can tell. It says what that says, five times as fast; lists hold millions of such numbers.
 */
export function readPlainNumber(text: string, country: string): { e164: string; type: string } | null {
  const plan = PLAIN_PLANS[country];
  if (plan === undefined || !/^(?:\+|\+?\(?[0-9])[0-9\s().-]{5,24}$/.test(text)) return null;
  const digits = text.replaceAll(/[^0-9]/g, '');
  // Abroad by the prefix of most of these countries; none of their own numbers begins so.
  if (digits.startsWith('00')) return null;
  const national = nationalPart(digits, text.startsWith('+'), plan);
  if (national === null) return null;
  const e164 = `+${plan[0]}${national}`;
  const type = typeOf(e164);
  return type === null ? null : { e164, type };
}

function nationalPart(digits: string, international: boolean, [code, trunk]: readonly [string, string]): string | null {
  const behindCode = digits.startsWith(code) ? digits.slice(code.length) : null;
  const trunkAgain = trunk !== '' && behindCode?.startsWith(trunk) === true;
  if (international) return behindCode === null || trunkAgain ? null : behindCode;
  if (trunk !== '' && digits.startsWith(trunk)) return digits.slice(trunk.length);
  if (behindCode === null) return digits;
  // A number of the country may begin with the digits of its code.
  return trunkAgain || typeOf(`+${code}${digits}`) !== null ? null : behindCode;
}

function typeOf(e164: string): string | null {
  if (e164.length < 8 || e164.length > 16) return null;
  const number = new PhoneNumber(e164, metadata);
  return number.getType()?.toLowerCase() ?? null;
}
