import { LANGUAGES, type Language } from '../../../server/contract/people.ts';
import type { DigitSet } from '../../../server/contract/digits.ts';

/**
 * What each language needs from Intl, with calendar and digits always named: a locale's own defaults change between versions
 * (plain `ar-SA` is Gregorian in some). `fields` is for react-aria, whose locales must not name digits.
 */
export const LOCALES = {
  en: {
    numbers: 'en-GB-u-nu-latn',
    dates: 'en-GB-u-ca-gregory-nu-latn',
    fields: 'en-GB-u-ca-gregory',
    digits: 'latn',
    dir: 'ltr',
    weekStartsOn: 1,
  },
  ar: {
    numbers: 'ar-SA-u-nu-arab',
    dates: 'ar-SA-u-ca-islamic-umalqura-nu-arab',
    fields: 'ar-SA-u-ca-islamic-umalqura',
    digits: 'arab',
    dir: 'rtl',
    weekStartsOn: 7,
  },
  fa: {
    numbers: 'fa-IR-u-nu-arabext',
    dates: 'fa-IR-u-ca-persian-nu-arabext',
    fields: 'fa-IR-u-ca-persian',
    digits: 'arabext',
    dir: 'rtl',
    weekStartsOn: 6,
  },
} as const satisfies Record<
  Language,
  { numbers: string; dates: string; fields: string; digits: DigitSet; dir: 'ltr' | 'rtl'; weekStartsOn: number }
>;

/** Each language in its own words: the one text that must not be translated. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ar: 'العربية', fa: 'فارسی' };

const STORAGE_KEY = 'wusul:language';

/** The language to begin with, before anybody has signed in: the one last chosen in this browser, else the browser's own, else English. */
export function firstLanguage(stored: string | null, browserLanguages: readonly string[]): Language {
  const wanted = [stored ?? '', ...browserLanguages].map((tag) => tag.toLowerCase().split('-')[0]);
  return wanted.map((tag) => LANGUAGES.find((language) => language === tag)).find((language) => language !== undefined) ?? 'en';
}

/** Reads the language last chosen in this browser, or null. */
export function storedLanguage(): string | null {
  return localStorage.getItem(STORAGE_KEY);
}

/** Remembers a language in this browser, for the sign-in page. */
export function rememberLanguage(language: Language): void {
  localStorage.setItem(STORAGE_KEY, language);
}
