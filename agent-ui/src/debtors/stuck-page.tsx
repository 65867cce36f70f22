import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { StuckPage, StuckRow, TriedNumber } from '../../../server/contract/stuck.ts';
import { campaignsQuery } from '../admin/api.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { Say, useLocale } from '../i18n/locale.tsx';
import { reasonWords } from '../i18n/reason-words.ts';
import { UnverifiedBadge } from '../rules/evidence.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SelectField } from '../ui/field.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { stuckQuery } from './by-hand-api.ts';
import { debtorColumn } from './debtor-column.tsx';
import { AddNumber } from './numbers.tsx';
import './debtors.css';

/** The tracing list, and the other lists that always stand there to be looked at. */
const USUAL = ['no_number_left', 'no_common_window'];

/** Debtors whom no waiting brings back to the queue: why, what was tried, and what mends it. */
export function StuckPage(): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const { campaign, reason = 'no_number_left' } = useSearch({ from: '/admin/stuck' });
  const navigate = useNavigate();
  const campaigns = useQuery(campaignsQuery);
  const stuck = useInfiniteQuery(stuckQuery(reason, campaign));
  const look = (search: { campaign?: string | undefined; reason?: string }): void => {
    void navigate({ to: '/admin/stuck', search: { campaign, reason, ...search }, replace: true });
  };
  if (stuck.isError) return <AskFailed query={stuck} />;
  const pages = stuck.data?.pages ?? [];
  const counts = pages[0]?.counts ?? [];
  return (
    <div className="stack" data-testid="stuck">
      <PageHead title={say('stuck.title')} lead={say('stuck.lead')} back={{ to: '/admin/debtors', name: say('record.back') }} />
      <div className="card panel">
        <SelectField
          label={say('record.campaign')}
          value={campaign ?? ''}
          onChange={(event) => look({ campaign: event.target.value === '' ? undefined : event.target.value })}
        >
          <option value="">{say('stuck.allCampaigns')}</option>
          {(campaigns.data ?? [])
            .filter((each) => each.state !== 'ended')
            .map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
        </SelectField>
        <div className="row tight" role="group" aria-label={say('record.reason')} data-testid="stuck-reasons">
          {reasonsOf(counts, reason).map(({ reason: each, count, more }) => (
            <Button key={each} pressed={each === reason} data-testid={`stuck-${each}`} onClick={() => look({ reason: each })}>
              {each === 'no_number_left' ? say('stuck.tracing') : reasonWords(locale, each)}{' '}
              <bdi className="figure">{more ? say('stuck.moreThan', { n: format.number(count) }) : format.number(count)}</bdi>
            </Button>
          ))}
        </div>
      </div>
      {stuck.data ? (
        <>
          <p>
            <UnverifiedBadge of={pages[0]?.unverified[reason]} />
          </p>
          <List rows={pages.flatMap((page) => page.rows)} tracing={reason === 'no_number_left'} />
        </>
      ) : (
        <p className="faint">{say('common.loading')}</p>
      )}
      {stuck.hasNextPage ? (
        <div>
          <Button busy={stuck.isFetchingNextPage} onClick={() => void stuck.fetchNextPage()}>
            {say('record.older')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** The usual lists first, then whatever else somebody is stuck for. */
function reasonsOf(counts: StuckPage['counts'], chosen: string): StuckPage['counts'] {
  const known = new Map(counts.map((each) => [each.reason, each]));
  const all = new Set([...USUAL, chosen, ...known.keys()]);
  return [...all].map((reason) => known.get(reason) ?? { reason, count: 0, more: false });
}

function List({ rows, tracing }: { rows: readonly StuckRow[]; tracing: boolean }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const [adding, setAdding] = useState<StuckRow | null>(null);
  const columns: Column<StuckRow>[] = [
    debtorColumn<StuckRow>(say('user.name')),
    {
      id: 'campaign',
      header: say('record.campaign'),
      sortBy: (row) => row.campaign,
      cell: (row) => <bdi>{row.campaign}</bdi>,
    },
    {
      id: 'score',
      header: say('scorecard.score'),
      sortBy: (row) => row.score,
      figure: true,
      cell: (row) => format.number(row.score),
    },
    {
      id: 'tried',
      header: say('stuck.tried'),
      cell: (row) => (
        <ul className="plain-list small">
          {row.numbers.map((number) => (
            <Tried key={number.phoneId} number={number} />
          ))}
        </ul>
      ),
    },
    {
      id: 'since',
      header: say('stuck.since'),
      sortBy: (row) => row.since,
      cell: (row) => <bdi>{format.dateTime(row.since)}</bdi>,
    },
    {
      id: 'add',
      header: say('numbers.add'),
      cell: (row) => <Button icon="plus" name={say('numbers.add')} onClick={() => setAdding(row)} />,
    },
  ];
  return (
    <div className="card">
      <SortedTable
        caption={say('stuck.title')}
        columns={columns}
        rows={rows}
        rowKey={(row) => `${row.campaignId} ${row.partyId}`}
        empty={say(tracing ? 'stuck.noneTracing' : 'stuck.none')}
        testId="stuck-list"
      />
      {adding === null ? null : (
        <Dialog title={say('numbers.addFor', { name: `\u2068${adding.displayName}\u2069` })} onClose={() => setAdding(null)}>
          <AddNumber partyId={adding.partyId} onDone={() => setAdding(null)} />
        </Dialog>
      )}
    </div>
  );
}

function Tried({ number }: { number: TriedNumber }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  const { last } = number;
  return (
    <li>
      {sayIfKnown(`phoneType.${number.type}`) ?? number.type} <bdi dir="ltr">…{number.ending}</bdi>
      {number.state === 'active' ? null : (
        <>
          {' · '}
          <span className="badge warn">{sayIfKnown(`phoneState.${number.state}`) ?? number.state}</span>
        </>
      )}
      {' · '}
      {last === null || number.lastAt === null ? (
        say('stuck.neverTried')
      ) : (
        <Say
          text="stuck.triedLast"
          values={{
            n: format.number(number.tries),
            last: sayIfKnown(`outcome.${last}`) ?? sayIfKnown(`result.${last}`) ?? last,
            at: format.date(number.lastAt),
          }}
        />
      )}
    </li>
  );
}
