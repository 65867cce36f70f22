import type { Locale } from './locale.tsx';

/** The kind of a hold in words; one that only a pack of one's own names is said in the pack's words, else as it is named. */
export function holdWords(locale: Pick<Locale, 'sayIfKnown'>, kind: string, note: string | null = null): string {
  return locale.sayIfKnown(`hold.${kind}`) ?? locale.sayIfKnown(`rule.${kind}`) ?? `\u2068${note ?? kind}\u2069`;
}
