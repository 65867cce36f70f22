import { sql } from 'kysely';
import { z } from 'zod';
import { readAgent, readDesks, type SavedDesk } from '../agents/store.ts';
import { endTestsOfPastEpochs } from '../campaigns/trunks/test-call.ts';
import { releasePastEpochs } from '../queue/release.ts';
import { SCREENING_VERDICTS, type LiveLeg } from '../telephony/port.ts';
import { changed, deskOf, move, tellTakenOver } from './desks.ts';
import { floorNowMs, newCall, RULE_OF_ENDED_CAMPAIGNS, tellPacer, type OutboundCall, type Desk, type Floor } from './floor.ts';
import { adoptLeg } from './adopt.ts';
import { readDossier } from './dossier.ts';
import { recoverInbound } from './inbound/recover.ts';
import { countNow } from './ledger.ts';
import { hangUp, sayMessage } from './message.ts';
import { endByRecord, recordOf, storyOf, tellStory, type RecordByLeg } from './reconcile.ts';
import { fromMusic, startRescue } from './rescue.ts';
import { callStation, openBridge, provisionStation } from './stations.ts';
import { readRule, RULE_WHEN_DIALED } from './rule-in-force.ts';
import { lastHeardOf, readOutcome } from './store.ts';
import type { Ending } from './rules.ts';
import { startWrapUp } from './wrap-up.ts';

type OpenAttempt = Awaited<ReturnType<ReturnType<typeof attemptsInProgress>['execute']>>[number];

const AGAIN_MS = 500;

const storedScreening = z.object({ verdict: z.enum(SCREENING_VERDICTS), status: z.string(), cause: z.string() });

/**
 * Takes over what a former dialer left: reservations that were never dialed are released, agents are put back where they were,
 * calls that are bridged go on, every other call is ended by the switch's record, and legs that belong to nobody are hung up
 * (invariants I4 and I7).
 */
export async function recover(floor: Floor): Promise<void> {
  const released = await releasePastEpochs(floor.database, { floorId: floor.floorId, epoch: floor.lease.epoch });
  await endTestsOfPastEpochs(floor.database, { floorId: floor.floorId, epoch: floor.lease.epoch });
  const open = await attemptsInProgress(floor).where('epoch', '<', floor.lease.epoch).execute();
  const live = new Map((await legsOnceReachable(floor)).map((leg) => [leg.legId, leg]));
  const desks = await restoreDesks(floor, live);
  const talked = new Set<string>();
  const calls = open.map((attempt) => takeUp(floor, attempt));
  const record = await recordOf(floor, calls);
  for (const call of calls) {
    const ending = await restoreCall(floor, call, live, desks, record);
    if (ending?.result === 'connected') talked.add(call.attemptId);
  }
  await recoverInbound(floor, live, desks);
  for (const [desk, saved] of desks) await seat(floor, desk, saved, talked);
  await hangUpStrangers(floor, live);
  void learnAnew(floor);
  floor.log.info({ released, open: open.length, agents: desks.size }, 'floor taken over');
}

/** Scores wait a moment for one another and die with the process: those of the last people heard of are computed again. */
async function learnAnew(floor: Floor): Promise<void> {
  try {
    for (const partyId of await lastHeardOf(floor.database, floor.floorId)) floor.journal.learnt(partyId);
  } catch (error) {
    floor.log.warn({ err: error }, 'whose scores were left undone cannot be asked; the nightly rescore computes them');
  }
}

