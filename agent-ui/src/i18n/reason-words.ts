import type { Locale } from './locale.tsx';

/** A reason in words; the id of a pack's own cap or cool-off stands as the pack has it. */
export function reasonWords(locale: Pick<Locale, 'sayIfKnown'>, id: string): string {
  return (
    locale.sayIfKnown(`waiting.${id}`) ??
    locale.sayIfKnown(`rule.${id}`) ??
    locale.sayIfKnown(`hold.${id}`) ??
    `\u2066${id}\u2069`
  );
}
