/** Lengths of an IBAN by country, for the countries whose lists are read here and their neighbours (SWIFT's IBAN registry). */
const LENGTHS: Readonly<Record<string, number>> = {
  AE: 23,
  BH: 22,
  EG: 29,
  IQ: 23,
  IR: 26,
  JO: 30,
  KW: 30,
  LB: 28,
  OM: 23,
  PS: 29,
  QA: 29,
  SA: 24,
  TR: 26,
};

/** An IBAN in its electronic form (`SA0380000000608010167519`), or null where its length or its check digits (ISO 7064, mod 97) are wrong. */
export function readIban(text: string): string | null {
  const iban = text.replaceAll(/[\s\-.\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '').toUpperCase();
  if (!/^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$/.test(iban)) return null;
  const length = LENGTHS[iban.slice(0, 2)];
  if (length !== undefined && iban.length !== length) return null;
  return remainderOf(iban) === 1 ? iban : null;
}

/** The check: the first four characters go behind the others, letters count from A = 10, and 97 leaves 1. */
function remainderOf(iban: string): number {
  let remainder = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}
