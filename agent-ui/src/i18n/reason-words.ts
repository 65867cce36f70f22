import type { Locale } from './locale.tsx';

/** A cap that has no name of its own is named after its figures: `7in30`, `1in5m`. */
const NAMED_BY_FIGURES = /^([0-9]+)in([0-9]+)(m?)$/;

/** A reason in words; a cap or cool-off that only a pack of one's own names stands as the pack has it. */
export function reasonWords(locale: Pick<Locale, 'sayIfKnown' | 'format'>, id: string): string {
  return (
    locale.sayIfKnown(`waiting.${id}`) ??
    locale.sayIfKnown(`rule.${id}`) ??
    locale.sayIfKnown(`hold.${id}`) ??
    capWords(locale, id) ??
    `\u2066${id}\u2069`
  );
}

function capWords({ sayIfKnown, format }: Pick<Locale, 'sayIfKnown' | 'format'>, id: string): string | null {
  const [, max, length, minutes] = NAMED_BY_FIGURES.exec(id) ?? [];
  if (max === undefined || length === undefined) return null;
  const values = { max: format.number(Number(max)), n: format.number(Number(length)) };
  return sayIfKnown(minutes === 'm' ? 'capReason.minutes' : 'capReason.days', values);
}
