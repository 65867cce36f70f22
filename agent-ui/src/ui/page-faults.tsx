import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from './button.tsx';
import { CalmPage } from './calm-page.tsx';

/** A page that could not be shown: what was wrong in words, and the way to try again. */
export function PageFailed({ error, reset }: ErrorComponentProps): ReactNode {
  const locale = useLocale();
  return (
    <CalmPage title={locale.say('page.failed')}>
      <p role="alert">{problemWords(locale, problemOf(error))}</p>
      <Button
        look="primary"
        large
        icon="refresh"
        onClick={() => {
          reset();
          location.reload();
        }}
      >
        {locale.say('common.retry')}
      </Button>
    </CalmPage>
  );
}

/** An address that leads nowhere. */
export function NotFound(): ReactNode {
  const { say } = useLocale();
  return (
    <CalmPage title={say('page.notFound')}>
      <Link to="/" className="button primary large">
        {say('page.home')}
      </Link>
    </CalmPage>
  );
}
