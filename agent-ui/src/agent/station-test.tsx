import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { closeMicrophone, microphoneFaultOf, openMicrophone } from '../softphone/microphone.ts';
import { watchLevel } from '../softphone/level.ts';
import type { MicrophoneFault } from '../softphone/phone.ts';
import { unlockAudio } from '../softphone/tones.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { useAgent, useCommand } from './agent-context.tsx';

/** Heard at all: a quiet voice lifts the meter above this. */
const HEARD = 0.25;

/** Microphone level and echo: the agent speaks, and hears the switch send it back. */
export function StationTest(): ReactNode {
  const { say } = useLocale();
  const { browserStation, phoneState } = useAgent();
  const { run, busy } = useCommand();
  const [level, setLevel] = useState<number | null>(null);
  const [heard, setHeard] = useState(false);
  const [fault, setFault] = useState<MicrophoneFault | null>(null);
  const stopLevel = useRef<(() => void) | null>(null);
  const testing = phoneState.inCall;
  const shownFault = fault ?? phoneState.microphoneFault;

  useEffect(() => () => stopLevel.current?.(), []);
  useEffect(() => {
    if (!testing) return;
    // The test is over when the echo's call is.
    return () => {
      stopLevel.current?.();
      stopLevel.current = null;
      setLevel(null);
    };
  }, [testing]);

  async function begin(): Promise<void> {
    unlockAudio();
    setFault(null);
    setHeard(false);
    if (browserStation && !(await openMeter())) return;
    const reply = await run({ type: 'test_station' });
    if (!reply.ok) {
      stopLevel.current?.();
      stopLevel.current = null;
      setLevel(null);
    }
  }

  async function openMeter(): Promise<boolean> {
    try {
      const stream = await openMicrophone();
      if (stream === 'insecure') {
        setFault('insecure');
        return false;
      }
      const stop = watchLevel(stream, (now) => {
        setLevel(now);
        if (now > HEARD) setHeard(true);
      });
      stopLevel.current?.();
      stopLevel.current = () => {
        stop();
        closeMicrophone(stream);
      };
      return true;
    } catch (error) {
      setFault(microphoneFaultOf(error));
      return false;
    }
  }

  return (
    <section className="card panel" aria-labelledby="station-title" data-testid="station-test">
      <h2 id="station-title" className="panel-title">
        <Icon name="microphone" />
        {say('station.title')}
      </h2>
      <p className="faint">{say(browserStation ? 'station.lead' : 'station.leadSip')}</p>
      {browserStation ? <Registration /> : null}
      {level === null ? null : (
        <div className="stack tight">
          <span className="field-label" id="level-label">
            {say('station.level')}
          </span>
          <meter className="meter" aria-labelledby="level-label" min={0} max={1} value={level} />
          <p className="small" role="status">
            {say(heard ? 'station.heard' : 'station.speak')}
          </p>
        </div>
      )}
      {testing ? (
        <div className="notice good">
          <Icon name="phone" />
          <p className="notice-text">{say('station.echo')}</p>
        </div>
      ) : null}
      {shownFault ? (
        <div className="notice danger" role="alert">
          <Icon name="alert" />
          <p className="notice-text">{say(`microphone.${shownFault}`)}</p>
        </div>
      ) : null}
      <div className="row">
        {testing ? (
          <Button icon="stop" data-testid="end-test" busy={busy === 'end_test'} onClick={() => void run({ type: 'end_test' })}>
            {say('station.end')}
          </Button>
        ) : (
          <Button
            icon="microphone"
            data-testid="test-station"
            busy={busy === 'test_station'}
            disabled={browserStation && phoneState.registration !== 'registered'}
            onClick={() => void begin()}
          >
            {say('station.test')}
          </Button>
        )}
      </div>
    </section>
  );
}

/** Whether the browser's station is known to the switch. */
function Registration(): ReactNode {
  const { say } = useLocale();
  const { phoneState } = useAgent();
  const tone = { off: '', connecting: 'info', registered: 'good', failed: 'danger' }[phoneState.registration];
  return (
    <p role="status" data-testid="registration" data-state={phoneState.registration}>
      <span className={`badge ${tone}`}>
        <Icon name={phoneState.registration === 'registered' ? 'check' : 'signal'} />
        {say(`registration.${phoneState.registration}`)}
      </span>
    </p>
  );
}
