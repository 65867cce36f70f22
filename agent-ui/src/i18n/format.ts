import type { Language } from '../../../server/contract/people.ts';
import { localDigits } from '../../../server/contract/digits.ts';
import { formatMoney, isCurrency } from '../../../server/contract/money.ts';
import { LOCALES } from './languages.ts';

/** The calendars of the three languages; each is asked of Intl by its own name. */
const CALENDARS = { gregory: 'gregory', umalqura: 'islamic-umalqura', persian: 'persian' } as const;
export type Calendar = keyof typeof CALENDARS;

/** Writes values for a person's eye in one language: its digits, its calendar, its order. All inputs are plain wire values. */
export interface Format {
  number: (value: number) => string;
  /** 0.031 as "3.1 %". */
  percent: (share: number) => string;
  /** Minor units and currency as an amount with its unit's name; IRR in toman. */
  money: (minor: string, currency: string) => string;
  /** The unit an amount of this currency is spoken in: "SAR", "toman". */
  unit: (currency: string) => string;
  /** A plain date `YYYY-MM-DD`, in the language's calendar. */
  day: (iso: string) => string;
  /** A plain date in the Gregorian calendar, whatever the language. */
  gregorianDay: (iso: string) => string;
  /** A plain date in one of the three calendars, in the language's words and digits. */
  dayIn: (calendar: Calendar, iso: string) => string;
  /** An instant as a date, in a time zone (the browser's own where none is named). */
  date: (instant: string, timeZone?: string) => string;
  time: (instant: string, timeZone?: string) => string;
  dateTime: (instant: string, timeZone?: string) => string;
  /** A time of day `HH:MM` from settings. */
  clock: (hhmm: string) => string;
  /** Milliseconds as `m:ss`, or `h:mm:ss` from an hour on; never below zero. */
  timer: (ms: number) => string;
  /** Any text's 0-9 in the language's digits. */
  digits: (text: string) => string;
  list: (items: readonly string[]) => string;
  /** Weekday names, 1 is Monday. */
  weekday: (day: number) => string;
  country: (code: string) => string;
  language: (code: string) => string;
}

/** Makes the formatter of one language; its Intl objects are made once and kept, since timers write every second. */
export function createFormat(language: Language): Format {
  const locale = LOCALES[language];
  const number = new Intl.NumberFormat(locale.numbers);
  const percent = new Intl.NumberFormat(locale.numbers, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const two = new Intl.NumberFormat(locale.numbers, { minimumIntegerDigits: 2, useGrouping: false });
  const one = new Intl.NumberFormat(locale.numbers, { useGrouping: false });
  const plainDay = new Intl.DateTimeFormat(locale.dates, { dateStyle: 'long', timeZone: 'UTC' });
  const gregorian = new Intl.DateTimeFormat(`${locale.dates.split('-u-')[0]}-u-ca-gregory-nu-${locale.digits}`, {
    dateStyle: 'long',
    timeZone: 'UTC',
  });
  const list = new Intl.ListFormat(locale.numbers, { type: 'conjunction' });
  const countries = new Intl.DisplayNames(locale.numbers, { type: 'region' });
  const languages = new Intl.DisplayNames(locale.numbers, { type: 'language' });
  const currencies = new Intl.DisplayNames(locale.numbers, { type: 'currency' });
  const zoned = new Map<string, Intl.DateTimeFormat>();

  function instant(iso: string, style: 'date' | 'time' | 'both', timeZone: string | undefined): string {
    const key = `${style} ${timeZone ?? ''}`;
    let format = zoned.get(key);
    if (!format) {
      format = new Intl.DateTimeFormat(locale.dates, {
        ...(style === 'time' ? {} : { dateStyle: 'medium' as const }),
        ...(style === 'date' ? {} : { timeStyle: 'short' as const }),
        ...(timeZone === undefined ? {} : { timeZone }),
      });
      zoned.set(key, format);
    }
    const at = new Date(iso);
    return Number.isNaN(at.getTime()) ? iso : format.format(at);
  }

  function unit(currency: string): string {
    if (currency === 'IRR') return TOMAN[language];
    return language === 'en' || !isCurrency(currency) ? currency : (currencies.of(currency) ?? currency);
  }

  return {
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    money: (minor, currency) =>
      isCurrency(currency)
        ? `${formatMoney(BigInt(minor), currency, locale.numbers, { toman: true })} ${unit(currency)}`
        : `${minor} ${currency}`,
    unit,
    day: (iso) => plainDay.format(new Date(`${iso}T12:00:00Z`)),
    gregorianDay: (iso) => gregorian.format(new Date(`${iso}T12:00:00Z`)),
    dayIn: (calendar, iso) => {
      const key = `day ${calendar}`;
      let format = zoned.get(key);
      if (!format) {
        const name = `${locale.dates.split('-u-')[0]}-u-ca-${CALENDARS[calendar]}-nu-${locale.digits}`;
        format = new Intl.DateTimeFormat(name, { dateStyle: 'medium', timeZone: 'UTC' });
        zoned.set(key, format);
      }
      return format.format(new Date(`${iso}T12:00:00Z`));
    },
    date: (iso, timeZone) => instant(iso, 'date', timeZone),
    time: (iso, timeZone) => instant(iso, 'time', timeZone),
    dateTime: (iso, timeZone) => instant(iso, 'both', timeZone),
    clock: (hhmm) => localDigits(hhmm, locale.digits),
    timer: (ms) => {
      const seconds = Math.max(0, Math.floor(ms / 1000));
      const hours = Math.floor(seconds / 3600);
      const minutes = Math.floor((seconds % 3600) / 60);
      const rest = two.format(seconds % 60);
      return hours > 0 ? `${one.format(hours)}:${two.format(minutes)}:${rest}` : `${one.format(minutes)}:${rest}`;
    },
    digits: (text) => localDigits(text, locale.digits),
    list: (items) => list.format(items),
    // 2024-01-01 was a Monday.
    weekday: (day) =>
      new Intl.DateTimeFormat(locale.dates, { weekday: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, day))),
    country: (code) => countries.of(code.toUpperCase()) ?? code,
    language: (code) => languages.of(code) ?? code,
  };
}

const TOMAN: Readonly<Record<Language, string>> = { en: 'toman', ar: 'تومان', fa: 'تومان' };
