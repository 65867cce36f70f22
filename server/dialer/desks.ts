import { next, offDuty, wantsToGo, type AgentEvent } from '../agents/rules.ts';
import type { AgentProfile } from '../agents/store.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../contract/campaigns.ts';
import type { Desk as DeskView, DeskCall } from '../contract/desk.ts';
import { bringBackSpoken } from '../queue/next.ts';
import { floorNowMs, iso, tellPacer, type Call, type Campaign, type Desk, type Floor, type InboundSide } from './floor.ts';
import { serveLine } from './serve.ts';
import { releaseStation } from './stations.ts';

/** A console that has not acknowledged for this long takes no call. */
export const CONSOLE_SILENT_MS = 5_000;

/** The desk of an agent, made when it is first asked for. */
export function deskOf(floor: Floor, profile: AgentProfile): Desk {
  const known = floor.desks.get(profile.agentId);
  if (known) {
    known.profile = profile;
    return known;
  }
  floor.nextPacingId += 1;
  const desk: Desk = {
    agentId: profile.agentId,
    profile,
    pacingId: floor.nextPacingId,
    work: offDuty(floorNowMs(floor)),
    seq: 0,
    campaignId: null,
    legId: null,
    legUp: false,
    legSinceMs: -Infinity,
    legMissed: false,
    bridgeId: null,
    legTries: 0,
    echoLegId: null,
    call: null,
    callSeq: 0,
    muted: false,
    wrapUpEndsAtMs: null,
    wrapUpTimer: null,
    lastEffect: null,
    saving: false,
    heardAtMs: -Infinity,
    inLineFor: null,
    busyFor: null,
    announced: 'stay',
    reserved: false,
  };
  floor.desks.set(profile.agentId, desk);
  return desk;
}

/** Can this agent be given a call of their campaign now? */
export function isAble(floor: Floor, desk: Desk): boolean {
  return desk.campaignId !== null && isFree(floor, desk);
}

/** Can this supervisor be given a call now that would be cut without a word? No campaign counts on them. */
export function isStandingBy(floor: Floor, desk: Desk): boolean {
  return desk.profile.standsBy && isFree(floor, desk);
}

function isFree(floor: Floor, desk: Desk): boolean {
  return desk.work.state === 'ready' && desk.legUp && desk.bridgeId !== null && desk.call === null && isAnswering(floor, desk);
}

/** Agents of a campaign who can take a call now. */
export function ableDesks(floor: Floor, campaignId: string): Desk[] {
  return [...floor.desks.values()].filter((desk) => desk.campaignId === campaignId && isAble(floor, desk));
}

/** Agents of a campaign on duty: able, or so again after their call and its form, with their leg up and their console answering. */
export function workingDesks(floor: Floor, campaignId: string): number {
  let working = 0;
  for (const desk of floor.desks.values()) if (desk.campaignId === campaignId && isWorking(floor, desk)) working += 1;
  return working;
}

/** Whether an agent is on duty: able, or so again after the call at hand. */
export function isWorking(floor: Floor, desk: Desk): boolean {
  return isAble(floor, desk) || (isBusy(desk) && isAnswering(floor, desk) && desk.legUp && !wantsToGo(desk.work));
}

function isBusy(desk: Desk): boolean {
  return desk.work.state === 'offered' || desk.work.state === 'talking' || desk.work.state === 'wrap_up';
}

function isAnswering(floor: Floor, desk: Desk): boolean {
  return floor.clock.monotonicMs() - desk.heardAtMs <= CONSOLE_SILENT_MS;
}

/**
 * Moves an agent's work. False when the state does not understand the event. Everything that follows from a change is done by
 * `changed`, which callers invoke once after all their changes.
 */
export function move(floor: Floor, desk: Desk, event: AgentEvent): boolean {
  const before = desk.work;
  const after = next(before, event, floorNowMs(floor));
  if (after === null) return false;
  desk.work = after;
  if (after.state !== before.state || after.reason !== before.reason) {
    floor.journal.event({
      kind: `agent.${after.state}`,
      subject: 'agent',
      subjectId: desk.agentId,
      actor: 'dialer',
      at: Temporal.Instant.fromEpochMilliseconds(floorNowMs(floor)),
      body: { from: before.state, reason: after.reason, attemptId: after.attemptId },
    });
  }
  return true;
}

