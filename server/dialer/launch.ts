import { dispatch } from '../queue/dispatch.ts';
import { reserve, type ReservedAttempt } from '../queue/reserve.ts';
import { release } from '../queue/release.ts';
import { CALLED_OFF } from '../queue/rules.ts';
import { chancesOf } from './ahead.ts';
import { finish, prefetch } from './calls.ts';
import { ableDesks, workingDesks } from './desks.ts';
import { floorNowMs, newCall, tellPacer, type Call, type CallOrder, type Campaign, type Floor } from './floor.ts';
import { callsWithoutAgent } from './leave.ts';
import { callbackAgents, isHere, keepOne, roomWithoutMessage } from './kept.ts';
import { DRY_MS } from './pace.ts';
import { isSpokenHere, seatsFor, spokenHere } from './speech.ts';
import { soundLanguage, soundName } from '../telephony/sounds.ts';
import { outlivesRest } from './rules.ts';
import type { TrunkGate } from './trunk.ts';

/** How often a call that waits looks whether it still may. */
const LOOK_MS = 100;

/** The calls of a tick are spread over this time, so that they are sent before the next tick if the trunk is quick enough. */
const SPREAD_MS = 150;

/**
 * Reserves up to `count` debtors, commits them as dialing in one statement, and calls them one by one, spread over the tick. What
 * can no longer be sent (lease, permit, switch) is ended without a call. Never throws: a database that is away means no dial.
 */
export async function launch(floor: Floor, campaign: Campaign, trunk: TrunkGate, count: number): Promise<void> {
  campaign.launching = true;
  trunk.hold(count);
  let held = count;
  try {
    const seats = seatsFor(floor, campaign);
    campaign.spoken = seats === null ? null : spokenHere(floor, campaign.id);
    const { reserved } = await reserve(floor.database, {
      floorId: floor.floorId,
      epoch: floor.lease.epoch,
      campaignId: campaign.id,
      count,
      agents: callbackAgents(floor, campaign.id),
      withoutMessage: roomWithoutMessage(floor, campaign.id),
      seats,
    });
    trunk.hold(reserved.length - count);
    held = reserved.length;
    campaign.databaseLost = false;
    // With seats fewer may be found because some agents have nobody to speak with: that says nothing of the others.
    if (reserved.length === 0 || (seats === null && reserved.length < count)) {
      campaign.dryUntilMs = floor.clock.monotonicMs() + DRY_MS;
      campaign.lacksSpeakers = seats !== null;
    }
    if (reserved.length === 0) return;
    await send(floor, campaign, trunk, reserved, () => {
      trunk.hold(-1);
      held -= 1;
    });
  } catch (error) {
    campaign.dryUntilMs = floor.clock.monotonicMs() + DRY_MS;
    campaign.databaseLost = true;
    floor.log.warn({ err: error, campaignId: campaign.id }, 'reservation failed');
  } finally {
    trunk.hold(-held);
    campaign.launching = false;
  }
}

async function send(
  floor: Floor,
  campaign: Campaign,
  trunk: TrunkGate,
  reserved: readonly ReservedAttempt[],
  freeLine: () => void,
): Promise<void> {
  const ids = reserved.map((attempt) => attempt.attemptId);
  if (!floor.lease.valid() || floor.stopping) {
    await release(floor.database, ids);
    return;
  }
  // Committed before the first of them is sent (invariant I3): what dies now is never dialed a second time.
  const [sent, chances] = await Promise.all([
    dispatch(floor.database, {
      floorId: floor.floorId,
      epoch: floor.lease.epoch,
      attemptIds: ids,
      trunk: campaign.settings.trunk,
      callerId: campaign.settings.callerId,
    }),
    chancesOf(
      floor,
      campaign,
      reserved.map((attempt) => attempt.partyId),
    ),
  ]);
  const dispatched = new Set(sent);
  const calls = reserved
    .filter((attempt) => dispatched.has(attempt.attemptId))
    .map((attempt) => ({ attempt, call: newCall(floor, orderOf(campaign, trunk, attempt)) }));
  prefetch(
    floor,
    calls.map(({ call }) => call),
  );
  const spacingMs = SPREAD_MS / reserved.length;
  for (const [index, { attempt, call }] of calls.entries()) {
    await elapsed(index > 0 ? spacingMs : 0);
    await waitOut(floor, campaign, trunk, attempt);
    // Another campaign may have been faster, or the carrier full again.
    while (trunk.dueInMs() > 0) {
      await elapsed(trunk.dueInMs());
      await waitOut(floor, campaign, trunk, attempt);
    }
    freeLine();
    sendOne(floor, campaign, trunk, call, { attempt, pAnswer: chances.get(call.partyId) });
  }
}

/**
 * While the trunk is left in peace a call waits, if its permit outlives the rest, rather than being given up: it stands committed as
 * dialing and is sent once all the same. If the dialer dies meanwhile it ends as lost, and counts (invariant I3).
 */
