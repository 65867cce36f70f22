/**
 * What Wusul needs of a telephone switch. Everything above this file knows neither ARI nor Asterisk.
 *
 * Times are the switch node's own stamps, in integer milliseconds since the epoch (`stampMs`): they may be compared with
 * one another and stored in the ledger, never with this process's clock.
 */
import type { SoundLanguage } from './sounds.ts';

/** Words a leg's events use. A leg is one channel of the switch; its id is chosen by us before it exists. */
export type LegEvent =
  | { type: 'leg.ringing'; legId: string; stampMs: number }
  | { type: 'leg.answered'; legId: string; stampMs: number }
  /**
   * The leg has come under our control. For a debtor's leg this carries the verdict of the screening. A machine is the
   * exception: it is told here too, but the dialplan deals with it by itself (`machineTreatment`) and ends it; there is
   * nothing to do but wait for `leg.ended`.
   */
  | { type: 'leg.entered'; legId: string; stampMs: number; purpose: LegPurpose; screening: Screening | null }
  /** Somebody has called a number that we answer. It comes again when we have a leg come back to the line (`serveInbound`, `enter`). */
  | { type: 'leg.called'; legId: string; stampMs: number; caller: Caller }
  /** The leg has left our control and goes on in the dialplan, or is about to end. */
  | { type: 'leg.left'; legId: string; stampMs: number }
  | { type: 'leg.joined'; legId: string; bridgeId: string; stampMs: number }
  | { type: 'leg.parted'; legId: string; bridgeId: string; stampMs: number }
  /** A debtor pressed the key that puts their number on the do-not-call list, while the message spoke; the dialplan ends the leg. */
  | { type: 'leg.opted_out'; legId: string; stampMs: number }
  | { type: 'leg.digit'; legId: string; digit: string; stampMs: number }
  | { type: 'leg.played'; legId: string; playbackId: string; stampMs: number }
  | { type: 'leg.ended'; legId: string; cause: number; techCause: string | null; stampMs: number };

/**
 * News of the switch itself. After `switch.lost` nothing that happened meanwhile is replayed: reconcile before anything else.
 * Until then originates are refused; other commands are tried, so that calls which ring can be withdrawn.
 */
export type LinkEvent =
  | { type: 'switch.connected' }
  | { type: 'switch.lost' }
  /** Another process took our application name: stop at once, touch nothing. */
  | { type: 'switch.replaced' };

export type SwitchEvent = LegEvent | LinkEvent;

/** Who calls which number over which trunk. E.164; `number` is null where the carrier told none, or none that can be read. */
export interface Caller {
  number: string | null;
  called: string;
  trunk: string;
}

/** What the dialplan does with an inbound leg that is handed back to it; `enter`: brings it to us anew. */
export type InboundPart = 'enter' | 'voicemail' | 'closed' | 'unserved' | 'callback';

/** A number that we answer, E.164, and whether a voice message may be left when nobody can take the call. */
export interface AnsweredNumber {
  number: string;
  voicemail: boolean;
}

export const LEG_PURPOSES = ['debtor', 'agent', 'echo', 'unknown'] as const;
export type LegPurpose = (typeof LEG_PURPOSES)[number];

/** What answering-machine detection said. `not_screened`: it was off. Only `machine` is a machine; `uncertain` is treated as a human. */
export const SCREENING_VERDICTS = ['human', 'machine', 'uncertain', 'not_screened'] as const;
export type ScreeningVerdict = (typeof SCREENING_VERDICTS)[number];
export interface Screening {
  verdict: ScreeningVerdict;
  /** The switch's own words, for the ledger: AMDSTATUS and AMDCAUSE. */
  status: string;
  cause: string;
}

/** What a machine hears. */
export const MACHINE_TREATMENTS = ['hang_up', 'neutral_message'] as const;
export type MachineTreatment = (typeof MACHINE_TREATMENTS)[number];

export interface DebtorLeg {
  legId: string;
  /** Name of a trunk the switch knows. */
  trunk: string;
  /** E.164 with its plus sign; the adapter writes it in the trunk's own form. */
  number: string;
  /** E.164 of the campaign, or null for the demo. */
  callerId: string | null;
  ringTimeoutMs: number;
  screening: boolean;
  machineTreatment: MachineTreatment;
  /** Sound of the neutral message; the one that comes with Wusul, in the language of `message`, when not given. */
  machineMessage?: string;
  /**
   * How long a human may wait for an agent. The dialplan arms it before the leg is handed to us; see `disarm`.
   */
  connectWithinMs: number;
  /** From when, where screening is on: the end of the greeting as far as screening tells it, or the answer. Without screening always the answer. */
  clock?: 'greeting' | 'answer';
  /** Sound of the safe-harbour message, or null: cut at the deadline without a word (invariant I5). */
  message: string | null;
  /** A recording spoken in its place where the switch has it: an absolute path without ending, µ-law at 8 kHz. */
  ownMessage?: string | null;
  /** Whether a key puts the number on the do-not-call list while the message speaks, which is said after it. */
  optOutKey?: boolean;
}

export interface AgentLeg {
  legId: string;
  /** The station's endpoint, as given by `provisionStation`. */
  stationId: string;
  ringTimeoutMs: number;
  purpose: 'agent' | 'echo';
  /** Shown on the agent's phone. */
  displayName: string;
}

/** A debtor of the demo who calls us from the demo carrier. Numbers are E.164. */
export interface DemoCaller {
  legId: string;
  /** The trunk on which the call comes in. */
  trunk: string;
  number: string;
  called: string;
}

