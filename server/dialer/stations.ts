import { randomUUIDv7 } from 'node:crypto';
import { missingSkills } from '../agents/rules.ts';
import { stationAccountFor } from '../agents/stations.ts';
import { Refusal } from '../kernel/errors.ts';
import { changed, clearCall, move } from './desks.ts';
import { switchAnswers, type Desk, type Floor } from './floor.ts';
import { offerElsewhere, withdraw } from './serve.ts';
import { endRescue, startRescue } from './rescue.ts';

const RING_MS = 20_000;
const RETRY_AFTER_MS = [0, 1_000, 3_000, 5_000] as const;
const ECHO_MS = 20_000;
const UNSEEN_MS = 1_000;
const FORGOTTEN_MS = 600_000;

/** Makes the agent's station known to the switch, so that it may register. Idempotent; needed again after the switch restarts. */
export async function provisionStation(floor: Floor, desk: Desk): Promise<void> {
  const account = stationAccountFor(floor.stationKey, desk.agentId);
  await floor.telephone.provisionStation({ stationId: account.user, kind: desk.profile.stationKind, secret: account.secret });
}

async function requireReachable(floor: Floor, desk: Desk): Promise<string> {
  const { user } = stationAccountFor(floor.stationKey, desk.agentId);
  if (!(await floor.telephone.stationReachable(user))) {
    throw new Refusal('station_unreachable', 'the station is not registered; connect the softphone or phone and try again', {
      status: 409,
    });
  }
  return user;
}

/** Logs an agent in: the leg is called once and stands in the agent's own bridge until log-out. Who stands by serves no campaign. */
export async function logIn(floor: Floor, desk: Desk, campaignId: string | null): Promise<void> {
  if (desk.work.state !== 'offline') throw new Refusal('already_logged_in', 'this agent is already logged in', { status: 409 });
  const chosenId = desk.profile.standsBy ? null : campaignToServe(floor, desk, campaignId);
  await requireReachable(floor, desk);
  if (!move(floor, desk, { type: 'log_in' }))
    throw new Refusal('already_logged_in', 'this agent is already logged in', { status: 409 });
  desk.campaignId = chosenId;
  try {
    await endTest(floor, desk);
    await openBridge(floor, desk);
    await callStation(floor, desk);
  } catch (error) {
    // Otherwise the desk would wait for a leg that nobody calls.
    stationGone(floor, desk);
    throw error;
  }
  changed(floor, desk);
}

/** The campaign asked for, or the first that runs. Throws `campaign_not_served` or `skills_missing`. */
function campaignToServe(floor: Floor, desk: Desk, campaignId: string | null): string {
  const serves = desk.profile.campaigns;
  const chosen =
    campaignId === null
      ? (serves.find((one) => one.state === 'running' && lacking(floor, desk, one.id).length === 0) ?? serves[0])
      : serves.find((one) => one.id === campaignId);
  if (!chosen)
    throw new Refusal('campaign_not_served', 'this agent may not serve that campaign', { field: 'campaignId', status: 403 });
  const skills = lacking(floor, desk, chosen.id).join(', ');
  if (skills !== '') {
    const message = `the campaign asks for skills that this agent lacks: ${skills}`;
    throw new Refusal('skills_missing', message, { field: 'campaignId', status: 403, details: { skills } });
  }
  return chosen.id;
}

/** What a campaign asks for and the agent lacks. */
export function lacking(floor: Floor, desk: Desk, campaignId: string): string[] {
  return missingSkills(desk.profile, floor.campaigns.get(campaignId)?.settings.skills ?? []);
}

/** Hangs up the station and takes its bridge down, if there are any. The agent is off duty. */
export function releaseStation(floor: Floor, desk: Desk): void {
  const { legId, bridgeId } = desk;
  forgetLeg(floor, desk);
  desk.bridgeId = null;
  if (legId !== null) quietly(floor, floor.telephone.hangUp(legId));
  if (bridgeId !== null) quietly(floor, floor.telephone.destroyBridge(bridgeId));
}

/** Gives the agent a bridge of their own if they have none. */
export async function openBridge(floor: Floor, desk: Desk): Promise<void> {
  if (desk.bridgeId !== null) return;
  const bridgeId = randomUUIDv7();
  await floor.telephone.createBridge(bridgeId);
  // It may have been given one meanwhile, or have gone off duty.
  if (desk.bridgeId === null && desk.work.state !== 'offline') desk.bridgeId = bridgeId;
  else quietly(floor, floor.telephone.destroyBridge(bridgeId));
}

