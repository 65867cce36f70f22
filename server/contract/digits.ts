/**
 * Where each script's ten decimal digits begin (Unicode 17, category Nd). They always stand in order, so one number per script
 * is the whole table.
 */
const ZEROS = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090,
  0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50,
  0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0,
  0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11de0, 0x11f50, 0x16130, 0x16a60, 0x16ac0,
  0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

const DIGIT_VALUES = new Map(
  ZEROS.flatMap((zero) => Array.from({ length: 10 }, (_, value) => [String.fromCodePoint(zero + value), String(value)] as const)),
);

// eslint-disable-next-line no-control-regex -- the fast path: plain ASCII needs no folding
const BEYOND_ASCII = /[^\u0000-\u007f]/;

/** The same text with the decimal digits of every script (۰-۹, ٠-٩, …) as 0-9. Separators and all else stay. */
export function normaliseDigits(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text;
  return text.replaceAll(/\p{Nd}/gu, (digit) => DIGIT_VALUES.get(digit) ?? digit);
}

/** Digit sets a screen may show. */
export const DIGIT_SETS = ['latn', 'arab', 'arabext'] as const;
export type DigitSet = (typeof DIGIT_SETS)[number];

const DIGITS_OF: Record<DigitSet, string> = { latn: '0123456789', arab: '٠١٢٣٤٥٦٧٨٩', arabext: '۰۱۲۳۴۵۶۷۸۹' };

/** The same text with 0-9 shown in a digit set: `arab` is Arabic-Indic ٠-٩, `arabext` Persian ۰-۹. */
export function localDigits(text: string, digits: DigitSet): string {
  if (digits === 'latn') return text;
  return text.replaceAll(/[0-9]/g, (digit) => DIGITS_OF[digits].charAt(Number(digit)));
}

/** Marks that carry no text: direction marks, joiners, byte-order marks, soft hyphens. */
const INVISIBLE = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Removes invisible marks and the white space around a text that a person typed or a spreadsheet wrote. */
export function trimCell(text: string): string {
  const trimmed = text.trim();
  if (!BEYOND_ASCII.test(trimmed)) return trimmed;
  // A zero-width non-joiner inside a word is Persian spelling and stays.
  return trimmed.replaceAll(INVISIBLE, (mark) => (mark === '\u200c' ? mark : '')).replaceAll(/^[\s\u200c]+|[\s\u200c]+$/g, '');
}
