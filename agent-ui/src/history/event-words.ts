import type { HistoryRow } from '../../../server/contract/history.ts';
import type { Locale } from '../i18n/locale.tsx';
import { holdWords } from '../i18n/hold-words.ts';
import { reasonWords } from '../i18n/reason-words.ts';

/** What happened, in words; a kind that has none stands under its own name. */
export function eventWords({ say, sayIfKnown }: Locale, kind: string): string {
  const known = sayIfKnown(`event.${kind}`);
  if (known !== null) return known;
  const [room, what = ''] = kind.split('.');
  const state = room === 'agent' ? sayIfKnown(`state.${what}`) : null;
  return state === null ? `\u2066${kind}\u2069` : say('history.agentBecame', { state });
}

/** Why it happened, as far as the event says; null where it does not. */
export function whyWords(locale: Locale, { kind, body }: Pick<HistoryRow, 'kind' | 'body'>): string | null {
  if (body === null) return null;
  const text = (name: string): string | null => {
    const value = body[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const texts = (name: string): string[] => {
    const value = body[name];
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  };
  if (kind === 'queue.refused' || kind === 'queue.demoted') {
    const [ids, unverified] = [texts('reasons'), texts('unverified')];
    const words = (id: string): string =>
      unverified.includes(id) ? `${reasonWords(locale, id)} (${locale.say('evidence.V0')})` : reasonWords(locale, id);
    return locale.format.list((ids.length > 0 ? ids : [text('reason') ?? '']).map(words));
  }
  if (kind === 'hold.placed') return holdWords(locale, text('kind') ?? '');
  if (kind === 'warning.overridden') return [reasonWords(locale, text('rule') ?? ''), text('reason')].join(' · ');
  if (kind === 'outcome.recorded') return locale.sayIfKnown(`outcome.${text('code') ?? ''}`) ?? text('code');
  if (kind === 'attempt.ended') return locale.sayIfKnown(`result.${text('result') ?? ''}`) ?? text('result');
  const reason = text('reason') ?? text('note');
  if (reason === null) return null;
  return locale.sayIfKnown(`reason.${reason}`) ?? reason;
}
