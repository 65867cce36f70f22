import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DebtorRecord } from '../../../server/contract/debtors.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { sessionNow } from '../connection/session.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { UnverifiedBadge } from '../rules/evidence.tsx';
import { Icon } from '../ui/icons.tsx';
import { GuidanceWords } from '../ui/guidance.tsx';
import { reasonWords } from '../i18n/reason-words.ts';
import { debtorQuery } from './api.ts';
import { Attempts, Refusals } from './attempts.tsx';
import { Callbacks } from './callbacks.tsx';
import { Consents } from './consents.tsx';
import { Debts } from './debts.tsx';
import { Holds } from './holds.tsx';
import { Numbers } from './numbers.tsx';
import { OverriddenWarnings } from './overridden-warnings.tsx';
import { Preferences } from './preferences.tsx';
import './debtors.css';

/** The whole file of a debtor: debts over all creditors, numbers, what they said and were promised, queues with scores, every attempt. */
export function RecordPage(): ReactNode {
  const { partyId } = useParams({ from: '/admin/debtors/$partyId' });
  const { say, format } = useLocale();
  const found = useQuery(debtorQuery(partyId));
  if (found.isError) return <AskFailed query={found} />;
  const { data } = found;
  if (!data) return <p className="faint">{say('common.loading')}</p>;
  return (
    <div className="stack" data-testid="record">
      <header className="page-head">
        <Link to="/admin/debtors" className="button bare square" aria-label={say('record.back')}>
          <Icon name="back" />
        </Link>
        <div className="grow">
          <h1>
            <bdi>{data.displayName}</bdi>
          </h1>
          <p className="faint small">
            <bdi>{[data.address, format.country(data.country)].filter(Boolean).join(' · ')}</bdi>
            {data.language === null ? null : <> · {format.language(data.language)}</>}
            {data.timeZones.map((zone) => (
              <span key={zone}>
                {' · '}
                <Code>{zone}</Code>
              </span>
            ))}
          </p>
        </div>
        {sessionNow()?.role === 'admin' ? (
          <Link to="/admin/history" search={{ subject: 'party', subjectId: data.partyId }} className="button">
            <Icon name="clock" />
            {say('nav.history')}
          </Link>
        ) : null}
        <Link to="/admin/check" search={{ debtor: data.partyId }} className="button">
          <Icon name="question" />
          {say('record.check')}
        </Link>
      </header>
      <Holds debtor={data} />
      <div className="record-columns">
        <Debts debtor={data} />
        <Numbers debtor={data} />
        <Promises debtor={data} />
        <Callbacks debtor={data} />
        <Consents debtor={data} />
        <Preferences debtor={data} />
        <OverriddenWarnings debtor={data} />
        <WhatIsAsked debtor={data} />
      </div>
      <Queues debtor={data} />
      <Attempts debtor={data} />
      <Refusals debtor={data} />
    </div>
  );
}

interface PartProps {
  debtor: DebtorRecord;
}

/** What is to be said to the debtor, and never. */
function WhatIsAsked({ debtor: { guidance } }: PartProps): ReactNode {
  const { say } = useLocale();
  if (guidance.disclosures.length === 0 && guidance.forbiddenWords.length === 0) return null;
  return (
    <section className="card panel" aria-labelledby="record-guidance">
      <h2 id="record-guidance">{say('guidance.title')}</h2>
      <GuidanceWords guidance={guidance} />
    </section>
  );
}

function Promises({ debtor }: PartProps): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  return (
    <section className="card panel" aria-labelledby="record-promises">
      <h2 id="record-promises">{say('file.promises')}</h2>
      {debtor.promises.length === 0 ? <p className="faint">{say('record.noPromises')}</p> : null}
      <ul className="plain-list lined">
        {debtor.promises.map((promise) => (
          <li key={promise.id} className="row">
            <span className="grow">
              <bdi className="figure strong">{format.money(promise.amountMinor, promise.currency)}</bdi>{' '}
              {promise.account === null ? null : (
                <span className="small faint">
                  <Code>{promise.account}</Code>
                </span>
              )}
            </span>
            <span className="record-figures">
              <Say text="file.dueOn" values={{ date: format.day(promise.dueOn) }} />
              <span className="small faint">
                <bdi>{format.date(promise.madeAt)}</bdi>
                {promise.by === null ? null : (
                  <>
                    {' · '}
                    <bdi>{promise.by}</bdi>
                  </>
                )}
              </span>
              <span className="badge">{sayIfKnown(`promiseState.${promise.state}`) ?? promise.state}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Queues({ debtor }: PartProps): ReactNode {
  const locale = useLocale();
  const { say, sayIfKnown, format } = locale;
  const zone = debtor.timeZones[0];
  return (
    <section className="card panel" aria-labelledby="record-queues" data-testid="record-queues">
      <h2 id="record-queues">{say('record.queues')}</h2>
      {debtor.queues.length === 0 ? <p className="faint">{say('record.noQueues')}</p> : null}
      <ul className="plain-list lined">
        {debtor.queues.map((queue) => (
          <li key={queue.campaignId} className="stack tight" data-queue={queue.state}>
            <div className="row tight">
              <Link to="/admin/campaigns/$campaignId" params={{ campaignId: queue.campaignId }}>
                <bdi>{queue.campaign}</bdi>
              </Link>
              <span className={`badge ${queue.state === 'ready' ? 'good' : ''}`}>
                {sayIfKnown(`queueState.${queue.state}`) ?? queue.state}
              </span>
              {queue.reason === null ? null : (
                <span className="small">
                  {reasonWords(locale, queue.reason)} <UnverifiedBadge of={debtor.guidance.unverified[queue.reason]} />
                </span>
              )}
              {queue.state === 'waiting' && queue.notBefore !== null ? (
                <span className="small faint">
                  <Say text="check.until" values={{ at: format.dateTime(queue.notBefore, zone) }} />
                </span>
              ) : null}
              <span className="small faint">
                {say('record.tries')} <bdi>{format.number(queue.tries)}</bdi>
              </span>
            </div>
            <div className="row tight small">
              <span className="strong">
                {say('scorecard.score')} <bdi>{format.number(queue.score)}</bdi>
              </span>{' '}
              {queue.reasons
                .filter((reason) => reason.weight > 0)
                .map((reason) => (
                  <span key={reason.factor} className="badge">
                    {say(`score.${reason.factor}`)} <bdi>{format.number(reason.points)}</bdi>
                  </span>
                ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
