import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { HistoryRow } from '../../../server/contract/history.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { eventWords, whyWords } from './event-words.ts';

/** One event: what happened to whom, when, by whom and why, everything that is kept of it, and whether it is sealed. */
export function Event({ event, onReceipt }: { event: HistoryRow; onReceipt: (id: string) => void }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const why = whyWords(locale, event);
  return (
    <li className="stack tight" data-kind={event.kind}>
      <div className="row tight">
        <span className="strong">{eventWords(locale, event.kind)}</span>
        <Subject event={event} />
        <span className="grow" />
        <span className={`badge ${event.sealed ? 'good' : ''}`}>
          {event.sealed ? <Icon name="shield" /> : null}
          {say(event.sealed ? 'history.sealed' : 'history.notSealed')}
        </span>
        {event.sealed ? (
          <Button look="bare" onClick={() => onReceipt(event.id)}>
            {say('history.receipt')}
          </Button>
        ) : null}
      </div>
      <p className="small faint">
        <bdi className="figure">{format.dateTime(event.at)}</bdi>
        {' · '}
        <Actor event={event} />
      </p>
      {why === null ? null : (
        <p className="small">
          {say('history.why')} <bdi dir="auto">{why}</bdi>
        </p>
      )}
      <Body event={event} />
    </li>
  );
}

function Subject({ event: { subject, subjectId, name, partyId } }: { event: HistoryRow }): ReactNode {
  const { sayIfKnown } = useLocale();
  const kind = sayIfKnown(`historySubject.${subject}`) ?? subject;
  const shown = name === null ? <Code>{subjectId}</Code> : <bdi>{name}</bdi>;
  return (
    <span className="small history-subject">
      {kind}{' '}
      {partyId !== null ? (
        <Link to="/admin/debtors/$partyId" params={{ partyId }}>
          {shown}
        </Link>
      ) : subject === 'campaign' && name !== null ? (
        <Link to="/admin/campaigns/$campaignId" params={{ campaignId: subjectId }}>
          {shown}
        </Link>
      ) : subject === 'rule_pack' ? (
        <Link to="/admin/packs/$packId" params={{ packId: subjectId }}>
          {shown}
        </Link>
      ) : (
        shown
      )}
    </span>
  );
}

function Actor({ event: { actor, actorName } }: { event: HistoryRow }): ReactNode {
  if (actorName !== null) return <bdi className="strong">{actorName}</bdi>;
  return <Say text="history.byProcess" values={{ name: `\u2066${actor ?? '?'}\u2069` }} />;
}

function Body({ event: { body } }: { event: HistoryRow }): ReactNode {
  const { say } = useLocale();
  if (body === null) return <p className="small faint">{say('history.erased')}</p>;
  if (Object.keys(body).length === 0) return null;
  return (
    <details className="small">
      <summary>{say('history.more')}</summary>
      <pre dir="ltr" className="history-body">
        {JSON.stringify(body, null, 2)}
      </pre>
    </details>
  );
}
