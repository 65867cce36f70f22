import type { StationAccountBody } from '../../../server/contract/people.ts';

/** How the station stands with the switch. */
export type Registration = 'off' | 'connecting' | 'registered' | 'failed';
/** What may be wrong with the microphone; `insecure`: the page is neither https nor loopback. */
export type MicrophoneFault = 'insecure' | 'denied' | 'missing' | 'busy';
/** What the sound of a running call lacks. */
export type AudioFault = 'hears_nothing' | 'sends_nothing' | 'microphone_silent';

export interface PhoneState {
  registration: Registration;
  /** True while the switch's call to this station is up. */
  inCall: boolean;
  muted: boolean;
  microphoneFault: MicrophoneFault | null;
  audioFault: AudioFault | null;
}

export const PHONE_OFF: PhoneState = {
  registration: 'off',
  inCall: false,
  muted: false,
  microphoneFault: null,
  audioFault: null,
};

/**
 * A station in the browser. It makes no calls: it registers, answers what the server calls (an echo test, the agent's standing leg)
 * and carries the sound. Whoever creates it stops it.
 */
export interface Phone {
  get: () => PhoneState;
  subscribe: (listener: () => void) => () => void;
  /** Registers with an account; another account replaces the first. */
  start: (account: StationAccountBody) => void;
  /** Silences the microphone here and now, without asking anyone. */
  mute: (on: boolean) => void;
  /** Watches the sound for faults while a debtor is bridged; without one, silence is no fault. */
  watch: (bridged: boolean) => void;
  /** The microphone's stream while in a call, for a level meter. */
  microphone: () => MediaStream | null;
  stop: () => void;
}
