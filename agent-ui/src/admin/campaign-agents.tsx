import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { CampaignRow } from '../../../server/contract/campaigns.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toasts.tsx';
import { setCampaignAgents, usersQuery } from './api.ts';

/** What an agent lacks for this campaign: until it is given to them they cannot log in to it. */
function Lacking({ skills }: { skills: readonly string[] }): ReactNode {
  const { format } = useLocale();
  return skills.length === 0 ? null : (
    <span className="faint small">
      <Say text="campaign.agentLacks" values={{ skills: format.list([...skills]) }} />
    </span>
  );
}

/** Who may serve this campaign; saved apart from its settings, since supervisors may change it too. */
export function CampaignAgents({ campaign }: { campaign: CampaignRow }): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const users = useQuery(usersQuery);
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const [busy, setBusy] = useState(false);
  const agents = (users.data ?? []).filter((user) => user.role === 'agent' && !user.disabled && user.demo === campaign.demo);
  const serving = new Set(agents.filter((agent) => agent.campaignIds.includes(campaign.id)).map((agent) => agent.id));
  const shown = chosen ?? serving;

  async function save(): Promise<void> {
    setBusy(true);
    try {
      await setCampaignAgents(campaign.id, [...shown]);
      setChosen(null);
      toast('done', say('campaign.agentsSaved'));
    } catch (error) {
      toast('failed', problemWords(locale, problemOf(error)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section className="card panel" aria-labelledby="serving-title">
      <h2 id="serving-title">{say('campaign.agents')}</h2>
      {users.data && agents.length === 0 ? <p className="faint">{say('campaign.noAgents')}</p> : null}
      <div className="agent-choices">
        {agents.map((agent) => (
          <label key={agent.id} className="choice">
            <input
              type="checkbox"
              checked={shown.has(agent.id)}
              onChange={(event) => {
                const next = new Set(shown);
                if (event.target.checked) next.add(agent.id);
                else next.delete(agent.id);
                setChosen(next);
              }}
            />
            <bdi>{agent.displayName}</bdi>
            <Lacking skills={campaign.settings.skills.filter((skill) => !agent.skills.includes(skill))} />
          </label>
        ))}
      </div>
      {chosen === null ? null : (
        <div className="row">
          <Button look="primary" busy={busy} onClick={() => void save()}>
            {say('campaign.agentsSave')}
          </Button>
          <Button look="plain" onClick={() => setChosen(null)}>
            {say('common.cancel')}
          </Button>
        </div>
      )}
    </section>
  );
}
