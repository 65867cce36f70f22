import { z } from 'zod';
import { classifyEnd } from '../telephony/causes.ts';
import type { LiveLeg, RecordedEvent } from '../telephony/port.ts';
import { finish } from './calls.ts';
import { floorNowMs, type Call, type Floor } from './floor.ts';
import { endingOf } from './rules.ts';
import { agentLegEnded, agentLegJoined, callStation, openBridge, provisionStation } from './stations.ts';

/** A call whose leg the switch does not show for this long after the dial has certainly ended. */
const SETTLED_AFTER_MS = 5_000;
/** How much before our first knowledge of a call its record may begin. */
const RECORD_MARGIN_MS = 60_000;

const hangupExtra = z.object({ hangupcause: z.coerce.number().default(0) });

/** What the switch's own record says became of a leg. */
export interface RecordedLeg {
  answeredMs: number | null;
  messageMs: number | null;
  machine: boolean;
  bridged: boolean;
  ended: { cause: number; stampMs: number } | null;
}

/** Reads one leg's story out of the record; null when the record does not know the leg. */
export function storyOf(events: readonly RecordedEvent[], legId: string): RecordedLeg | null {
  const own = events.filter((event) => event.legId === legId);
  if (own.length === 0) return null;
  const first = (type: string): RecordedEvent | undefined => own.find((event) => event.type === type);
  const hangup = first('HANGUP');
  return {
    answeredMs: first('ANSWER')?.stampMs ?? null,
    messageMs: (first('MESSAGE') ?? first('CUT'))?.stampMs ?? null,
    machine: own.some((event) => event.type === 'SCREENED' && /^MACHINE:(?!INITIALSILENCE)/.test(event.extra)),
    bridged: first('BRIDGE_ENTER') !== undefined,
    ended: hangup ? { cause: causeOf(hangup.extra), stampMs: hangup.stampMs } : null,
  };
}

function causeOf(extra: string): number {
  try {
    return hangupExtra.parse(JSON.parse(extra)).hangupcause;
  } catch {
    return 0;
  }
}

/**
 * Ends a call of which we missed the end, by the switch's record: what it does not know either is lost, and counts (invariant I3).
 * Does nothing while the leg is alive.
 */
export async function lookUpEnd(floor: Floor, call: Call): Promise<void> {
  try {
    const legs = await floor.telephone.liveLegs();
    if (call.state === 'ended' || legs.some((leg) => leg.legId === call.attemptId)) return;
    await endByRecord(floor, call);
  } catch (error) {
    // The sweep tries again.
    floor.log.warn({ err: error, attemptId: call.attemptId }, 'end of a call could not be looked up');
  }
}

/** Ends a call whose leg is certainly gone. */
export async function endByRecord(floor: Floor, call: Call): Promise<void> {
  const ageMs = floor.clock.monotonicMs() - call.dialedAtMs;
  const story = storyOf(await floor.telephone.recorded(floorNowMs(floor) - ageMs - RECORD_MARGIN_MS), call.attemptId);
  if (call.state === 'ended') return;
  if (!story) {
    const lost = { result: 'lost', ending: 'unknown_to_the_switch', counts: true } as const;
    finish(floor, call, lost, { cause: null, techCause: null, stampMs: floorNowMs(floor) });
    return;
  }
  if (story.answeredMs !== null) call.stamps.answered ??= story.answeredMs;
  if (story.messageMs !== null) call.stamps.message ??= story.messageMs;
  const answered = call.stamps.answered !== undefined;
  const cause = story.ended?.cause ?? 0;
  const ending = endingOf({
    state: story.bridged ? 'connected' : call.state,
    screening: story.machine ? { verdict: 'machine', status: 'MACHINE', cause: 'RECORD' } : call.screening,
    // Answered while nobody was watching: whatever the debtor heard, no agent came.
    messageDue: call.messageDue || story.messageMs !== null || (answered && !story.bridged && !story.machine),
    hungUpByUs: call.hungUpByUs,
    endClass: classifyEnd({ cause, techCause: null, answered, hungUpByUs: call.hungUpByUs }),
  });
  finish(floor, call, ending, { cause, techCause: null, stampMs: story.ended?.stampMs ?? floorNowMs(floor) });
}

/**
 * After the switch was out of sight: nothing is replayed, so legs and bridges are compared with what we hold before anything else.
 * Calls that are gone end by the record; agents' legs that are gone are called back; after a restart of the switch that is all of them.
 */
export async function reconcile(floor: Floor): Promise<void> {
  const [legs, bridges] = await Promise.all([floor.telephone.liveLegs(), floor.telephone.liveBridges()]);
  const live = new Map(legs.map((leg) => [leg.legId, leg]));
  for (const call of floor.calls.values()) await reconcileCall(floor, call, live);
  const standing = new Set(bridges.map((bridge) => bridge.bridgeId));
  for (const desk of floor.desks.values()) {
    if (desk.work.state === 'offline') continue;
    if (desk.bridgeId !== null && !standing.has(desk.bridgeId)) {
      desk.bridgeId = null;
      await provisionStation(floor, desk);
      await openBridge(floor, desk);
    }
    const leg = desk.legId === null ? undefined : live.get(desk.legId);
    if (desk.legId !== null && !leg) agentLegEnded(floor, desk.legId);
    else if (desk.legId !== null && leg?.bridgeId === desk.bridgeId) {
      await floor.telephone.adopt(desk.legId);
      agentLegJoined(floor, desk.legId);
    } else if (desk.legId === null) await callStation(floor, desk);
  }
}

async function reconcileCall(floor: Floor, call: Call, live: Map<string, LiveLeg>): Promise<void> {
  call.unseen = true;
  if (live.has(call.attemptId)) await floor.telephone.adopt(call.attemptId);
  else await endByRecord(floor, call);
}

/** Looks for calls whose end was never told, so that every attempt ends (invariant I7). Runs every few seconds. */
export async function sweep(floor: Floor): Promise<void> {
  if (!floor.switchUp || floor.calls.size === 0) return;
  const nowMs = floor.clock.monotonicMs();
  const old = [...floor.calls.values()].filter((call) => nowMs - call.dialedAtMs > SETTLED_AFTER_MS);
  if (old.length === 0) return;
  const live = new Set((await floor.telephone.liveLegs()).map((leg) => leg.legId));
  for (const call of old) {
    if (call.state === 'ended' || live.has(call.attemptId)) continue;
    if (call.missed) await endByRecord(floor, call);
    // News of its end may be on the way: look once more at the next sweep.
    else call.missed = true;
  }
}
