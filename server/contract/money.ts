import { z } from 'zod';
import { normaliseDigits } from './digits.ts';

/**
 * Digits behind the decimal point, ISO 4217, for every currency in use. Our own table: a browser's Intl knows the display habit,
 * which differs (IRR has 2 in ISO and none in use; the design fixes 0).
 */
export const CURRENCY_EXPONENTS: Readonly<Record<string, number>> = Object.fromEntries([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF IRR'.split(' ').map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
  ...(
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK ' +
    'DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS KHR KPW KYD KZT ' +
    'LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR ' +
    'PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD ' +
    'UYU UZS VED VES WST XCD YER ZAR ZMW ZWG'
  )
    .split(' ')
    .map((code) => [code, 2] as const),
]);

/** True for a currency code this system keeps amounts in. */
export function isCurrency(code: string): boolean {
  return Object.hasOwn(CURRENCY_EXPONENTS, code);
}

/** Digits behind the decimal point of a currency (SAR 2, KWD 3, IRR 0). Throws for an unknown code. */
export function exponentOf(currency: string): number {
  const exponent = CURRENCY_EXPONENTS[currency];
  if (exponent === undefined) throw new RangeError(`Unknown currency ${currency}`);
  return exponent;
}

/** An amount on the wire: whole minor units as text, since IRR totals pass 2^53. */
export const money = z.object({
  minor: z.string().regex(/^-?[0-9]{1,18}$/, 'whole minor units'),
  currency: z.string().refine(isCurrency, 'an ISO 4217 code'),
});
export type Money = z.infer<typeof money>;

