import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { Me } from '../../../server/contract/people.ts';
import { createDeskStore, type DeskStore } from '../connection/desk-store.ts';
import { openSocket } from '../connection/socket.ts';
import { sessionNow } from '../connection/session.ts';
import { useLocale } from '../i18n/locale.tsx';
import { CalmPage } from '../ui/calm-page.tsx';
import { Icon } from '../ui/icons.tsx';
import { Mark } from '../ui/icons.tsx';
import { AccountMenu } from '../ui/account-menu.tsx';
import { useTicking } from '../ui/ticking.ts';
import { AgentProvider, useAgent, useCommand } from './agent-context.tsx';
import { CallBar, type CallActions } from './call-bar.tsx';
import { ConnectCue } from './connect-cue.tsx';
import { DebtorFile } from './debtor-file.tsx';
import { callOnDesk, offlineForMs, screenOf } from './desk-view.ts';
import { Help } from './help.tsx';
import { DeskRefused, NotHere } from './not-here.tsx';
import { OutcomeForm, type OutcomeHandle } from './outcome-form.tsx';
import { useShortcuts } from './shortcuts.ts';
import { StartOfShift } from './start-of-shift.tsx';
import { usePhone, useStationAtWork } from './use-phone.ts';
import { Waiting } from './waiting.tsx';
import './agent.css';

/** The agent's page: opens the desk over the page's socket and shows what stands on it. */
export function AgentPage(): ReactNode {
  const me = sessionNow();
  const [store] = useState(() => createDeskStore(openSocket()));
  useEffect(() => store.attend(), [store]);
  if (!me) return <Opening />;
  return <Desk me={me} store={store} />;
}

function Opening(): ReactNode {
  const { say } = useLocale();
  return (
    <CalmPage title={say('common.opening')}>
      <span className="spinner" aria-hidden="true" />
    </CalmPage>
  );
}

function Desk({ me, store }: { me: Me; store: DeskStore }): ReactNode {
  const model = useSyncExternalStore(store.subscribe, store.get);
  const { phone, phoneState } = usePhone(me, model);
  const browser = me.stationKind === 'browser';
  useStationAtWork(store, model, phone, phoneState, browser);
  const screen = screenOf(model);

  return (
    <AgentProvider value={{ me, model, store, phone, browserStation: browser, phoneState }}>
      <OfflineBanner />
      {screen === 'opening' ? <Opening /> : null}
      {screen === 'elsewhere' || screen === 'taken' ? (
        <NotHere taken={screen === 'taken'} onTakeOver={() => store.takeOver()} />
      ) : null}
      {screen === 'refused' && model.refusal ? <DeskRefused problem={model.refusal} onRetry={() => store.open()} /> : null}
      {screen === 'start' ? <Start /> : null}
      {screen === 'desk' ? <AtWork /> : null}
    </AgentProvider>
  );
}

/** The line to the server is lost: said after two seconds, since most breaks are over by then. */
function OfflineBanner(): ReactNode {
  const { say } = useLocale();
  const { model } = useAgent();
  const now = useTicking(model.link === 'lost', 500);
  const lost = offlineForMs(model, now) !== null;
  return (
    <div role="status" aria-live="assertive">
      {lost ? (
        <div className="offline-banner" data-testid="offline-banner">
          <Icon name="alert" />
          {say('link.lost')}
        </div>
      ) : null}
    </div>
  );
}

function Start(): ReactNode {
  const { me } = useAgent();
  const { say } = useLocale();
  return (
    <>
      <header className="top-bar">
        <Mark />
        <span className="top-bar-name">{say('app.name')}</span>
        <span className="grow" />
        <AccountMenu me={me} />
      </header>
      <StartOfShift />
    </>
  );
}

function AtWork(): ReactNode {
  const { say } = useLocale();
  const { model, can, phone, phoneState } = useAgent();
  const { run, busy } = useCommand();
  const [keypadOpen, setKeypadOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const outcome = useRef<OutcomeHandle>(null);
  const openPause = useRef<() => void>(() => undefined);
  const desk = model.desk;
  const call = desk ? callOnDesk(desk) : null;
  const muted = phone ? phoneState.muted : (desk?.call?.muted ?? false);

  const actions: CallActions = {
    mute: () => {
      if (!can.mute) return;
      phone?.mute(!muted);
      void run({ type: 'mute', on: !muted });
    },
    hold: () => {
      if (can.hold) void run({ type: 'hold', on: desk?.call?.phase !== 'held' });
    },
    hangUp: () => {
      if (can.hangUp) void run({ type: 'hang_up' });
    },
    ready: () => {
      if (can.ready || can.takeBackPause) void run({ type: 'ready' });
    },
    pause: (reason) => void run({ type: 'pause', reason }),
    toggleKeypad: () => {
      if (can.keypad) setKeypadOpen((open) => !open);
    },
  };

  useShortcuts((wanted) => {
    if (typeof wanted === 'object') outcome.current?.choose(wanted.outcome);
    else if (wanted === 'help') setHelpOpen(true);
    else if (wanted === 'outcome') outcome.current?.focusOutcomes();
    else if (wanted === 'note') outcome.current?.focusNote();
    else if (wanted === 'save') outcome.current?.save();
    else if (wanted === 'keypad') actions.toggleKeypad();
    else if (wanted === 'pause') openPause.current();
    else actions[wanted]();
  });

  return (
    <>
      <a className="skip-link" href="#main">
        {say('common.skip')}
      </a>
      <CallBar
        actions={actions}
        busy={busy}
        keypadOpen={keypadOpen && can.keypad}
        pauseOpenRef={(open) => {
          openPause.current = open;
        }}
        onHelp={() => setHelpOpen(true)}
      />
      <AudioWarning />
      <ConnectCue call={desk?.state === 'talking' ? desk.call : null} />
      <main id="main" className={call ? 'desk' : 'desk idle'} tabIndex={-1}>
        {call ? (
          <>
            <DebtorFile call={call} />
            <OutcomeForm key={call.attemptId} call={call} ref={outcome} />
          </>
        ) : (
          <Waiting onReady={actions.ready} />
        )}
      </main>
      {helpOpen ? <Help onClose={() => setHelpOpen(false)} /> : null}
    </>
  );
}

/** What is wrong with the sound, or with the leg, while a debtor is on the line. */
function AudioWarning(): ReactNode {
  const { say } = useLocale();
  const { model, phoneState, browserStation } = useAgent();
  const { desk } = model;
  const text =
    desk?.call?.phase === 'music'
      ? 'sound.legLost'
      : phoneState.microphoneFault
        ? (`microphone.${phoneState.microphoneFault}` as const)
        : phoneState.audioFault
          ? (`sound.${phoneState.audioFault}` as const)
          : browserStation && phoneState.registration === 'failed'
            ? 'sound.notRegistered'
            : null;
  return (
    <div role="alert">
      {text ? (
        <div className="sound-warning" data-testid="sound-warning">
          <Icon name="alert" />
          {say(text)}
        </div>
      ) : null}
    </div>
  );
}
