import type { ReactNode } from 'react';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';

/** Something could not be fetched: why, and a way to try again. */
export function AskFailed({ query }: { query: { error: unknown; refetch: () => unknown } }): ReactNode {
  const locale = useLocale();
  return (
    <div className="notice danger" role="alert">
      <Icon name="alert" />
      <p className="notice-text">{problemWords(locale, problemOf(query.error))}</p>
      <Button icon="refresh" onClick={() => void query.refetch()}>
        {locale.say('common.retry')}
      </Button>
    </div>
  );
}
