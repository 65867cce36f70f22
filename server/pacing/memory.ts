/** What a pacer carries along besides the floor as it is: what it learnt, the tables made of it, its budget. */
import { emptyBudget, spend, type Budget } from './budget.ts';
import { callChancesOf, chancesOf, type Chances } from './chances.ts';
import type { AgentState, CallState, FloorState } from './floor.ts';
import type { Ms, PacingConfig } from './interface.ts';
import { learnLead, unknownLeads, type LeadWorth } from './leads.ts';
import {
  addRunning,
  AGENT_ENDS,
  beginRunning,
  CALL_ENDS,
  forget,
  learningOf,
  learnLevel,
  learnPatience,
  learnSpell,
  learnVoice,
  SCREENING_ENDS,
  type Learning,
} from './learning.ts';

/** Tables of calls are made anew at most this often, those of agents, which change slowly, less so. */
const REFRESH_MS = 2_000;
const AGENTS_REFRESH_MS = 16_000;
/** Until somebody has waited: short, so that a floor starts carefully. */
const FIRST_PATIENCE_MS = 1_000;
const GREATEST_PATIENCE_MS = 30_000;

/** The tables of an empty memory are the same for every pacer. */
let firstChances: Chances | undefined;

export interface Memory {
  learning: Learning;
  /** What was learnt when the tables were made, of calls and of agents. */
  basis: Float64Array;
  agentsBasis: Float64Array;
  refreshedAt: Ms | null;
  agentsRefreshedAt: Ms | null;
  chances: Chances;
  budget: Budget;
  leads: LeadWorth;
}

export function emptyMemory(config: PacingConfig): Memory {
  const learning = memoryOf(undefined);
  firstChances ??= chancesOf(learning, learning, FIRST_PATIENCE_MS);
  return {
    learning,
    basis: learning.numbers.slice(),
    agentsBasis: learning.numbers.slice(),
    refreshedAt: null,
    agentsRefreshedAt: null,
    chances: firstChances,
    budget: emptyBudget(config),
    leads: unknownLeads(),
  };
}

/** The tables that these numbers make, of calls and of agents; null when they are no memory. */
export function chancesFrom(basis: Float64Array, agentsBasis: Float64Array): Chances | null {
  const isFirst = [basis, agentsBasis].every((numbers) => numbers.every((number) => number === 0));
  if (isFirst && firstChances !== undefined) return firstChances;
  const [calls, agents] = [learningOf(basis), learningOf(agentsBasis)];
  return calls && agents && chancesOf(calls, agents, FIRST_PATIENCE_MS);
}

function memoryOf(numbers: Float64Array | undefined): Learning {
  const learning = learningOf(numbers);
  if (learning === null) throw new RangeError('not the numbers of a memory');
  return learning;
}

/** Makes the tables anew when they are due; true when it did. */
export function refresh(floor: FloorState): boolean {
  const { memory, now } = floor;
  if (memory.refreshedAt !== null && now - memory.refreshedAt < REFRESH_MS) return false;
  memory.refreshedAt = now;
  const { learning } = memory;
  takeIn(learning, floor);
  memory.basis.set(learning.numbers);
  if (memory.agentsRefreshedAt === null || now - memory.agentsRefreshedAt >= AGENTS_REFRESH_MS) {
    memory.agentsRefreshedAt = now;
    memory.agentsBasis.set(learning.numbers);
    memory.chances = chancesOf(learning, learning, FIRST_PATIENCE_MS);
  } else memory.chances = { ...memory.chances, ...callChancesOf(learning) };
  return true;
}

/** The tables that the floor as it is would make, leaving its memory as it was. */
export function chancesNow(floor: FloorState): Chances {
  const learning = memoryOf(floor.memory.learning.numbers.slice());
  takeIn(learning, floor);
  return chancesOf(learning, learning, FIRST_PATIENCE_MS);
}

/** Lets what is long past fade, and counts the spells that still run. */
function takeIn(learning: Learning, floor: FloorState): void {
  const { now } = floor;
  forget(learning, now);
  beginRunning(learning);
  for (const call of floor.calls.values()) if (call.stage !== 'waiting') addRunning(learning, call.stage, now - call.since);
  for (const agent of floor.agents.values()) {
    if (agent.doing === 'talk' || agent.doing === 'wrap') addRunning(learning, agent.doing, now - agent.since);
  }
}

/** A call leaves its stage at `t` for another, or is over; null: it had lasted until then, and what would have become of it is not known. */
export function observeCall(memory: Memory, call: CallState, next: CallState['stage'] | 'ended' | null, t: Ms): void {
  const { learning, chances } = memory;
  const aged = t - call.since;
  if (call.stage === 'dialed') learnSpell(learning, 'dialed', aged, callEnd(next));
  if (call.stage === 'ringing') {
    learnSpell(learning, 'ringing', aged, callEnd(next));
    if (next !== null) learnLevel(learning, 0, expectedAt(chances, aged));
  }
  if (call.stage === 'screening') {
    const person = next === 'waiting';
    learnSpell(learning, 'screening', aged, next === null ? null : person ? SCREENING_ENDS.wantsAgent : SCREENING_ENDS.ends);
    if (next !== null && call.rangMs !== null) learnVoice(learning, call.rangMs, person);
    if (person && call.rangMs !== null) learnLevel(learning, 1, 0);
  }
  if (next === 'waiting' || next === 'ended') learnLead(memory.leads, call.logOdds, chances.ever[0] ?? 0, next === 'waiting');
}

/** An agent leaves talk or wrap-up for something else. */
export function observeAgent(memory: Memory, agent: AgentState, next: AgentState['doing'], t: Ms): void {
  if (agent.doing === 'talk' && next !== 'talk') {
    learnSpell(memory.learning, 'talk', t - agent.since, 0);
    // No wrap-up at all is one of no length.
    if (next !== 'wrap') learnSpell(memory.learning, 'wrap', 0, next === 'away' ? AGENT_ENDS.away : AGENT_ENDS.free);
  }
  if (agent.doing === 'wrap' && next !== 'wrap') {
    const cause = next === 'idle' ? AGENT_ENDS.free : next === 'away' ? AGENT_ENDS.away : null;
    learnSpell(memory.learning, 'wrap', t - agent.since, cause);
  }
}

/** A person waits for an agent. */
export function observeWait(memory: Memory, patienceMs: Ms): void {
  if (Number.isFinite(patienceMs)) learnPatience(memory.learning, Math.min(GREATEST_PATIENCE_MS, patienceMs));
}

/** A live answer is over: connected, or abandoned. */
export function observeLive(memory: Memory, abandoned: boolean): void {
  spend(memory.budget, abandoned);
}

function callEnd(next: CallState['stage'] | 'ended' | null): number | null {
  if (next === null) return null;
  if (next === 'ringing') return CALL_ENDS.rings;
  return next === 'ended' ? CALL_ENDS.ends : CALL_ENDS.answers;
}

function expectedAt(chances: Chances, rangMs: number): number {
  const row = Math.max(0, rangMs) / 500;
  const last = chances.expectedPersons.length - 1;
  const floor = Math.min(last - 1, Math.floor(row));
  const part = Math.min(1, row - floor);
  return (chances.expectedPersons[floor] ?? 0) * (1 - part) + (chances.expectedPersons[floor + 1] ?? 0) * part;
}
