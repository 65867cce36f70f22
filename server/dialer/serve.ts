import { longestIdle } from '../agents/rules.ts';
import { ableDesks, changed, clearCall, endSegment, isAble, move, tellAway } from './desks.ts';
import { floorNowMs, tellPacer, type Call, type Desk, type Floor } from './floor.ts';
import { noteProgress } from './store.ts';
import { sayMessage } from './message.ts';

/**
 * The step from a human's answer to an agent's bridge. Nothing here waits for the database: the deadline was armed in the dialplan
 * before we heard of the call, is taken off just before the debtor's leg joins, and the file goes to the console in the same tick.
 */

/** A human has answered: stands in line for an agent of the campaign and is served at once if one is able. */
export function wantsAgent(floor: Floor, call: Call, stampMs: number): void {
  const campaign = floor.campaigns.get(call.campaignId);
  if (!campaign) return;
  call.stamps.waiting = stampMs;
  call.waitingSinceMs = floor.clock.monotonicMs();
  campaign.line.push(call);
  tellPacer(floor, campaign.id, {
    type: 'call.ready',
    call: call.pacingId,
    deadline: floorNowMs(floor) + campaign.settings.connectWithinMs,
  });
  serveLine(floor, campaign.id);
  noteProgress(floor, call);
}

/** Gives callers in line to able agents, the longest waiting to the longest idle. */
export function serveLine(floor: Floor, campaignId: string): void {
  const campaign = floor.campaigns.get(campaignId);
  while (campaign && campaign.line.length > 0) {
    const desk = longestIdle(ableDesks(floor, campaignId));
    const call = desk && campaign.line.shift();
    if (!desk || !call) return;
    void connect(floor, call, desk);
  }
}

/** Takes a call out of its line, wherever it stands. */
export function leaveLine(floor: Floor, call: Call): void {
  const line = floor.campaigns.get(call.campaignId)?.line;
  const place = line?.indexOf(call) ?? -1;
  if (place >= 0) line?.splice(place, 1);
}

/** Offers a call to an agent and joins the debtor's leg to the agent's standing bridge. */
export async function connect(floor: Floor, call: Call, desk: Desk): Promise<void> {
  const { bridgeId } = desk;
  if (bridgeId === null || !move(floor, desk, { type: 'offer', attemptId: call.attemptId })) return;
  const rescued = call.state === 'connected';
  // Sent before any bookkeeping: every millisecond here is silence to the debtor.
  const freed = rescued ? floor.telephone.stopMusic(call.attemptId) : floor.telephone.disarm(call.attemptId);
  call.place = 'joining';
  call.desk = desk;
  desk.call = call;
  desk.lastEffect = null;
  try {
    await freed;
    if (call.desk !== desk || call.state === 'ended') return;
    const joined = floor.telephone.join(bridgeId, call.attemptId);
    changed(floor, desk);
    await joined;
  } catch (error) {
    floor.log.warn({ err: error, attemptId: call.attemptId }, 'debtor could not be joined to an agent');
    notJoined(floor, call, desk);
  }
}

/** The debtor's leg has entered the agent's bridge: they hear one another. */
export function bridged(floor: Floor, call: Call, bridgeId: string, stampMs: number): void {
  const { desk } = call;
  if (!desk || desk.bridgeId !== bridgeId || call.place === 'bridged') return;
  call.place = 'bridged';
  if (desk.work.state === 'offered') {
    const first = call.state !== 'connected';
    call.state = 'connected';
    call.stamps.connected ??= stampMs;
    move(floor, desk, { type: 'bridged' });
    nowBusy(floor, call, desk, first);
    noteProgress(floor, call);
    call.segment = { agentId: desk.agentId, fromMs: stampMs };
  }
  changed(floor, desk);
}

/** The pacer hears of a connected call once; a second agent of the same call has only left the line. */
function nowBusy(floor: Floor, call: Call, desk: Desk, first: boolean): void {
  desk.inLineFor = null;
  if (first) {
    desk.busyFor = call.campaignId;
    tellPacer(floor, call.campaignId, { type: 'call.connected', call: call.pacingId, agent: desk.pacingId });
    return;
  }
  tellAway(floor, desk, call.campaignId, 'idle');
}

/** The agent goes back to their place in line; the call is free again. */
export function withdraw(floor: Floor, call: Call, desk: Desk): void {
  if (desk.call === call) clearCall(desk);
  call.desk = null;
  move(floor, desk, { type: 'withdraw' });
  changed(floor, desk);
}

/**
 * An offered call lost its agent before the bridge: the next able agent within the time allowed, else the message. The deadline is
 * already off, so one of the two must happen now.
 */
export function offerElsewhere(floor: Floor, call: Call): void {
  const campaign = floor.campaigns.get(call.campaignId);
  if (call.state === 'ended' || !campaign) return;
  call.place = 'alone';
  const waitedMs = floor.clock.monotonicMs() - (call.waitingSinceMs ?? 0);
  const desk = longestIdle(ableDesks(floor, campaign.id));
  if (desk && waitedMs < campaign.settings.connectWithinMs) {
    void connect(floor, call, desk);
    return;
  }
  sayMessage(floor, call);
}

function notJoined(floor: Floor, call: Call, desk: Desk): void {
  if (call.desk !== desk) return;
  const wasTalking = call.state === 'connected';
  withdraw(floor, call, desk);
  if (call.state === 'ended' || call.messageDue) return;
  if (wasTalking) {
    sayMessage(floor, call);
    return;
  }
  offerElsewhere(floor, call);
}

/** Gives a call whose agent's leg did not come back to another agent; false when nobody is able. */
export function handOver(floor: Floor, call: Call, from: Desk, stampMs: number): boolean {
  const other = longestIdle(ableDesks(floor, call.campaignId).filter((desk) => desk !== from && isAble(floor, desk)));
  if (!other) return false;
  endSegment(floor, call, stampMs);
  clearCall(from);
  move(floor, from, { type: 'call_moved' });
  changed(floor, from);
  void connect(floor, call, other);
  return true;
}
