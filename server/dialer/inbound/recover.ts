import type { SavedDesk } from '../../agents/store.ts';
import type { LiveLeg } from '../../telephony/port.ts';
import { adoptLeg, bringBack } from '../adopt.ts';
import { readDossier } from '../dossier.ts';
import { floorNowMs, newInboundCall, type Call, type Desk, type Floor } from '../floor.ts';
import { hangUp } from '../message.ts';
import { fromMusic, startRescue } from '../rescue.ts';
import { bridged, withdraw } from '../serve.ts';
import { startWrapUp } from '../wrap-up.ts';
import { noteConfirmedEnd } from './confirmed.ts';
import { announce, announcementIds, backInLine, leaveInboundLine } from './line.ts';
import { initialsOf } from './rules.ts';
import { inboundEnded } from './news.ts';
import { noteInbound } from './store.ts';

type OpenCall = Awaited<ReturnType<typeof readOpenCalls>>[number];

/** Calls that came in and have not ended, and those whose contact has not. Index: inbound_call_open, contact_attempt_open. */
function readOpenCalls(floor: Floor) {
  const openContacts = floor.database
    .selectFrom('contact_attempt')
    .select('id')
    .where('floor_id', '=', floor.floorId)
    .where('state', '!=', 'ended')
    .where('direction', '=', 'inbound');
  return floor.database
    .selectFrom('inbound_call')
    .selectAll()
    .where('floor_id', '=', floor.floorId)
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('id', 'in', openContacts)]))
    .execute();
}

/**
 * Takes over the callers of a former dialer: who talks goes on talking, who waits comes back to the line, keeping their place, whom the
 * dialplan serves is left to it, and whoever is gone has ended (invariant I7).
 */
export async function recoverInbound(
  floor: Floor,
  live: ReadonlyMap<string, LiveLeg>,
  desks: ReadonlyMap<Desk, SavedDesk>,
): Promise<void> {
  const taken = new Set<string>();
  for (const row of await readOpenCalls(floor)) {
    taken.add(row.leg_id);
    const call = await callOf(floor, row);
    const leg = live.get(row.leg_id);
    if (call && (leg === undefined || row.ended_at !== null)) await endLost(floor, call, row, desks);
    else if (call && leg) await takeUp(floor, call, leg, desks);
  }
  // Their dialer died before it could note them.
  for (const [legId, leg] of live) if (!taken.has(legId) && isOurs(floor, leg)) await comeAgain(floor, legId);
}

/** A leg that waits for an application of this floor's. */
function isOurs(floor: Floor, leg: LiveLeg): boolean {
  return leg.inbound?.waitsFor?.startsWith(`wusul-${floor.floorId}-`) === true;
}

async function comeAgain(floor: Floor, legId: string): Promise<void> {
  // The switch goes on with the leg once nothing is played to it any more.
  const stopped = announcementIds(legId).map((id) => floor.telephone.stopPlaying(id));
  await Promise.allSettled(stopped);
  await floor.telephone.serveInbound(legId, 'enter').catch((error: unknown) => {
    floor.log.warn({ err: error, legId }, 'a caller could not be brought back to the line');
  });
}

async function callOf(floor: Floor, row: OpenCall): Promise<Call | null> {
  if (row.campaign_id === null) return null;
  const call = newInboundCall(floor, {
    attemptId: row.id,
    legId: row.leg_id,
    campaignId: row.campaign_id,
    caller: { number: row.number, called: row.called, trunk: row.trunk },
    enteredMs: row.entered_at.epochMilliseconds,
  });
  call.partyId = row.party_id;
  call.phoneId = row.phone_id;
  call.lastAgentId = row.agent_id;
  if (row.connected_at !== null) call.stamps.connected = row.connected_at.epochMilliseconds;
  if (row.party_id !== null) Object.assign(call, await readDossier(floor.database, row.party_id));
  const { inbound } = call;
  if (inbound === null) return call;
  if (row.party_id !== null) inbound.caller = 'confirmed';
  inbound.candidates = await candidatesOf(floor, row.candidates);
  return call;
}

async function candidatesOf(floor: Floor, partyIds: readonly string[]) {
  if (partyIds.length === 0) return [];
  const people = await floor.database
    .selectFrom('party')
    .select(['id', 'display_name', 'kind', 'language'])
    .where('id', 'in', partyIds)
    .execute();
  return people
    .toSorted((a, b) => partyIds.indexOf(a.id) - partyIds.indexOf(b.id))
    .map(({ id, display_name, kind, language }) => ({ partyId: id, initials: initialsOf(display_name), kind, language }));
}

