import { useState, type ReactNode } from 'react';
import { PAUSE_REASONS, type PauseReason } from '../../../server/contract/desk.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { AccountMenu } from '../ui/account-menu.tsx';
import { useAgent, useCommand } from './agent-context.tsx';
import { timerStart } from './desk-view.ts';
import { Keypad } from './keypad.tsx';
import { STATE_LOOKS } from './states.ts';
import { Timer } from './timer.tsx';

/** What the bar's buttons and the shortcuts both do. */
export interface CallActions {
  mute: () => void;
  hold: () => void;
  hangUp: () => void;
  ready: () => void;
  pause: (reason: PauseReason) => void;
  toggleKeypad: () => void;
}

/** The bar that never scrolls: state and timer, the caller, the call's buttons, the agent's own. */
export function CallBar({
  actions,
  busy,
  keypadOpen,
  pauseOpenRef,
  onHelp,
}: {
  actions: CallActions;
  busy: string | null;
  keypadOpen: boolean;
  pauseOpenRef: (open: () => void) => void;
  onHelp: () => void;
}): ReactNode {
  const { say } = useLocale();
  const { model, can, phoneState, phone } = useAgent();
  const desk = model.desk;
  if (!desk) return null;
  const { call } = desk;
  const inCall = desk.state === 'talking' && call !== null;
  const muted = phone ? phoneState.muted : (call?.muted ?? false);
  const held = call?.phase === 'held';
  return (
    <header className="call-bar" data-testid="call-bar">
      <StateChip />
      <div className="call-bar-caller" aria-live="off">
        {call && (desk.state === 'talking' || desk.state === 'wrap_up' || desk.state === 'offered') ? (
          <>
            <span className="call-bar-number">{call.number === '' ? say('caller.withheld') : <Code>{call.number}</Code>}</span>
            <span className="faint small call-bar-campaign">
              <bdi>{call.campaignName}</bdi>
              {PHASE_TEXT[call.phase] ? <span className="badge warn">{say(PHASE_TEXT[call.phase] as TextKey)}</span> : null}
            </span>
          </>
        ) : (
          <span className="faint">
            <CampaignName />
          </span>
        )}
      </div>
      {inCall ? (
        <div className="call-bar-buttons" role="toolbar" aria-label={say('call.buttons')}>
          <Button icon={muted ? 'microphoneOff' : 'microphone'} pressed={muted} disabled={!can.mute} onClick={actions.mute}>
            {say(muted ? 'call.unmute' : 'call.mute')}
          </Button>
          <Button icon={held ? 'play' : 'hold'} pressed={held} disabled={!can.hold} busy={busy === 'hold'} onClick={actions.hold}>
            {say(held ? 'call.resume' : 'call.hold')}
          </Button>
          <span className="keypad-anchor">
            <Button icon="keypad" pressed={keypadOpen} disabled={!can.keypad} onClick={actions.toggleKeypad}>
              {say('call.keypad')}
            </Button>
            {keypadOpen && can.keypad ? <Keypad onClose={actions.toggleKeypad} /> : null}
          </span>
          <Button
            look="danger"
            icon="hangUp"
            data-testid="hang-up"
            disabled={!can.hangUp}
            busy={busy === 'hang_up'}
            onClick={actions.hangUp}
          >
            {say('call.hangUp')}
          </Button>
        </div>
      ) : null}
      <div className="call-bar-own">
        <Availability actions={actions} busy={busy} pauseOpenRef={pauseOpenRef} />
        <Button look="bare" icon="question" name={say('help.title')} onClick={onHelp} />
        <AgentMenu />
      </div>
    </header>
  );
}

const PHASE_TEXT: Readonly<Record<string, TextKey | undefined>> = {
  held: 'call.phase.held',
  music: 'call.phase.music',
  ended: 'call.phase.ended',
};

function CampaignName(): ReactNode {
  const { model } = useAgent();
  const campaign = model.desk?.campaigns.find((one) => one.id === model.desk?.campaignId);
  // Who stands by serves the campaign of the call at hand.
  const name = campaign?.name ?? model.desk?.call?.campaignName;
  return name === undefined ? null : <bdi>{name}</bdi>;
}

