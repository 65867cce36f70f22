import type { Locale } from './locale.tsx';

const CALENDAR = 'holidays.';

/** The versions of packs that judged, and of the calendars by which they close, each as words of its own. */
export function packWords({ say, format }: Locale, packs: Readonly<Record<string, number>>): string[] {
  return Object.entries(packs).map(([pack, version]) => {
    const of = format.number(version);
    if (!pack.startsWith(CALENDAR)) return `\u2066${pack} ${of}\u2069`;
    return say('check.holidaysOf', { country: format.country(pack.slice(CALENDAR.length)), version: of });
  });
}
