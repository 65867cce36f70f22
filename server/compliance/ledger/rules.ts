/** Which answered calls count as abandoned: decided from stamps and a rule alone, so that anybody can decide it again. */
import {
  ABANDON_WINDOWS,
  CLOCK_STARTS,
  type AbandonWindow,
  type AnswerRule,
  type ClockStart,
  type LedgerCause,
} from '../../contract/abandonment.ts';
import type { CampaignSettings } from '../../contract/campaigns.ts';
import type { AppliedRules } from '../applied.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PERIOD_MS = 30 * DAY_MS;
/** Detection's verdict has to cross to the dialer and the agent's bridge. */
export const BRIDGE_ALLOWANCE_MS = 300;
/** The switch's stamps are whole milliseconds taken by several of its threads: who leaves so shortly before the deadline has waited for it. */
export const STAMP_TOLERANCE_MS = 30;

/** The switch's stamps of one answered call, in ms since the epoch. */
export interface AnsweredCall {
  rule: AnswerRule;
  direction: 'outbound' | 'inbound';
  answeredMs: number;
  /** What answering-machine detection said, and when; null while or where there was none. */
  screening: { verdict: string; cause: string; atMs: number } | null;
  /** The voices met. */
  agentMs: number | null;
  /** The safe-harbour message began. */
  messageMs: number | null;
  /** Null: the switch died with the call. */
  endedMs: number | null;
  /** We ended it. */
  hungUpByUs: boolean;
  /** Why nobody came, where that is known to be other than that no agent was free. */
  trouble: Extract<LedgerCause, 'agent_leg_failed' | 'no_application' | 'cut_without_message'> | null;
}

/** What the ledger says of a call. `greetingEndedMs` is null where it is not known: the answer stands in its place. */
export interface LedgerEntry {
  greetingEndedMs: number | null;
  /** By when an agent had to be there. */
  deadlineMs: number;
  cause: LedgerCause;
}

/** Whether a call is among those that people answered, and among those abandoned. */
export interface LegalCount {
  answered: boolean;
  abandoned: boolean;
}

/** What a campaign asks, tightened by the law (null: the demo's, which asks nothing): the strictest of each. */
export function answerRuleOf(
  settings: Pick<CampaignSettings, 'abandonment' | 'pacing' | 'connectWithinMs' | 'minRingMs'>,
  laws: readonly Pick<AppliedRules, 'abandonment' | 'optOutByKey'>[],
): AnswerRule {
  const { abandonment, pacing, connectWithinMs, minRingMs } = settings;
  const { window, clockStart, redialBlockHours, countPeopleTakenForMachines, offerOptOutKey } = abandonment;
  return laws.reduce<AnswerRule>(
    (rule, { abandonment: law, optOutByKey }) => ({
      ...rule,
      window: stricter(ABANDON_WINDOWS, rule.window, law.period),
      cap: Math.min(rule.cap, law.maxShare),
      clockStart: stricter(CLOCK_STARTS, rule.clockStart, law.clockStart),
      connectWithinMs: Math.min(rule.connectWithinMs, law.connectWithinMs),
      minRingMs: Math.max(rule.minRingMs, law.minimumRingMs),
      redialBlockHours: Math.max(rule.redialBlockHours, law.redialBlockHours),
      optOutKey: rule.optOutKey || optOutByKey,
    }),
    {
      window,
      clockStart,
      connectWithinMs,
      minRingMs,
      redialBlockHours,
      countPeopleTakenForMachines,
      cap: pacing.abandonCap,
      optOutKey: offerOptOutKey,
    },
  );
}

/** Of two words the later in a list that begins with the loosest. */
export function stricter<Word extends AbandonWindow | ClockStart>(order: readonly Word[], one: Word, other: Word): Word {
  return order.indexOf(one) >= order.indexOf(other) ? one : other;
}

/** Under a clock that starts before the greeting is over, detection and bridge must fit into the limit; whether they do. */
export function leavesTimeForScreening(rule: Pick<AnswerRule, 'clockStart' | 'connectWithinMs'>, analysisMs: number): boolean {
  return rule.clockStart === 'greeting_end' || analysisMs + BRIDGE_ALLOWANCE_MS <= rule.connectWithinMs;
}

/**
 * When the greeting ended: the verdict less the silence that detection waited for (the second figure of AMDCAUSE `HUMAN-600-600`). Null
 * for any other verdict: who says nothing, or is left undecided, has no greeting whose end is known.
 */
export function greetingEnd(screening: AnsweredCall['screening']): number | null {
  const silence = /^HUMAN-\d+-(\d+)/.exec(screening?.cause ?? '')?.[1];
  return screening === null || silence === undefined ? null : screening.atMs - Number(silence);
}