async function waitOut(floor: Floor, campaign: Campaign, trunk: TrunkGate, attempt: ReservedAttempt): Promise<void> {
  for (;;) {
    const restMs = trunk.restMs();
    const leftMs = attempt.permitUntil.epochMilliseconds - floor.clock.now().epochMilliseconds;
    if (!outlivesRest(restMs, leftMs) || !mayCall(floor, campaign, trunk) || floor.calledOff.has(attempt.attemptId)) return;
    campaign.why = { rule: 'trunk_full', dial: 0, figures: { ...campaign.why.figures, restS: Math.ceil(restMs / 1_000) } };
    await elapsed(Math.min(restMs, LOOK_MS));
  }
}

/** Nothing speaks against a call whoever it is for. An admin may have paused or disarmed since the pacer was asked. */
function mayCall(floor: Floor, campaign: Campaign, trunk: TrunkGate): boolean {
  return trunk.limits.armed && campaign.state === 'running' && floor.lease.valid() && floor.switchUp && !floor.stopping;
}

function elapsed(ms: number): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
}

function orderOf(campaign: Campaign, trunk: TrunkGate, attempt: ReservedAttempt): CallOrder {
  const { attemptId, partyId, phoneId, number, language, recordedSound, agentId, guidance, ringTimeoutMs } = attempt;
  return {
    attemptId,
    partyId,
    phoneId,
    number,
    language,
    recordedSound,
    keptAgentId: agentId,
    guidance,
    ringTimeoutMs,
    campaignId: campaign.id,
    trunk: trunk.limits.name,
    rule: campaign.rule,
  };
}

function sendOne(
  floor: Floor,
  campaign: Campaign,
  trunk: TrunkGate,
  call: Call,
  { attempt, pAnswer }: { attempt: ReservedAttempt; pAnswer: number | undefined },
): void {
  // Registered before the originate is sent: its news may come before its reply.
  floor.calls.set(call.attemptId, call);
  // Another campaign may have taken the last line of the trunk since the pacer was asked.
  const open = trunk.linesFree() > 0 && trunk.restMs() === 0 && mayCall(floor, campaign, trunk);
  trunk.take();
  tellPacer(floor, campaign.id, {
    type: 'call.dialed',
    call: call.pacingId,
    ...(pAnswer === undefined ? {} : { lead: { pAnswer } }),
  });
  const permitted = Temporal.Instant.compare(attempt.permitUntil, floor.clock.now()) > 0;
  if (floor.calledOff.has(call.attemptId)) {
    unsent(floor, call, CALLED_OFF);
    return;
  }
  if (!open || !permitted || !hasAgent(floor, campaign, call)) {
    unsent(floor, call, 'not_sent');
    return;
  }
  originate(floor, campaign, call).catch((error: unknown) => {
    // As after no reply at all: the sweep finds out.
    floor.log.error({ err: error, attemptId: call.attemptId }, 'originate failed');
  });
}

/**
 * Agents may have left since the pacer was asked (invariant I6): a progressive call needs an agent of its own, any other somebody who
 * is able, or will be after a call, and somebody who speaks the language. A callback promised in person needs that person; where no recorded voice may be heard, an agent is kept.
 */
function hasAgent(floor: Floor, campaign: Campaign, call: Call): boolean {
  if (call.keptAgentId !== null && !isHere(floor, campaign.id, call.keptAgentId)) return false;
  if (call.keptAgentId === null && !isSpokenHere(floor, call)) return false;
  if (!call.recordedSound && !keepOne(floor, call)) return false;
  const able = ableDesks(floor, campaign.id).length;
  if (campaign.settings.pacing.mode === 'progressive') return callsWithoutAgent(floor, campaign.id) <= able;
  return able > 0 || workingDesks(floor, campaign.id) > 0;
}

async function originate(floor: Floor, campaign: Campaign, one: Call): Promise<void> {
  const { settings } = campaign;
  const language = soundLanguage(one.language);
  const reply = await floor.telephone.callDebtor({
    legId: one.attemptId,
    trunk: settings.trunk,
    number: one.number,
    callerId: settings.callerId,
    ringTimeoutMs: one.ringTimeoutMs,
    screening: settings.screening.enabled,
    machineTreatment: one.recordedSound ? settings.screening.machine : 'hang_up',
    connectWithinMs: one.rule.connectWithinMs,
    clock: one.rule.clockStart === 'greeting_end' ? 'greeting' : 'answer',
    message: one.recordedSound ? soundName('safe-harbour', language) : null,
    ownMessage: one.recordedSound ? (campaign.messages.get(language) ?? null) : null,
    optOutKey: one.rule.optOutKey,
  });
  if (reply.outcome === 'accepted' || one.state === 'ended') return;
  floor.log.warn({ attemptId: one.attemptId, outcome: reply.outcome, reason: reply.reason }, 'originate not accepted');
  // No reply: it may have been made, or be made in a moment. If no leg shows, the sweep ends the call by the switch's record.
  if (reply.outcome === 'refused') unsent(floor, one, 'refused');
}

/** A call that was never sent: it spends no try and counts towards no cap. */
function unsent(floor: Floor, one: Call, ending: 'not_sent' | 'refused' | typeof CALLED_OFF): void {
  const result = ending === 'refused' ? 'failed' : 'cancelled';
  finish(floor, one, { result, ending, counts: false }, { cause: null, techCause: null, stampMs: floorNowMs(floor) });
}