/** A call to a person who asked for it, to hear whether a trunk works: a prompt of the dialplan, a key (`leg.digit`), the end. */
export interface TestLeg {
  legId: string;
  /** Name of a trunk the switch knows. */
  trunk: string;
  /** E.164 with its plus sign. */
  number: string;
  /** E.164, or null for none. */
  callerId: string | null;
  ringTimeoutMs: number;
  /** The prompt's. */
  language: SoundLanguage;
}

/** A station's SIP account. Browser stations speak WebRTC, SIP phones plain UDP; both register. */
export interface StationAccount {
  stationId: string;
  kind: 'browser' | 'sip';
  secret: string;
}

export interface LiveLeg {
  legId: string;
  state: 'down' | 'ringing' | 'up';
  /** Under the control of this application now. */
  controlled: boolean;
  bridgeId: string | null;
  createdMs: number;
  /** Somebody called us; `waitsFor`: the application that has the leg or shall take it in, null while the dialplan serves it. */
  inbound: { waitsFor: string | null } | null;
}

/** What the originate came to. `refused` never reached the trunk; `unknown` may have: ask for the leg, then the record. */
export type OriginateReply =
  | { outcome: 'accepted' }
  | { outcome: 'refused'; reason: string }
  | { outcome: 'unknown'; reason: string };

/** One line of the switch's own event record (CEL), which outlives any process of ours. */
export interface RecordedEvent {
  type: string;
  stampMs: number;
  legId: string;
  linkedId: string;
  /** The switch's name of the channel: tells our legs (`PJSIP/trunk-…`) from the demo carrier's (`PJSIP/demo-carrier-…`). */
  channel: string;
  context: string;
  /** The extension, which on the demo carrier's side is the number called. */
  extension: string;
  application: string;
  /** For our own events (dialplans/debtor.conf) their text, else the switch's JSON. */
  extra: string;
}

export interface Switch {
  /** The application name taken: one per floor and epoch. */
  readonly application: string;
  /** Milliseconds (monotonic) since the event stream last proved alive. */
  silenceMs(): number;
  subscribe(listener: (event: SwitchEvent) => void): () => void;
  /**
   * Connects and keeps reconnecting until `close` or `switch.replaced`. Resolves on the first connection; `switch.connected`
   * is emitted at each, `switch.lost` at each loss that nobody asked for.
   */
  open(): Promise<void>;
  close(): Promise<void>;

  callDebtor(leg: DebtorLeg): Promise<OriginateReply>;
  /** Its news begins with `leg.ringing` or `leg.answered`: a station's leg is not told while it is being created. */
  callAgent(leg: AgentLeg): Promise<OriginateReply>;
  /** Its news: `leg.ringing`, `leg.answered`, `leg.digit`, `leg.ended`; it never comes under our control. */
  callToTest(leg: TestLeg): Promise<OriginateReply>;
  /** Refused where the demo carrier is not on this switch. The call comes in like any other; of the caller's own leg there is no news. */
  callAsDebtor(caller: DemoCaller): Promise<OriginateReply>;
  /** Takes the deadline off a leg, just before it joins an agent's bridge. The switch does so once nothing is played to it any more. */
  disarm(legId: string): Promise<void>;
  hangUp(legId: string): Promise<void>;

  /** A bridge that stands already is as good as new: its news come to us from now on. */
  createBridge(bridgeId: string): Promise<void>;
  destroyBridge(bridgeId: string): Promise<void>;
  join(bridgeId: string, legId: string): Promise<void>;
  part(bridgeId: string, legId: string): Promise<void>;
  /** Has what a standing leg hears begin anew, once whoever was in its bridge has left: the next person may speak another stream. */
  renewSound(legId: string): Promise<void>;

  /** From now on whoever calls one of these numbers comes to us; also after the switch was restarted. Whoever calls another hears whom they have reached. */
  answerNumbers(numbers: readonly AnsweredNumber[]): Promise<void>;
  /** Takes an inbound leg in, to which nothing is being played: the dialplan serves it if it is still waiting after `limitMs`. `language`: of what is said to it from now on. */
  takeIn(legId: string, options: { limitMs: number; language: SoundLanguage | null }): Promise<void>;
  /** Hands an inbound leg back to the dialplan, which ends it, or with `enter` brings it to us anew. */
  serveInbound(legId: string, part: InboundPart): Promise<void>;
  /** The voice message that was left on an inbound leg, as a WAV file; null where there is none. */
  voicemailOf(legId: string): Promise<Buffer | null>;
  /** Legs whose voice messages the switch still keeps. */
  voicemails(): Promise<string[]>;
  dropVoicemail(legId: string): Promise<void>;

  startMusic(legId: string): Promise<void>;
  stopMusic(legId: string): Promise<void>;
  /** Plays a sound, or several one after another; `leg.played` tells the end of the last. */
  play(legId: string, sound: string | readonly string[], playbackId: string): Promise<void>;
  stopPlaying(playbackId: string): Promise<void>;
  sendDigits(legId: string, digits: string): Promise<void>;
  /** Hands the leg back to the dialplan, which says the safe-harbour message and ends it. */
  sayMessage(legId: string): Promise<void>;

  /** Has the news of a leg that another application was given (a former epoch's) come to us; commands need no more than its id. */
  adopt(legId: string): Promise<void>;

  provisionStation(account: StationAccount): Promise<void>;
  /** Whether the station has a live registration. */
  stationReachable(stationId: string): Promise<boolean>;

  liveLegs(): Promise<LiveLeg[]>;
  liveBridges(): Promise<{ bridgeId: string; legIds: string[] }[]>;
  /** The record since `sinceMs`, oldest first; empty where the switch's record cannot be read from here. */
  recorded(sinceMs: number): Promise<RecordedEvent[]>;
  /** The switch's clock now, for the comparison of clocks in invariant I4. */
  clockMs(): Promise<number>;
}
