import { promiseCallback } from '../../queue/inbound.ts';
import { ableDesks, workingDesks } from '../desks.ts';
import type { Call, Campaign, Desk, Floor } from '../floor.ts';
import { freeAgentFor, keptFor } from '../kept.ts';
import { callsWithoutAgent } from '../leave.ts';
import { connect } from '../serve.ts';
import { sendAway } from './arrive.ts';
import { announcement, choiceOf, mayTakeAgent, nextAnnouncementMs } from './rules.ts';

/** The dialplan's deadline, renewed with each announcement: longer than any, for the day nobody renews it. */
const DEADLINE_MS = 90_000;

/** Puts a caller in line by when they came, gives them an agent if one may be given, and else music and their place. */
export function joinLine(floor: Floor, call: Call): void {
  const campaign = floor.campaigns.get(call.campaignId);
  const { inbound } = call;
  if (!campaign || inbound === null || call.state === 'ended') return;
  inbound.stage = 'line';
  call.place = 'alone';
  campaign.inboundLine.push(call);
  campaign.inboundLine.sort((a, b) => (a.inbound?.enteredMs ?? 0) - (b.inbound?.enteredMs ?? 0));
  serveInbound(floor, campaign);
  if (isWaiting(call)) void announce(floor, call);
}

/** Gives callers in line to agents, the longest waiting first, as far as people whom we called leave any. */
export function serveInbound(floor: Floor, campaign: Campaign): void {
  for (const call of campaign.inboundLine.slice()) {
    const desk = agentForCaller(floor, campaign, call);
    if (desk === null) return;
    leaveInboundLine(floor, call);
    if (call.inbound !== null) call.inbound.stage = 'agent';
    void connect(floor, call, desk);
  }
}

/** Whoever spoke with them last, if able and kept for nobody; else whom any call would get, unless kept for another. */
function agentForCaller(floor: Floor, campaign: Campaign, call: Call): Desk | null {
  const able = ableDesks(floor, campaign.id);
  const line = {
    able: able.length,
    answeredWaiting: campaign.line.length,
    mode: campaign.settings.pacing.mode,
    inFlight: callsWithoutAgent(floor, campaign.id),
  };
  if (!mayTakeAgent(line)) return null;
  const kept = keptFor(floor, campaign.id);
  const last = able.find((desk) => desk.agentId === call.inbound?.lastAgentId);
  if (last && !kept.has(last.agentId)) return last;
  return freeAgentFor(floor, call);
}

/** Takes a caller out of the line, if they are in it; what is being said to them goes on until somebody stops it. */
export function leaveInboundLine(floor: Floor, call: Call): void {
  const line = floor.campaigns.get(call.campaignId)?.inboundLine;
  const place = line?.indexOf(call) ?? -1;
  if (place >= 0) line?.splice(place, 1);
  if (call.inbound?.next) clearTimeout(call.inbound.next);
}

/** Ends whatever the caller hears and takes the deadline off: an agent comes on the line. */
export function endWaiting(floor: Floor, call: Call): Promise<void> {
  endAnnouncement(floor, call);
  return floor.telephone.disarm(call.legId);
}

/** A caller whose agent was lost before they met goes back to where they were in the line. */
export function backInLine(floor: Floor, call: Call): void {
  if (call.state === 'ended' || call.inbound === null || call.inbound.stage === 'dialplan') return;
  joinLine(floor, call);
}

/**
 * Says to a caller what there is to say now, with music after it; when the wait has lasted too long, that nobody comes. The music is part of
 * what is played, so that nobody waits in silence while a dialer that died has no successor yet; then the dialplan's deadline serves them.
 */
