import { createContext, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import type { Language } from '../../../server/contract/people.ts';
import { createFormat, type Format } from './format.ts';
import { firstLanguage, LOCALES, rememberLanguage, storedLanguage } from './languages.ts';
import { createTexts, loadTexts, sayParts, sayPlain, type Values } from './say.ts';
import type { Area, TextKey } from './texts.ts';

/** The page's language: which one, what is loaded, and who wants to know when it changes. One per page. */
const texts = createTexts();
const areas = new Set<Area>(['shared']);
const listeners = new Set<() => void>();
let current: Language = firstLanguage(storedLanguage(), navigator.languages);

/** The language now on screen. */
export function currentLanguage(): Language {
  return current;
}

/** Loads more texts in the language on screen; a console calls it before it is first shown. */
export async function needTexts(...wanted: Area[]): Promise<void> {
  for (const area of wanted) areas.add(area);
  await loadTexts(texts, current, [...areas]);
}

/** Changes the language on screen once its texts are here, so that no key is ever seen. */
export async function switchLanguage(language: Language): Promise<void> {
  await loadTexts(texts, language, [...areas]);
  current = language;
  rememberLanguage(language);
  for (const listener of listeners) listener();
}

export interface Locale {
  readonly language: Language;
  readonly dir: 'ltr' | 'rtl';
  readonly format: Format;
  /** A text without markup; inserted values are isolated. */
  say: (key: TextKey, values?: Values) => string;
  /** A text for a key that is made at run time, or null where there is none. */
  sayIfKnown: (key: string, values?: Values) => string | null;
  parts: (key: TextKey, values: Values) => readonly { text: string; inserted: boolean }[];
}

const LocaleContext = createContext<Locale | null>(null);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Provides language, direction and formats, and keeps `<html lang dir>` true to them. */
export function LocaleProvider({ children }: { children: ReactNode }): ReactNode {
  const language = useSyncExternalStore(subscribe, currentLanguage);
  const locale = useMemo(() => createLocale(language), [language]);
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = locale.dir;
  }, [language, locale.dir]);
  return <LocaleContext value={locale}>{children}</LocaleContext>;
}

function createLocale(language: Language): Locale {
  return {
    language,
    dir: LOCALES[language].dir,
    format: createFormat(language),
    say: (key, values) => sayPlain(texts, language, key, values),
    sayIfKnown: (key, values) =>
      texts.exists(key, { lng: language }) ? sayPlain(texts, language, key as TextKey, values) : null,
    parts: (key, values) => sayParts(texts, language, key, values),
  };
}

/** Language, texts and formats of the page. */
export function useLocale(): Locale {
  const locale = useContext(LocaleContext);
  if (!locale) throw new Error('useLocale outside LocaleProvider');
  return locale;
}

/** A text with every inserted value in a `<bdi>`, so that a Latin name in an Arabic sentence keeps both in order. */
export function Say({ text, values }: { text: TextKey; values?: Values }): ReactNode {
  const locale = useLocale();
  if (!values) return locale.say(text);
  return locale.parts(text, values).map((part, index) =>
    // The parts of one text never move, so their place is their key.
    part.inserted ? <bdi key={index}>{part.text}</bdi> : part.text,
  );
}

/** A phone number, account or code: always left to right, digits as they are written on paper and dialed. */
export function Code({ children }: { children: string }): ReactNode {
  return (
    <bdi dir="ltr" className="code">
      {children}
    </bdi>
  );
}
