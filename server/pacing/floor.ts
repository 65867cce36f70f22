/**
 * The floor as its events tell it: which calls are in which stage, which agents do what. Late, doubled and unknown news is
 * dropped and counted; nothing here decides.
 */
import { checkConfig, checkEvent } from './config.ts';
import type { CallEndCause, Ms, PacingConfig, PacingEvent } from './interface.ts';
import { tellLead } from './leads.ts';
import { emptyMemory, observeAgent, observeCall, observeLive, observeWait, type Memory } from './memory.ts';

export const CALL_STAGES = ['dialed', 'ringing', 'screening', 'waiting'] as const;
export type CallStage = (typeof CALL_STAGES)[number];

/** A call older than this in its stage has lost its event and is forgotten; of one that lasts the host says more before. */
export const GREATEST_AGE_MS: Readonly<Record<CallStage, Ms>> = {
  dialed: 15_000,
  ringing: 120_000,
  screening: 15_000,
  waiting: 30_000,
};

/** Seqs remembered exactly; older ones count as seen. */
const SEQS_KEPT = 8_192;
/** News may be as late as this: what was not told by then has been lost, and a launch not reported by then did not happen. */
const LATE_NEWS_MS = 2_000;

export interface CallState {
  stage: CallStage;
  since: Ms;
  /** How long it rang before it was answered; null when it has not been, or never rang. */
  rangMs: Ms | null;
  /** Until when it waits for an agent; null: it does not, or its end must have been lost. */
  deadline: Ms | null;
  /** Told log-odds that a person answers, relative to the mean lead's. */
  logOdds: number;
}

export interface AgentState {
  doing: 'idle' | 'talk' | 'wrap' | 'away';
  since: Ms;
  /** Will leave when free. */
  leaving: boolean;
  reserved: boolean;
  /** Idle, and must have been given a call since then of which nothing was told; null: what they do was told. */
  takenSince: Ms | null;
}

/** News that changed nothing, by why. */
export interface DroppedCounts {
  duplicate: number;
  late: number;
  unknown: number;
  reaped: number;
}

export interface FloorState {
  config: PacingConfig;
  now: Ms;
  calls: Map<number, CallState>;
  agents: Map<number, AgentState>;
  /** Launches asked for whose `call.dialed` has not come, oldest first. */
  launches: { at: Ms; left: number }[];
  seen: Set<number>;
  /** Every seq up to this one counts as seen. */
  seenUpTo: number;
  greatestSeq: number;
  dropped: DroppedCounts;
  ledger: { answered: number; abandoned: number };
  memory: Memory;
}

/** An empty floor. */
export function emptyFloor(config: PacingConfig): FloorState {
  return {
    config: checkConfig(config),
    now: 0,
    calls: new Map(),
    agents: new Map(),
    launches: [],
    seen: new Set(),
    seenUpTo: -1,
    greatestSeq: -1,
    dropped: { duplicate: 0, late: 0, unknown: 0, reaped: 0 },
    ledger: { answered: 0, abandoned: 0 },
    memory: emptyMemory(config),
  };
}

/** Takes one event into the floor; throws PacingFault for one that cannot be, leaving the floor as it was. */
export function applyEvent(floor: FloorState, event: PacingEvent): void {
  checkEvent(event);
  if (isSeen(floor, event.seq)) {
    floor.dropped.duplicate += 1;
    return;
  }
  floor.now = Math.max(floor.now, event.t);
  switch (event.type) {
    case 'call.dialed':
      reportLaunch(floor);
      if (floor.calls.has(event.call)) floor.dropped.unknown += 1;
      else {
        const logOdds = tellLead(floor.memory.leads, event.lead?.pAnswer);
        floor.calls.set(event.call, { stage: 'dialed', since: event.t, rangMs: null, deadline: null, logOdds });
      }
      return;
    case 'call.ringing':
      moveCall(floor, event.call, 'ringing', event.t);
      return;
    case 'call.answered':
      moveCall(floor, event.call, 'screening', event.t);
      return;
    case 'call.ready':
      waitForAgent(floor, event.call, event.t, event.deadline);
      return;
    case 'call.ended':
      endCall(floor, event.call, event.t, LEAVES[event.cause]);
      return;
    // The agent talks even where the call is not known: with somebody who was called before the host's last start.
    case 'call.connected':
      if (endCall(floor, event.call, event.t, 'waiting')) {
        floor.ledger.answered += 1;
        observeLive(floor.memory, false);
      }
      moveAgent(floor, event.agent, 'talk', event.t);
      return;
    case 'call.abandoned':
      if (endCall(floor, event.call, event.t, 'waiting') && event.legal) {
        floor.ledger.answered += 1;
        floor.ledger.abandoned += 1;
        observeLive(floor.memory, true);
      }
      return;
    case 'agent.available':
      if (!floor.agents.has(event.agent)) {
        floor.agents.set(event.agent, { doing: 'idle', since: event.t, leaving: false, reserved: false, takenSince: null });
      } else moveAgent(floor, event.agent, 'idle', event.t);
      return;
    case 'agent.wrap':
      moveAgent(floor, event.agent, 'wrap', event.t);
      return;
    case 'agent.away':
      moveAgent(floor, event.agent, 'away', event.t, event.from !== 'lost');
      return;
    case 'agent.announced':
      changeAgent(floor, event.agent, (agent) => {
        agent.leaving = event.next !== 'stay';
      });
      return;
    case 'agent.reserved':
      changeAgent(floor, event.agent, (agent) => {
        agent.reserved = event.on;
      });
      return;
    // What a correction does to the count is the host's to say, by the ledger event that follows it.
    case 'amd.correction':
      return;
    case 'ledger':
      floor.ledger = { answered: event.answered, abandoned: event.abandoned };
      return;
    case 'config':
      floor.config = event.config;
  }
}

