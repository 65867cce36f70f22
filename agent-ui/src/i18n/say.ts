import i18next, { type i18n } from 'i18next';
import type { Language } from '../../../server/contract/people.ts';
import { LOCALES } from './languages.ts';
import { AREAS, LOADERS, type Area, type TextKey } from './texts.ts';

/** What is put into a text. `count` chooses the plural form and is shown as `{{n}}` only if the caller passes `n` formatted. */
export type Values = Readonly<Record<string, string | number>> & { readonly count?: number };

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
/** Marks where a value stands, so that a component can put it in a `<bdi>`; private-use code points, never in a text. */
const OPEN = '\uE000';
const CLOSE = '\uE001';

/** One i18next instance for the page: flat keys, no escaping (React escapes), nothing bundled. */
export function createTexts(): i18n {
  const instance = i18next.createInstance();
  void instance.init({
    lng: 'en',
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    resources: {},
    initAsync: false,
  });
  return instance;
}

/** Loads what a console needs in a language; what is there already is not loaded again. */
export async function loadTexts(instance: i18n, language: Language, areas: readonly Area[]): Promise<void> {
  await Promise.all(
    AREAS.filter((area) => areas.includes(area)).map(async (area) => {
      const mark = `${area}:loaded`;
      if (instance.exists(mark, { lng: language })) return;
      instance.addResources(language, 'translation', { ...(await LOADERS[language][area]()), [mark]: area });
    }),
  );
}

/**
 * A text as plain characters (for labels and announcements). Inserted values stand in Unicode isolates wherever directions could
 * meet: always in a language from right to left, elsewhere around values that hold such letters.
 */
export function sayPlain(instance: i18n, language: Language, key: TextKey, values: Values = {}): string {
  const rightToLeft = LOCALES[language].dir === 'rtl';
  return translate(instance, language, key, values, (value) =>
    rightToLeft || RIGHT_TO_LEFT.test(value) ? `${FIRST_STRONG_ISOLATE}${value}${POP_ISOLATE}` : value,
  );
}

/** A text in parts, each either of the text itself or an inserted value. */
export function sayParts(
  instance: i18n,
  language: Language,
  key: TextKey,
  values: Values,
): readonly { text: string; inserted: boolean }[] {
  return translate(instance, language, key, values, (value) => `${OPEN}${value}${CLOSE}`)
    .split(/(\uE000[^\uE001]*\uE001)/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(OPEN) ? { text: part.slice(1, -1), inserted: true } : { text: part, inserted: false }));
}

function translate(instance: i18n, language: Language, key: TextKey, values: Values, wrap: (value: string) => string): string {
  const inserted = Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => name !== 'count')
      .map(([name, value]) => [name, wrap(String(value))]),
  );
  return instance.t(key, { ...inserted, lng: language, ...(values.count === undefined ? {} : { count: values.count }) });
}
