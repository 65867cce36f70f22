/** One day of a simulated floor under a policy, from a cold start: the same seed gives the same day to the bit. */
import type { Env, Ms, PacingEvent } from '../interface.ts';
import { createAgenda } from './agenda.ts';
import { answerProbabilityUnder, createEventPath, MASS_LOGOUT, type Fault } from './faults.ts';
import { drawFate, drawTalkMs, drawWrapMs, type Fate } from './fate.ts';
import { createLeads } from './leads.ts';
import { createChance } from './random.ts';
import { answerProbabilityAt, type Scenario } from './scenario.ts';
import { createDurations, createMinutes, worstHour, type RunFigures } from './tally.ts';

export const TICK_MS = 250;

/** What decides how many to dial: a pacer, or a policy to compare with it. */
export interface Policy {
  apply(event: PacingEvent): void;
  tick(now: Ms, env: Env): { dial: number };
  /** One line per agent: an agent whose line is under way takes their break after it. */
  holdsBreaks?: boolean;
}

/** What a policy that cannot exist would know: when a call will want an agent; Infinity when never. */
export type Foresight = (call: number) => Ms;

export interface RunOptions {
  seed: number;
  fault?: Fault;
  /** Tell the policy each lead's chance to answer. */
  leadProbabilities?: boolean;
  /** Milliseconds of a clock, to time the policy's ticks. */
  stopwatch?: () => number;
  /** Sees every event and tick in the order the policy does. */
  watch?: (seen: { event: PacingEvent } | { now: Ms; env: Env; dial: number }) => void;
}

type Body = PacingEvent extends infer Each ? (Each extends PacingEvent ? Omit<Each, 'seq' | 't'> : never) : never;

interface Call {
  id: number;
  fate: Fate;
  stage: 'dialed' | 'ringing' | 'screening' | 'waiting' | 'over';
  dialedAt: Ms;
  readyAt: Ms;
  person: boolean;
}

interface Agent {
  id: number;
  doing: 'idle' | 'talk' | 'wrap' | 'away';
  since: Ms;
  /** Serves a person: a machine needs no wrap-up. */
  person: boolean;
  breakAt: Ms;
  /** Leaves when free, for good or for a while. */
  leaves: null | { untilMs: Ms };
  endsAt: Ms;
}

const [CALL, DEADLINE, TALK_END, WRAP_END, ARRIVAL, BREAK, SHIFT_END, LOGOUT] = [0, 1, 2, 3, 4, 5, 6, 7];