/** Calls the station; its leg joins the standing bridge once it answers. */
export async function callStation(floor: Floor, desk: Desk): Promise<void> {
  const legId = randomUUIDv7();
  desk.legId = legId;
  desk.legUp = false;
  desk.legSinceMs = floor.clock.monotonicMs();
  desk.legMissed = false;
  floor.agentLegs.set(legId, { desk, purpose: 'agent' });
  const { user } = stationAccountFor(floor.stationKey, desk.agentId);
  const reply = await floor.telephone.callAgent({
    legId,
    stationId: user,
    ringTimeoutMs: RING_MS,
    purpose: 'agent',
    displayName: 'Wusul',
  });
  if (reply.outcome === 'refused') agentLegEnded(floor, legId);
}

/** Calls the station and lets it hear itself, for twenty seconds or until ended. Only off duty. */
export async function testStation(floor: Floor, desk: Desk): Promise<void> {
  if (desk.work.state !== 'offline') throw new Refusal('logged_in', 'log out before testing the station', { status: 409 });
  const stationId = await requireReachable(floor, desk);
  await endTest(floor, desk);
  const legId = randomUUIDv7();
  desk.echoLegId = legId;
  floor.agentLegs.set(legId, { desk, purpose: 'echo' });
  const reply = await floor.telephone.callAgent({
    legId,
    stationId,
    ringTimeoutMs: RING_MS,
    purpose: 'echo',
    displayName: 'Wusul',
  });
  if (reply.outcome === 'refused') {
    desk.echoLegId = null;
    floor.agentLegs.delete(legId);
    throw new Refusal('station_unreachable', `the station could not be called: ${reply.reason}`, { status: 409 });
  }
  setTimeout(() => {
    if (desk.echoLegId === legId) void endTest(floor, desk);
  }, ECHO_MS).unref();
}

/** Ends a running echo test. */
export async function endTest(floor: Floor, desk: Desk): Promise<void> {
  const legId = desk.echoLegId;
  desk.echoLegId = null;
  if (legId === null) return;
  await floor.telephone.hangUp(legId).catch(() => undefined);
}

/** The station has answered: its leg goes into the agent's bridge. */
export function agentLegEntered(floor: Floor, legId: string): void {
  const leg = floor.agentLegs.get(legId);
  if (!leg || leg.purpose === 'echo') return;
  if (leg.desk.legId !== legId) {
    // Given up before it answered: the agent has another leg.
    dropLeg(floor, legId);
    return;
  }
  const { bridgeId } = leg.desk;
  if (bridgeId === null) {
    dropLeg(floor, legId);
    return;
  }
  floor.telephone.join(bridgeId, legId).catch((error: unknown) => {
    floor.log.warn({ err: error, agentId: leg.desk.agentId }, 'agent leg could not join its bridge');
    if (switchAnswers(floor)) dropLeg(floor, legId);
  });
}

/** The leg stands in its bridge: the agent can hear and speak. */
export function agentLegJoined(floor: Floor, legId: string): void {
  const desk = floor.agentLegs.get(legId)?.desk;
  if (!desk || desk.legId !== legId || desk.legUp) return;
  desk.legUp = true;
  desk.legTries = 0;
  move(floor, desk, { type: 'leg_up' });
  if (desk.call?.place === 'music') void endRescue(floor, desk.call, desk);
  changed(floor, desk);
}

/**
 * What an agent hears begins anew after each talk. Their leg stays in its bridge, and where the two ends speak different codecs the switch
 * goes on counting packets from the last person's: of the next ones it holds half to be late, and the agent would hear nothing of them.
 */
export function renewSound(floor: Floor, desk: Desk): void {
  const { legId, agentId } = desk;
  if (legId === null || !desk.legUp) return;
  floor.telephone.renewSound(legId).catch((error: unknown) => {
    floor.log.warn({ err: error, agentId }, 'what an agent hears could not be begun anew');
  });
}

