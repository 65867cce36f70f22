import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { EVIDENCE_LEVELS } from '../../../server/contract/rule-terms.ts';
import type { PackRow } from '../../../server/contract/packs.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { sessionNow } from '../connection/session.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { PageHead, PageLink } from '../ui/page-head.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { packsQuery } from './api.ts';
import { EvidenceBadge } from './evidence.tsx';
import './rules.css';

/** Every rule pack: whom it binds, how well its rules are known, which version is in force and which is to come. */
export function PacksPage(): ReactNode {
  const { say, format } = useLocale();
  const packs = useQuery(packsQuery);
  const columns = useMemo<Column<PackRow>[]>(
    () => [
      {
        id: 'id',
        header: say('packs.id'),
        sortBy: (row) => row.id,
        cell: (row) => (
          <>
            <Link to="/admin/packs/$packId" params={{ packId: row.id }}>
              <Code>{row.id}</Code>
            </Link>{' '}
            <bdi dir="auto">{row.name}</bdi>
          </>
        ),
      },
      {
        id: 'places',
        header: say('packs.places'),
        sortBy: (row) => row.countries.length,
        cell: (row) => <PackPlaces pack={row} />,
      },
      {
        id: 'evidence',
        header: say('packs.evidence'),
        sortBy: (row) => row.evidence.V0 ?? 0,
        cell: (row) => (
          <span className="row tight">
            {EVIDENCE_LEVELS.filter((level) => row.evidence[level] !== undefined).map((level) => (
              <EvidenceBadge key={level} level={level} count={row.evidence[level] ?? 0} />
            ))}
          </span>
        ),
      },
      {
        id: 'version',
        header: say('packs.version'),
        sortBy: (row) => row.current.version,
        figure: true,
        cell: (row) => format.number(row.current.version),
      },
      {
        id: 'next',
        header: say('packs.next'),
        cell: (row) =>
          row.next === null ? null : (
            <Say
              text="packs.nextFrom"
              values={{ version: format.number(row.next.version), date: format.day(row.next.effectiveFrom) }}
            />
          ),
      },
    ],
    [say, format],
  );
  if (packs.isError) return <AskFailed query={packs} />;
  return (
    <div className="stack">
      <PageHead title={say('packs.title')} lead={say('packs.lead')}>
        {sessionNow()?.role === 'admin' ? (
          <Link to="/admin/new-pack" search={{ as: 'empty' }} className="button primary">
            <Icon name="plus" />
            {say('newPack.title')}
          </Link>
        ) : null}
        <PageLink to="/admin/overrides" icon="shield">
          {say('override.title')}
        </PageLink>
        <PageLink to="/admin/check" icon="question">
          {say('check.title')}
        </PageLink>
        <PageLink to="/admin/holidays" icon="calendar">
          {say('holidays.title')}
        </PageLink>
      </PageHead>
      <div className="card">
        <SortedTable
          caption={say('packs.title')}
          columns={columns}
          rows={packs.data ?? []}
          rowKey={(row) => row.id}
          empty={packs.isPending ? say('common.loading') : say('packs.none')}
          testId="packs"
        />
      </div>
    </div>
  );
}

/** Countries and regions of a pack by their names; many are cut short. */
export function PackPlaces({ pack }: { pack: Pick<PackRow, 'countries' | 'regions'> }): ReactNode {
  const { format, say } = useLocale();
  const { countries, regions } = pack;
  const shown = countries.slice(0, COUNTRIES_SHOWN).map((code) => format.country(code));
  const more = countries.length - shown.length;
  return (
    <span className="row tight">
      {shown.length > 0 ? <bdi>{format.list(shown)}</bdi> : null}
      {more > 0 ? <span className="faint">{say('packs.more', { n: format.number(more) })}</span> : null}
      {regions.map((region) => (
        <Code key={region}>{region}</Code>
      ))}
    </span>
  );
}

const COUNTRIES_SHOWN = 4;
