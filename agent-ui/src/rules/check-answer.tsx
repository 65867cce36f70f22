import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { CheckJudgement, CheckReason, ContactCheck } from '../../../server/contract/contact-check.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { packWords } from '../i18n/pack-words.ts';
import { reasonWords } from '../i18n/reason-words.ts';
import { Icon } from '../ui/icons.tsx';
import { EvidenceBadge } from './evidence.tsx';

/** What the gate answered: for each person and campaign whether, why not, and when. Times are the debtor's own. */
export function CheckAnswer({ answer }: { answer: ContactCheck }): ReactNode {
  const { say, format } = useLocale();
  return (
    <div className="stack" data-testid="check-answer">
      {answer.people.map((person) => {
        const zone = person.timeZones[0];
        return (
          <section key={person.partyId} className="card panel" aria-label={person.displayName}>
            <div className="row">
              <h2 className="grow">
                <Link to="/admin/debtors/$partyId" params={{ partyId: person.partyId }}>
                  <bdi>{person.displayName}</bdi>
                </Link>
              </h2>
              <span className="faint small">
                <Say text="check.at" values={{ at: format.dateTime(answer.at, zone), zone: zone ?? 'UTC' }} />
              </span>
            </div>
            {person.judgements.map((judgement) => (
              <Judgement key={judgement.campaign?.id ?? ''} judgement={judgement} zone={zone} />
            ))}
            {person.notRestored.length === 0 ? null : (
              <p className="small" data-testid="not-restored">
                <Say
                  text="check.notRestored"
                  values={{ what: format.list(person.notRestored.map((each) => say(`notRestored.${each}`))) }}
                />
              </p>
            )}
            {person.judgements.some(isWarned) ? (
              <p>
                <Link to="/admin/debtors/$partyId" params={{ partyId: person.partyId }}>
                  {say('check.override')}
                </Link>
              </p>
            ) : null}
          </section>
        );
      })}
    </div>
  );
}

/** A rule that only warns stands in the way, which a supervisor may override. */
function isWarned({ numbers }: CheckJudgement): boolean {
  return numbers.some((number) => number.reasons.some((reason) => reason.severity === 'warn'));
}

interface JudgementProps {
  judgement: CheckJudgement;
  zone: string | undefined;
}

/** One campaign's answer, or that of the law alone. */
export function Judgement({ judgement, zone }: JudgementProps): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const { campaign, answer, nothing, numbers, queue, packs } = judgement;
  return (
    <div className="stack tight" data-testid="judgement" data-verdict={answer.mayCall ? 'allow' : 'deny'}>
      <div className="verdict">
        <h3>{campaign === null ? say('check.byLaw') : <bdi>{campaign.name}</bdi>}</h3>
        {campaign === null ? null : <span className="badge">{say(`campaignState.${campaign.state}`)}</span>}
        <span className={`badge ${answer.mayCall ? 'good' : 'danger'}`}>
          <Icon name={answer.mayCall ? 'check' : 'stop'} />
          {say(answer.mayCall ? 'check.yes' : 'check.no')}
        </span>
        {answer.mayCall ? null : (
          <span>
            {nothing !== null ? (
              say(`check.nothing.${nothing}`)
            ) : answer.retryAt === null ? (
              say('check.never')
            ) : (
              <Say text="check.from" values={{ at: format.dateTime(answer.retryAt, zone) }} />
            )}
          </span>
        )}
      </div>
      {nothing === null
        ? numbers.map((number) => (
            <div key={number.phoneId} className="check-number">
              <div className="row tight">
                <Icon name="phone" />
                <Code>{number.number}</Code>
                <span className={`badge ${number.verdict === 'allow' ? 'good' : 'danger'}`}>
                  {say(number.verdict === 'allow' ? 'check.yes' : 'check.no')}
                </span>
                {number.closesAt === null ? null : (
                  <span className="small">
                    <Say text="check.until" values={{ at: format.dateTime(number.closesAt, zone) }} />
                  </span>
                )}
              </div>
              {number.reasons.length > 0 ? (
                <ul className="rule-list">
                  {number.reasons.map((reason) => (
                    <ReasonRow
                      key={`${reason.id} ${reason.pack}`}
                      reason={reason}
                      binds={reason.id === number.binding}
                      zone={zone}
                    />
                  ))}
                </ul>
              ) : null}
              {number.overridden.length > 0 ? (
                <p className="small">
                  <Say
                    text="check.overridden"
                    values={{ rules: format.list(number.overridden.map((reason) => reasonWords(locale, reason.id))) }}
                  />
                </p>
              ) : null}
            </div>
          ))
        : null}
      <p className="small faint">
        {Object.keys(packs).length === 0 ? null : (
          <Say text="check.packs" values={{ packs: format.list(packWords(locale, packs)) }} />
        )}{' '}
        {queue === null ? null : <QueueWords queue={queue} zone={zone} />}
      </p>
    </div>
  );
}

function ReasonRow({ reason, binds, zone }: { reason: CheckReason; binds: boolean; zone: string | undefined }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  return (
    <li data-reason={reason.id}>
      <span className="strong">{reasonWords(locale, reason.id)}</span>
      {binds ? <span className="badge brand">{say('check.binds')}</span> : null}
      {reason.severity === 'warn' ? <span className="badge warn">{say('check.warning')}</span> : null}
      {reason.pack === 'house' || reason.pack === 'person' || reason.pack === 'campaign' ? (
        <>
          <span className="small faint">{say(`origin.${reason.pack}`)}</span>
          {reason.evidence === 'V0' ? <EvidenceBadge level={reason.evidence} /> : null}
        </>
      ) : (
        <>
          <span className="small">
            <Say text="check.pack" values={{ pack: reason.pack, version: format.number(reason.version) }} />
          </span>
          <EvidenceBadge level={reason.evidence} />
        </>
      )}
      <span className="small">
        {reason.retryAt === null ? (
          say('check.noEnd')
        ) : (
          <Say text="check.until" values={{ at: format.dateTime(reason.retryAt, zone) }} />
        )}
      </span>
      {reason.source === '' ? null : (
        <bdi className="small faint rule-source" dir="auto">
          {reason.source}
        </bdi>
      )}
    </li>
  );
}

function QueueWords({ queue, zone }: { queue: NonNullable<CheckJudgement['queue']>; zone: string | undefined }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const state = locale.sayIfKnown(`queueState.${queue.state}`) ?? queue.state;
  const why = queue.reason === null ? '' : reasonWords(locale, queue.reason);
  return (
    <>
      <Say text="check.queue" values={{ state: why === '' ? state : `${state} (${why})` }} />
      {queue.state === 'waiting' && queue.notBefore !== null ? (
        <>
          {' '}
          <Say text="check.until" values={{ at: format.dateTime(queue.notBefore, zone) }} />
        </>
      ) : null}
      {' · '}
      {say('scorecard.score')} <bdi>{format.number(queue.score)}</bdi>
    </>
  );
}
