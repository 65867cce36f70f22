import type { ReactNode } from 'react';
import type { Callable } from '../../../server/contract/campaigns.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { reasonWords } from '../i18n/reason-words.ts';
import { UnverifiedBadge } from '../rules/evidence.tsx';
import { Bars } from '../ui/bars.tsx';
import { topReasons } from './board-view.ts';

const SHOWN_REASONS = 5;

/** How a campaign's debtors stand: callable now, later today, blocked by reason; the parts add up to the total. */
export function Standing({ standing }: { standing: Callable }): ReactNode {
  const { say, format } = useLocale();
  return (
    <div data-testid="standing">
      <Bars
        whole={standing.total}
        bars={[
          [say('board.callableNow'), standing.now],
          [say('board.callableLater'), standing.laterToday],
          [say('board.blocked'), standing.blocked],
          [say('board.inFlight'), standing.inFlight],
          [say('board.done'), standing.done],
          [say('board.inAll'), standing.total],
        ]}
      />
      <Penetration standing={standing} />
      <Reasons title={say('board.laterBecause')} reasons={standing.reasons} unverified={standing.unverified} />
      <Reasons title={say('board.doneBecause')} reasons={standing.endings} unverified={{}} />
      {standing.countedAt === null ? null : (
        <p className="small faint bars-reasons-title">
          <Say text="board.countedAt" values={{ at: format.time(standing.countedAt), zone: standing.zone }} />
        </p>
      )}
    </div>
  );
}

/** How far the campaign has come with its people, in shares of all. */
function Penetration({ standing }: { standing: Callable }): ReactNode {
  const { say, format } = useLocale();
  const { total, tried, contacted, rightParty } = standing;
  if (total === 0) return null;
  return (
    <>
      <p className="small faint bars-reasons-title">{say('board.penetration')}</p>
      <ul className="plain-list small bars-reasons" data-testid="penetration">
        {(
          [
            ['board.tried', tried],
            ['board.contacted', contacted],
            ['board.rightParty', rightParty],
          ] as const
        ).map(([words, people]) => (
          <li key={words}>
            <span>{say(words)}</span>
            <span>
              <bdi className="figure">{format.number(people)}</bdi> ·{' '}
              <bdi className="figure">{format.percent(people / total)}</bdi>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

interface ReasonsProps {
  title: string;
  reasons: Readonly<Record<string, number>>;
  unverified: Callable['unverified'];
}

function Reasons({ title, reasons, unverified }: ReasonsProps): ReactNode {
  const locale = useLocale();
  const { format } = locale;
  const top = topReasons(reasons, SHOWN_REASONS);
  if (top.length === 0) return null;
  return (
    <>
      <p className="small faint bars-reasons-title">{title}</p>
      <ul className="plain-list small bars-reasons">
        {top.map(({ reason, count }) => (
          <li key={reason}>
            <span>
              {reasonWords(locale, reason)} <UnverifiedBadge of={unverified[reason]} />
            </span>
            <bdi className="figure">{format.number(count)}</bdi>
          </li>
        ))}
      </ul>
    </>
  );
}
