import { useState, type ReactNode } from 'react';
import type { DoNotCallList, DoNotCallResult } from '../../../server/contract/do-not-call.ts';
import { downloadAddress } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useChange } from '../connection/use-change.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { toast } from '../ui/toasts.tsx';
import { liftDoNotCall } from './do-not-call-api.ts';

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
      {state === 'done' && !list.dryRun && liftedAt === null ? <TakeBack list={list} /> : null}
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

/** Taking a list back is asked twice: its people may be called again. */
function TakeBack({ list: { id, name } }: { list: DoNotCallList }): ReactNode {
  const { say } = useLocale();
  const [asking, setAsking] = useState(false);
  const change = useChange();

  async function takeBack(): Promise<void> {
    await liftDoNotCall(id);
    toast('done', say('import.undoing', { name }));
    setAsking(false);
  }

  if (!asking) {
    return (
      <div className="row">
        <Button look="bare" onClick={() => setAsking(true)}>
          {say('import.undo')}
        </Button>
      </div>
    );
  }
  return (
    <div className="notice stack tight" role="group" aria-label={say('import.undoTitle', { name })}>
      <p className="strong">{say('import.undoTitle', { name })}</p>
      <p className="small">{say('doNotCall.undoLead')}</p>
      <div className="row">
        <Button look="danger" busy={change.busy} onClick={() => void change.run(takeBack)}>
          {say('import.undoYes')}
        </Button>
        <Button onClick={() => setAsking(false)}>{say('common.cancel')}</Button>
      </div>
    </div>
  );
}