/**
 * After any change of a desk: tells its console, the pacer and the database, gives a waiting caller to an agent who became able,
 * and the station back of one who went off duty.
 */
export function changed(floor: Floor, desk: Desk): void {
  desk.seq += 1;
  if (desk.work.state === 'offline') {
    desk.campaignId = null;
    releaseStation(floor, desk);
  }
  // The file goes out as the voices are joined, not a moment later.
  floor.tell({ type: 'desk', desk: viewOf(floor, desk) }, desk.work.state === 'offered' ? 'now' : 'soon');
  floor.journal.desk({
    agentId: desk.agentId,
    floorId: floor.floorId,
    epoch: floor.lease.epoch,
    seq: desk.seq,
    desk: savedDeskOf(desk),
  });
  tellAvailability(floor, desk);
  if (desk.campaignId !== null && isAble(floor, desk)) serveLine(floor, desk.campaignId);
  if (isFree(floor, desk)) serveWithoutMessage(floor, desk.campaignId);
}

/** Whoever is free, wherever they serve, may be the one for a call that would be cut without a word. */
function serveWithoutMessage(floor: Floor, ownCampaignId: string | null): void {
  for (const { id, line } of floor.campaigns.values()) {
    if (id !== ownCampaignId && line.some((call) => !call.recordedSound)) serveLine(floor, id);
  }
}

/**
 * Keeps the pacer's picture of the agents true, also when a console falls silent or answers again. An offered agent counts as idle
 * until the bridge stands; one who leaves a call without coming back in line is away.
 */
export function tellAvailability(floor: Floor, desk: Desk): void {
  if (isBusy(desk)) {
    if (desk.busyFor !== null) announce(floor, desk, desk.busyFor);
    return;
  }
  const able = isAble(floor, desk) ? desk.campaignId : null;
  if (desk.busyFor !== null && desk.busyFor !== able) {
    tellAway(floor, desk, desk.busyFor, 'wrap');
  }
  desk.busyFor = null;
  if (able !== desk.inLineFor) {
    const before = desk.inLineFor;
    desk.inLineFor = able;
    if (before !== null) tellAway(floor, desk, before, 'idle');
    if (able !== null) comesInLine(floor, desk, able);
  }
  if (able !== null) announce(floor, desk, able);
}

function comesInLine(floor: Floor, desk: Desk, campaignId: string): void {
  const campaign = floor.campaigns.get(campaignId);
  if (campaign?.lacksSpeakers) {
    campaign.lacksSpeakers = false;
    campaign.dryUntilMs = 0;
  }
  if (campaign) speaksAnew(floor, desk, campaign);
  tellPacer(floor, campaignId, { type: 'agent.available', agent: desk.pacingId });
}

/** Whoever was set aside for want of somebody who speaks their language is back in line once somebody does. */
function speaksAnew(floor: Floor, desk: Desk, campaign: Campaign): void {
  const { spoken, id: campaignId } = campaign;
  const { languages } = desk.profile;
  if (spoken === null || (languages.length > 0 && languages.every((language) => spoken.has(language)))) return;
  if (languages.length === 0) campaign.spoken = null;
  for (const language of languages) spoken.add(language);
  floor.writer.later(
    campaignId,
    'speakers',
    async (database) => void (await bringBackSpoken(database, { campaignId, languages })),
  );
}

/**
 * Tells the pacer of an agent whom a former dialer left talking or at the form of a call. It has not followed the call and learns nothing of
 * it; that the agent will be free again is what it needs to know.
 */
export function tellTakenOver(floor: Floor, desk: Desk, call: Call, doing: 'talk' | 'wrap'): void {
  desk.busyFor = call.campaignId;
  call.toldPacer = true;
  const { pacingId: agent } = desk;
  tellPacer(floor, call.campaignId, { type: 'agent.available', agent });
  if (doing === 'wrap') {
    tellPacer(floor, call.campaignId, { type: 'agent.wrap', agent });
    return;
  }
  tellPacer(floor, call.campaignId, { type: 'call.ended', call: call.pacingId, cause: 'lost' });
  tellPacer(floor, call.campaignId, { type: 'call.connected', call: call.pacingId, agent });
}

/** Takes an agent out of a campaign's count; plans that were announced go with them. */
export function tellAway(floor: Floor, desk: Desk, campaignId: string, from: 'idle' | 'wrap'): void {
  desk.announced = 'stay';
  desk.reserved = false;
  tellPacer(floor, campaignId, { type: 'agent.away', agent: desk.pacingId, from });
}

