/** What kind of number a list identifies people by. `customer_ref` is the creditor's own and means nothing to another creditor. */
export const IDENTITY_KINDS = ['sa_national_id', 'eg_national_id', 'ir_national_code', 'national_id', 'customer_ref'] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

/** The kind a country's national id column holds. */
export function nationalIdKind(country: string): IdentityKind {
  const kinds: Readonly<Record<string, IdentityKind>> = { SA: 'sa_national_id', EG: 'eg_national_id', IR: 'ir_national_code' };
  return kinds[country] ?? 'national_id';
}

/**
 * The canonical form of an identifier (Latin digits expected), or null when it cannot be genuine. A number that fails its check gives
 * no identity, so that a typing error never joins two people.
 */
export function readIdentity(kind: IdentityKind, text: string): string | null {
  const plain = text.replaceAll(/[\s\-.\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '');
  return CHECKS[kind](plain);
}

const CHECKS: Readonly<Record<IdentityKind, (plain: string) => string | null>> = {
  sa_national_id: (plain) => (isSaudiId(plain) ? plain : null),
  eg_national_id: (plain) => (isEgyptianId(plain) ? plain : null),
  ir_national_code: iranianCode,
  national_id: (plain) => (/^[0-9A-Za-z]{5,20}$/.test(plain) ? plain.toUpperCase() : null),
  customer_ref: (plain) => (/^[\p{L}\p{N}_/#]{1,40}$/u.test(plain) ? plain.toUpperCase() : null),
};

/** Saudi Arabia: ten digits, 1 for citizens or 2 for residents in front, Luhn over all ten. */
function isSaudiId(id: string): boolean {
  if (!/^[12][0-9]{9}$/.test(id)) return false;
  let sum = 0;
  for (const [index, digit] of id.split('').entries()) {
    const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Governorates of birth in an Egyptian national id; 88 is abroad. */
const GOVERNORATES = new Set('01 02 03 04 11 12 13 14 15 16 17 18 19 21 22 23 24 25 26 27 28 29 31 32 33 34 35 88'.split(' '));

/**
 * Egypt: fourteen digits: century (2 = 1900s, 3 = 2000s), yymmdd of birth, governorate, serial. How its last digit checks the others
 * is not published, so it proves nothing here.
 */
function isEgyptianId(id: string): boolean {
  const parts = /^([23])([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})[0-9]{5}$/.exec(id);
  if (!parts) return false;
  const [, century, yy, mm, dd, governorate = ''] = parts;
  const birth = new Date(Date.UTC((century === '2' ? 1900 : 2000) + Number(yy), Number(mm) - 1, Number(dd)));
  return birth.getUTCMonth() === Number(mm) - 1 && birth.getUTCDate() === Number(dd) && GOVERNORATES.has(governorate);
}

/**
 * Iran: ten digits, the last a check mod 11; ten equal digits pass the sum and are not issued. Spreadsheets drop leading zeros, of
 * which a code has at most two.
 */
function iranianCode(text: string): string | null {
  if (!/^[0-9]{8,10}$/.test(text)) return null;
  const code = text.padStart(10, '0');
  if (/^([0-9])\1{9}$/.test(code)) return null;
  let sum = 0;
  for (const [index, digit] of code.slice(0, 9).split('').entries()) sum += Number(digit) * (10 - index);
  const rest = sum % 11;
  return Number(code[9]) === (rest < 2 ? rest : 11 - rest) ? code : null;
}
