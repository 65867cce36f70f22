import { readAgent, readDesks, type SavedDesk } from '../agents/store.ts';
import { readDebtorFile } from '../debtors/file.ts';
import { releasePastEpochs } from '../queue/release.ts';
import type { LiveLeg } from '../telephony/port.ts';
import { changed, deskOf, move } from './desks.ts';
import { floorNowMs, tellPacer, type Call, type Desk, type Floor } from './floor.ts';
import { endByRecord } from './reconcile.ts';
import { fromMusic, startRescue } from './rescue.ts';
import { callStation, openBridge, provisionStation } from './stations.ts';
import { readOutcome } from './store.ts';
import { startWrapUp } from './wrap-up.ts';

type OpenAttempt = Awaited<ReturnType<typeof openAttempts>>[number];

/**
 * Takes over what a former dialer left: reservations that were never dialed are released, agents are put back where they were,
 * calls that are bridged go on, every other call is ended by the switch's record, and legs that belong to nobody are hung up
 * (invariants I4 and I7).
 */
export async function recover(floor: Floor): Promise<void> {
  const released = await releasePastEpochs(floor.database, { floorId: floor.floorId, epoch: floor.lease.epoch });
  const open = await openAttempts(floor);
  const live = new Map((await floor.telephone.liveLegs()).map((leg) => [leg.legId, leg]));
  const desks = await restoreDesks(floor, live);
  for (const attempt of open) await restoreCall(floor, attempt, live, desks);
  for (const [desk, saved] of desks) await seat(floor, desk, saved);
  await hangUpStrangers(floor, live);
  floor.log.info({ released, open: open.length, agents: desks.size }, 'floor taken over');
}

function openAttempts(floor: Floor) {
  return floor.database
    .selectFrom('contact_attempt')
    .select([
      'id',
      'campaign_id',
      'party_id',
      'phone_id',
      'number',
      'state',
      'trunk',
      'agent_id',
      'ring_timeout_ms',
      'dialing_at',
    ])
    .select(['ringing_at', 'answered_at', 'waiting_at', 'connected_at', 'message_at'])
    .where('floor_id', '=', floor.floorId)
    .where('epoch', '<', floor.lease.epoch)
    .where('state', '!=', 'ended')
    .execute();
}

/** Desks as last written, with the legs and bridges that still stand. */
async function restoreDesks(floor: Floor, live: Map<string, LiveLeg>): Promise<Map<Desk, SavedDesk>> {
  const desks = new Map<Desk, SavedDesk>();
  for (const { agentId, seq, desk: saved } of await readDesks(floor.database, floor.floorId)) {
    const profile = await readAgent(floor.database, agentId);
    if (!profile) continue;
    const desk = deskOf(floor, profile);
    desk.seq = seq;
    if (saved.state === 'connecting' || saved.state === 'offline') {
      changed(floor, desk);
      continue;
    }
    desk.campaignId = saved.campaignId;
    desk.work = {
      state: saved.state === 'paused' ? 'paused' : 'ready',
      reason: saved.state === 'paused' ? (saved.reason ?? 'other') : null,
      sinceMs: saved.sinceMs,
      attemptId: null,
      pauseAfterCall: null,
      logOutAfterCall: false,
    };
    const leg = saved.legId === null ? undefined : live.get(saved.legId);
    if (leg && saved.legId !== null && saved.bridgeId !== null && leg.bridgeId === saved.bridgeId) {
      desk.legId = saved.legId;
      desk.bridgeId = saved.bridgeId;
      desk.legUp = true;
      floor.agentLegs.set(saved.legId, { desk, purpose: 'agent' });
      await floor.telephone.adopt(saved.legId);
    }
    desks.set(desk, saved);
  }
  return desks;
}

async function restoreCall(
  floor: Floor,
  attempt: OpenAttempt,
  live: Map<string, LiveLeg>,
  desks: Map<Desk, SavedDesk>,
): Promise<void> {
  const call = callOf(floor, attempt);
  floor.calls.set(call.attemptId, call);
  floor.trunks.get(call.trunk)?.take();
  tellPacer(floor, call.campaignId, { type: 'call.dialed', call: call.pacingId });
  const leg = live.get(call.attemptId);
  const desk = [...desks.keys()].find(
    (one) => one.agentId === attempt.agent_id || (leg?.bridgeId && one.bridgeId === leg.bridgeId),
  );
  if (!leg) {
    await endByRecord(floor, call);
    return;
  }
  call.unseen = true;
  await floor.telephone.adopt(call.attemptId);
  if (desk && (leg.bridgeId === desk.bridgeId || attempt.state === 'connected')) {
    seatTalking(floor, call, desk, leg);
    return;
  }
  if (leg.state === 'up') {
    // In the dialplan already it hears the message; waiting for an application that is gone it must be told to.
    call.messageDue = true;
    await floor.telephone.sayMessage(call.attemptId).catch(() => undefined);
    return;
  }
  // It rings for a dialer that is gone: nobody could be given to whoever answers.
  call.hungUpByUs = true;
  await floor.telephone.hangUp(call.attemptId);
}

