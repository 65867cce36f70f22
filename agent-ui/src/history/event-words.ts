import type { HistoryRow } from '../../../server/contract/history.ts';
import type { Locale } from '../i18n/locale.tsx';
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
  const reasons = body['reasons'];
  if (kind === 'queue.refused' || kind === 'queue.demoted') {
    const ids = Array.isArray(reasons) ? reasons.filter((each) => typeof each === 'string') : [];
    return locale.format.list((ids.length > 0 ? ids : [text('reason') ?? '']).map((id) => reasonWords(locale, id)));
  }
  if (kind === 'hold.placed') return locale.sayIfKnown(`hold.${text('kind') ?? ''}`) ?? text('kind');
  if (kind === 'outcome.recorded') return locale.sayIfKnown(`outcome.${text('code') ?? ''}`) ?? text('code');
  if (kind === 'attempt.ended') return locale.sayIfKnown(`result.${text('result') ?? ''}`) ?? text('result');
  const reason = text('reason') ?? text('note');
  if (reason === null) return null;
  return locale.sayIfKnown(`reason.${reason}`) ?? reason;
}