/** Minor units as plain major units with all the currency's decimals and no grouping: 2280189843n SAR is "22801898.43". */
export function majorText(minor: bigint, currency: string): string {
  const exponent = exponentOf(currency);
  const sign = minor < 0n ? '-' : '';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * An amount for a person's eye, with the locale's digits and separators. With `toman`, IRR is shown in toman (10 rial), the unit
 * people speak in; the unit's name is the screen's business.
 */
export function formatMoney(minor: bigint, currency: string, locale: string, options: { toman?: boolean } = {}): string {
  const toman = options.toman === true && currency === 'IRR';
  const exponent = exponentOf(currency) + (toman ? 1 : 0);
  const plain = toman ? scaledText(minor, 1) : majorText(minor, currency);
  const fraction = toman && minor % 10n === 0n ? 0 : exponent;
  return new Intl.NumberFormat(locale, { minimumFractionDigits: fraction, maximumFractionDigits: fraction }).format(
    plain as Intl.StringNumericLiteral,
  );
}

function scaledText(minor: bigint, exponent: number): string {
  const sign = minor < 0n ? '-' : '';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

export interface AmountFormat {
  currency: string;
  /** Which of `.` and `,` is the decimal separator where a text has only one of them. `٫` and `٬` always say what they are. */
  decimal: '.' | ',';
  /** The numbers are toman, 10 rial each. A cell that names its unit is believed before this. */
  toman?: boolean;
}

/** Names and signs of money beside a number, with the currencies they may stand for; `toman` and `rial` fix the unit. */
const UNITS: readonly (readonly [RegExp, readonly string[], 'toman' | 'rial' | null])[] = [
  [/^(تومان|تومن|toman|tomans)$/, ['IRR'], 'toman'],
  [/^(ریال|ريال|﷼|rial|rials)$/, ['IRR', 'SAR', 'QAR', 'OMR', 'YER'], 'rial'],
  [/^(ر\.?س\.?|sr)$/, ['SAR'], null],
  [/^(ج\.?م\.?|جنيه|le|l\.e\.?)$/, ['EGP'], null],
  [/^(د\.?إ\.?|د\.?ا\.?|dh|dhs)$/, ['AED'], null],
  [/^(درهم|درهما)$/, ['AED', 'MAD'], null],
  [/^(دينار|د\.?ك\.?|د\.?ب\.?|kd|bd)$/, ['KWD', 'BHD', 'JOD', 'IQD', 'LYD', 'TND', 'DZD'], null],
  [/^(us)?\$$/, ['USD', 'CAD', 'AUD', 'SGD', 'HKD', 'NZD', 'MXN'], null],
  [/^€$/, ['EUR'], null],
  [/^£$/, ['GBP', 'EGP'], null],
];

/**
 * Reads an amount as people and spreadsheets write it (`١٢٬٣٤٥٫٥٠`, `4.280,16`, `$1,234.56`, `(12.00)`), in minor units.
 * Null for what is not an amount, is in another currency, has more decimals than its currency, or could mean two amounts.
 */
export function parseAmount(text: string, format: AmountFormat): bigint | null {
  const cell = normaliseDigits(text)
    .replaceAll(/[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
    .trim()
    .toLowerCase();
  const parts = /^([(+−-]?)([^0-9]*?)([(+−-]?)([0-9](?:[0-9.,٫٬'’،\s]*[0-9])?)\s*([^0-9]*?)$/u.exec(cell);
  if (!parts) return null;
  const [, outerSign = '', before = '', innerSign = '', number = '', after = ''] = parts;
  const closing = /[)−-]$/.exec(after)?.[0] ?? '';
  const unit = unitOf(before.trim() + after.slice(0, after.length - closing.length).trim(), format);
  if (unit === null) return null;
  const sign = [outerSign, innerSign, closing].join('');
  if (!['', '+', '-', '−', '()'].includes(sign)) return null;
  const exponent = exponentOf(format.currency) + (unit === 'toman' ? 1 : 0);
  const plain = plainDecimal(number, format.decimal, exponent);
  if (plain === null) return null;
  const minor = BigInt(plain.whole + plain.fraction.padEnd(exponent, '0'));
  return sign === '' || sign === '+' ? minor : -minor;
}

function unitOf(label: string, format: AmountFormat): 'toman' | 'rial' | null {
  const usual = format.toman === true ? 'toman' : 'rial';
  if (label === '' || label === format.currency.toLowerCase()) return usual;
  const known = UNITS.find(([pattern]) => pattern.test(label));
  if (!known?.[1].includes(format.currency)) return null;
  return known[2] === null || format.currency !== 'IRR' ? usual : known[2];
}

/** Splits a number at its decimal separator; null where grouping is wrong or the text could be read two ways. */
function plainDecimal(number: string, decimal: '.' | ',', exponent: number): { whole: string; fraction: string } | null {
  const text = number.replaceAll('،', ',').replaceAll(/[’\s]/g, "'");
  const at = decimalPosition(text, decimal);
  if (at === null) return null;
  const integer = at === -1 ? text : text.slice(0, at);
  const fraction = at === -1 ? '' : text.slice(at + 1);
  const separators = new Set(integer.replaceAll(/[0-9]/g, ''));
  if (separators.size > 1 || !/^[0-9]*$/.test(fraction)) return null;
  if (separators.size === 1 && !/^[0-9]{1,3}(?:[^0-9][0-9]{3})+$/.test(integer)) return null;
  const whole = integer.replaceAll(/[^0-9]/g, '').replace(/^0+(?=[0-9])/, '');
  const spare = fraction.slice(exponent);
  // Excess decimals are bearable only as zeros that cannot be a group of three.
  if (spare !== '' && (/[1-9]/.test(spare) || (fraction.length === 3 && separators.size === 0))) return null;
  return whole.length > 15 ? null : { whole, fraction: fraction.slice(0, exponent) };
}

/** Where the decimal separator stands, -1 for none, null where that cannot be told. */
function decimalPosition(text: string, decimal: '.' | ','): number | null {
  if (text.includes('٫')) return text.indexOf('٫');
  const dot = text.lastIndexOf('.');
  const comma = text.lastIndexOf(',');
  const last = Math.max(dot, comma);
  if (last === -1) return -1;
  const mark = text.charAt(last);
  const once = text.indexOf(mark) === last;
  const others = /[.,٬']/.test(text.slice(0, last).replaceAll(mark, ''));
  // Two kinds of separator: the last one is the decimal.
  if (others) return once ? last : null;
  if (!once) return -1;
  return mark === decimal ? last : -1;
}
