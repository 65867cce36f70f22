/** What goes into a pacer and what comes out. */
import type { PacingRule } from '../contract/wallboard.ts';

/** Integer milliseconds on one injected monotonic clock. */
export type Ms = number;

export const PACING_MODES = ['progressive', 'ratio', 'predictive'] as const;
export type PacingMode = (typeof PACING_MODES)[number];

/** `cancelled`: the host gave it up at the age it had. `lost`: the host lost sight of it, so that not even its age says anything. */
export type CallEndCause = 'busy' | 'failed' | 'no_answer' | 'machine' | 'cancelled' | 'caller_hangup' | 'lost';

export type PacingEvent = { seq: number; t: Ms } & (
  | { type: 'call.dialed'; call: number; lead?: { pAnswer?: number; segment?: string } }
  /** First 180 or 183; from a trunk of neither, a word of the host before the call would be forgotten. */
  | { type: 'call.ringing'; call: number }
  /** 200 OK, screening starts. */
  | { type: 'call.answered'; call: number }
  /** Wants an agent now. */
  | { type: 'call.ready'; call: number; deadline: Ms }
  | { type: 'call.ended'; call: number; cause: CallEndCause }
  | { type: 'call.connected'; call: number; agent: number }
  /** `legal`: counts under the campaign's rule. */
  | { type: 'call.abandoned'; call: number; legal: boolean }
  | { type: 'agent.available'; agent: number }
  /** Talk ended. */
  | { type: 'agent.wrap'; agent: number }
  /** `lost`: the host lost sight of the agent, so that what they did until now says nothing. */
  | { type: 'agent.away'; agent: number; from: 'idle' | 'wrap' | 'talk' | 'lost' }
  | { type: 'agent.announced'; agent: number; next: 'break' | 'logout' | 'stay' }
  /** Inbound calls, callbacks. */
  | { type: 'agent.reserved'; agent: number; on: boolean }
  | { type: 'amd.correction'; call: number; was: 'human' | 'machine' }
  /** The window's legal counts: at start and after each correction. */
  | { type: 'ledger'; answered: number; abandoned: number }
  | { type: 'config'; config: PacingConfig }
);

export interface PacingConfig {
  mode: PacingMode;
  /** Lines per idle agent, 1–15, for mode `ratio`. */
  ratio?: number;
  /** Greatest lawful share of abandoned calls, at most 0.05. */
  cap: number;
  /** Aimed at, at most `cap`; the pacer's own choice unless given. */
  target?: number;
  window: { kind: 'campaign30d' | 'rolling' | 'day'; hours?: number };
  clockStart: 'connect' | 'greeting_start' | 'greeting_end';
  connectWithinMs: Ms;
  minRingMs: Ms;
  countAmdFalsePositives: boolean;
  maxLinesPerAgent: number;
  /** Fewer able agents: progressive. */
  minAgentsForPredictive: number;
  /** Idle agents kept free (inbound calls). */
  agentHoldback: number;
  /** When today's calling ends; absent: the next two hours. */
  closesAt?: Ms;
}

export interface Env {
  linesFree: number;
  /** The trunk's dials per second; the host meters too. */
  cpsCredit: number;
  leadsReady: number;
  /** `nextLeadP[0]`: the lead that would be dialed first. */
  nextLeadP?: Float64Array;
  /** Age of the last proof that the switch's event stream lives; absent = healthy, what is no age = stale. */
  inputAgeMs?: Ms;
}

/** Why this many: one rule and the numbers it saw. */
export interface Explanation {
  rule: PacingRule;
  dial: number;
  figures: Readonly<Record<string, number>>;
}

export interface Decision {
  dial: number;
  /** Calls better hung up; advice, the host never cancels before the minimum ring time. */
  cancel: number[];
  nextTickAt: Ms;
  why: Explanation;
}

export interface Pacer {
  apply(event: PacingEvent): void;
  tick(now: Ms, env: Env): Decision;
  snapshot(): Uint8Array;
}