/** The state in words, sign and colour, and how long it has lasted by the server's clock. */
function StateChip(): ReactNode {
  const { say } = useLocale();
  const { model } = useAgent();
  const desk = model.desk;
  if (!desk) return null;
  const look = STATE_LOOKS[desk.state];
  return (
    <div className={`state-chip ${look.tone}`} data-testid="agent-state" data-state={desk.state}>
      <Icon name={look.icon} />
      <div>
        <div className="state-chip-name">
          {say(`state.${desk.state}`)}
          {desk.state === 'paused' && desk.reason ? (
            <span className="state-chip-reason">{` · ${say(`reason.${desk.reason}`)}`}</span>
          ) : null}
        </div>
        <div className="state-chip-time">
          {desk.state === 'wrap_up' && desk.wrapUpEndsAt ? (
            <>
              {say('wrapUp.left')} <Timer model={model} until={desk.wrapUpEndsAt} />
            </>
          ) : (
            <Timer model={model} since={timerStart(desk)} />
          )}
        </div>
      </div>
    </div>
  );
}

/** Ready, pause, and what was wished for after this call. */
function Availability({
  actions,
  busy,
  pauseOpenRef,
}: {
  actions: CallActions;
  busy: string | null;
  pauseOpenRef: (open: () => void) => void;
}): ReactNode {
  const { say, format } = useLocale();
  const { model, can } = useAgent();
  const desk = model.desk;
  if (!desk) return null;
  return (
    <>
      {can.takeBackPause ? (
        <span className="badge warn pause-pending" data-testid="pause-pending">
          {desk.logOutAfterCall ? (
            say('pause.logOutPending')
          ) : (
            <Say text="pause.pending" values={{ reason: say(`reason.${desk.pauseAfterCall ?? 'other'}`) }} />
          )}
          <Button look="bare" icon="close" name={say('pause.takeBack')} onClick={actions.ready} />
        </span>
      ) : null}
      {desk.state === 'paused' ? (
        <Button look="primary" icon="check" disabled={!can.ready} busy={busy === 'ready'} onClick={actions.ready}>
          {say('agent.goReady')}
        </Button>
      ) : null}
      {can.pause ? (
        <span ref={(element) => pauseOpenRef(() => element?.querySelector('button')?.click())}>
          <Menu
            look="plain"
            icon="coffee"
            busy={busy === 'pause'}
            label={say(desk.state === 'ready' ? 'agent.pause' : 'agent.pauseAfter')}
          >
            <div className="menu-title">{say(desk.state === 'ready' ? 'pause.choose' : 'pause.chooseAfter')}</div>
            {(Object.entries(PAUSE_REASONS) as [PauseReason, number | null][]).map(([reason, minutes]) => (
              <MenuItem
                key={reason}
                onChoose={() => actions.pause(reason)}
                note={minutes === null ? null : say('pause.upTo', { n: format.number(minutes), count: minutes })}
              >
                {say(`reason.${reason}`)}
              </MenuItem>
            ))}
          </Menu>
        </span>
      ) : null}
    </>
  );
}

function AgentMenu(): ReactNode {
  const { say } = useLocale();
  const { me, can, model } = useAgent();
  const { run } = useCommand();
  const [asked, setAsked] = useState(false);
  const inCall = model.desk?.state === 'talking' || model.desk?.state === 'wrap_up' || model.desk?.state === 'offered';
  return (
    <AccountMenu me={me} mayLeave={!can.logOut && !inCall}>
      {can.logOut ? (
        <MenuItem
          onChoose={() => {
            if (asked) return;
            setAsked(true);
            void run({ type: 'log_out' }).finally(() => setAsked(false));
          }}
        >
          <Icon name="moon" />
          {say(inCall ? 'agent.logOutAfter' : 'agent.logOut')}
        </MenuItem>
      ) : null}
    </AccountMenu>
  );
}
