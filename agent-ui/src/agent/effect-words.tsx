import type { ReactNode } from 'react';
import type { OutcomeEffect } from '../../../server/contract/outcomes.ts';
import { holdWords } from '../i18n/hold-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';

/** What the last saved outcome did to the debtor's next attempt, in words. */
export function SavedEffect({ effect }: { effect: OutcomeEffect }): ReactNode {
  const locale = useLocale();
  const { format, say } = locale;
  switch (effect.kind) {
    case 'not_before':
      return <Say text="effect.notBefore" values={{ when: format.dateTime(effect.at) }} />;
    case 'callback':
      return (
        <Say text="effect.callbackSaved" values={{ when: format.dateTime(effect.at, effect.timeZone), zone: effect.timeZone }} />
      );
    case 'held':
      return effect.until === null ? (
        <Say text="effect.heldSaved" values={{ hold: holdWords(locale, effect.hold) }} />
      ) : (
        <Say text="effect.heldUntil" values={{ hold: holdWords(locale, effect.hold), date: format.date(effect.until) }} />
      );
    case 'limited':
      return (
        <Say
          text={effect.blocks === 'all' ? 'effect.heldSaved' : `effect.limited.${effect.blocks}`}
          values={{ hold: holdWords(locale, effect.hold), when: format.dateTime(effect.at) }}
        />
      );
    case 'number_left':
      return <Say text="effect.numberLeaves" values={{ n: format.number(effect.otherNumbers), count: effect.otherNumbers }} />;
    case 'left_queue':
      return say('effect.leftQueue');
    case 'noted':
      return say('effect.noted');
  }
}
