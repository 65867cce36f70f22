import { isBound, wantsToGo, type AgentEvent } from '../agents/rules.ts';
import { ableDesks, changed, isAble, move, workingDesks } from './desks.ts';
import type { Campaign, Desk, Floor } from './floor.ts';
import { keptFor, wantsOne } from './kept.ts';
import { isOnlySpeaker } from './speech.ts';

/** Calls of a campaign that may still want an agent and have none: dialing, ringing, being screened, or waiting. */
export function callsWithoutAgent(floor: Floor, campaignId: string): number {
  let count = 0;
  for (const call of floor.calls.values()) if (call.campaignId === campaignId && wantsOne(call)) count += 1;
  return count;
}

/** A pause or a log-out as an agent asks for it: at once, or once the calls that count on them are over. */
export function leaving<E extends Extract<AgentEvent, { type: 'pause' | 'log_out' }>>(floor: Floor, desk: Desk, event: E): E {
  return { ...event, bound: isBoundNow(floor, desk) };
}

/** Lets agents go who wait for it and on whom no call counts any more, one by one. Asked at every tick. */
export function letGo(floor: Floor, campaign: Campaign): void {
  for (const desk of floor.desks.values()) {
    if (desk.campaignId !== campaign.id || desk.work.state !== 'ready' || !wantsToGo(desk.work)) continue;
    if (isBoundNow(floor, desk)) continue;
    move(floor, desk, { type: 'unbound' });
    changed(floor, desk);
  }
}

/** Whether calls of their campaign count on an agent. Who cannot take a call anyway binds nobody and is bound by nothing. */
export function isBoundNow(floor: Floor, desk: Desk): boolean {
  const campaign = floor.campaigns.get(desk.campaignId ?? '');
  if (!campaign || !isAble(floor, desk)) return false;
  if (keptFor(floor, campaign.id).has(desk.agentId)) return true;
  const { mode, minAgentsForPredictive } = campaign.settings.pacing;
  // With few agents predictive pacing keeps one line for each, as progressive does.
  const few = mode === 'predictive' && workingDesks(floor, campaign.id) < minAgentsForPredictive;
  if ((few || mode === 'progressive') && isOnlySpeaker(floor, desk)) return true;
  return isBound({
    mode: few ? 'progressive' : mode,
    othersAble: ableDesks(floor, campaign.id).length - 1,
    callsInFlight: callsWithoutAgent(floor, campaign.id),
  });
}
