/** What the gate is told. Everything it needs and nothing else: it asks no database, no clock, no chance. */
import type { AppliedRules } from './applied.ts';
import type { CampaignRules } from './catalogue.ts';
import type { Channel, NumberType } from '../contract/rule-terms.ts';

export type PhonePlace = 'work' | 'other';

export interface PersonFacts {
  /** ISO 3166-1 of every place the person may be in: address and numbers. */
  countries: readonly string[];
  /** Every IANA zone the person may be in; unknown ones are dropped, an empty list stands for all zones of the countries. */
  zones: readonly string[];
  demo: boolean;
}

export interface PhoneFacts {
  id: string;
  country: string | null;
  numberType: NumberType;
  state: 'active' | 'wrong' | 'revoked';
  /** `work` where the number is known to reach a workplace. */
  place: PhonePlace;
}

export interface DebtFacts {
  id: string;
  product: string | null;
}

/** A hold in force from `fromMs` to `untilMs` (null: until somebody lifts it), on the person, one debt or one number. */
export interface HoldFacts {
  flag: string;
  debtId: string | null;
  phoneId: string | null;
  fromMs: number;
  untilMs: number | null;
}

/** A consent given or taken back. The last word on a channel and number counts. */
export interface ConsentFacts {
  channel: Channel | 'all';
  phoneId: string | null;
  kind: 'contact' | 'recorded_sound';
  granted: boolean;
  atMs: number;
}

/** A time of the week at which the person does not want to be called, in the person's own zone. */
export interface InconvenientTime {
  days: readonly number[];
  from: string;
  to: string;
}

/** Something that happened between us and the person, or on the number. One call may be an attempt and a conversation. */
export interface PastContact {
  atMs: number;
  channel: Channel;
  /** We began it. */
  attempt: boolean;
  /** False only where the network refused before anything could answer. */
  couldLeaveMessage: boolean;
  conversation: boolean;
  /** When they spoke, where that is not `atMs`: a call placed before midnight may be answered after it. */
  conversationAtMs?: number;
  promise?: boolean;
  dispute?: boolean;
  /** Answered by a person for whom no agent was free. */
  abandoned?: boolean;
  samePerson: boolean;
  sameNumber: boolean;
  /** Debts it was about; empty: not known, counted for each. */
  debts: readonly string[];
  products: readonly string[];
}

export interface GateFacts {
  rules: AppliedRules;
  campaign: CampaignRules;
  channel: Channel;
  person: PersonFacts;
  phone: PhoneFacts | null;
  /** The debts this contact would be about. */
  debts: readonly DebtFacts[];
  holds: readonly HoldFacts[];
  consents: readonly ConsentFacts[];
  inconvenient: readonly InconvenientTime[];
  /** Where the person does not want to be called. */
  inconvenientPlaces?: readonly PhonePlace[];
  /** Past contacts, as far back as the longest rule looks. */
  contacts: readonly PastContact[];
  /** The first conversation ever held, where it lies before `contacts`; caps may begin with it. */
  firstConversationMs: number | null;
  /** A contact under way with this person or number, and when it is over at the latest. */
  liveContact: { untilMs: number } | null;
  /** ISO 3166-1 of the countries an admin has switched on. */
  enabledCountries: readonly string[];
  trunkKind: 'demo' | 'real';
  /** How long the phone may ring, subtracted from closing time; 0 judges the moment of dialing alone. */
  ringTimeoutMs: number;
  /** The contact is a recorded voice from the start: a message left, or one that a machine reads out. */
  recordedVoice?: boolean;
  /** An agent is held free for this very call, so that it cannot be abandoned for want of one. */
  agentHeld?: boolean;
  /** Ids of warnings that a supervisor has overridden for this person. */
  overrides: readonly string[];
}
