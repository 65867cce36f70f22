import type { Problem } from '../../../server/contract/people.ts';
import type { Locale } from '../i18n/locale.tsx';

/** A refusal in the reader's language; the server's own words only where it is of a kind that the consoles do not know. */
export function problemWords(locale: Locale, problem: Problem): string {
  const details = Object.fromEntries(
    Object.entries(problem.details ?? {}).flatMap(([name, value]) =>
      typeof value === 'number' ? [[name, locale.format.number(value)]] : typeof value === 'string' ? [[name, value]] : [],
    ),
  );
  return locale.sayIfKnown(`problem.${problem.code}`, details) ?? locale.say('problem.unknown', { message: problem.message });
}