/** Forgets calls whose events must have been lost, and launches that were never reported; returns how many calls wait for an agent. */
export function reap(floor: FloorState, now: Ms): number {
  floor.now = Math.max(floor.now, now);
  let waiting = 0;
  for (const [id, call] of floor.calls) {
    if (call.stage === 'waiting') {
      waiting += 1;
      if (call.deadline !== null && floor.now > call.deadline + LATE_NEWS_MS) supposeConnected(floor, call, call.deadline);
    }
    if (floor.now - call.since > GREATEST_AGE_MS[call.stage]) {
      observeCall(floor.memory, call, null, floor.now);
      floor.calls.delete(id);
      floor.dropped.reaped += 1;
      if (call.stage === 'waiting') waiting -= 1;
    }
  }
  if (floor.launches.length > 0) floor.launches = floor.launches.filter((launch) => floor.now - launch.at <= LATE_NEWS_MS);
  return waiting;
}

/** Calls launched or asked for that may still want an agent. */
export function callsInFlight(floor: FloorState): number {
  return floor.launches.reduce((sum, launch) => sum + launch.left, floor.calls.size);
}

/** Agents on duty: idle, talking or wrapping up, and not about to leave. */
export function workingAgents(floor: FloorState): number {
  let working = 0;
  for (const agent of floor.agents.values()) if (agent.doing !== 'away' && !agent.leaving) working += 1;
  return working;
}

/** Agents who can take a call now. */
export function ableAgents(floor: FloorState): number {
  let able = 0;
  for (const agent of floor.agents.values()) if (agent.doing === 'idle' && !agent.leaving && !agent.reserved) able += 1;
  return able;
}

function isSeen(floor: FloorState, seq: number): boolean {
  if (seq <= floor.seenUpTo || floor.seen.has(seq)) return true;
  floor.seen.add(seq);
  floor.greatestSeq = Math.max(floor.greatestSeq, seq);
  if (floor.seen.size > 2 * SEQS_KEPT) {
    floor.seenUpTo = floor.greatestSeq - SEQS_KEPT;
    for (const each of floor.seen) if (each <= floor.seenUpTo) floor.seen.delete(each);
  }
  return false;
}

function reportLaunch(floor: FloorState): void {
  const [oldest] = floor.launches;
  if (oldest === undefined) return;
  oldest.left -= 1;
  if (oldest.left === 0) floor.launches.shift();
}

/** Any later stage may follow any earlier one; a backward move is late news. */
function moveCall(floor: FloorState, id: number, stage: CallStage, t: Ms): boolean {
  const call = floor.calls.get(id);
  if (call === undefined) floor.dropped.unknown += 1;
  else if (CALL_STAGES.indexOf(stage) <= CALL_STAGES.indexOf(call.stage)) floor.dropped.late += 1;
  else {
    observeCall(floor.memory, call, stage, t);
    if (stage === 'screening' && call.stage === 'ringing') call.rangMs = Math.max(0, t - call.since);
    call.stage = stage;
    call.since = t;
    return true;
  }
  return false;
}

function waitForAgent(floor: FloorState, id: number, t: Ms, deadline: Ms): void {
  if (!moveCall(floor, id, 'waiting', t)) return;
  observeWait(floor.memory, deadline - t);
  const call = floor.calls.get(id);
  if (call) call.deadline = deadline;
}

/**
 * Nobody waits past the deadline: how this wait ended was not told. An agent who seemed idle all the while would have been given the call, so
 * one of them has it: whom nothing was told of for longest. The next news of them says what is true; until then they are not counted on.
 */
function supposeConnected(floor: FloorState, call: CallState, deadline: Ms): void {
  let longest: AgentState | null = null;
  for (const agent of floor.agents.values()) {
    if (agent.doing !== 'idle' || agent.leaving || agent.reserved || agent.takenSince !== null || agent.since > deadline)
      continue;
    if (longest === null || agent.since < longest.since) longest = agent;
  }
  if (longest !== null) longest.takenSince = Math.max(longest.since, call.since);
  call.deadline = null;
}

/** What a call that ended by itself, or was given up, leaves its stage for; undefined: nothing is to be learnt of it. */
const LEAVES: Readonly<Record<CallEndCause, 'ended' | null | undefined>> = {
  busy: 'ended',
  failed: 'ended',
  no_answer: 'ended',
  machine: 'ended',
  caller_hangup: 'ended',
  cancelled: null,
  lost: undefined,
};

/** A call is over; `next` is the stage it must have passed, seen or not, or how it left the one it was in. */
function endCall(floor: FloorState, id: number, t: Ms, next: 'waiting' | 'ended' | null | undefined): boolean {
  const call = floor.calls.get(id);
  if (call === undefined) {
    floor.dropped.unknown += 1;
    return false;
  }
  if (call.stage !== 'waiting' && next !== undefined) observeCall(floor.memory, call, next, t);
  floor.calls.delete(id);
  return true;
}

function moveAgent(floor: FloorState, id: number, doing: AgentState['doing'], t: Ms, learns = true): void {
  changeAgent(floor, id, (agent) => {
    // News older than what the agent does already is late: a state it had before.
    if (t < agent.since) {
      floor.dropped.late += 1;
      return;
    }
    if (learns) observeAgent(floor.memory, agent, doing, t);
    agent.doing = doing;
    agent.since = t;
    agent.takenSince = null;
    if (doing === 'away') {
      agent.leaving = false;
      agent.reserved = false;
    }
  });
}

function changeAgent(floor: FloorState, id: number, change: (agent: AgentState) => void): void {
  const agent = floor.agents.get(id);
  if (agent === undefined) floor.dropped.unknown += 1;
  else change(agent);
}
