import type { SwitchFaultCode } from '../telephony/faults.ts';
import { changed, clearCall, endSegment, move, tellAway } from './desks.ts';
import { floorNowMs, switchAnswers, tellPacer, type Call, type Desk, type Floor } from './floor.ts';
import { agentFor } from './kept.ts';
import { countNow } from './ledger.ts';
import { noteProgress } from './store.ts';
import { faultOf, sayMessage } from './message.ts';
import { callBackAnew, reattach } from './stations.ts';
import { sendAway } from './inbound/arrive.ts';
import { backInLine, endWaiting, serveInbound } from './inbound/line.ts';
import { noteInbound } from './inbound/store.ts';

/**
 * The step from a human's answer to an agent's bridge. Nothing here waits for the database: the deadline was armed in the dialplan
 * before we heard of the call, is taken off just before the debtor's leg joins, and the file goes to the console in the same tick.
 */

/** How soon an offered call is looked at again that failed while the switch was out of sight. */
const LOOK_AGAIN_MS = 500;

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
    deadline: floorNowMs(floor) + Math.round(call.deadlineMs),
  });
  serveLine(floor, campaign.id);
  noteProgress(floor, call);
}

/** Gives people in line to able agents, the longest waiting to their own agent or the longest idle; those who called us come after. */
export function serveLine(floor: Floor, campaignId: string): void {
  const campaign = floor.campaigns.get(campaignId);
  if (!campaign) return;
  for (const call of campaign.line.slice()) {
    const desk = agentFor(floor, call);
    if (!desk) continue;
    leaveLine(floor, call);
    void connect(floor, call, desk);
  }
  if (campaign.inboundLine.length > 0) serveInbound(floor, campaign);
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
  const freed = rescued
    ? floor.telephone.stopMusic(call.legId)
    : call.inbound
      ? endWaiting(floor, call)
      : floor.telephone.disarm(call.legId);
  call.place = 'joining';
  call.desk = desk;
  desk.call = call;
  desk.callSeq = desk.seq + 1;
  desk.lastEffect = null;
  try {
    await freed;
    if (call.desk !== desk || call.state === 'ended') return;
    const joined = floor.telephone.join(bridgeId, call.legId);
    changed(floor, desk);
    await joined;
  } catch (error) {
    floor.log.warn({ err: error, attemptId: call.attemptId }, 'debtor could not be joined to an agent');
    notJoined(floor, call, desk, faultOf(error));
  }
}

/** The debtor's leg has entered the agent's bridge: they hear one another. */
export function bridged(floor: Floor, call: Call, bridgeId: string, stampMs: number): void {
  const { desk } = call;
  if (!desk || desk.bridgeId !== bridgeId || call.place === 'bridged') return;
  call.place = 'bridged';
  call.lastAgentId = desk.agentId;
  if (desk.work.state === 'offered') {
    const first = call.state !== 'connected';
    call.state = 'connected';
    call.stamps.connected ??= stampMs;
    move(floor, desk, { type: 'bridged' });
    const ours = call.inbound === null;
    if (first && ours) countNow(floor, call);
    nowBusy(floor, call, desk, first && ours);
    if (ours) noteProgress(floor, call);
    else noteInbound(floor, call);
    call.segment = { agentId: desk.agentId, fromMs: stampMs };
  }
  changed(floor, desk);
}

/**
 * The pacer hears of a connected call once; a second agent of the same call, or one with a caller, has only left the line. Whoever is of
 * another campaign, or of none, leaves that one's and is new to this one.
 */
function nowBusy(floor: Floor, call: Call, desk: Desk, first: boolean): void {
  const { inLineFor } = desk;
  desk.inLineFor = null;
  if (inLineFor !== null && !(first && inLineFor === call.campaignId)) tellAway(floor, desk, inLineFor, 'idle');
  if (!first) return;
  const { pacingId: agent } = desk;
  if (inLineFor !== call.campaignId) tellPacer(floor, call.campaignId, { type: 'agent.available', agent });
  desk.busyFor = call.campaignId;
  call.toldPacer = true;
  tellPacer(floor, call.campaignId, { type: 'call.connected', call: call.pacingId, agent });
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
export function offerElsewhere(floor: Floor, call: Call, except: Desk | null = null): void {
  const campaign = floor.campaigns.get(call.campaignId);
  if (call.state === 'ended' || !campaign) return;
  call.place = 'alone';
  if (call.inbound) {
    backInLine(floor, call);
    return;
  }
  const waitedMs = floor.clock.monotonicMs() - (call.waitingSinceMs ?? 0);
  const desk = agentFor(floor, call, except);
  if (desk && waitedMs < call.deadlineMs) {
    void connect(floor, call, desk);
    return;
  }
  sayMessage(floor, call);
}

/** The debtor's leg did not reach the agent's bridge. What the fault says of the leg decides; out of sight nothing is decided. */
function notJoined(floor: Floor, call: Call, desk: Desk, fault: SwitchFaultCode): void {
  if (call.desk !== desk || call.state === 'ended' || call.place !== 'joining') return;
  // The news of its end is on the way.
  if (fault === 'leg_gone') return;
  if (fault === 'leg_not_controlled') {
    // The deadline was faster: the dialplan has the leg and says the message, which nothing may cut.
    call.messageDue = true;
    if (call.inbound) call.inbound.stage = 'dialplan';
    call.place = 'alone';
    withdraw(floor, call, desk);
    return;
  }
  if (!switchAnswers(floor)) {
    setTimeout(() => notJoined(floor, call, desk, fault), LOOK_AGAIN_MS).unref();
    return;
  }
  if (fault === 'bridge_gone') {
    desk.bridgeId = null;
    reattach(floor, desk).catch((error: unknown) => {
      floor.log.warn({ err: error, agentId: desk.agentId }, 'agent could not be given a new bridge');
    });
    return;
  }
  offerAgain(floor, call, desk);
}

/** Takes an offered call from an agent it cannot be brought to, and gives it to another or has the message said. */
export function offerAgain(floor: Floor, call: Call, desk: Desk): void {
  const wasTalking = call.state === 'connected';
  call.trouble = 'agent_leg_failed';
  withdraw(floor, call, desk);
  if (call.state === 'ended' || call.messageDue) return;
  if (wasTalking) {
    if (call.inbound) sendAway(floor, call, 'unserved');
    else sayMessage(floor, call);
    return;
  }
  offerElsewhere(floor, call, desk);
}

/** Gives a call whose agent's leg did not come back to another agent; false when nobody is able. */
export function handOver(floor: Floor, call: Call, from: Desk, stampMs: number): boolean {
  const other = agentFor(floor, call, from);
  if (!other) return false;
  endSegment(floor, call, stampMs);
  clearCall(from);
  move(floor, from, { type: 'call_moved' });
  if (from.legId === null) callBackAnew(floor, from);
  changed(floor, from);
  void connect(floor, call, other);
  return true;
}
