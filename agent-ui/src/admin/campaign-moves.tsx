import { useState, type ReactNode } from 'react';
import type { CampaignRow } from '../../../server/contract/campaigns.ts';
import { sessionNow } from '../connection/session.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';

const LOOKS: Readonly<Record<CampaignRow['state'], { tone: string; icon: IconName }>> = {
  draft: { tone: '', icon: 'edit' },
  running: { tone: 'good', icon: 'play' },
  paused: { tone: 'warn', icon: 'pause' },
  ended: { tone: '', icon: 'stop' },
};

/** The state of a campaign by word, sign and colour, and whether it is a demo. */
export function CampaignStateBadge({ campaign }: { campaign: CampaignRow }): ReactNode {
  const { say } = useLocale();
  const look = LOOKS[campaign.state];
  return (
    <span className="row tight">
      <span className={`badge ${look.tone}`} data-testid="campaign-state" data-state={campaign.state}>
        <Icon name={look.icon} />
        {say(`campaignState.${campaign.state}`)}
      </span>
      {campaign.demo ? <span className="badge info">{say('trunkKind.demo')}</span> : null}
    </span>
  );
}

/** Start, pause, end: what the state and the role allow. Ending asks first, since it cannot be undone. */
export function CampaignMoves({
  campaign,
  busy,
  onMove,
}: {
  campaign: CampaignRow;
  busy: boolean;
  onMove: (move: 'start' | 'pause' | 'end') => void;
}): ReactNode {
  const { say } = useLocale();
  const [ending, setEnding] = useState(false);
  const admin = sessionNow()?.role === 'admin';
  const { state } = campaign;
  return (
    <>
      {admin && (state === 'draft' || state === 'paused') ? (
        <Button look="primary" icon="play" disabled={busy} onClick={() => onMove('start')}>
          {say('campaign.start')}
        </Button>
      ) : null}
      {state === 'running' ? (
        <Button icon="pause" disabled={busy} onClick={() => onMove('pause')}>
          {say('campaign.pause')}
        </Button>
      ) : null}
      {admin && state !== 'ended' ? (
        <Button look="plain" icon="stop" disabled={busy} onClick={() => setEnding(true)}>
          {say('campaign.end')}
        </Button>
      ) : null}
      {ending ? (
        <Dialog title={say('campaign.endTitle')} onClose={() => setEnding(false)}>
          <div className="stack">
            <p>{say('campaign.endLead')}</p>
            <div className="row">
              <Button
                look="danger"
                onClick={() => {
                  setEnding(false);
                  onMove('end');
                }}
              >
                {say('campaign.endYes')}
              </Button>
              <Button look="plain" onClick={() => setEnding(false)}>
                {say('common.cancel')}
              </Button>
            </div>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
