/**
 * The agent's states: a table of what may follow what, and one pure `next`. No clock, no I/O: moments come with the events.
 *
 * `ready` says that the agent wants calls; whether a call may be given is `isAble`: the leg must be up and the console answering.
 * So a lost leg or a silent console does not change the state, and the agent is back in line once it is mended.
 */
import type { CampaignSettings } from '../contract/campaigns.ts';
import type { AgentState, PauseReason, SYSTEM_PAUSE_REASONS } from '../contract/desk.ts';

export type AnyPauseReason = PauseReason | (typeof SYSTEM_PAUSE_REASONS)[number];

/** What is known of an agent's work, apart from the telephone. `sinceMs`: when the state began, in ms since the epoch. */
export interface AgentWork {
  readonly state: AgentState;
  readonly reason: AnyPauseReason | null;
  readonly sinceMs: number;
  /** The call offered, talked on, or being wrapped up. */
  readonly attemptId: string | null;
  readonly pauseAfterCall: AnyPauseReason | null;
  readonly logOutAfterCall: boolean;
}

export type AgentEvent =
  | { type: 'log_in' }
  | { type: 'leg_up' }
  | { type: 'leg_failed' }
  | { type: 'ready' }
  /** `bound`: calls in flight count on this agent, who therefore stays until they are over. */
  | { type: 'pause'; reason: AnyPauseReason; bound?: boolean }
  | { type: 'log_out'; bound?: boolean }
  /** No call in flight counts on the agent any more. */
  | { type: 'unbound' }
  | { type: 'offer'; attemptId: string }
  | { type: 'withdraw' }
  | { type: 'bridged' }
  | { type: 'call_ended' }
  | { type: 'call_moved' }
  | { type: 'disposed'; next: 'ready' | 'pause' }
  | { type: 'wrap_up_expired' };

type EventType = AgentEvent['type'];

/** Which events each state understands; everything else is refused. */
const ALLOWED: Readonly<Record<AgentState, readonly EventType[]>> = {
  offline: ['log_in'],
  connecting: ['leg_up', 'leg_failed', 'log_out'],
  paused: ['ready', 'pause', 'log_out', 'leg_failed'],
  ready: ['ready', 'pause', 'log_out', 'unbound', 'offer', 'leg_failed'],
  offered: ['bridged', 'withdraw', 'pause', 'log_out'],
  talking: ['call_ended', 'call_moved', 'pause', 'log_out', 'ready'],
  wrap_up: ['disposed', 'wrap_up_expired', 'pause', 'log_out', 'ready'],
};

/** States in which a pause or a log-out waits for the call and its wrap-up to end. */
const IN_CALL: ReadonlySet<AgentState> = new Set(['offered', 'talking', 'wrap_up']);

/** Someone who is not logged in. */
export function offDuty(atMs: number): AgentWork {
  return { state: 'offline', reason: null, sinceMs: atMs, attemptId: null, pauseAfterCall: null, logOutAfterCall: false };
}

/** Whether `next` would accept the event. */
export function understands(work: AgentWork, type: EventType): boolean {
  return ALLOWED[work.state].includes(type);
}

/** Whether the agent has asked to go and waits to be let go. */
export function wantsToGo(work: AgentWork): boolean {
  return work.pauseAfterCall !== null || work.logOutAfterCall;
}

/**
 * Whether an agent must stay in line although they want to go: a progressive campaign dials for an agent it has, so one who leaves
 * while fewer others are able than calls ring would leave somebody who answers in silence. By ratio no call has an agent of its own.
 */
export function isBound(line: { mode: CampaignSettings['pacing']['mode']; othersAble: number; callsInFlight: number }): boolean {
  return line.mode === 'progressive' && line.callsInFlight > line.othersAble;
}

/**
 * The work after an event, or null when the state does not understand it. In a call, and for an agent on whom calls count, `pause`
 * and `log_out` become flags that are honoured when the wrap-up or those calls end, and `ready` takes them back.
 */
