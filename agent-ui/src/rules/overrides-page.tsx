import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState, type ReactNode } from 'react';
import { OVERRIDE_SCOPES, type OverrideRow } from '../../../server/contract/packs.ts';
import { campaignsQuery } from '../admin/api.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { SelectField } from '../ui/field.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { creditorsQuery, overridesQuery, packsQuery } from './api.ts';
import './rules.css';

/** What creditors and campaigns ask beyond the law, and the way to tighten it for another. */
export function OverridesPage(): ReactNode {
  const { say, format } = useLocale();
  const overrides = useQuery(overridesQuery);
  const columns = useMemo<Column<OverrideRow>[]>(
    () => [
      {
        id: 'subject',
        header: say('override.whose'),
        sortBy: (row) => row.subject,
        cell: ({ scope, subjectId, tightens, subject }) => (
          <Link to="/admin/overrides/$scope/$subjectId/$packId" params={{ scope, subjectId, packId: tightens }}>
            <bdi>{subject}</bdi>
          </Link>
        ),
      },
      {
        id: 'scope',
        header: say('override.scope'),
        sortBy: (row) => row.scope,
        cell: (row) => say(`overrideScope.${row.scope}`),
      },
      { id: 'pack', header: say('packs.id'), sortBy: (row) => row.tightens, cell: (row) => <Code>{row.tightens}</Code> },
      {
        id: 'version',
        header: say('packs.version'),
        sortBy: (row) => row.version,
        figure: true,
        cell: (row) => format.number(row.version),
      },
      {
        id: 'from',
        header: say('pack.from'),
        cell: (row) => (
          <span className="row tight">
            <bdi>{format.day(row.effectiveFrom)}</bdi>
            {row.inForce ? <span className="badge good">{say('pack.inForce')}</span> : null}
          </span>
        ),
      },
      { id: 'reason', header: say('override.reason'), cell: (row) => <bdi dir="auto">{row.reason}</bdi> },
    ],
    [say, format],
  );
  if (overrides.isError) return <AskFailed query={overrides} />;
  return (
    <div className="stack" data-testid="overrides">
      <PageHead title={say('override.title')} lead={say('override.lead')} back={{ to: '/admin/packs', name: say('pack.back') }} />
      <Choose />
      <div className="card">
        <SortedTable
          caption={say('override.title')}
          columns={columns}
          rows={overrides.data ?? []}
          rowKey={(row) => `${row.scope} ${row.subjectId} ${row.tightens}`}
          empty={overrides.isPending ? say('common.loading') : say('override.none')}
          testId="overrides-table"
        />
      </div>
    </div>
  );
}

/** Whose rules are to be tightened, and which pack. */
function Choose(): ReactNode {
  const { say } = useLocale();
  const navigate = useNavigate();
  const { campaign } = useSearch({ from: '/admin/overrides' });
  const [creditors, campaigns, packs] = [useQuery(creditorsQuery), useQuery(campaignsQuery), useQuery(packsQuery)];
  const [scope, setScope] = useState<(typeof OVERRIDE_SCOPES)[number]>('campaign');
  const [chosen, setChosen] = useState(campaign ?? '');
  const [packId, setPackId] = useState('');
  const [asked, setAsked] = useState(false);
  const failed = [creditors, campaigns, packs].find((query) => query.isError);
  if (failed) return <AskFailed query={failed} />;
  const subjects = (scope === 'creditor' ? creditors.data : campaigns.data?.filter((each) => each.state !== 'ended')) ?? [];
  const missing = (value: string): string | null => (asked && value === '' ? say('invalid.required') : null);

  function go(): void {
    setAsked(true);
    if (chosen === '' || packId === '') return;
    void navigate({ to: '/admin/overrides/$scope/$subjectId/$packId', params: { scope, subjectId: chosen, packId } });
  }
  return (
    <form
      noValidate
      className="card panel"
      data-testid="choose-override"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      <div className="form-grid">
        <SelectField
          label={say('override.scope')}
          value={scope}
          onChange={(event) => {
            setScope(OVERRIDE_SCOPES.find((each) => each === event.target.value) ?? scope);
            setChosen('');
          }}
        >
          {OVERRIDE_SCOPES.map((each) => (
            <option key={each} value={each}>
              {say(`overrideScope.${each}`)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={say('override.whose')}
          value={chosen}
          error={missing(chosen)}
          onChange={(event) => setChosen(event.target.value)}
        >
          <option value="">{say('override.choose')}</option>
          {subjects.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={say('packs.id')}
          value={packId}
          error={missing(packId)}
          onChange={(event) => setPackId(event.target.value)}
        >
          <option value="">{say('override.choose')}</option>
          {(packs.data ?? []).map((each) => (
            <option key={each.id} value={each.id}>
              {each.id}
            </option>
          ))}
        </SelectField>
      </div>
      <div>
        <Button type="submit" look="primary" icon="shield">
          <Say text="override.go" />
        </Button>
      </div>
    </form>
  );
}