/** Everything alive; waited for as long as it takes, since nothing can be taken over unseen. */
async function legsOnceReachable(floor: Floor): Promise<LiveLeg[]> {
  for (;;) {
    try {
      return await floor.telephone.liveLegs();
    } catch (error) {
      floor.log.warn({ err: error }, 'the switch cannot be asked what is alive, it is asked again');
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** What a call needs of its attempt to be taken up again. */
const COLUMNS_OF_A_CALL = [
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
  'ringing_at',
  'answered_at',
  'waiting_at',
  'connected_at',
  'message_at',
  'verdict',
  'screening',
] as const;

/** Attempts of ours on this floor that have not ended, each with what a call needs to be taken up again. */
export function attemptsInProgress(floor: Floor) {
  return floor.database
    .selectFrom('contact_attempt')
    .select(COLUMNS_OF_A_CALL)
    .select(RULE_WHEN_DIALED.as('rule'))
    .where('floor_id', '=', floor.floorId)
    .where('direction', '=', 'outbound')
    .where('state', '!=', 'ended');
}

/** Desks as last written, with the legs and bridges that still stand. */
async function restoreDesks(floor: Floor, live: Map<string, LiveLeg>): Promise<Map<Desk, SavedDesk>> {
  const desks = new Map<Desk, SavedDesk>();
  const bridges = new Map<string, Desk>();
  for (const { agentId, seq, desk: saved } of await readDesks(floor.database, floor.floorId)) {
    const profile = await readAgent(floor.database, agentId);
    if (profile?.standsBy !== (saved.campaignId === null)) {
      // Disabled or of another role meanwhile: nobody comes back to this bridge.
      if (saved.bridgeId !== null) forsaken(floor, saved.bridgeId);
      continue;
    }
    const desk = deskOf(floor, profile);
    desk.seq = seq;
    if (saved.state === 'connecting' || saved.state === 'offline') {
      if (saved.bridgeId !== null) forsaken(floor, saved.bridgeId);
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
    if (saved.bridgeId !== null) bridges.set(saved.bridgeId, desk);
    const leg = saved.legId === null ? undefined : live.get(saved.legId);
    if (leg && saved.legId !== null && saved.bridgeId !== null && leg.bridgeId === saved.bridgeId) {
      desk.legId = saved.legId;
      desk.bridgeId = saved.bridgeId;
      desk.legUp = true;
      floor.agentLegs.set(saved.legId, { desk, purpose: 'agent' });
      await adoptIfAlive(floor, saved.legId);
    }
    desks.set(desk, saved);
  }
  // A bridge without its agent: the agent is given a new one, and a debtor who stands in it is taken out first.
  for (const [bridgeId, desk] of bridges) if (desk.bridgeId !== bridgeId) forsaken(floor, bridgeId);
  return desks;
}

/** Takes up a call of which only its row is known: it counts on its trunk and in the pacer until it ends. */
export function takeUp(floor: Floor, attempt: OpenAttempt): OutboundCall {
  const call = callOf(floor, attempt);
  floor.calls.set(call.attemptId, call);
  floor.trunks.get(call.trunk)?.takeUp();
  tellPacer(floor, call.campaignId, { type: 'call.dialed', call: call.pacingId });
  return call;
}

/** Puts a call back where it was, or ends it. Returns how it ended, if it has. */
async function restoreCall(
  floor: Floor,
  call: OutboundCall,
  live: Map<string, LiveLeg>,
  desks: Map<Desk, SavedDesk>,
  record: RecordByLeg,
): Promise<Ending | null> {
  const leg = live.get(call.attemptId);
  const { lastAgentId } = call;
  if (!leg) {
    const atForm = [...desks].find(([, saved]) => saved.attemptId === call.attemptId)?.[0];
    // An agent who is put back at the form says what came of it, and it was they who talked, written or not.
    if (atForm) call.lastAgentId = null;
    return endByRecord(floor, call, { record, agentId: atForm && call.segment === null ? atForm.agentId : null });
  }
  // Where the debtor is says more than what was written last.
  const metWith = [...desks].find(([, saved]) => leg.bridgeId !== null && saved.bridgeId === leg.bridgeId)?.[0];
  const desk = metWith ?? [...desks.keys()].find((one) => one.agentId === lastAgentId && one.call === null);
  await adoptIfAlive(floor, call.attemptId);
  const story = storyOf(record.get(call.attemptId) ?? [], call.attemptId);
  if (story) tellStory(call, story);
  if (desk && (desk === metWith || call.state === 'connected')) {
    seatTalking(floor, call, desk, leg);
  } else if (leg.state === 'up') {
    // In the dialplan already it hears the message; waiting for an application that is gone it must be told to.
    sayMessage(floor, call);
  } else {
    // It rings for a dialer that is gone: nobody could be given to whoever answers.
    hangUp(floor, call);
  }
  return null;
}

/** What cannot be adopted is gone, or the switch is: either way the reconciliation that follows finds out. */
async function adoptIfAlive(floor: Floor, legId: string): Promise<void> {
  await adoptLeg(floor, legId).catch((error: unknown) => {
    floor.log.warn({ err: error, legId }, 'a leg could not be adopted');
  });
}

/** What the gate said of recorded voices when the call was reserved. */
function mayHear(verdict: unknown): boolean {
  return typeof verdict !== 'object' || verdict === null || !('recordedSound' in verdict) || verdict.recordedSound !== false;
}

function callOf(floor: Floor, attempt: OpenAttempt): OutboundCall {
  const at = (moment: Temporal.Instant | null): number | undefined => moment?.epochMilliseconds;
  const stamps = {
    ringing: at(attempt.ringing_at),
    answered: at(attempt.answered_at),
    waiting: at(attempt.waiting_at),
    connected: at(attempt.connected_at),
    message: at(attempt.message_at),
  };
  const dialedMs = at(attempt.dialing_at) ?? floorNowMs(floor);
  const call = newCall(floor, {
    attemptId: attempt.id,
    campaignId: attempt.campaign_id,
    partyId: attempt.party_id,
    phoneId: attempt.phone_id,
    number: attempt.number,
    language: null,
    recordedSound: mayHear(attempt.verdict),
    keptAgentId: null,
    guidance: null,
    trunk: attempt.trunk ?? 'main',
    ringTimeoutMs: attempt.ring_timeout_ms,
    // Settings may have changed since: whoever answered is owed what held when they were called.
    rule: readRule(attempt.rule) ?? floor.campaigns.get(attempt.campaign_id)?.rule ?? RULE_OF_ENDED_CAMPAIGNS,
  });
  const screening = storedScreening.safeParse(attempt.screening);
  return {
    ...call,
    dialedAtMs: floor.clock.monotonicMs() - (floorNowMs(floor) - dialedMs),
    state: attempt.state,
    // Its deadline was armed by a former dialer; what it came to is read in the switch's record.
    deadlineMs: 0,
    screening: screening.success ? screening.data : null,
    stamps: Object.fromEntries(Object.entries(stamps).filter(([, value]) => value !== undefined)),
    lastAgentId: attempt.agent_id,
    segment:
      attempt.agent_id !== null && stamps.connected !== undefined
        ? { agentId: attempt.agent_id, fromMs: stamps.connected }
        : null,
    fileAsked: true,
    unseen: true,
  };
}

/** The debtor is with an agent, or hears music until the agent's leg is back. */
function seatTalking(floor: Floor, call: OutboundCall, desk: Desk, leg: LiveLeg): void {
  call.state = 'connected';
  call.stamps.connected ??= floorNowMs(floor);
  call.desk = desk;
  call.lastAgentId = desk.agentId;
  call.segment = { agentId: desk.agentId, fromMs: call.stamps.connected };
  desk.call = call;
  desk.work = { ...desk.work, state: 'talking', reason: null, attemptId: call.attemptId, sinceMs: call.stamps.connected };
  tellTakenOver(floor, desk, call, 'talk');
  countNow(floor, call);
  if (leg.bridgeId !== null && leg.bridgeId === desk.bridgeId) call.place = 'bridged';
  else if (desk.legUp && desk.bridgeId !== null) void fromMusic(floor, call, desk.bridgeId);
  else startRescue(floor, call, desk, leg.bridgeId);
  readDossier(floor.database, call.partyId)
    .then((dossier) => {
      Object.assign(call, dossier);
      if (desk.call === call) changed(floor, desk);
    })
    .catch((error: unknown) => floor.log.warn({ err: error }, 'debtor file could not be read'));
}

/** Puts an agent back: in a call, at the form of one that ended meanwhile, or in line; a lost station is called. */
async function seat(floor: Floor, desk: Desk, saved: SavedDesk, talked: ReadonlySet<string>): Promise<void> {
  const { attemptId } = saved;
  if (desk.work.state !== 'talking' && desk.call === null && attemptId !== null) {
    // Saved as offered, yet they met before the former dialer could write it.
    const hasTalked =
      saved.state === 'talking' || saved.state === 'wrap_up' || (saved.state === 'offered' && talked.has(attemptId));
    if (hasTalked) await seatAtForm(floor, desk, saved, attemptId);
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
    try {
      await provisionStation(floor, desk);
      await openBridge(floor, desk);
      await callStation(floor, desk);
    } catch (error) {
      // The reconciliation that follows calls whoever has no leg.
      floor.log.warn({ err: error, agentId: desk.agentId }, 'agent could not be called');
    }
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
    .select(COLUMNS_OF_A_CALL)
    .select(RULE_WHEN_DIALED.as('rule'))
    .where('id', '=', attemptId)
    .executeTakeFirst();
  if (!row) return;
  const call = callOf(floor, row);
  call.state = 'ended';
  call.desk = desk;
  Object.assign(call, await readDossier(floor.database, call.partyId));
  desk.call = call;
  desk.work = { ...desk.work, state: 'wrap_up', reason: null, attemptId, sinceMs: saved.sinceMs };
  tellTakenOver(floor, desk, call, 'wrap');
  startWrapUp(floor, desk);
}

/** Takes down a standing bridge that no agent has any more. Whoever is in it by then is parted from nobody. */
function forsaken(floor: Floor, bridgeId: string): void {
  floor.telephone.destroyBridge(bridgeId).catch((error: unknown) => {
    floor.log.warn({ err: error, bridgeId }, 'a bridge of nobody could not be taken down');
  });
}

/** Ids of our making: a switch names its own channels otherwise, and those are not ours to end. */
const OURS = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Legs of ours that nobody claims: stations of agents who are off duty, echo tests, calls without an attempt. */
async function hangUpStrangers(floor: Floor, live: Map<string, LiveLeg>): Promise<void> {
  const strangers = [...live.keys()].filter(
    (legId) => OURS.test(legId) && !floor.calls.has(legId) && !floor.agentLegs.has(legId),
  );
  if (strangers.length === 0) return;
  const others = await legsOfOtherFloors(floor, strangers);
  for (const legId of strangers) {
    if (others.has(legId)) continue;
    await floor.telephone.hangUp(legId).catch((error: unknown) => {
      floor.log.warn({ err: error, legId }, 'a leg of nobody could not be hung up');
    });
  }
}

/** Which of these legs are calls, test calls or stations of other floors, which may share the switch. */
async function legsOfOtherFloors(floor: Floor, legIds: readonly string[]): Promise<Set<string>> {
  const calls = await floor.database
    .selectFrom('contact_attempt')
    .select('id')
    .where('id', 'in', legIds)
    .where('floor_id', '!=', floor.floorId)
    .execute();
  const tests = await floor.database
    .selectFrom('trunk_test')
    .select('id')
    .where('id', 'in', legIds)
    .where('floor_id', '!=', floor.floorId)
    .execute();
  const stations = await floor.database
    .selectFrom('agent_state')
    .select(sql<string | null>`body ->> 'legId'`.as('legId'))
    .where('floor_id', '!=', floor.floorId)
    .where('state', '!=', 'offline')
    .execute();
  return new Set([...[...calls, ...tests].map((leg) => leg.id), ...stations.flatMap(({ legId }) => legId ?? [])]);
}