/** By when an agent has to be there. An unknown end of the greeting, and its start, which nobody reports, are taken to be the answer. */
export function deadlineOf(call: Pick<AnsweredCall, 'rule' | 'answeredMs' | 'screening'>): number {
  const { rule, answeredMs, screening } = call;
  const from = rule.clockStart === 'greeting_end' ? (greetingEnd(screening) ?? answeredMs) : answeredMs;
  return Math.max(from, answeredMs) + rule.connectWithinMs;
}

/** Judges an answered call. Whatever is not known is held against us. */
export function judgeAnswer(call: AnsweredCall): LedgerEntry {
  const deadlineMs = deadlineOf(call);
  return { greetingEndedMs: greetingEnd(call.screening), deadlineMs, cause: causeOf(call, deadlineMs) };
}

function causeOf(call: AnsweredCall, deadlineMs: number): LedgerCause {
  if (call.direction === 'inbound') return 'inbound';
  if (call.screening?.verdict === 'machine') return 'machine';
  if (call.agentMs !== null) return call.agentMs <= deadlineMs ? 'agent' : 'agent_late';
  if (call.messageMs !== null) return call.trouble ?? 'no_agent_in_time';
  if (call.trouble === 'cut_without_message') return call.trouble;
  if (call.endedMs === null) return 'switch_lost';
  if (call.hungUpByUs) return call.trouble ?? 'hung_up_unserved';
  return call.endedMs <= deadlineMs - STAMP_TOLERANCE_MS ? 'left_early' : 'left_late';
}

/** Those who left before the deadline have been answered and not abandoned; nobody else without an agent is let off. */
const COUNTS: Readonly<Record<LedgerCause, LegalCount>> = {
  agent: { answered: true, abandoned: false },
  agent_late: { answered: true, abandoned: true },
  left_early: { answered: true, abandoned: false },
  left_late: { answered: true, abandoned: true },
  machine: { answered: false, abandoned: false },
  no_agent_in_time: { answered: true, abandoned: true },
  agent_leg_failed: { answered: true, abandoned: true },
  no_application: { answered: true, abandoned: true },
  hung_up_unserved: { answered: true, abandoned: true },
  cut_without_message: { answered: true, abandoned: true },
  switch_lost: { answered: true, abandoned: true },
  inbound: { answered: false, abandoned: false },
};

/** Who the other side turned out to be, by whoever listened. */
export type Correction = 'human' | 'machine';

/**
 * How a call counts, with what was learnt of it later (null: nothing). A machine leaves both counts, however it was treated; a
 * person taken for a machine is a nuisance call, abandoned where the rule counts those.
 */
export function countOf(cause: LedgerCause, rule: AnswerRule, correction: Correction | null): LegalCount {
  if (correction === 'machine') return { answered: false, abandoned: false };
  if (correction === 'human' && cause === 'machine') {
    return { answered: rule.countPeopleTakenForMachines, abandoned: rule.countPeopleTakenForMachines };
  }
  return COUNTS[cause];
}

/** Where the window begins that `nowMs` lies in. `startedMs`: the campaign's first start; `zone`: whose day it is. */
export function windowStart(
  window: AbandonWindow,
  { nowMs, startedMs, zone }: { nowMs: number; startedMs: number; zone: string },
): number {
  switch (window) {
    case 'campaign30d':
      return startedMs + Math.floor(Math.max(0, nowMs - startedMs) / PERIOD_MS) * PERIOD_MS;
    case 'rolling24h':
      return nowMs - DAY_MS;
    case 'day':
      return Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone).startOfDay().epochMilliseconds;
  }
}

/** How many of as many answered calls may be abandoned. */
export function allowedOf(answered: number, cap: number): number {
  // A product such as 0.03 × 100 must not lose its last call to binary fractions.
  return Math.floor(answered * cap + 1e-9);
}

/** Counts of a window and of its last hour. */
export interface WindowCounts {
  answered: number;
  abandoned: number;
  recentAnswered: number;
  recentAbandoned: number;
}

/**
 * In how many ms the share reaches the cap if people answer and are abandoned as often as in the last `recentMs`; 0 where it is
 * there, null where it never will be.
 */
export function reachedIn(counts: WindowCounts, cap: number, recentMs: number): number | null {
  const room = cap * counts.answered - counts.abandoned;
  if (room <= 0) return counts.abandoned > 0 ? 0 : null;
  const nearerPerMs = (counts.recentAbandoned - cap * counts.recentAnswered) / recentMs;
  return nearerPerMs > 0 ? room / nearerPerMs : null;
}
