import { sql } from 'kysely';
import { z } from 'zod';
import type { Database } from '../kernel/database.ts';
import { adoptLeg, bringBack } from './adopt.ts';
import type { LegEvent, LiveLeg, RecordedEvent, Screening } from '../telephony/port.ts';
import { endingNow, finish } from './calls.ts';
import { reconcileInbound, sweepInbound } from './inbound/recover.ts';
import { floorNowMs, type Call, type Desk, type Floor } from './floor.ts';
import { hangUp, sayMessage } from './message.ts';
import { readScreening } from '../telephony/screening.ts';
import type { Ending } from './rules.ts';
import { bridged, leaveLine, offerAgain, withdraw } from './serve.ts';
import {
  agentLegEnded,
  agentLegEntered,
  agentLegJoined,
  callStation,
  openBridge,
  provisionStation,
  renewSound,
} from './stations.ts';

/** A call whose leg the switch does not show for this long after the dial has certainly ended. */
const SETTLED_AFTER_MS = 5_000;
/** How much before our first knowledge of a call its record may begin. */
const RECORD_MARGIN_MS = 60_000;
/** How soon a reconciliation that failed is tried again. */
const AGAIN_MS = 500;

const hangupExtra = z.object({ hangupcause: z.coerce.number().default(0) });

/** What the switch's own record says became of a leg. */
export interface RecordedLeg {
  answeredMs: number | null;
  screened: { screening: Screening; stampMs: number } | null;
  messageMs: number | null;
  /** It began because no application was there. */
  noApplication: boolean;
  machine: boolean;
  /** The key was pressed that puts the number on the do-not-call list. */
  optedOutMs: number | null;
  bridgedMs: number | null;
  ended: { cause: number; stampMs: number } | null;
}

