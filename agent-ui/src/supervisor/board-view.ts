import type { AbandonBudget } from '../../../server/contract/abandonment.ts';
import type { AgentState } from '../../../server/contract/desk.ts';
import type { BoardAgent, BoardCampaign, Wallboard } from '../../../server/contract/wallboard.ts';

/** What the tiles show, summed over the floor. */
export interface BoardTotals {
  agents: Readonly<Record<AgentState, number>>;
  onDuty: number;
  able: number;
  /** Share of the people on duty and not paused who are talking or wrapping up; null while nobody is. */
  busyShare: number | null;
  inFlight: number;
  /** Dialing or ringing, answered and being screened, waiting for an agent, connected. */
  trying: number;
  screening: number;
  waiting: number;
  connected: number;
  dialed: number;
  answered: number;
  connectedToday: number;
  callableNow: number;
  callableLaterToday: number;
  blocked: number;
  done: number;
  dialing: number;
  running: number;
}

const NOBODY: Readonly<Record<AgentState, number>> = {
  offline: 0,
  connecting: 0,
  paused: 0,
  ready: 0,
  offered: 0,
  talking: 0,
  wrap_up: 0,
};

/** Sums a wallboard into its tiles. */
export function totalsOf(board: Wallboard): BoardTotals {
  const agents = { ...NOBODY };
  // Who stands by is no agent of any campaign.
  const serving = board.agents.filter((agent) => !agent.standsBy);
  for (const agent of serving) agents[agent.state] += 1;
  const busy = agents.talking + agents.wrap_up;
  const working = busy + agents.ready + agents.offered;
  const sum = (figure: (campaign: BoardCampaign) => number): number =>
    board.campaigns.reduce((total, campaign) => total + figure(campaign), 0);
  const trying = sum(({ inFlight }) => inFlight.dialing + inFlight.ringing);
  const screening = sum(({ inFlight }) => inFlight.screening);
  const waiting = sum(({ inFlight }) => inFlight.waiting);
  const connected = sum(({ inFlight }) => inFlight.connected);
  return {
    agents,
    onDuty: serving.length - agents.offline,
    able: serving.filter((agent) => agent.able).length,
    busyShare: working === 0 ? null : busy / working,
    inFlight: trying + screening + waiting + connected,
    trying,
    screening,
    waiting,
    connected,
    dialed: sum(({ day }) => day.dialed),
    answered: sum(({ day }) => day.answered),
    connectedToday: sum(({ day }) => day.connected),
    callableNow: sum(({ callable }) => callable.now),
    callableLaterToday: sum(({ callable }) => callable.laterToday),
    blocked: sum(({ callable }) => callable.blocked),
    done: sum(({ callable }) => callable.done),
    dialing: board.campaigns.filter(isDialing).length,
    running: board.campaigns.filter((campaign) => campaign.state === 'running').length,
  };
}

/** Rules under which a campaign is at work, even in a moment that needs no new call. */
const DIALING_RULES: ReadonlySet<BoardCampaign['why']['rule']> = new Set([
  'predictive',
  'ratio',
  'progressive',
  'progressive_floor',
  'cold_start',
  // One line for each idle agent.
  'guard',
]);

/** Whether a campaign is dialing: by its rule, not by the one tick shown. */
export function isDialing(campaign: BoardCampaign): boolean {
  return campaign.state === 'running' && DIALING_RULES.has(campaign.why.rule);
}

/** How a campaign's abandoned calls stand: their share, how near to the cap that is, and which sentence says it. */
export interface BudgetView {
  rate: number;
  level: 'good' | 'warn' | 'danger';
  says: 'used' | 'reached' | 'usedUp';
}

/** Reads a campaign's budget. `reached`: there is a time to name at which it will be used up. */
export function budgetView({ answered, abandoned, cap, reachedAt }: AbandonBudget): BudgetView {
  const rate = answered === 0 ? 0 : abandoned / answered;
  const part = cap === 0 ? 0 : rate / cap;
  const level = part >= 1 ? 'danger' : part >= 0.7 ? 'warn' : 'good';
  return { rate, level, says: part >= 1 ? 'usedUp' : reachedAt === null ? 'used' : 'reached' };
}

/** The campaign whose abandoned calls are nearest to their cap; null where there is none. */
export function tightest(campaigns: readonly BoardCampaign[]): BoardCampaign | null {
  const part = ({ budget }: BoardCampaign): number => (budget.cap === 0 ? 0 : budgetView(budget).rate / budget.cap);
  return campaigns.toSorted((a, b) => part(b) - part(a))[0] ?? null;
}

/** Minutes in a state after which an agent deserves a look, and a word; states without an entry may last. */
const LIMITS_MIN: Readonly<Partial<Record<AgentState, readonly [number, number]>>> = {
  connecting: [0.5, 1],
  paused: [15, 30],
  ready: [5, 15],
  offered: [0.1, 0.25],
  talking: [10, 20],
  wrap_up: [1.5, 3],
};

/** How remarkable an agent's time in the state is. */
export function timeLevel(agent: BoardAgent, nowMs: number): 'usual' | 'long' | 'very_long' {
  const limits = LIMITS_MIN[agent.state];
  // Standing by for hours is what it is for.
  if (!limits || (agent.standsBy && agent.state === 'ready')) return 'usual';
  const minutes = (nowMs - Date.parse(agent.since)) / 60_000;
  return minutes >= limits[1] ? 'very_long' : minutes >= limits[0] ? 'long' : 'usual';
}

/** The reasons that hold debtors back, the most frequent first; `most` of them, the rest summed under `others`. */
export function topReasons(reasons: Readonly<Record<string, number>>, most: number): { reason: string; count: number }[] {
  const sorted = Object.entries(reasons)
    .map(([reason, count]) => ({ reason, count }))
    .toSorted((a, b) => b.count - a.count);
  const rest = sorted.slice(most).reduce((sum, { count }) => sum + count, 0);
  return [...sorted.slice(0, most), ...(rest > 0 ? [{ reason: 'others', count: rest }] : [])];
}

const STATE_ORDER: Readonly<Record<AgentState, number>> = {
  offered: 0,
  talking: 1,
  wrap_up: 2,
  ready: 3,
  paused: 4,
  connecting: 5,
  offline: 6,
};

/** Agents as the board lists them: by what they are doing, those longest at it first. Those off duty are left out. */
export function agentsInOrder(agents: readonly BoardAgent[]): BoardAgent[] {
  return agents
    .filter((agent) => agent.state !== 'offline')
    .toSorted((a, b) => STATE_ORDER[a.state] - STATE_ORDER[b.state] || Date.parse(a.since) - Date.parse(b.since));
}
