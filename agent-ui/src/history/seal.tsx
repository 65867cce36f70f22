import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { AskFailed } from '../admin/ask-failed.tsx';
import { downloadAddress } from '../connection/http.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { sealQuery } from './api.ts';

/** Older than this the oldest unsealed event is worth a word; sealing is usually a second behind. */
const LATE_SECONDS = 10;

/** How far the history is sealed, and the last head that was signed. */
export function Seal(): ReactNode {
  const { say, format } = useLocale();
  const seal = useQuery(sealQuery);
  if (seal.isError) return <AskFailed query={seal} />;
  const { data } = seal;
  if (!data) return <p className="faint">{say('common.loading')}</p>;
  const { batch, head, unsealedSeconds, heads } = data;
  const late = unsealedSeconds > LATE_SECONDS;
  return (
    <section className="card panel" aria-labelledby="history-seal" data-testid="seal">
      <h2 id="history-seal">{say('history.seal')}</h2>
      <p>
        {batch === null ? (
          say('history.sealedNone')
        ) : (
          <Say
            text="history.sealedThrough"
            values={{
              batch: format.number(Number(batch.number)),
              at: format.dateTime(batch.sealedAt),
              total: format.number(Number(batch.total)),
            }}
          />
        )}
      </p>
      <p className={late ? 'notice warn' : 'small faint'} role="status">
        {late ? <Icon name="alert" /> : null}
        {late ? (
          <Say text="history.unsealed" values={{ seconds: format.number(Math.round(unsealedSeconds)) }} />
        ) : (
          say('history.sealedAll')
        )}
      </p>
      {head === null ? (
        <p className="faint">{say('history.headNone')}</p>
      ) : (
        <>
          <p>
            <Say text="history.head" values={{ day: format.day(head.day), total: format.number(Number(head.total)) }} />
          </p>
          <dl className="history-proof small">
            <dt>{say('history.headKey')}</dt>
            <dd>
              <Code>{head.key}</Code>
            </dd>
            <dt>{say('history.headHash')}</dt>
            <dd>
              <Code>{head.hash}</Code>
            </dd>
          </dl>
          <div>
            <a className="button" href={downloadAddress('/history/heads')} download="heads.json">
              <Icon name="download" />
              {say('history.heads', { n: format.number(heads) })}
            </a>
          </div>
        </>
      )}
    </section>
  );
}