export function next(work: AgentWork, event: AgentEvent, atMs: number): AgentWork | null {
  if (!understands(work, event.type)) return null;
  const idle = { attemptId: null, pauseAfterCall: null, logOutAfterCall: false, sinceMs: atMs } as const;
  switch (event.type) {
    case 'log_in':
      return { ...work, ...idle, state: 'connecting', reason: null };
    case 'leg_up':
      return { ...work, ...idle, state: 'paused', reason: 'logged_in' };
    case 'leg_failed':
      return work.state === 'connecting'
        ? { ...offDuty(atMs), reason: 'station_unreachable' }
        : { ...work, ...idle, state: 'paused', reason: 'station_unreachable' };
    case 'ready':
      // Asked twice: the place in line is kept.
      if (IN_CALL.has(work.state) || work.state === 'ready') return { ...work, pauseAfterCall: null, logOutAfterCall: false };
      return { ...work, ...idle, state: 'ready', reason: null };
    case 'pause':
      if (mustStay(work, event)) return { ...work, pauseAfterCall: event.reason };
      return { ...work, ...idle, state: 'paused', reason: event.reason };
    case 'log_out':
      return mustStay(work, event) ? { ...work, logOutAfterCall: true } : offDuty(atMs);
    case 'unbound':
      return wantsToGo(work) ? afterCall(work, 'ready', atMs) : work;
    case 'offer':
      return { ...work, state: 'offered', attemptId: event.attemptId };
    case 'withdraw':
      return afterCall({ ...work, attemptId: null }, 'ready', work.sinceMs);
    case 'bridged':
      return { ...work, state: 'talking', reason: null, sinceMs: atMs };
    case 'call_ended':
      return { ...work, state: 'wrap_up', sinceMs: atMs };
    case 'call_moved':
      // The call went to another agent while this one's leg was lost: there is nothing to wrap up.
      return afterCall({ ...work, attemptId: null }, 'ready', atMs);
    case 'disposed':
      return afterCall(work, event.next, atMs);
    case 'wrap_up_expired':
      if (work.logOutAfterCall) return offDuty(atMs);
      // Never the next call into an unsaved form.
      return { ...work, ...idle, state: 'paused', reason: 'wrap_up_expired' };
  }
}

function mustStay(work: AgentWork, event: { bound?: boolean }): boolean {
  return IN_CALL.has(work.state) || (work.state === 'ready' && event.bound === true);
}

function afterCall(work: AgentWork, wish: 'ready' | 'pause', sinceMs: number): AgentWork {
  const idle = { attemptId: null, pauseAfterCall: null, logOutAfterCall: false, sinceMs } as const;
  if (work.logOutAfterCall) return offDuty(sinceMs);
  if (work.pauseAfterCall) return { ...work, ...idle, state: 'paused', reason: work.pauseAfterCall };
  if (wish === 'pause') return { ...work, ...idle, state: 'paused', reason: 'other' };
  return { ...work, ...idle, state: 'ready', reason: null };
}

/** Whether an agent can speak with a debtor: who states no languages speaks them all, and where none is known anybody will do. */
export function speaks(agent: { languages: readonly string[] }, language: string | null): boolean {
  return language === null || agent.languages.length === 0 || agent.languages.includes(language);
}

/** The skills that a campaign asks for and an agent lacks. */
export function missingSkills(agent: { skills: readonly string[] }, wanted: readonly string[]): string[] {
  return wanted.filter((skill) => !agent.skills.includes(skill));
}

/** Who takes the next call: the agent longest in `ready`; null when nobody is able. Ties go to the smaller id, so that it is one answer. */
export function longestIdle<A extends { agentId: string; work: AgentWork }>(able: Iterable<A>): A | null {
  let best: A | null = null;
  for (const agent of able) {
    if (
      best === null ||
      agent.work.sinceMs < best.work.sinceMs ||
      (agent.work.sinceMs === best.work.sinceMs && agent.agentId < best.agentId)
    ) {
      best = agent;
    }
  }
  return best;
}