function callOf(floor: Floor, attempt: OpenAttempt): Call {
  floor.nextPacingId += 1;
  const at = (moment: Temporal.Instant | null): number | undefined => moment?.epochMilliseconds;
  const stamps = {
    ringing: at(attempt.ringing_at),
    answered: at(attempt.answered_at),
    waiting: at(attempt.waiting_at),
    connected: at(attempt.connected_at),
    message: at(attempt.message_at),
  };
  const dialedMs = at(attempt.dialing_at) ?? floorNowMs(floor);
  return {
    attemptId: attempt.id,
    campaignId: attempt.campaign_id,
    partyId: attempt.party_id,
    phoneId: attempt.phone_id,
    number: attempt.number,
    pacingId: floor.nextPacingId,
    trunk: attempt.trunk ?? 'main',
    dialedAtMs: floor.clock.monotonicMs() - (floorNowMs(floor) - dialedMs),
    ringTimeoutMs: attempt.ring_timeout_ms,
    state: attempt.state,
    screening: null,
    stamps: Object.fromEntries(Object.entries(stamps).filter(([, value]) => value !== undefined)),
    place: 'alone',
    desk: null,
    segment:
      attempt.agent_id !== null && stamps.connected !== undefined
        ? { agentId: attempt.agent_id, fromMs: stamps.connected }
        : null,
    file: null,
    fileAsked: true,
    waitingSinceMs: null,
    messageDue: false,
    toldPacer: false,
    hungUpByUs: false,
    unseen: true,
    missed: false,
    rescue: null,
  };
}

/** The debtor is with an agent, or hears music until the agent's leg is back. */
function seatTalking(floor: Floor, call: Call, desk: Desk, leg: LiveLeg): void {
  call.state = 'connected';
  call.stamps.connected ??= floorNowMs(floor);
  call.desk = desk;
  call.segment = { agentId: desk.agentId, fromMs: call.stamps.connected };
  desk.call = call;
  desk.busyFor = call.campaignId;
  desk.work = { ...desk.work, state: 'talking', reason: null, attemptId: call.attemptId, sinceMs: call.stamps.connected };
  tellPacer(floor, call.campaignId, { type: 'call.connected', call: call.pacingId, agent: desk.pacingId });
  if (leg.bridgeId !== null && leg.bridgeId === desk.bridgeId) call.place = 'bridged';
  else if (desk.legUp && desk.bridgeId !== null) void fromMusic(floor, call, desk.bridgeId);
  else startRescue(floor, call, desk, leg.bridgeId);
  readDebtorFile(floor.database, call.partyId)
    .then((file) => {
      call.file = file;
      if (desk.call === call) changed(floor, desk);
    })
    .catch((error: unknown) => floor.log.warn({ err: error }, 'debtor file could not be read'));
}

/** Puts an agent back: in a call, at the form of one that ended meanwhile, or in line; a lost station is called. */
async function seat(floor: Floor, desk: Desk, saved: SavedDesk): Promise<void> {
  if (desk.work.state !== 'talking' && (saved.state === 'talking' || saved.state === 'wrap_up') && saved.attemptId !== null) {
    await seatAtForm(floor, desk, saved, saved.attemptId);
  }
  desk.work = { ...desk.work, pauseAfterCall: saved.pauseAfterCall, logOutAfterCall: saved.logOutAfterCall };
  // What they waited for is over: the calls of the former dialer have been given up.
  if (desk.work.state === 'ready') move(floor, desk, { type: 'unbound' });
  if (desk.work.state === 'paused') desk.work = { ...desk.work, pauseAfterCall: null, logOutAfterCall: false };
  if (desk.work.state === 'offline') {
    changed(floor, desk);
    return;
  }
  if (desk.legId === null) {
    await provisionStation(floor, desk);
    await openBridge(floor, desk);
    await callStation(floor, desk);
  }
  changed(floor, desk);
}

async function seatAtForm(floor: Floor, desk: Desk, saved: SavedDesk, attemptId: string): Promise<void> {
  if (await readOutcome(floor.database, attemptId)) {
    // Saved, but what the agent wanted next was not: nobody is put in line without having asked.
    desk.work = { ...desk.work, state: 'paused', reason: 'other' };
    return;
  }
  const row = await floor.database
    .selectFrom('contact_attempt')
    .select([
      'id',
      'campaign_id',
      'party_id',
      'phone_id',
      'number',
      'state',
      'trunk',
      'agent_id',
      'ring_timeout_ms',
      'dialing_at',
    ])
    .select(['ringing_at', 'answered_at', 'waiting_at', 'connected_at', 'message_at'])
    .where('id', '=', attemptId)
    .executeTakeFirst();
  if (!row) return;
  const call = callOf(floor, row);
  call.state = 'ended';
  call.desk = desk;
  call.file = await readDebtorFile(floor.database, call.partyId);
  desk.call = call;
  desk.work = { ...desk.work, state: 'wrap_up', reason: null, attemptId, sinceMs: saved.sinceMs };
  startWrapUp(floor, desk);
}

/** Legs of ours that nobody claims: stations of agents who are off duty, echo tests, calls without an attempt. */
async function hangUpStrangers(floor: Floor, live: Map<string, LiveLeg>): Promise<void> {
  for (const legId of live.keys()) {
    if (floor.calls.has(legId) || floor.agentLegs.has(legId)) continue;
    await floor.telephone.hangUp(legId).catch((error: unknown) => {
      floor.log.warn({ err: error, legId }, 'a leg of nobody could not be hung up');
    });
  }
}
