import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { HISTORY_KINDS, type HistoryFilter } from '../../../server/contract/history.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { DayField } from '../ui/date-fields.tsx';
import { SelectField } from '../ui/field.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { eventsQuery } from './api.ts';
import { Event } from './event.tsx';
import { eventWords } from './event-words.ts';
import { Receipt } from './receipt.tsx';
import { Seal } from './seal.tsx';
import './history.css';

/** The sealed history: who did what, when and why, page by page; what is looked for stands in the address. */
export function HistoryPage(): ReactNode {
  const { say } = useLocale();
  const filter = useSearch({ from: '/admin/history' });
  const navigate = useNavigate({ from: '/admin/history' });
  const [receipt, setReceipt] = useState<string | null>(null);
  const look = (part: HistoryFilter): void => void navigate({ search: { ...filter, ...part }, replace: true });
  return (
    <div className="stack" data-testid="history">
      <PageHead title={say('history.title')} lead={say('history.lead')} />
      <Seal />
      <Filter filter={filter} onLook={look} />
      <Events filter={filter} onReceipt={setReceipt} />
      {receipt === null ? null : <Receipt id={receipt} onClose={() => setReceipt(null)} />}
    </div>
  );
}

function Filter({ filter, onLook }: { filter: HistoryFilter; onLook: (part: HistoryFilter) => void }): ReactNode {
  const locale = useLocale();
  const { say, sayIfKnown } = locale;
  const { subject, kind, by, until } = filter;
  return (
    <section className="card panel" aria-label={say('history.filter')}>
      {subject === undefined ? null : (
        <div className="row tight">
          <span className="badge info">
            <Say text="history.of" values={{ name: sayIfKnown(`historySubject.${subject}`) ?? subject }} />
          </span>
          <Button icon="close" onClick={() => onLook({ subject: undefined, subjectId: undefined })}>
            {say('history.ofAll')}
          </Button>
        </div>
      )}
      <div className="form-grid">
        <SelectField
          label={say('history.kind')}
          value={kind ?? ''}
          onChange={(event) => onLook({ kind: event.target.value === '' ? undefined : event.target.value })}
        >
          <option value="">{say('history.anyKind')}</option>
          {HISTORY_KINDS.map((each) => (
            <option key={each} value={each}>
              {eventWords(locale, each)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={say('history.by')}
          value={by ?? ''}
          onChange={({ target: { value } }) => onLook({ by: value === 'people' || value === 'system' ? value : undefined })}
        >
          <option value="">{say('history.anybody')}</option>
          <option value="people">{say('history.people')}</option>
          <option value="system">{say('history.system')}</option>
        </SelectField>
        <DayField label={say('history.until')} value={until ?? null} onChange={(day) => onLook({ until: day ?? undefined })} />
      </div>
    </section>
  );
}

function Events({ filter, onReceipt }: { filter: HistoryFilter; onReceipt: (id: string) => void }): ReactNode {
  const { say } = useLocale();
  const found = useInfiniteQuery(eventsQuery(filter));
  if (found.isError) return <AskFailed query={found} />;
  const events = found.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <section className="card panel" aria-labelledby="history-events" aria-busy={found.isFetching} data-testid="history-events">
      <h2 id="history-events">{say('history.events')}</h2>
      {events.length > 0 ? null : (
        <p className="faint">
          {say(found.isPending ? 'common.loading' : found.hasNextPage ? 'history.noneYet' : 'history.none')}
        </p>
      )}
      <ol className="plain-list lined">
        {events.map((event) => (
          <Event key={event.id} event={event} onReceipt={onReceipt} />
        ))}
      </ol>
      {found.hasNextPage ? (
        <div>
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {say('history.older')}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
