/**
 * The local calendar of a time zone, fast enough to be asked a hundred thousand times a second.
 *
 * `Temporal` answers every question here once per zone and day; the answers are kept. Keeping them changes no result, so
 * the functions stay pure.
 */

export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Days kept per zone before the table is emptied: more than the 400 days of a search plus a year of history. */
const MAX_DAYS_KEPT = 2_000;

/** A stretch of a local day in which wall time runs evenly with real time. A day with a change of clocks has two. */
export interface DayStretch {
  startMs: number;
  endMs: number;
  /** Wall time at `startMs`, in milliseconds since local midnight. */
  wallStartMs: number;
}

/** One calendar day of one zone. `number` counts days since 1970-01-01; `weekday` is 1 = Monday … 7 = Sunday. */
export interface LocalDay {
  number: number;
  weekday: number;
  startMs: number;
  endMs: number;
  stretches: readonly DayStretch[];
}

interface ZoneCalendar {
  days: Map<number, LocalDay>;
  /** The day found last: the next question is nearly always about the same one. */
  lastDay: LocalDay | null;
}

const calendars = new Map<string, ZoneCalendar>();

/** Whether `zone` names an IANA time zone known to this runtime. */
export function isZone(zone: string): boolean {
  if (calendars.has(zone)) return true;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

/** The local day of `zone` in which the instant `atMs` (epoch milliseconds) falls; throws RangeError for an unknown zone. */
export function localDayAt(zone: string, atMs: number): LocalDay {
  const calendar = calendarOf(zone);
  const last = calendar.lastDay;
  if (last !== null && atMs >= last.startMs && atMs < last.endMs) return last;
  // Days of the zone begin about as far from those of UTC as the last one looked at; no zone is more than a day away.
  const aheadMs = last === null ? 0 : last.number * DAY_MS - last.startMs;
  let day = localDay(zone, Math.floor((atMs + aheadMs) / DAY_MS));
  while (atMs < day.startMs) day = localDay(zone, day.number - 1);
  while (atMs >= day.endMs) day = localDay(zone, day.number + 1);
  calendar.lastDay = day;
  return day;
}

/** The day of `zone` that stands `number` days after 1970-01-01 in the proleptic Gregorian calendar. */
export function localDay(zone: string, number: number): LocalDay {
  const calendar = calendarOf(zone);
  const kept = calendar.days.get(number);
  if (kept !== undefined) return kept;
  if (calendar.days.size >= MAX_DAYS_KEPT) calendar.days.clear();
  const day = readDay(zone, number);
  calendar.days.set(number, day);
  return day;
}

function calendarOf(zone: string): ZoneCalendar {
  let calendar = calendars.get(zone);
  if (calendar === undefined) {
    // Throws for an unknown zone before anything is kept under its name.
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    calendar = { days: new Map(), lastDay: null };
    calendars.set(zone, calendar);
  }
  return calendar;
}

function readDay(zone: string, number: number): LocalDay {
  const date = dateOfDay(number);
  const start = date.toZonedDateTime(zone);
  const startMs = start.epochMilliseconds;
  const endMs = dateOfDay(number + 1).toZonedDateTime(zone).epochMilliseconds;
  const stretches: DayStretch[] = [];
  let cursor = start;
  while (cursor.epochMilliseconds < endMs) {
    const next = cursor.getTimeZoneTransition('next');
    const stretchEndMs = next === null ? endMs : Math.min(endMs, next.epochMilliseconds);
    const wall = cursor.toPlainDateTime();
    const wallStartMs = (wall.hour * 60 + wall.minute) * MINUTE_MS + wall.second * 1_000 + wall.millisecond;
    stretches.push({ startMs: cursor.epochMilliseconds, endMs: stretchEndMs, wallStartMs });
    if (next === null) break;
    cursor = next;
  }
  return { number, weekday: date.dayOfWeek, startMs, endMs, stretches };
}

/** The Gregorian date that stands `number` days after 1970-01-01. */
export function dateOfDay(number: number): Temporal.PlainDate {
  return EPOCH_DATE.add({ days: number });
}

/** Days from 1970-01-01 to `date`. */
export function dayOfDate(date: Temporal.PlainDate): number {
  return EPOCH_DATE.until(date, { largestUnit: 'day' }).days;
}

const EPOCH_DATE = Temporal.PlainDate.from('1970-01-01');

const ramadanDays = new Map<number, boolean>();

/** Whether the day falls in Ramadan (month 9) of the Umm al-Qura calendar. */
export function isRamadan(number: number): boolean {
  let ramadan = ramadanDays.get(number);
  if (ramadan === undefined) {
    if (ramadanDays.size >= MAX_DAYS_KEPT) ramadanDays.clear();
    ramadan = dateOfDay(number).withCalendar('islamic-umalqura').monthCode === 'M09';
    ramadanDays.set(number, ramadan);
  }
  return ramadan;
}
