import type { ReactNode } from 'react';
import type { Problem } from '../../../server/contract/people.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { CalmPage } from '../ui/calm-page.tsx';

/** The desk is open in another tab or at another machine, or was taken over from here. */
export function NotHere({ taken, onTakeOver }: { taken: boolean; onTakeOver: () => void }): ReactNode {
  const { say } = useLocale();
  return (
    <CalmPage title={say(taken ? 'elsewhere.takenTitle' : 'elsewhere.title')} testId="open-elsewhere">
      <p>{say(taken ? 'elsewhere.takenLead' : 'elsewhere.lead')}</p>
      <Button look="primary" large onClick={onTakeOver}>
        {say(taken ? 'elsewhere.takeBack' : 'elsewhere.takeOver')}
      </Button>
    </CalmPage>
  );
}

/** The dialer would not open the desk; trying again may help. */
export function DeskRefused({ problem, onRetry }: { problem: Problem; onRetry: () => void }): ReactNode {
  const locale = useLocale();
  return (
    <CalmPage title={locale.say('elsewhere.refusedTitle')} testId="desk-refused">
      <p role="alert">{problemWords(locale, problem)}</p>
      <Button look="primary" large icon="refresh" onClick={onRetry}>
        {locale.say('common.retry')}
      </Button>
    </CalmPage>
  );
}