/** The leg is gone: whoever talked with an agent leaves a form behind. */
async function endLost(floor: Floor, call: Call, row: OpenCall, desks: ReadonlyMap<Desk, SavedDesk>): Promise<void> {
  const stampMs = row.ended_at?.epochMilliseconds ?? floorNowMs(floor);
  const [desk, saved] = [...desks].find(([, each]) => each.attemptId === row.id) ?? [];
  const talked = call.stamps.connected !== undefined || saved?.state === 'talking' || saved?.state === 'wrap_up';
  call.state = 'ended';
  if (talked) call.stamps.connected ??= stampMs;
  if (row.ended_at === null) noteInbound(floor, call, { result: talked ? 'talked' : 'hung_up', stampMs });
  if (talked) noteConfirmedEnd(floor, call, stampMs);
  // With a confirmed caller the form comes back by the attempt.
  if (desk && saved && talked && call.partyId === null && row.outcome === null) seatAtForm(floor, call, desk, saved);
}

function seatAtForm(floor: Floor, call: Call, desk: Desk, saved: SavedDesk): void {
  call.desk = desk;
  desk.call = call;
  desk.work = { ...desk.work, state: 'wrap_up', reason: null, attemptId: call.attemptId, sinceMs: saved.sinceMs };
  startWrapUp(floor, desk);
}

async function takeUp(floor: Floor, call: Call, leg: LiveLeg, desks: ReadonlyMap<Desk, SavedDesk>): Promise<void> {
  const { inbound } = call;
  if (inbound === null) return;
  floor.inbound.set(call.legId, call);
  const adopted = await adoptLeg(floor, call.legId).catch(() => false);
  if (!adopted) return;
  const metWith = [...desks].find(([, saved]) => leg.bridgeId !== null && saved.bridgeId === leg.bridgeId)?.[0];
  const talkedWith =
    call.stamps.connected === undefined ? undefined : [...desks.keys()].find((one) => one.agentId === call.lastAgentId);
  const desk = metWith ?? talkedWith;
  if (desk && desk.call === null) seatTalking(floor, call, desk, leg);
  else if (leg.inbound?.waitsFor != null) await comeAgain(floor, call.legId);
  else inbound.stage = 'dialplan';
}

function seatTalking(floor: Floor, call: Call, desk: Desk, leg: LiveLeg): void {
  call.state = 'connected';
  call.stamps.connected ??= floorNowMs(floor);
  call.desk = desk;
  call.lastAgentId = desk.agentId;
  call.segment = { agentId: desk.agentId, fromMs: call.stamps.connected };
  if (call.inbound) call.inbound.stage = 'agent';
  desk.call = call;
  desk.work = { ...desk.work, state: 'talking', reason: null, attemptId: call.attemptId, sinceMs: call.stamps.connected };
  if (leg.bridgeId !== null && leg.bridgeId === desk.bridgeId) call.place = 'bridged';
  else if (desk.legUp && desk.bridgeId !== null) void fromMusic(floor, call, desk.bridgeId);
  else startRescue(floor, call, desk, leg.bridgeId);
}

/** After the switch was out of sight: callers who are gone have ended, the others are where the switch has them. */
export async function reconcileInbound(floor: Floor, live: ReadonlyMap<string, LiveLeg>): Promise<void> {
  for (const call of floor.inbound.values()) {
    const leg = live.get(call.legId);
    if (leg === undefined) {
      if (call.inbound && call.inbound.stage !== 'dialplan') call.inbound.result = 'lost';
      inboundEnded(floor, call, floorNowMs(floor));
      continue;
    }
    // Gone in this moment: its end is told, or the sweep finds it.
    if (!(await adoptLeg(floor, call.legId))) continue;
    whereItIs(floor, call, leg, live);
  }
}

function whereItIs(floor: Floor, call: Call, leg: LiveLeg, live: ReadonlyMap<string, LiveLeg>): void {
  const { desk, inbound } = call;
  if (inbound === null || call.state === 'ended') return;
  if (desk?.bridgeId && leg.bridgeId === desk.bridgeId) {
    if (call.place === 'joining' || call.place === 'held') bridged(floor, call, leg.bridgeId, floorNowMs(floor));
  } else if (call.hungUpByUs) {
    hangUp(floor, call);
  } else if (leg.inbound?.waitsFor == null && leg.bridgeId === null) {
    // The deadline was faster: the dialplan serves them.
    leaveInboundLine(floor, call);
    inbound.stage = 'dialplan';
    if (desk) withdraw(floor, call, desk);
  } else if (call.state === 'connected') {
    if (desk && (call.place === 'bridged' || call.place === 'joining')) bringBack(floor, call, desk, live);
  } else if (desk) {
    withdraw(floor, call, desk);
    backInLine(floor, call);
  } else if (inbound.stage === 'line') {
    // What was being said may have ended unseen.
    void announce(floor, call);
  }
}

/** Looks for callers whose end was never told; two sweeps in a row must miss them. */
export function sweepInbound(floor: Floor, live: ReadonlySet<string>): void {
  for (const call of floor.inbound.values()) {
    if (!live.has(call.legId) && call.missed) {
      inboundEnded(floor, call, floorNowMs(floor));
      continue;
    }
    call.missed = !live.has(call.legId);
    // Asked for before, and not done: once more.
    if (!call.missed && call.hungUpByUs) hangUp(floor, call);
  }
}
