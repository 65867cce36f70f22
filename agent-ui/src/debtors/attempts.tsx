import type { ReactNode } from 'react';
import type { AttemptRow, DebtorRecord, RefusalRow } from '../../../server/contract/debtors.ts';
import { Code, useLocale, type Locale } from '../i18n/locale.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { reasonWords } from '../i18n/reason-words.ts';

/** Every attempt: what the gate said when it was reserved and by which packs, and what became of it. */
export function Attempts({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const locale = useLocale();
  const { say, sayIfKnown, format } = locale;
  const zone = debtor.timeZones[0];
  const columns: Column<AttemptRow>[] = [
    {
      id: 'at',
      header: say('record.at'),
      sortBy: (row) => row.at,
      cell: (row) => <bdi className="figure">{format.dateTime(row.at, zone)}</bdi>,
    },
    { id: 'campaign', header: say('record.campaign'), sortBy: (row) => row.campaign, cell: (row) => <bdi>{row.campaign}</bdi> },
    { id: 'number', header: say('record.number'), sortBy: (row) => row.number, cell: (row) => <Code>{row.number}</Code> },
    {
      id: 'verdict',
      header: say('record.verdict'),
      cell: (row) => (
        <span className="row tight">
          <span className={`badge ${row.verdict === 'allow' ? 'good' : 'danger'}`}>
            {say(row.verdict === 'allow' ? 'record.allowed' : 'record.refused')}
          </span>
          <bdi className="small faint">{packList(locale, row.packs)}</bdi>
        </span>
      ),
    },
    {
      id: 'result',
      header: say('record.result'),
      sortBy: (row) => row.outcome ?? row.result ?? '',
      cell: (row) => (
        <span className="badge">
          {row.calledOff !== null && row.result === 'cancelled'
            ? say('record.calledOffBecause', { reason: reasonWords(locale, row.calledOff) })
            : row.outcome === null
              ? (sayIfKnown(`result.${row.result ?? 'none'}`) ?? row.result)
              : (sayIfKnown(`outcome.${row.outcome}`) ?? row.outcome)}
        </span>
      ),
    },
    { id: 'agent', header: say('record.agent'), sortBy: (row) => row.agent ?? '', cell: (row) => <bdi>{row.agent ?? ''}</bdi> },
    { id: 'note', header: say('record.note'), cell: (row) => <bdi dir="auto">{row.note ?? ''}</bdi> },
  ];
  return (
    <section className="card" aria-labelledby="record-attempts">
      <h2 id="record-attempts" className="record-title">
        {say('record.attempts')}
      </h2>
      <SortedTable
        caption={say('record.attempts')}
        columns={columns}
        rows={debtor.attempts}
        rowKey={(row) => row.id}
        empty={say('record.noAttempts')}
        testId="record-attempts"
      />
    </section>
  );
}

/** The last times the gate said no and moved the debtor's next time. */
export function Refusals({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const zone = debtor.timeZones[0];
  if (debtor.refusals.length === 0) return null;
  const columns: Column<RefusalRow>[] = [
    {
      id: 'at',
      header: say('record.at'),
      sortBy: (row) => row.at,
      cell: (row) => <bdi className="figure">{format.dateTime(row.at, zone)}</bdi>,
    },
    { id: 'campaign', header: say('record.campaign'), cell: (row) => <bdi>{row.campaign ?? ''}</bdi> },
    {
      id: 'reason',
      header: say('record.reason'),
      cell: (row) => {
        const ids = row.reasons.length > 0 ? row.reasons : [row.reason];
        return format.list(ids.map((id) => reasonWords(locale, id)));
      },
    },
    {
      id: 'until',
      header: say('record.until'),
      cell: (row) => (row.retryAt === null ? say('check.never') : <bdi>{format.dateTime(row.retryAt, zone)}</bdi>),
    },
    {
      id: 'packs',
      header: say('record.verdict'),
      cell: (row) => <bdi className="small faint">{packList(locale, row.packs)}</bdi>,
    },
  ];
  return (
    <section className="card" aria-labelledby="record-refusals">
      <h2 id="record-refusals" className="record-title">
        {say('record.refusals')}
      </h2>
      <SortedTable
        caption={say('record.refusals')}
        columns={columns}
        rows={debtor.refusals}
        rowKey={(row) => `${row.at} ${row.campaign ?? ''}`}
        empty=""
      />
    </section>
  );
}

function packList({ format }: Locale, packs: Readonly<Record<string, number>>): string {
  return Object.entries(packs)
    .map(([pack, version]) => `\u2066${pack} ${format.number(version)}\u2069`)
    .join(' · ');
}
