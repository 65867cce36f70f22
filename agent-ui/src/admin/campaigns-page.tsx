import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState, type ReactNode } from 'react';
import type { CampaignRow } from '../../../server/contract/campaigns.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { sessionNow } from '../connection/session.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { toast } from '../ui/toasts.tsx';
import { campaignsQuery, moveCampaign } from './api.ts';
import { AskFailed } from './ask-failed.tsx';
import { CampaignMoves, CampaignStateBadge } from './campaign-moves.tsx';
import { faultsOf } from './campaign-draft.ts';

/** All campaigns: state, people, and how their debtors stand. */
export function CampaignsPage(): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const campaigns = useQuery(campaignsQuery);
  const [moving, setMoving] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<{ campaign: CampaignRow; words: string[] } | null>(null);
  const admin = sessionNow()?.role === 'admin';

  const columns = useMemo<Column<CampaignRow>[]>(() => {
    async function move(campaign: CampaignRow, to: 'start' | 'pause' | 'end'): Promise<void> {
      setMoving(campaign.id);
      setRefusal(null);
      try {
        await moveCampaign(campaign.id, to);
        toast('done', say(`campaign.done.${to}`));
      } catch (error) {
        const faults = faultsOf(problemOf(error));
        setRefusal({ campaign, words: faults.map((fault) => problemWords(locale, fault.problem ?? problemOf(error))) });
      } finally {
        setMoving(null);
      }
    }
    return [
      {
        id: 'name',
        header: say('campaign.name'),
        sortBy: (row) => row.name,
        cell: (row) => (
          <Link to="/admin/campaigns/$campaignId" params={{ campaignId: row.id }}>
            <bdi>{row.name}</bdi>
          </Link>
        ),
      },
      {
        id: 'state',
        header: say('campaign.state'),
        sortBy: (row) => row.state,
        cell: (row) => <CampaignStateBadge campaign={row} />,
      },
      {
        id: 'agents',
        header: say('campaign.agents'),
        sortBy: (row) => row.agents,
        figure: true,
        cell: (row) => format.number(row.agents),
      },
      {
        id: 'total',
        header: say('campaign.debtors'),
        sortBy: (row) => row.callable.total,
        figure: true,
        cell: (row) => format.number(row.callable.total),
      },
      {
        id: 'now',
        header: say('campaign.callableNow'),
        sortBy: (row) => row.callable.now,
        figure: true,
        cell: (row) => format.number(row.callable.now),
      },
      {
        id: 'done',
        header: say('campaign.finished'),
        sortBy: (row) => row.callable.done,
        figure: true,
        cell: (row) => format.number(row.callable.done),
      },
      {
        id: 'moves',
        header: say('campaign.actions'),
        cell: (row) => (
          <span className="row tight">
            <CampaignMoves campaign={row} busy={moving === row.id} onMove={(to) => void move(row, to)} />
          </span>
        ),
      },
    ];
  }, [say, format, locale, moving]);

  return (
    <div className="stack">
      <header className="page-head">
        <h1 className="grow">{say('nav.campaigns')}</h1>
        {admin ? (
          <Link to="/admin/campaigns/new" className="button primary">
            <Icon name="plus" />
            {say('campaign.new')}
          </Link>
        ) : null}
      </header>
      {refusal ? (
        <div className="notice danger" role="alert" data-testid="move-refused">
          <Icon name="alert" />
          <div className="notice-text">
            <p className="strong">
              <bdi>{refusal.campaign.name}</bdi>
            </p>
            <ul>
              {refusal.words.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
            <Link to="/admin/campaigns/$campaignId" params={{ campaignId: refusal.campaign.id }}>
              {say('campaign.toSettings')}
            </Link>
          </div>
        </div>
      ) : null}
      {campaigns.isError ? <AskFailed query={campaigns} /> : null}
      <div className="card">
        {campaigns.data ? (
          <SortedTable
            caption={say('nav.campaigns')}
            columns={columns}
            rows={campaigns.data}
            rowKey={(row) => row.id}
            empty={say('campaign.none')}
            testId="campaigns"
          />
        ) : (
          <p className="table-empty">{campaigns.isError ? '' : say('common.loading')}</p>
        )}
      </div>
    </div>
  );
}
