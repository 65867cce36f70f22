import type { ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { useAgent } from './agent-context.tsx';
import { SavedEffect } from './effect-words.tsx';
import { STATE_LOOKS } from './states.ts';

/** What stands on the desk between calls: what the agent waits for, and what the last outcome did. */
export function Waiting({ onReady }: { onReady: () => void }): ReactNode {
  const { say } = useLocale();
  const { model, can } = useAgent();
  const desk = model.desk;
  if (!desk) return null;
  const look = STATE_LOOKS[desk.state];
  const ready = desk.state === 'ready' || desk.state === 'offered';
  const lead: TextKey =
    desk.state === 'offered'
      ? 'wait.offered'
      : ready
        ? desk.able
          ? desk.standsBy
            ? 'wait.standBy'
            : 'wait.ready'
          : 'wait.notAble'
        : pausedLead(desk.reason);
  return (
    <div className="waiting">
      <div className={`waiting-sign ${look.tone} ${ready && desk.able ? 'breathing' : ''}`} aria-hidden="true">
        <Icon name={look.icon} />
      </div>
      <h1>{say(`state.${desk.state}`)}</h1>
      <p className="waiting-lead">{say(lead)}</p>
      {desk.state === 'paused' ? (
        <Button look="primary" large icon="check" disabled={!can.ready} onClick={onReady}>
          {say('agent.goReady')}
        </Button>
      ) : null}
      {desk.legUp ? null : (
        <div className="notice warn">
          <Icon name="alert" />
          <div className="notice-text">{say('wait.noLeg')}</div>
        </div>
      )}
      {desk.lastEffect ? (
        <div className="notice good" data-testid="last-effect">
          <Icon name="check" />
          <div className="notice-text">
            <p className="strong">{say('outcome.saved')}</p>
            <p>
              <SavedEffect effect={desk.lastEffect} />
            </p>
          </div>
        </div>
      ) : null}
    </div>
  );
}

/** Pauses of the system's own making say what happened and what to do; a pause of the agent's own says how to go on. */
function pausedLead(reason: string | null): TextKey {
  switch (reason) {
    case 'logged_in':
    case 'leg_lost':
    case 'console_silent':
    case 'wrap_up_expired':
    case 'station_unreachable':
      return `wait.${reason}`;
    default:
      return 'wait.paused';
  }
}
