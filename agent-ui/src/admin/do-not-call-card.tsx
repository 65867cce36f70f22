import type { ReactNode } from 'react';
import type { DoNotCallList, DoNotCallResult } from '../../../server/contract/do-not-call.ts';
import { downloadAddress } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { liftDoNotCall } from './do-not-call-api.ts';
import { TakeBack } from './take-back.tsx';

const TONES: Readonly<Record<DoNotCallList['state'], string>> = { queued: '', running: 'info', done: 'good', failed: 'danger' };

/** One list of numbers that are not to be called: how far it is, what it came to, and whether it holds. */
export function DoNotCallCard({ list }: { list: DoNotCallList }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const { name, source, blocks, state, until, liftedAt, liftedBy } = list;
  return (
    <article className="card panel import" data-testid="do-not-call-list" data-state={liftedAt === null ? state : 'lifted'}>
      <header className="row">
        <Icon name="shield" />
        <h3 className="grow">
          <bdi>{name}</bdi>
        </h3>
        {list.dryRun ? <span className="badge calm">{say('import.tryOut')}</span> : null}
        {liftedAt === null ? null : <span className="badge calm">{say('doNotCall.lifted')}</span>}
        <span className={`badge ${TONES[state]}`}>{say(`importState.${state}`)}</span>
      </header>
      <p className="small faint">
        {say(`doNotCallSource.${source}`)} · {say(`doNotCallBlocks.${blocks}`)} · <bdi>{list.fileName}</bdi> ·{' '}
        <bdi>{format.dateTime(list.createdAt)}</bdi>
        {list.by === null ? null : (
          <>
            {' · '}
            <bdi>{list.by}</bdi>
          </>
        )}
      </p>
      {until === null ? null : (
        <p className="small">
          <Say text="doNotCall.holdsUntil" values={{ date: format.date(until) }} />
        </p>
      )}
      {liftedAt === null ? null : (
        <p className="small">
          {liftedBy === null ? (
            <Say text="doNotCall.ended" values={{ at: format.dateTime(liftedAt) }} />
          ) : (
            <Say text="doNotCall.liftedBy" values={{ at: format.dateTime(liftedAt), name: liftedBy }} />
          )}
        </p>
      )}
      {state === 'queued' || state === 'running' ? (
        <p className="small" role="status">
          {state === 'queued' ? (
            say('import.waiting')
          ) : (
            <Say text="doNotCall.reading" values={{ rows: format.number(list.done) }} />
          )}
        </p>
      ) : null}
      {list.error ? (
        <div className="notice danger" role="alert">
          <Icon name="alert" />
          <p className="notice-text">{problemWords(locale, list.error)}</p>
        </div>
      ) : null}
      {list.result ? <Result list={list} result={list.result} /> : null}
      {state === 'done' && !list.dryRun && liftedAt === null ? (
        <TakeBack name={name} lead={say('doNotCall.undoLead')} take={() => liftDoNotCall(list.id)} />
      ) : null}
    </article>
  );
}

function Result({ list, result }: { list: DoNotCallList; result: DoNotCallResult }): ReactNode {
  const { say, format } = useLocale();
  const counts = [
    ['import.rows', result.rows],
    ['doNotCall.numbers', result.numbers],
    ['doNotCall.new', result.new],
    ['doNotCall.already', result.already],
    ['doNotCall.rejected', result.rejected],
    ['doNotCall.people', result.people],
    ['import.left', result.left],
    ['import.calledOff', result.calledOff],
  ] as const;
  return (
    <div className="stack">
      {list.dryRun ? <p className="strong">{say('import.dryRunLead')}</p> : null}
      <dl className="counts">
        {counts.map(([text, count]) => (
          <div key={text} className="count">
            <dt>{say(text)}</dt>
            <dd className="figure">
              <bdi>{format.number(count)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      {result.rejected > 0 ? (
        <a className="button plain import-download" href={downloadAddress(`/do-not-call-lists/${list.id}/errors`)} download>
          <Icon name="download" />
          {say('import.errorFile')}
        </a>
      ) : null}
    </div>
  );
}