/** Who waits to be let go takes the calls that count on them, and the pacer dials no further ones for them. */
function announce(floor: Floor, desk: Desk, campaignId: string): void {
  const plan = desk.work.logOutAfterCall ? 'logout' : wantsToGo(desk.work) ? 'break' : 'stay';
  if (plan === desk.announced) return;
  desk.announced = plan;
  tellPacer(floor, campaignId, { type: 'agent.announced', agent: desk.pacingId, next: plan });
}

/** What outlives this process of a desk. */
function savedDeskOf(desk: Desk) {
  return {
    state: desk.work.state,
    reason: desk.work.reason,
    sinceMs: desk.work.sinceMs,
    attemptId: desk.work.attemptId,
    pauseAfterCall: desk.work.pauseAfterCall,
    logOutAfterCall: desk.work.logOutAfterCall,
    campaignId: desk.campaignId,
    legId: desk.legId,
    bridgeId: desk.bridgeId,
  };
}

/** The desk as its console sees it. */
export function viewOf(floor: Floor, desk: Desk): DeskView {
  return {
    seq: desk.seq,
    agentId: desk.agentId,
    state: desk.work.state,
    reason: desk.work.reason,
    since: iso(desk.work.sinceMs),
    serverTime: iso(floorNowMs(floor)),
    standsBy: desk.profile.standsBy,
    campaignId: desk.campaignId,
    campaigns: desk.profile.campaigns,
    pauseAfterCall: desk.work.pauseAfterCall,
    logOutAfterCall: desk.work.logOutAfterCall,
    able: isAble(floor, desk) || isStandingBy(floor, desk),
    legUp: desk.legUp,
    call: desk.call === null ? null : callView(floor, desk.call, desk),
    wrapUpEndsAt: desk.wrapUpEndsAtMs === null ? null : iso(desk.wrapUpEndsAtMs),
    lastEffect: desk.lastEffect,
  };
}

function callView(floor: Floor, call: Call, desk: Desk): DeskCall {
  const campaign = floor.campaigns.get(call.campaignId);
  return {
    attemptId: call.attemptId,
    campaignId: call.campaignId,
    campaignName: campaign?.name ?? '',
    number: call.number,
    phoneId: call.phoneId,
    inbound: call.inbound && inboundView(call, call.inbound),
    phase: phaseOf(call),
    muted: desk.muted,
    connectedAt: call.stamps.connected === undefined ? null : iso(call.stamps.connected),
    endedAt: call.state === 'ended' ? iso(desk.work.sinceMs) : null,
    recycling: campaign?.settings.recycling ?? DEFAULT_CAMPAIGN_SETTINGS.recycling,
    file: call.file,
    guidance: call.guidance,
  };
}

function inboundView(call: Call, { called, candidates, found, caller, enteredMs }: InboundSide): DeskCall['inbound'] {
  const waitedMs = Math.max(0, Math.round((call.stamps.connected ?? enteredMs) - enteredMs));
  return { called, candidates: [...candidates, ...found], caller, waitedMs };
}

function phaseOf(call: Call): DeskCall['phase'] {
  if (call.state === 'ended') return 'ended';
  if (call.place === 'held') return 'held';
  if (call.place === 'music' || call.place === 'apology') return 'music';
  return call.state === 'connected' ? 'talking' : 'offered';
}

/** Takes the call off an agent's desk; the wrap-up of an ended call keeps it on screen until then. */
export function clearCall(desk: Desk): void {
  desk.call = null;
  desk.muted = false;
  desk.wrapUpEndsAtMs = null;
  if (desk.wrapUpTimer) clearTimeout(desk.wrapUpTimer);
  desk.wrapUpTimer = null;
}

/** Ends the agent's part of a call in the record. */
export function endSegment(floor: Floor, call: Call, stampMs: number): void {
  const { segment } = call;
  call.segment = null;
  if (segment === null) return;
  floor.journal.segment({
    attemptId: call.attemptId,
    agentId: segment.agentId,
    from: Temporal.Instant.fromEpochMilliseconds(Math.round(segment.fromMs)),
    to: Temporal.Instant.fromEpochMilliseconds(Math.round(Math.max(stampMs, segment.fromMs))),
  });
}
