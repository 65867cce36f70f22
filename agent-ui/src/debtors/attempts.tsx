import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { AttemptRow, DebtorRecord, RefusalRow } from '../../../server/contract/debtors.ts';
import { Code, Say, useLocale, type Locale } from '../i18n/locale.tsx';
import { packWords } from '../i18n/pack-words.ts';
import { reasonWords } from '../i18n/reason-words.ts';
import { UnverifiedBadge } from '../rules/evidence.tsx';
import { Button } from '../ui/button.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { toast } from '../ui/toasts.tsx';
import { useChange } from '../connection/use-change.ts';
import { correctScreening, olderAttemptsQuery } from './api.ts';

/** What the gate judged: when, for which campaign, by which packs. */
interface Judged {
  at: string;
  campaign: string | null;
  packs: Readonly<Record<string, number>>;
}

interface JudgedTableProps<Row extends Judged> {
  id: string;
  title: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  zone: string | undefined;
  /** Between campaign and packs, and behind them. */
  columns: readonly Column<Row>[];
  more?: readonly Column<Row>[];
  verdict: (row: Row) => ReactNode;
  empty: string;
  children?: ReactNode;
}

/** A table of what the gate judged, each row with its moment by the debtor's clock and the versions of the packs. */
function JudgedTable<Row extends Judged>(props: JudgedTableProps<Row>): ReactNode {
  const { id, title, rows, rowKey, zone, columns, more = [], verdict, empty, children } = props;
  const locale = useLocale();
  const { say, format } = locale;
  const all: Column<Row>[] = [
    {
      id: 'at',
      header: say('record.at'),
      sortBy: (row) => row.at,
      cell: (row) => <bdi className="figure">{format.dateTime(row.at, zone)}</bdi>,
    },
    {
      id: 'campaign',
      header: say('record.campaign'),
      sortBy: (row) => row.campaign ?? '',
      cell: (row) => <bdi>{row.campaign ?? ''}</bdi>,
    },
    ...columns,
    {
      id: 'verdict',
      header: say('record.verdict'),
      cell: (row) => (
        <span className="row tight">
          {verdict(row)}
          <bdi className="small faint">{packWords(locale, row.packs).join(' · ')}</bdi>
        </span>
      ),
    },
    ...more,
  ];
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id} className="record-title">
        {title}
      </h2>
      <SortedTable caption={title} columns={all} rows={rows} rowKey={rowKey} empty={empty} testId={id} />
      {children}
    </section>
  );
}

/** Every attempt: what the gate said when it was reserved and by which packs, and what became of it; older ones page by page. */
export function Attempts({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const last = debtor.attempts.at(-1);
  const older = useInfiniteQuery(olderAttemptsQuery(debtor.partyId, debtor.more ? (last?.id ?? null) : null));
  const pages = older.data?.pages ?? [];
  const more = pages.length === 0 ? debtor.more : older.hasNextPage;
  return (
    <JudgedTable<AttemptRow>
      id="record-attempts"
      title={say('record.attempts')}
      rows={[...debtor.attempts, ...pages.flatMap((page) => page.attempts)]}
      rowKey={(row) => row.id}
      zone={debtor.timeZones[0]}
      columns={[
        { id: 'number', header: say('record.number'), sortBy: (row) => row.number, cell: (row) => <Code>{row.number}</Code> },
      ]}
      verdict={({ verdict, overridden }) => (
        <>
          <span className={`badge ${verdict === 'allow' ? 'good' : 'danger'}`}>
            {say(verdict === 'allow' ? 'record.allowed' : 'record.refused')}
          </span>
          {overridden.length === 0 ? null : (
            <span className="small">
              <Say
                text="check.overridden"
                values={{ rules: locale.format.list(overridden.map((rule) => reasonWords(locale, rule))) }}
              />
            </span>
          )}
        </>
      )}
      more={[
        {
          id: 'result',
          header: say('record.result'),
          sortBy: (row) => row.outcome ?? row.result ?? '',
          cell: (row) => (
            <span className="row tight">
              <span className="badge">{resultWords(locale, row)}</span>
              {row.optedOut ? <span className="badge warn">{say('record.optedOut')}</span> : null}
              {row.screenedOut ? <WhoAnswered partyId={debtor.partyId} row={row} /> : null}
            </span>
          ),
        },
        {
          id: 'agent',
          header: say('record.agent'),
          sortBy: (row) => row.agent ?? '',
          cell: (row) => <bdi>{row.agent ?? ''}</bdi>,
        },
        { id: 'note', header: say('record.note'), cell: (row) => <bdi dir="auto">{row.note ?? ''}</bdi> },
      ]}
      empty={say('record.noAttempts')}
    >
      {more ? (
        <div className="record-older">
          <Button busy={older.isFetching} onClick={() => void (pages.length === 0 ? older.refetch() : older.fetchNextPage())}>
            {say('record.older')}
          </Button>
        </div>
      ) : null}
    </JudgedTable>
  );
}

/** Detection errs: whoever knows better says so, and can take it back. */
function WhoAnswered({ partyId, row }: { partyId: string; row: AttemptRow }): ReactNode {
  const { say } = useLocale();
  const change = useChange();
  const isPerson = row.corrected === 'human';
  return (
    <>
      {isPerson ? <span className="badge info">{say('record.wasPerson')}</span> : null}
      <Button
        look="bare"
        busy={change.busy}
        onClick={() =>
          void change.run(async () => {
            await correctScreening(partyId, row.id, { was: isPerson ? 'machine' : 'human' });
            toast('done', say('record.corrected'));
          })
        }
      >
        {say(isPerson ? 'record.sayMachine' : 'record.sayPerson')}
      </Button>
    </>
  );
}

/** The last times the gate said no and moved the debtor's next time. */
export function Refusals({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const zone = debtor.timeZones[0];
  if (debtor.refusals.length === 0) return null;
  return (
    <JudgedTable<RefusalRow>
      id="record-refusals"
      title={say('record.refusals')}
      rows={debtor.refusals}
      rowKey={(row) => `${row.at} ${row.campaign ?? ''}`}
      zone={zone}
      columns={[
        {
          id: 'reason',
          header: say('record.reason'),
          cell: ({ reason, reasons, unverified }) => (
            <ul className="plain-list">
              {[...new Set(reasons.length > 0 ? reasons : [reason])].map((each) => (
                <li key={each}>
                  {reasonWords(locale, each)} <UnverifiedBadge of={unverified.includes(each) ? 'all' : undefined} />
                </li>
              ))}
            </ul>
          ),
        },
        {
          id: 'until',
          header: say('record.until'),
          cell: (row) => (row.retryAt === null ? say('check.never') : <bdi>{format.dateTime(row.retryAt, zone)}</bdi>),
        },
      ]}
      verdict={() => <span className="badge danger">{say('record.refused')}</span>}
      empty=""
    />
  );
}

/** What became of an attempt: its outcome, or why it was called off, or how it ended. */
function resultWords(locale: Locale, { outcome, result, calledOff }: AttemptRow): string | null {
  const { say, sayIfKnown } = locale;
  if (calledOff !== null && result === 'cancelled') {
    return say('record.calledOffBecause', { reason: reasonWords(locale, calledOff) });
  }
  return outcome === null ? (sayIfKnown(`result.${result ?? 'none'}`) ?? result) : (sayIfKnown(`outcome.${outcome}`) ?? outcome);
}