export async function announce(floor: Floor, call: Call): Promise<void> {
  const campaign = floor.campaigns.get(call.campaignId);
  const { inbound } = call;
  if (!campaign || inbound === null || !isWaiting(call)) return;
  const { inbound: settings } = campaign.settings;
  const waitedMs = floor.clock.monotonicMs() - inbound.enteredAtMs;
  endAnnouncement(floor, call);
  if (waitedMs >= settings.longestWaitMs) {
    leaveInboundLine(floor, call);
    sendAway(floor, call, 'unserved');
    return;
  }
  const [one, other] = announcementIds(call.legId);
  const playbackId = inbound.lastPlaybackId === one ? other : one;
  inbound.lastPlaybackId = playbackId;
  inbound.playbackId = playbackId;
  const place = campaign.inboundLine.indexOf(call) + 1;
  const agents = workingDesks(floor, campaign.id);
  const { sounds, offers } = announcement({ place, waitedMs, agents, settings, greeted: inbound.greeted });
  inbound.greeted = true;
  inbound.offered ||= offers;
  inbound.next = setTimeout(() => void announce(floor, call), nextAnnouncementMs(waitedMs, settings));
  inbound.next.unref();
  try {
    await floor.telephone.takeIn(call.legId, { limitMs: DEADLINE_MS, language: null });
    // An agent may have come meanwhile.
    if (inbound.playbackId === playbackId) await floor.telephone.play(call.legId, sounds, playbackId);
  } catch (error) {
    // Their end is told, or the dialplan has them; else the next announcement tries again.
    floor.log.warn({ err: error, callId: call.attemptId }, 'nothing could be said to a caller');
  }
}

/** An announcement and its music are over: the next one. */
export function announced(floor: Floor, call: Call, playbackId: string): void {
  if (call.inbound?.playbackId !== playbackId) return;
  call.inbound.playbackId = null;
  void announce(floor, call);
}

/** By turns; named after the leg, so that a successor can end one of which it knows nothing else. */
export function announcementIds(legId: string): [string, string] {
  return [`wait-${legId}-0`, `wait-${legId}-1`];
}

function isWaiting(call: Call): boolean {
  return call.inbound?.stage === 'line' && call.state !== 'ended';
}

/** Silence, for what comes next: the switch does nothing else to a leg that hears something. */
function endAnnouncement(floor: Floor, call: Call): void {
  const { inbound } = call;
  if (inbound === null) return;
  if (inbound.next) clearTimeout(inbound.next);
  inbound.next = null;
  const { playbackId } = inbound;
  inbound.playbackId = null;
  if (playbackId === null) return;
  floor.telephone.stopPlaying(playbackId).catch((error: unknown) => {
    floor.log.warn({ err: error, callId: call.attemptId }, 'an announcement could not be ended');
  });
}

/** A waiting caller has pressed a key that they were offered. */
export function pressed(floor: Floor, call: Call, digit: string): void {
  const { inbound } = call;
  const settings = floor.campaigns.get(call.campaignId)?.settings.inbound;
  if (inbound === null || !inbound.offered || inbound.stage !== 'line' || settings === undefined) return;
  const choice = choiceOf(digit, settings);
  if (choice === null) return;
  leaveInboundLine(floor, call);
  endAnnouncement(floor, call);
  sendAway(floor, call, choice);
  if (choice === 'callback') askCallback(floor, call);
}

/** To the front of the queue, where the number tells one person; else the list of inbound calls says who wants to be called. */
function askCallback(floor: Floor, call: Call): void {
  const [candidate, ...more] = call.inbound?.candidates ?? [];
  const { attemptId, campaignId, phoneId } = call;
  if (candidate === undefined || more.length > 0 || phoneId === null) return;
  floor.writer.later(attemptId, 'callback asked for', async (database) => {
    await promiseCallback(database, { attemptId, campaignId, partyId: candidate.partyId, phoneId });
  });
}

/** Agents whom the callers in line are waiting for, one each: those who are free first, then those on whom the pacer counts next. */
export function agentsAwaited(floor: Floor, { id, inboundLine }: Campaign): ReadonlySet<Desk> {
  const awaited = new Set<Desk>();
  if (inboundLine.length === 0) return awaited;
  const known = [...floor.desks.values()].filter((desk) => desk.inLineFor === id || desk.busyFor === id);
  // Whoever was chosen before stays chosen: the pacer's picture does not flicker.
  const rank = (desk: Desk): number => (desk.inLineFor === id ? 0 : 2) + (desk.reserved ? 0 : 1);
  for (const desk of known.toSorted((a, b) => rank(a) - rank(b))) {
    if (awaited.size === inboundLine.length) break;
    awaited.add(desk);
  }
  return awaited;
}
