import { normaliseDigits } from './digits.ts';

/** The calendars of a list or a screen, by the names people give them. Hijri is Umm al-Qura, Saudi Arabia's civil calendar. */
export const CALENDARS = ['gregorian', 'jalali', 'hijri'] as const;
export type Calendar = (typeof CALENDARS)[number];

/** In which order a list writes a date's parts. */
export const DATE_ORDERS = ['ymd', 'dmy', 'mdy'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** The calendar's name for Temporal and Intl; always passed, since a locale's own default changes between versions. */
export const CALENDAR_IDS: Readonly<Record<Calendar, string>> = {
  gregorian: 'gregory',
  jalali: 'persian',
  hijri: 'islamic-umalqura',
};

/**
 * Years a debtor list can mean. They also tell a Gregorian year from the other two; Jalali and Hijri years overlap, so the
 * calendar must be named. Umm al-Qura's tables begin in 1300 and end in 1600.
 */
const YEARS: Readonly<Record<Calendar, readonly [number, number]>> = {
  gregorian: [1900, 2199],
  jalali: [1250, 1599],
  hijri: [1300, 1600],
};

const TIME_BEHIND = /[T\s]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s*(?:Z|[+-][0-9]{2}:?[0-9]{2})?$/i;
const ERA_BEHIND = /\s*(?:هـ|ه|م|ه\.?ش\.?|ه\.?ق\.?|AH|AD)$/u;

/**
 * Reads a date written in a calendar and order, digits of any script, separated by / - . or spaces; a year of four digits in
 * front is always the year. Returns `YYYY-MM-DD` (Gregorian), or null for a date that does not exist or is no date.
 */
export function parseDate(text: string, format: { calendar: Calendar; order: DateOrder }): string | null {
  const cell = normaliseDigits(text)
    .replaceAll(/[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .trim()
    .replace(TIME_BEHIND, '')
    .replace(ERA_BEHIND, '');
  const compact = /^([0-9]{4})([0-9]{2})([0-9]{2})$/.exec(cell);
  const match = compact ?? /^([0-9]{1,4})\s*[/\-.\s]\s*([0-9]{1,4})\s*[/\-.\s]\s*([0-9]{1,4})$/.exec(cell);
  if (!match) return null;
  const [, first = '', second = '', third = ''] = match;
  const order = first.length === 4 ? 'ymd' : format.order;
  const [year, month, day] =
    order === 'ymd' ? [first, second, third] : order === 'dmy' ? [third, second, first] : [third, first, second];
  if (year.length !== 4 || month.length > 2 || day.length > 2) return null;
  return isoDate(format.calendar, Number(year), Number(month), Number(day));
}

/** The Gregorian `YYYY-MM-DD` of a day in a calendar, or null where the calendar has no such day. */
export function isoDate(calendar: Calendar, year: number, month: number, day: number): string | null {
  const [from, to] = YEARS[calendar];
  if (year < from || year > to || month < 1 || month > 12 || day < 1 || day > 31) return null;
  try {
    return Temporal.PlainDate.from({ calendar: CALENDAR_IDS[calendar], year, month, day }, { overflow: 'reject' })
      .withCalendar('iso8601')
      .toString();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Year, month and day of a `YYYY-MM-DD` in a calendar. Throws RangeError for what is no date. */
export function dateParts(iso: string, calendar: Calendar): { year: number; month: number; day: number } {
  const { year, month, day } = Temporal.PlainDate.from(iso).withCalendar(CALENDAR_IDS[calendar]);
  return { year, month, day };
}

/** A `YYYY-MM-DD` written in numbers in a calendar and order: `1404/05/12`. Latin digits; a screen shows local ones. */
export function dateText(iso: string, format: { calendar: Calendar; order: DateOrder }): string {
  const { year, month, day } = dateParts(iso, format.calendar);
  const y = String(year).padStart(4, '0');
  const m = String(month).padStart(2, '0');
  const d = String(day).padStart(2, '0');
  return { ymd: `${y}/${m}/${d}`, dmy: `${d}/${m}/${y}`, mdy: `${m}/${d}/${y}` }[format.order];
}

/** A `YYYY-MM-DD` for a person's eye, in a language, a named calendar and that locale's digits. */
export function formatDate(
  iso: string,
  locale: string,
  calendar: Calendar,
  style: 'short' | 'medium' | 'long' | 'full' = 'medium',
): string {
  return new Intl.DateTimeFormat(locale, { calendar: CALENDAR_IDS[calendar], dateStyle: style, timeZone: 'UTC' }).format(
    new Date(`${iso}T12:00:00Z`),
  );
}
