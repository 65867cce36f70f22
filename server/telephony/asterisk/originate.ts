/** What an originate says to Asterisk (no I/O). */
import { dialString } from '../numbers.ts';
import type { AgentLeg, DebtorLeg, DemoCaller, TestLeg } from '../port.ts';
import { deadlineMs, initialSilenceMs } from '../screening.ts';
import { SOUND_LANGUAGES, soundName, type SoundLanguage } from '../sounds.ts';
import type { NumberFormat } from '../trunk.ts';
import { trunkEndpoint } from '../trunk.ts';
import { DEMO_CARRIER } from './trunks.ts';

/** The body of `POST /channels`. */
export interface Originate {
  endpoint: string;
  channelId: string;
  timeout: number;
  context?: string;
  extension?: string;
  priority?: number;
  app?: string;
  appArgs?: string;
  callerId?: string;
  variables?: Record<string, string>;
}

/** A debtor's leg begins in dialplans/debtor.conf, which arms the deadline and hands it to `application`. */
export function debtorOriginate(leg: DebtorLeg, format: NumberFormat, application: string): Originate {
  const screened = leg.screening ? 'on' : 'off';
  return {
    ...overTrunk(leg, format, 'debtor'),
    variables: {
      WUSUL_APP: application,
      WUSUL_AMD: screened,
      WUSUL_CLOCK: leg.clock ?? 'greeting',
      WUSUL_LIMIT: inSeconds(leg.connectWithinMs),
      WUSUL_DEADLINE: inSeconds(deadlineMs(leg.connectWithinMs, leg.screening)),
      WUSUL_SILENCE: String(initialSilenceMs(leg.connectWithinMs)),
      WUSUL_MESSAGE: leg.message ?? '',
      WUSUL_OWN: leg.ownMessage ?? '',
      WUSUL_KEY: leg.optOutKey ? soundName('opt-out-key', languageOf(leg.message)) : '',
      WUSUL_MACHINE:
        leg.machineTreatment === 'neutral_message'
          ? (leg.machineMessage ?? soundName('machine-message', languageOf(leg.message)))
          : '',
    },
  };
}

/** A test call is dealt with by dialplans/trunk-test.conf alone. */
export function testOriginate(leg: TestLeg, format: NumberFormat): Originate {
  return {
    ...overTrunk(leg, format, 'trunk-test'),
    variables: {
      WUSUL_PROMPT: soundName('trunk-test', leg.language),
      WUSUL_THANKS: soundName('trunk-test-passed', leg.language),
    },
  };
}

/** A debtor's telephone of the demo carrier calls us; what it says is in dialplans/carrier.conf. None of it is the application's. */
export function demoCallerOriginate({ legId, number, called }: DemoCaller, format: NumberFormat): Originate {
  return {
    endpoint: `PJSIP/${dialString(called, format)}@${DEMO_CARRIER}`,
    channelId: legId,
    timeout: 20,
    context: 'demo-caller',
    extension: 's',
    priority: 1,
    callerId: dialString(number, format),
  };
}

function overTrunk(leg: DebtorLeg | TestLeg, format: NumberFormat, context: string): Originate {
  return {
    endpoint: `PJSIP/${dialString(leg.number, format)}@${trunkEndpoint(leg.trunk)}`,
    channelId: leg.legId,
    timeout: seconds(leg.ringTimeoutMs),
    context,
    extension: 's',
    priority: 1,
    ...(leg.callerId === null ? {} : { callerId: dialString(leg.callerId, format) }),
  };
}

/** An agent's leg, and the station test, come straight to the application: without it there is nothing to say to an agent. */
export function agentOriginate(leg: AgentLeg, application: string): Originate {
  return {
    endpoint: `PJSIP/${leg.stationId}`,
    channelId: leg.legId,
    timeout: seconds(leg.ringTimeoutMs),
    app: application,
    appArgs: leg.purpose,
    callerId: `"${leg.displayName.replaceAll(/["\\<>\p{Cc}]/gu, ' ').trim()}" <wusul>`,
  };
}

function inSeconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

/** Whatever else is said is said in the language of the message. */
function languageOf(message: string | null): SoundLanguage {
  return SOUND_LANGUAGES.find((known) => message?.startsWith(`${known}/`)) ?? 'en';
}

/** Asterisk takes whole seconds; rounded up, so that no telephone rings shorter than its campaign says. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