/** Plays one day. `policyOf` makes the policy, given what only an impossible one may look at. */
export function runFloor(floor: Scenario, policyOf: (foresight: Foresight) => Policy, options: RunOptions): RunFigures {
  const beganAt = options.stopwatch?.() ?? 0;
  const chance = {
    calls: createChance(options.seed, 'calls'),
    talk: createChance(options.seed, 'talk'),
    shifts: createChance(options.seed, 'shifts'),
  };
  const leads = createLeads(createChance(options.seed, 'leads'), options.leadProbabilities === true);
  const endsAt = Math.round(floor.hours * 3_600_000);
  const agenda = createAgenda();
  const calls = new Map<number, Call>();
  const agents: Agent[] = [];
  const free: { agent: Agent; since: Ms }[] = [];
  const waiting: Call[] = [];
  const held: Agent[] = [];
  const minutes = createMinutes(floor.hours);
  const delays = createDurations(60_000);
  const tickTimes = createDurations(200_000);
  const spent = { idle: 0, talk: 0, wrap: 0, away: 0 };
  const trunks = floor.trunks ?? 8 * floor.agents;
  const rate = floor.dialsPerSecond ?? Math.max(5, 0.4 * floor.agents);
  const figures = {
    dials: 0,
    connects: 0,
    events: 0,
    ticks: 0,
    policyMs: 0,
    inFlightMs: 0,
    callMs: 0,
    callsOver: 0,
    unstaffed: 0,
  };
  let [now, seq, nextCall, idle, talking, wrapping, credit, countedAt, staffedAt] = [0, 0, 1, 0, 0, 0, rate, 0, 0];

  const policy = policyOf((id) => {
    const call = calls.get(id);
    if (call === undefined || !call.fate.wantsAgent) return Infinity;
    return call.dialedAt + (call.fate.ringMs ?? 0) + (call.fate.answerMs ?? 0) + call.fate.verdictMs;
  });
  const path = createEventPath(options.fault, createChance(options.seed, 'faults'), (event) => {
    options.watch?.({ event });
    policy.apply(event);
  });

  function say(body: Body): void {
    seq += 1;
    figures.events += 1;
    path.send({ ...body, seq, t: now });
  }

  function countCalls(): void {
    figures.inFlightMs += calls.size * (now - countedAt);
    countedAt = now;
  }

  // ── calls ──

  function dial(): void {
    const lead = leads.next(answerProbabilityUnder(options.fault, now, answerProbabilityAt(floor, now / 3_600_000)));
    const fate = drawFate(floor, lead.truth, chance.calls);
    const call: Call = { id: nextCall, fate, stage: 'dialed', dialedAt: now, readyAt: 0, person: fate.person };
    nextCall += 1;
    countCalls();
    calls.set(call.id, call);
    figures.dials += 1;
    if (lead.told === undefined) say({ type: 'call.dialed', call: call.id });
    else say({ type: 'call.dialed', call: call.id, lead: { pAnswer: lead.told } });
    agenda.add(now + (fate.ringMs ?? fate.endMs), CALL, call.id);
  }

  function proceed(call: Call): void {
    const { fate } = call;
    if (call.stage === 'dialed' && fate.ringMs !== null) {
      call.stage = 'ringing';
      say({ type: 'call.ringing', call: call.id });
      agenda.add(now + (fate.answerMs ?? fate.endMs), CALL, call.id);
    } else if (call.stage === 'ringing' && fate.answerMs !== null) {
      call.stage = 'screening';
      say({ type: 'call.answered', call: call.id });
      if (fate.verdictMs === 0) proceed(call);
      else agenda.add(now + fate.verdictMs, CALL, call.id);
    } else if (call.stage === 'screening' && fate.wantsAgent) want(call);
    else {
      say({ type: 'call.ended', call: call.id, cause: fate.cause });
      over(call);
      releaseHeld();
    }
  }

  function want(call: Call): void {
    call.stage = 'waiting';
    call.readyAt = now;
    const usualS = floor.amd ? floor.connectWithinS - floor.greetingEndsBeforeVerdictS : floor.connectWithinS;
    const deadline = now + Math.round(1_000 * (call.fate.undecided ? floor.undecidedWaitS : usualS));
    say({ type: 'call.ready', call: call.id, deadline });
    const agent = longestIdle();
    if (agent) return connect(call, agent);
    waiting.push(call);
    agenda.add(deadline, DEADLINE, call.id);
  }

  function connect(call: Call, agent: Agent): void {
    say({ type: 'call.connected', call: call.id, agent: agent.id });
    delays.add(now - call.readyAt);
    figures.connects += 1;
    over(call);
    if (call.person) count(minutes.persons);
    move(agent, 'talk');
    agent.person = call.person;
    agenda.add(now + drawTalkMs(floor, call.person, chance.talk), TALK_END, agent.id);
  }

  function abandon(call: Call): void {
    say({ type: 'call.abandoned', call: call.id, legal: true });
    waiting.splice(waiting.indexOf(call), 1);
    over(call);
    if (call.person) {
      count(minutes.persons);
      count(minutes.abandoned);
    }
    releaseHeld();
  }

  function over(call: Call): void {
    countCalls();
    call.stage = 'over';
    calls.delete(call.id);
    figures.callMs += now - call.dialedAt;
    figures.callsOver += 1;
  }

  function count(buckets: Uint32Array, times = 1): void {
    const minute = Math.floor(now / 60_000);
    buckets[minute] = (buckets[minute] ?? 0) + times;
  }

  // ── agents ──

  function longestIdle(): Agent | undefined {
    for (let first = free[0]; first !== undefined; first = free[0]) {
      free.shift();
      if (first.agent.doing === 'idle' && first.agent.since === first.since) return first.agent;
    }
    return undefined;
  }

  function move(agent: Agent, doing: Agent['doing']): void {
    spent[agent.doing] += now - agent.since;
    if (agent.doing === 'idle') idle -= 1;
    if (agent.doing === 'talk') talking -= 1;
    if (agent.doing === 'wrap') wrapping -= 1;
    agent.doing = doing;
    agent.since = now;
    if (doing === 'idle') idle += 1;
    if (doing === 'talk') talking += 1;
    if (doing === 'wrap') wrapping += 1;
  }

  function available(agent: Agent): void {
    move(agent, 'idle');
    say({ type: 'agent.available', agent: agent.id });
    const call = waiting.shift();
    if (call) connect(call, agent);
    else free.push({ agent, since: now });
  }

  /** Ends talk or wrap-up: away when a break or the end of the shift is due, else the next step. */
  function finish(agent: Agent): void {
    if (agent.doing === 'talk') {
      say({ type: 'agent.wrap', agent: agent.id });
      move(agent, 'wrap');
      if (agent.person && (floor.wrap.meanS > 0 || floor.measured?.wrapS)) {
        agenda.add(now + drawWrapMs(floor, chance.talk), WRAP_END, agent.id);
        return;
      }
    }
    if (agent.leaves) leave(agent, 'wrap');
    else available(agent);
  }

  function leave(agent: Agent, from: 'idle' | 'wrap'): void {
    move(agent, 'away');
    say({ type: 'agent.away', agent: agent.id, from });
    const back = agent.leaves?.untilMs ?? 0;
    agent.leaves = null;
    if (now + back < agent.endsAt) agenda.add(now + back, ARRIVAL, agent.id);
  }

  /** Wants to leave for this long: at once when idle, unless a line is under way for them; else when free. */
  function wantsToLeave(agent: Agent, untilMs: Ms): void {
    if (agent.doing === 'away') return;
    agent.leaves = { untilMs };
    if (agent.doing !== 'idle') return;
    if (policy.holdsBreaks === true && calls.size >= idle) held.push(agent);
    else leave(agent, 'idle');
  }

  function releaseHeld(): void {
    while (held.length > 0 && calls.size < idle) {
      const agent = held.shift();
      if (agent?.leaves && agent.doing === 'idle') leave(agent, 'idle');
    }
  }

  function arrive(agent: Agent): void {
    if (agent.doing !== 'away' || now >= agent.endsAt) return;
    agent.since = now;
    if (floor.breaks) {
      agent.breakAt = now + Math.round(60_000 * floor.breaks.everyMinutes * chance.shifts.between(0.7, 1.3));
      agenda.add(agent.breakAt, BREAK, agent.id);
    }
    available(agent);
  }

  function handle(what: number, whom: number): void {
    if (what === CALL || what === DEADLINE) {
      const call = calls.get(whom);
      if (call === undefined) return;
      if (what === CALL) proceed(call);
      else if (call.stage === 'waiting') abandon(call);
      return;
    }
    const agent = agents[whom];
    if (what === LOGOUT) massLogout();
    else if (agent === undefined) return;
    else if (what === TALK_END || what === WRAP_END) finish(agent);
    else if (what === ARRIVAL) arrive(agent);
    else if (what === BREAK && agent.breakAt === now && floor.breaks) {
      wantsToLeave(agent, Math.round(60_000 * chance.shifts.between(...floor.breaks.minutes)));
    } else if (what === SHIFT_END) wantsToLeave(agent, Infinity);
  }

  function massLogout(): void {
    for (const agent of agents) {
      if (agent.doing !== 'away' && chance.shifts.uniform() < MASS_LOGOUT.share) {
        wantsToLeave(agent, MASS_LOGOUT.awayMs + Math.round(chance.shifts.between(0, 120_000)));
      }
    }
  }

  for (const shift of floor.shifts ?? [{ agents: floor.agents, fromHour: 0, toHour: floor.hours }]) {
    for (let each = 0; each < shift.agents; each += 1) {
      const shiftEnd = Math.round(shift.toHour * 3_600_000);
      const agent: Agent = {
        id: agents.length,
        doing: 'away',
        since: 0,
        person: false,
        breakAt: 0,
        leaves: null,
        endsAt: shiftEnd,
      };
      agents.push(agent);
      agenda.add(
        Math.round(shift.fromHour * 3_600_000 + 1_000 * chance.shifts.between(0, floor.logInSpreadS)),
        ARRIVAL,
        agent.id,
      );
      if (shiftEnd < endsAt) agenda.add(shiftEnd, SHIFT_END, agent.id);
    }
  }
  if (options.fault === 'logout') agenda.add(MASS_LOGOUT.atMs, LOGOUT, 0);

  for (let tickAt = 0; tickAt < endsAt; tickAt += TICK_MS) {
    while (agenda.nextAt() <= tickAt) {
      now = agenda.nextAt();
      agenda.take();
      handle(agenda.what, agenda.whom);
    }
    now = tickAt;
    path.deliver(now);
    credit = Math.min(Math.max(1, rate), credit + (rate * TICK_MS) / 1_000);
    const linesFree = Math.max(0, trunks - calls.size - talking);
    const p = answerProbabilityAt(floor, now / 3_600_000);
    const env: Env = { linesFree, cpsCredit: credit, leadsReady: 1_000_000, ...leads.ahead(p), inputAgeMs: path.ageMs(now) };
    const began = options.stopwatch?.() ?? 0;
    const { dial: wanted } = policy.tick(now, env);
    const took = (options.stopwatch?.() ?? 0) - began;
    figures.ticks += 1;
    figures.policyMs += took;
    tickTimes.add(took * 1_000);
    options.watch?.({ now, env, dial: wanted });
    const launched = Math.min(wanted, linesFree, Math.floor(credit));
    credit -= launched;
    if (idle + talking + wrapping > 0) staffedAt = now;
    else if (now - staffedAt > 2_000) figures.unstaffed += launched;
    count(minutes.working, talking + wrapping);
    count(minutes.idle, idle);
    for (let each = 0; each < launched; each += 1) dial();
  }
  now = endsAt;
  for (const agent of agents) spent[agent.doing] += Math.max(0, now - agent.since);
  countCalls();

  const persons = minutes.persons.reduce((sum, value) => sum + value, 0);
  const abandoned = minutes.abandoned.reduce((sum, value) => sum + value, 0);
  const sumOfTen = (buckets: Uint32Array): number => buckets.subarray(0, 10).reduce((sum, value) => sum + value, 0);
  const working = spent.talk + spent.wrap;
  return {
    seed: options.seed,
    utilisation: working + spent.idle === 0 ? 0 : working / (working + spent.idle),
    abandonment: persons === 0 ? 0 : abandoned / persons,
    worstHour: worstHour(minutes, floor.hours),
    persons,
    abandoned,
    firstTenMinutes: { persons: sumOfTen(minutes.persons), abandoned: sumOfTen(minutes.abandoned) },
    idleS: spent.idle / 1_000,
    talkS: spent.talk / 1_000,
    wrapS: spent.wrap / 1_000,
    dials: figures.dials,
    connects: figures.connects,
    dialsPerConnect: figures.connects === 0 ? 0 : figures.dials / figures.connects,
    connectDelayP99Ms: delays.quantile(0.99),
    callsInFlight: figures.inFlightMs / endsAt,
    callMs: figures.callsOver === 0 ? 0 : figures.callMs / figures.callsOver,
    events: figures.events,
    ticks: figures.ticks,
    tickP99Ms: tickTimes.quantile(0.99) / 1_000,
    policyMs: figures.policyMs,
    wallMs: (options.stopwatch?.() ?? 0) - beganAt,
    minutes,
    dialsWithoutAgents: figures.unstaffed,
  };
}
