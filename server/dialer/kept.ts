import { longestIdle, speaks } from '../agents/rules.ts';
import { ableDesks, isAble, isStandingBy } from './desks.ts';
import type { Call, Desk, Floor } from './floor.ts';
import { isBoundNow } from './leave.ts';

/** Whether a call may still want an agent and has none: dialing, ringing, being screened, or waiting. */
export function wantsOne(call: Call): boolean {
  // Past these points no agent is wanted any more: told to the pacer as over, promised the message, or on its way out.
  return call.desk === null && call.state !== 'ended' && !call.toldPacer && !call.messageDue && !call.hungUpByUs;
}

/**
 * For whom agents of a campaign are kept, by agent: a call to a number that may hear no recorded voice, or a callback promised in
 * person. The first is the stricter: nobody else may have that agent.
 */
export function keptFor(floor: Floor, campaignId: string): Map<string, Call> {
  const kept = new Map<string, Call>();
  for (const call of floor.calls.values()) {
    if (call.campaignId !== campaignId || call.keptAgentId === null || !wantsOne(call)) continue;
    if (kept.get(call.keptAgentId)?.recordedSound !== false) kept.set(call.keptAgentId, call);
  }
  return kept;
}

/**
 * The agent for a call: the one kept for it, else the longest idle of those kept for nobody, else one kept for somebody who may
 * hear the message; null when there is none. Those who speak the debtor's language come first; if there is none, any agent is better than
 * silence and a message. A call that may hear no message and finds nobody goes to anybody on the floor.
 */
export function agentFor(floor: Floor, call: Call, except: Desk | null = null): Desk | null {
  const able = ableDesks(floor, call.campaignId).filter((desk) => desk !== except);
  const own = able.find((desk) => desk.agentId === call.keptAgentId);
  if (own) return own;
  const kept = keptFor(floor, call.campaignId);
  const first = (desks: readonly Desk[]): Desk | null =>
    longestIdle(desks.filter((desk) => !kept.has(desk.agentId))) ??
    longestIdle(desks.filter((desk) => kept.get(desk.agentId)?.recordedSound === true));
  const theirs = first(able.filter((desk) => speaks(desk.profile, call.language))) ?? first(able);
  return theirs ?? (call.recordedSound ? null : anybodyFor(floor, call, except));
}

/**
 * Anybody at all, for a call that would be cut without a word: a supervisor who stands by, else an agent of another campaign on whom no
 * call counts there. Nobody of the demo comes to a real debtor.
 */
function anybodyFor(floor: Floor, call: Call, except: Desk | null): Desk | null {
  const real = floor.campaigns.get(call.campaignId)?.demo !== true;
  const desks = [...floor.desks.values()].filter((desk) => desk !== except && !(real && desk.profile.demo));
  const first = (free: readonly Desk[]): Desk | null =>
    longestIdle(free.filter((desk) => speaks(desk.profile, call.language))) ?? longestIdle(free);
  return (
    first(desks.filter((desk) => isStandingBy(floor, desk))) ??
    first(desks.filter((desk) => isAble(floor, desk) && !isBoundNow(floor, desk)))
  );
}

/** The longest idle of the able agents who are kept for nobody, those who speak the language first; null when there is none. */
export function freeAgentFor(floor: Floor, call: Call): Desk | null {
  const kept = keptFor(floor, call.campaignId);
  const free = ableDesks(floor, call.campaignId).filter((desk) => !kept.has(desk.agentId));
  return longestIdle(free.filter((desk) => speaks(desk.profile, call.language))) ?? longestIdle(free);
}

/** Keeps an agent who speaks the language for a call without a message, which must have one before it is dialed; false when all are taken. */
export function keepOne(floor: Floor, call: Call): boolean {
  const kept = keptFor(floor, call.campaignId);
  const able = ableDesks(floor, call.campaignId);
  const speakers = able.filter((desk) => speaks(desk.profile, call.language));
  if (call.keptAgentId !== null) {
    return able.some((desk) => desk.agentId === call.keptAgentId) && kept.get(call.keptAgentId) === call;
  }
  call.keptAgentId = longestIdle(speakers.filter((desk) => !kept.has(desk.agentId)))?.agentId ?? null;
  return call.keptAgentId !== null;
}

/** How many more calls without a message may be dialed: each takes an able agent whom nobody else has. */
export function roomWithoutMessage(floor: Floor, campaignId: string): number {
  const kept = keptFor(floor, campaignId);
  return ableDesks(floor, campaignId).filter((desk) => !kept.has(desk.agentId)).length;
}

/** Agents who are kept for a call without a message: no second call may count on them. */
export function keptAgents(floor: Floor, campaignId: string): number {
  return [...keptFor(floor, campaignId).values()].filter((call) => !call.recordedSound).length;
}

/** Agents who may be given a callback promised in person: able or on a call of the campaign, one such call at a time. */
export function callbackAgents(floor: Floor, campaignId: string): string[] {
  const kept = keptFor(floor, campaignId);
  const able = new Set(ableDesks(floor, campaignId));
  return [...floor.desks.values()]
    .filter((desk) => able.has(desk) || isOnCall(desk, campaignId))
    .map((desk) => desk.agentId)
    .filter((agentId) => !kept.has(agentId));
}

/** Whether a callback promised in person may still be dialed: its agent is here, and it is no other's turn. */
export function isHere(floor: Floor, campaignId: string, agentId: string): boolean {
  return [...floor.desks.values()].some(
    (desk) => desk.agentId === agentId && (isOnCall(desk, campaignId) || ableDesks(floor, campaignId).includes(desk)),
  );
}

function isOnCall(desk: Desk, campaignId: string): boolean {
  return desk.call?.campaignId === campaignId && desk.work.state !== 'wrap_up' && desk.work.state !== 'offline';
}