/** The station hung up, was lost, or never answered. What follows is the table of glare and loss. */
export function agentLegEnded(floor: Floor, legId: string): void {
  const leg = floor.agentLegs.get(legId);
  floor.agentLegs.delete(legId);
  if (!leg) return;
  const { desk } = leg;
  if (desk.echoLegId === legId) desk.echoLegId = null;
  if (desk.legId !== legId) return;
  desk.legId = null;
  desk.legUp = false;
  desk.legTries += 1;
  if (desk.work.state === 'connecting') {
    stationGone(floor, desk);
    return;
  }
  if (desk.work.state === 'offline') return;
  loseVoice(floor, desk);
  changed(floor, desk);
  callBack(floor, desk);
}

/** The console was loaded anew: the old leg is an orphan, so it is dropped and the station called at once. */
export async function reattach(floor: Floor, desk: Desk): Promise<void> {
  if (desk.work.state === 'offline' || desk.work.state === 'connecting') return;
  const orphan = desk.legId;
  forgetLeg(floor, desk);
  loseVoice(floor, desk);
  if (orphan !== null) quietly(floor, floor.telephone.hangUp(orphan));
  await callAgain(floor, desk);
}

/** Calls the station of an agent on duty anew; if not even that can be asked for, it is tried again by itself. */
export async function callAgain(floor: Floor, desk: Desk): Promise<void> {
  desk.legTries = 0;
  try {
    await openBridge(floor, desk);
    if (desk.legId === null) await callStation(floor, desk);
  } catch (error) {
    callBackAnew(floor, desk);
    throw error;
  } finally {
    changed(floor, desk);
  }
}

/** Hangs up an agent's leg that belongs to no desk, or whose desk has no place for it. */
export function dropLeg(floor: Floor, legId: string): void {
  quietly(floor, floor.telephone.hangUp(legId));
}

/** Logs out agents who have closed their console long ago and are in no call. */
export function logOutForgotten(floor: Floor): void {
  const nowMs = floor.clock.monotonicMs();
  for (const desk of floor.desks.values()) {
    if (desk.work.state !== 'paused' && desk.work.state !== 'ready') continue;
    if (nowMs - Math.max(desk.heardAtMs, floor.startedAtMs) < FORGOTTEN_MS) continue;
    if (move(floor, desk, { type: 'log_out' })) changed(floor, desk);
  }
}

/** What happens to a call when its agent's voice is gone. */
function loseVoice(floor: Floor, desk: Desk): void {
  const { call } = desk;
  if (!call || call.state === 'ended') return;
  if (desk.work.state === 'talking') {
    startRescue(floor, call, desk, desk.bridgeId);
    return;
  }
  if (desk.work.state === 'offered') {
    call.trouble = 'agent_leg_failed';
    withdraw(floor, call, desk);
    offerElsewhere(floor, call);
  }
}

function callBack(floor: Floor, desk: Desk): void {
  const waitMs = RETRY_AFTER_MS[desk.legTries - 1];
  if (waitMs === undefined) {
    stationGone(floor, desk);
    return;
  }
  callBackAfter(floor, desk, waitMs);
}

/** Calls an agent on duty back as if for the first time. */
export function callBackAnew(floor: Floor, desk: Desk): void {
  desk.legTries = 1;
  callBack(floor, desk);
}

function callBackAfter(floor: Floor, desk: Desk, waitMs: number): void {
  setTimeout(() => {
    if (floor.stopping || desk.legId !== null || desk.work.state === 'offline') return;
    if (!floor.switchUp) {
      // Nothing is called while the switch is out of sight, and that is no try.
      callBackAfter(floor, desk, UNSEEN_MS);
      return;
    }
    openBridge(floor, desk)
      .then(() => (desk.legId === null ? callStation(floor, desk) : undefined))
      .catch((error: unknown) => {
        floor.log.warn({ err: error, agentId: desk.agentId }, 'agent could not be called back');
      });
  }, waitMs).unref();
}

/** The station does not answer: a person must look at it. In a call the rescue goes on without it. */
function stationGone(floor: Floor, desk: Desk): void {
  if (!move(floor, desk, { type: 'leg_failed' })) return;
  clearCall(desk);
  changed(floor, desk);
}

function forgetLeg(floor: Floor, desk: Desk): void {
  if (desk.legId !== null) floor.agentLegs.delete(desk.legId);
  desk.legId = null;
  desk.legUp = false;
}

function quietly(floor: Floor, work: Promise<void>): void {
  work.catch((error: unknown) => {
    floor.log.debug({ err: error }, 'switch refused a clean-up');
  });
}
