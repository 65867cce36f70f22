import { useMemo, type ReactNode } from 'react';
import type { BoardAgent, Wallboard } from '../../../server/contract/wallboard.ts';
import { STATE_LOOKS } from '../agent/states.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { useTicking } from '../ui/ticking.ts';
import { agentsInOrder, timeLevel } from './board-view.ts';

/** Everybody on duty: what they do, for how long, on which campaign. */
export function AgentsTable({ board, offsetMs }: { board: Wallboard; offsetMs: number }): ReactNode {
  const { say } = useLocale();
  const agents = useMemo(() => agentsInOrder(board.agents), [board.agents]);
  const names = useMemo(() => new Map(board.campaigns.map((campaign) => [campaign.id, campaign.name])), [board.campaigns]);
  const columns = useMemo<Column<BoardAgent>[]>(
    () => [
      {
        id: 'name',
        header: say('agents.name'),
        sortBy: (agent) => agent.displayName,
        cell: (agent) => <bdi>{agent.displayName}</bdi>,
      },
      {
        id: 'state',
        header: say('agents.state'),
        sortBy: (agent) => agent.state,
        cell: (agent) => <AgentStateBadge agent={agent} />,
      },
      {
        id: 'since',
        header: say('agents.since'),
        sortBy: (agent) => -Date.parse(agent.since),
        figure: true,
        cell: (agent) => <Since agent={agent} offsetMs={offsetMs} />,
      },
      {
        id: 'campaign',
        header: say('agents.campaign'),
        sortBy: (agent) => names.get(agent.campaignId ?? '') ?? '',
        cell: (agent) => (agent.standsBy ? say('agents.standsBy') : <bdi>{names.get(agent.campaignId ?? '') ?? '—'}</bdi>),
      },
    ],
    [say, names, offsetMs],
  );
  return (
    <section className="card board-agents" aria-labelledby="agents-title">
      <h2 id="agents-title">{say('agents.title')}</h2>
      <SortedTable
        caption={say('agents.title')}
        columns={columns}
        rows={agents}
        rowKey={(agent) => agent.agentId}
        empty={say('agents.nobody')}
        testId="board-agents"
      />
    </section>
  );
}

function AgentStateBadge({ agent }: { agent: BoardAgent }): ReactNode {
  const { say } = useLocale();
  const look = STATE_LOOKS[agent.state];
  return (
    <span className="row tight">
      <span className={`badge ${look.tone}`}>
        <Icon name={look.icon} />
        {say(`state.${agent.state}`)}
      </span>
      {agent.state === 'paused' && agent.reason ? <span className="small faint">{say(`reason.${agent.reason}`)}</span> : null}
      {agent.state === 'ready' && !agent.able ? <span className="badge danger">{say('agents.notAble')}</span> : null}
    </span>
  );
}

function Since({ agent, offsetMs }: { agent: BoardAgent; offsetMs: number }): ReactNode {
  const { say, format } = useLocale();
  const now = useTicking(true, 1_000) + offsetMs;
  const level = timeLevel(agent, now);
  return (
    <span className={`since ${level}`}>
      {level === 'usual' ? null : (
        <>
          <Icon name={level === 'long' ? 'clock' : 'alert'} />
          <span className="hidden-text">{say(level === 'long' ? 'agents.long' : 'agents.veryLong')}</span>
        </>
      )}
      <bdi className="figure">{format.timer(now - Date.parse(agent.since))}</bdi>
    </span>
  );
}
