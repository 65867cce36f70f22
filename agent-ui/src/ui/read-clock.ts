import { normaliseDigits } from '../../../server/contract/digits.ts';

/**
 * Reads a time of day as people type it, in digits of any script: `9`, `930`, `09:30`, `۹٫۳۰`, and `24:00` for the day's end.
 * Returns `HH:MM`, or null for what is none.
 */
export function readClock(text: string): string | null {
  const match = /^([0-9]{1,2})(?:[:.٫،,\s]?([0-9]{2}))?$/.exec(normaliseDigits(text).trim());
  if (!match?.[1]) return null;
  const [hours, minutes] = [Number(match[1]), Number(match[2] ?? '0')];
  if (minutes > 59 || hours > 24 || (hours === 24 && minutes > 0)) return null;
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