/** Reads one leg's story out of the record; null when the record does not know the leg. */
export function storyOf(events: readonly RecordedEvent[], legId: string): RecordedLeg | null {
  const own = events.filter((event) => event.legId === legId);
  if (own.length === 0) return null;
  const first = (type: string): RecordedEvent | undefined => own.find((event) => event.type === type);
  const hangup = first('HANGUP');
  const message = first('MESSAGE') ?? first('CUT');
  const screened = first('SCREENED');
  const [status = '', cause = ''] = screened?.extra.split(':') ?? [];
  const screening = readScreening(status, cause);
  return {
    answeredMs: first('ANSWER')?.stampMs ?? null,
    screened: screened ? { screening, stampMs: screened.stampMs } : null,
    messageMs: message?.stampMs ?? null,
    noApplication: message?.extra === 'no_application',
    machine: screening.verdict === 'machine',
    optedOutMs: first('DO_NOT_CALL')?.stampMs ?? null,
    bridgedMs: first('BRIDGE_ENTER')?.stampMs ?? null,
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

/** The switch's record, by leg. */
export type RecordByLeg = ReadonlyMap<string, readonly RecordedEvent[]>;

let unreadable = false;

/** Reads the record once for all these calls, from the earliest dial on. One that cannot be read counts as empty: its calls are lost, and count. */
export async function recordOf(floor: Floor, calls: Iterable<Call>): Promise<RecordByLeg> {
  const nowMs = floor.clock.monotonicMs();
  let ageMs = 0;
  for (const call of calls) ageMs = Math.max(ageMs, nowMs - call.dialedAtMs);
  try {
    const events = await floor.telephone.recorded(floorNowMs(floor) - ageMs - RECORD_MARGIN_MS);
    unreadable = false;
    return Map.groupBy(events, (event) => event.legId);
  } catch (error) {
    if (!unreadable) floor.log.warn({ err: error }, 'the switch’s record cannot be read');
    unreadable = true;
    return new Map();
  }
}

/**
 * Since when the record is still needed to end calls, of whichever floor, epoch milliseconds: the oldest attempt that has not ended
 * tells, also one of a dialer that died days ago; without any, a margin before the present.
 */
export async function neededOfRecordMs(database: Database): Promise<number> {
  const { oldest } = await database
    .selectFrom('contact_attempt')
    .select(sql<Temporal.Instant>`least(min(reserved_at), clock_timestamp())`.as('oldest'))
    .where('state', '!=', 'ended')
    .executeTakeFirstOrThrow();
  return oldest.epochMilliseconds - RECORD_MARGIN_MS;
}

/**
 * Ends a call whose leg is certainly gone, by the switch's record: what that does not know either is lost, and counts (invariant I3), unless
 * we heard it being answered. `agentId`: whom the debtor talked with if the record shows them bridged and nobody else knows. `heard`: its
 * end as the switch told it, which the record may have yet to write.
 */
export async function endByRecord(
  floor: Floor,
  call: Call,
  known: { record?: RecordByLeg; agentId?: string | null; heard?: HeardEnd } = {},
): Promise<Ending | null> {
  const record = known.record ?? (await recordOf(floor, [call]));
  if (call.state === 'ended') return null;
  const story = storyOf(record.get(call.attemptId) ?? [], call.attemptId);
  if (story) fillIn(floor, call, story, known.agentId ?? null);
  const { cause = null, stampMs = null } = story?.ended ?? known.heard ?? {};
  const techCause = known.heard?.techCause ?? null;
  const end = { cause, techCause, stampMs: stampMs ?? floorNowMs(floor), unseen: stampMs === null };
  const lost = { result: 'lost', ending: 'unknown_to_the_switch', counts: true } as const;
  const ending = story || call.stamps.answered !== undefined ? endingNow(call, { ...end, cause: cause ?? 0 }) : lost;
  finish(floor, call, ending, end);
  return ending;
}

/** The end of a leg as the switch told it. */
type HeardEnd = Pick<Extract<LegEvent, { type: 'leg.ended' }>, 'cause' | 'techCause' | 'stampMs'>;

/** What the record knows of a call goes where its own news left gaps, the meeting with an agent included. */
function fillIn(floor: Floor, call: Call, story: RecordedLeg, agentId: string | null): void {
  const { desk } = call;
  // They met and parted while nobody was watching: the agent has the form to fill in.
  if (story.bridgedMs !== null && desk?.bridgeId && call.place === 'joining')
    bridged(floor, call, desk.bridgeId, story.bridgedMs);
  if (story.bridgedMs !== null && agentId !== null) call.segment ??= { agentId, fromMs: story.bridgedMs };
  tellStory(call, story);
}

/** Puts what the record knows of a call where its own news left gaps. */
export function tellStory(call: Call, story: RecordedLeg): void {
  const { stamps } = call;
  if (story.answeredMs !== null) stamps.answered ??= story.answeredMs;
  if (story.screened !== null) {
    call.screening ??= story.screened.screening;
    if (!story.machine && story.screened.screening.status !== 'HANGUP') stamps.waiting ??= story.screened.stampMs;
  }
  call.optedOutMs ??= story.optedOutMs;
  if (story.bridgedMs !== null) stamps.connected ??= story.bridgedMs;
  if (story.messageMs === null) return;
  stamps.message ??= story.messageMs;
  call.messageDue = true;
  if (story.noApplication) call.trouble ??= 'no_application';
}

/**
 * Brings the floor back into agreement with the switch and only then lets it dial. Tried until it succeeds or the switch is lost
 * again: then the next connection begins anew.
 */
export async function comeBack(floor: Floor): Promise<void> {
  floor.generation += 1;
  const mine = floor.generation;
  while (mine === floor.generation && !floor.stopping) {
    try {
      await reconcile(floor);
      if (mine === floor.generation) floor.switchUp = true;
      return;
    } catch (error) {
      floor.log.warn({ err: error }, 'reconciliation failed, it is tried again');
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/**
 * After the switch was out of sight: nothing is replayed, so legs and bridges are compared with what we hold before anything else.
 * Calls that are gone end by the record; agents' legs that are gone are called back; after a restart of the switch that is all of them.
 */
async function reconcile(floor: Floor): Promise<void> {
  const askedMs = floor.clock.monotonicMs();
  const [legs, bridges] = await Promise.all([floor.telephone.liveLegs(), floor.telephone.liveBridges()]);
  const live = new Map(legs.map((leg) => [leg.legId, leg]));
  const calls = [...floor.calls.values()];
  const isTold = calls.every((call) => live.has(call.attemptId) && call.place !== 'joining');
  const record = isTold ? new Map() : await recordOf(floor, calls);
  for (const call of calls) await reconcileCall(floor, call, live, record);
  await reconcileInbound(floor, live);
  const standing = new Set(bridges.map((bridge) => bridge.bridgeId));
  for (const desk of floor.desks.values()) {
    // What was called since has news of its own.
    if (desk.work.state !== 'offline' && desk.legSinceMs < askedMs) await reconcileDesk(floor, desk, live, standing);
  }
}

async function reconcileCall(floor: Floor, call: Call, live: ReadonlyMap<string, LiveLeg>, record: RecordByLeg): Promise<void> {
  call.unseen = true;
  const leg = live.get(call.attemptId);
  if (call.state === 'ended') return;
  if (!leg) {
    await endByRecord(floor, call, { record });
    return;
  }
  // Gone in this moment: its end is told, or the sweep finds it.
  if (!(await adoptLeg(floor, call.attemptId)) || isOver(call)) return;
  const { desk } = call;
  if (desk?.bridgeId && leg.bridgeId === desk.bridgeId) {
    if (call.place === 'joining' || call.place === 'held') {
      bridged(floor, call, leg.bridgeId, enteredMs(record.get(call.attemptId)) ?? floorNowMs(floor));
    }
  } else if (call.hungUpByUs || leg.state !== 'up') {
    // It rings for nobody: whoever answers could not be given an agent in time.
    hangUp(floor, call);
  } else if (call.messageDue) {
    // Whoever hears it already is left alone.
    sayMessage(floor, call);
  } else if (call.state === 'connected') {
    if (desk && (call.place === 'bridged' || call.place === 'joining')) bringBack(floor, call, desk, live);
  } else if (call.state === 'waiting' && !leg.controlled) {
    // The deadline was faster: the dialplan says the message.
    leaveLine(floor, call);
    call.messageDue = true;
    call.place = 'alone';
    if (desk) withdraw(floor, call, desk);
  } else if (call.place === 'joining' && desk) {
    offerAgain(floor, call, desk);
  }
}

/** When a leg came into the bridge that it is in: found there later, who came in time has come in time. */
function enteredMs(events: readonly RecordedEvent[] | undefined): number | undefined {
  return events?.findLast((event) => event.type === 'BRIDGE_ENTER')?.stampMs;
}

/** Whether a call has ended while something was waited for. */
function isOver(call: Call): boolean {
  return call.state === 'ended';
}

async function reconcileDesk(
  floor: Floor,
  desk: Desk,
  live: ReadonlyMap<string, LiveLeg>,
  standing: ReadonlySet<string>,
): Promise<void> {
  if (desk.bridgeId !== null && !standing.has(desk.bridgeId)) {
    desk.bridgeId = null;
    await provisionStation(floor, desk);
  }
  await openBridge(floor, desk);
  const { legId } = desk;
  if (legId === null) {
    desk.legTries = 0;
    await callStation(floor, desk);
    return;
  }
  const leg = live.get(legId);
  if (!leg) {
    desk.legTries = 0;
    agentLegEnded(floor, legId);
    return;
  }
  // Gone in this moment: its end is told, or the sweep finds it.
  if (!(await adoptLeg(floor, legId)) || desk.legId !== legId) return;
  if (leg.bridgeId !== null && leg.bridgeId === desk.bridgeId) {
    agentLegJoined(floor, legId);
    // A talk may have ended unseen.
    renewSound(floor, desk);
  } else if (leg.state === 'up') {
    desk.legUp = false;
    agentLegEntered(floor, legId);
  }
}

/** Looks for calls and agents' legs whose end was never told, so that every attempt ends (invariant I7). Runs every few seconds. */
export async function sweep(floor: Floor): Promise<void> {
  if (!floor.switchUp) return;
  const { generation } = floor;
  const nowMs = floor.clock.monotonicMs();
  const calls = [...floor.calls.values()].filter((call) => nowMs - call.dialedAtMs > SETTLED_AFTER_MS);
  const desks = [...floor.desks.values()].filter((desk) => desk.legId !== null && nowMs - desk.legSinceMs > SETTLED_AFTER_MS);
  if (calls.length + desks.length + floor.inbound.size === 0) return;
  const legIds = new Map(desks.map((desk) => [desk, desk.legId]));
  const live = new Set((await floor.telephone.liveLegs()).map((leg) => leg.legId));
  if (generation !== floor.generation) return;
  for (const [desk, legId] of legIds) {
    if (legId === null || desk.legId !== legId) continue;
    if (live.has(legId)) desk.legMissed = false;
    else if (desk.legMissed) agentLegEnded(floor, legId);
    else desk.legMissed = true;
  }
  sweepInbound(floor, live);
  await sweepCalls(floor, calls, live);
}

async function sweepCalls(floor: Floor, calls: readonly Call[], live: ReadonlySet<string>): Promise<void> {
  const gone: Call[] = [];
  for (const call of calls) {
    if (call.state === 'ended') continue;
    if (!live.has(call.attemptId)) {
      // News of its end may be on the way: look once more at the next sweep.
      if (call.missed) gone.push(call);
      call.missed = true;
      continue;
    }
    call.missed = false;
    // Asked for before, and not done: once more.
    if (call.hungUpByUs) hangUp(floor, call);
    else if (call.messageDue && call.state === 'waiting' && call.place === 'alone') sayMessage(floor, call);
  }
  if (gone.length === 0) return;
  const record = await recordOf(floor, gone);
  for (const call of gone) await endByRecord(floor, call, { record });
}
