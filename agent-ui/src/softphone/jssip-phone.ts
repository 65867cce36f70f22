import JsSIP from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession.js';
import type { IncomingRTCSessionEvent, RTCSessionEvent, UA } from 'jssip/lib/UA.js';
import type { StationAccountBody } from '../../../server/contract/people.ts';
import { audioFault, takeSample, type AudioSample } from './audio-health.ts';
import { MICROPHONE, microphoneFaultOf } from './microphone.ts';
import { PHONE_OFF, type Phone, type PhoneState } from './phone.ts';

/** Chromium gathers for seconds after the last useful candidate; 200 ms of quiet is the end of it on any one network. */
const LAST_CANDIDATE_MS = 200;
const SAMPLE_EVERY_MS = 1_000;
const KEPT_SAMPLES = 20;
/** Short, so that a switch that restarted and forgot the station knows it again within a minute. */
const REGISTER_FOR_S = 60;
const REGISTER_AGAIN_MS = 2_000;

/**
 * A station over SIP on a WebSocket of the page's own origin. `renew` fetches the account anew after a refused registration: a
 * switch that restarted has to be told of the station first.
 */
export function createJsSipPhone(options: { renew: () => Promise<StationAccountBody> }): Phone {
  let state: PhoneState = PHONE_OFF;
  let ua: UA | null = null;
  let call: RTCSession | null = null;
  let renewal: ReturnType<typeof setTimeout> | null = null;
  let sampling: ReturnType<typeof setInterval> | null = null;
  let samples: AudioSample[] = [];
  const listeners = new Set<() => void>();
  const loudspeaker = createLoudspeaker();

  function set(change: Partial<PhoneState>): void {
    const next = { ...state, ...change };
    if (Object.entries(change).every(([key, value]) => state[key as keyof PhoneState] === value)) return;
    state = next;
    for (const listener of listeners) listener();
  }

  function start(account: StationAccountBody): void {
    stopAgent();
    const origin = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/sip`;
    const agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(origin)],
      uri: `sip:${account.user}@${account.domain}`,
      authorization_user: account.user,
      password: account.secret,
      register: true,
      register_expires: REGISTER_FOR_S,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
      user_agent: 'Wusul station',
    });
    ua = agent;
    set({ registration: 'connecting' });
    agent.on('registered', () => set({ registration: 'registered' }));
    agent.on('unregistered', () => set({ registration: 'connecting' }));
    agent.on('disconnected', () => set({ registration: 'connecting' }));
    agent.on('registrationFailed', () => {
      set({ registration: 'failed' });
      registerAgain();
    });
    agent.on('newRTCSession', onSession);
    agent.start();
  }

  function registerAgain(): void {
    if (renewal !== null) return;
    renewal = setTimeout(() => {
      renewal = null;
      options.renew().then(
        (account) => {
          if (ua && account.secret === ua.get('password')) ua.register();
          else if (ua) start(account);
        },
        () => registerAgain(),
      );
    }, REGISTER_AGAIN_MS);
  }

  function onSession(event: RTCSessionEvent): void {
    if (!isIncoming(event)) return;
    // The server calls again when it has given the old leg up; the new call is the true one.
    call?.terminate();
    take(event.session);
  }

  function take(session: RTCSession): void {
    call = session;
    let quiet: ReturnType<typeof setTimeout> | null = null;
    function over(): void {
      if (quiet !== null) clearTimeout(quiet);
      if (call !== session) return;
      call = null;
      stopSampling();
      loudspeaker.srcObject = null;
      set({ inCall: false, audioFault: null });
    }
    session.on('icecandidate', ({ ready }) => {
      if (quiet !== null) clearTimeout(quiet);
      quiet = setTimeout(ready, LAST_CANDIDATE_MS);
    });
    session.on('peerconnection', ({ peerconnection }) => {
      peerconnection.addEventListener('track', (track) => {
        loudspeaker.srcObject = track.streams[0] ?? new MediaStream([track.track]);
        void loudspeaker.play().catch(() => undefined);
      });
    });
    session.on('getusermediafailed', (error: unknown) => {
      set({ microphoneFault: 'mediaDevices' in navigator ? microphoneFaultOf(error) : 'insecure' });
    });
    session.on('confirmed', () => {
      set({ inCall: true, microphoneFault: null });
      if (state.muted) session.mute({ audio: true });
    });
    session.on('ended', over);
    session.on('failed', over);
    session.answer({ mediaConstraints: MICROPHONE, pcConfig: { iceServers: [] } });
  }

  function stopSampling(): void {
    if (sampling !== null) clearInterval(sampling);
    sampling = null;
    samples = [];
  }

  async function sample(): Promise<void> {
    const session = call;
    if (!session?.isEstablished()) return;
    const taken = await takeSample(session.connection, state.muted, performance.now());
    if (call !== session || sampling === null) return;
    samples = [...samples.slice(1 - KEPT_SAMPLES), taken];
    set({ audioFault: audioFault(samples) });
  }

  function stopAgent(): void {
    if (renewal !== null) clearTimeout(renewal);
    renewal = null;
    ua?.removeAllListeners();
    ua?.stop();
    ua = null;
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start,
    mute(on) {
      if (on) call?.mute({ audio: true });
      else call?.unmute({ audio: true });
      // Samples of before would mix silence that was wanted with silence that is a fault.
      samples = [];
      set({ muted: on });
    },
    watch(bridged) {
      if (bridged && sampling === null) {
        samples = [];
        sampling = setInterval(() => void sample(), SAMPLE_EVERY_MS);
      }
      if (!bridged && sampling !== null) {
        stopSampling();
        set({ audioFault: null });
      }
    },
    microphone() {
      const track = call?.isEstablished() ? call.connection.getSenders().find((sender) => sender.track !== null)?.track : null;
      return track ? new MediaStream([track]) : null;
    },
    stop() {
      stopSampling();
      call?.removeAllListeners();
      call = null;
      stopAgent();
      loudspeaker.remove();
      set(PHONE_OFF);
    },
  };
}

function isIncoming(event: RTCSessionEvent): event is IncomingRTCSessionEvent {
  return (event.originator as string) === 'remote';
}

/** The element that plays what the debtor says; in the page, so that tests and browsers' sound menus find it. */
function createLoudspeaker(): HTMLAudioElement {
  const element = document.createElement('audio');
  element.autoplay = true;
  element.dataset['testid'] = 'loudspeaker';
  document.body.append(element);
  return element;
}
