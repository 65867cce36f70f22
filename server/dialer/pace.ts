import type { WhyRule } from '../contract/wallboard.ts';
import { nextLeads } from './ahead.ts';
import { ableDesks, workingDesks } from './desks.ts';
import { floorNowMs, tellPacer, type Campaign, type Floor } from './floor.ts';
import { launch } from './launch.ts';
import { agentsAwaited } from './inbound/line.ts';
import { keptAgents, keptFor } from './kept.ts';
import { letGo } from './leave.ts';
import { CLOCK_SKEW_LIMIT_MS } from './lease.ts';
import { hangUp } from './message.ts';
import { serveLine } from './serve.ts';
import { shareOut } from './share.ts';
import type { TrunkGate } from './trunk.ts';

/** How often each campaign's pacer is asked. */
export const TICK_MS = 200;

/** After a reservation found nobody to call, the queue is asked again this much later. */
export const DRY_MS = 1_000;

/** A call that has been silent for so long is taken to ring: later than nearly every 180, earlier than the pacer gives a call up. */
const SILENT_AFTER_MS = 10_000;
const LOOK_FOR_SILENT_TICKS = 5;

/** What a campaign's pacer wants now, within what the host allows. */
interface Wish {
  campaign: Campaign;
  trunk: TrunkGate;
  wants: number;
}

/** Asks every campaign's pacer how many to dial now, and launches that many; those that want the same trunk share it by weight. */
export function tick(floor: Floor): void {
  floor.ticks += 1;
  if (floor.ticks % LOOK_FOR_SILENT_TICKS === 0) tellOfSilentCalls(floor);
  const wishes = [...floor.campaigns.values()].flatMap((campaign) => ask(floor, campaign) ?? []);
  for (const trunk of new Set(wishes.map((wish) => wish.trunk))) {
    shareTrunk(
      floor,
      trunk,
      wishes.filter((wish) => wish.trunk === trunk),
    );
  }
}

/**
 * Tells the pacer that calls ring of which the switch has told nothing: it tells of no 183, and some trunks send no 180. Otherwise the
 * pacer would take the news for lost and dial their agents a second call. What such a trunk teaches is when its calls are answered.
 */
function tellOfSilentCalls(floor: Floor): void {
  const nowMs = floor.clock.monotonicMs();
  for (const call of floor.calls.values()) {
    if (call.state !== 'dialing' || call.takenForRinging || nowMs - call.dialedAtMs < SILENT_AFTER_MS) continue;
    call.takenForRinging = true;
    tellPacer(floor, call.campaignId, { type: 'call.ringing', call: call.pacingId });
  }
}

function shareTrunk(floor: Floor, trunk: TrunkGate, wishes: readonly Wish[]): void {
  const shares = shareOut(
    Math.min(trunk.linesFree(), trunk.credit(TICK_MS)),
    wishes.map(({ campaign, wants }) => ({ weight: campaign.settings.weight, wants, turn: campaign.turn })),
  );
  for (const [index, { campaign }] of wishes.entries()) {
    const { calls, turn } = shares[index] ?? { calls: 0, turn: 0 };
    campaign.turn = turn;
    campaign.why.dial = calls;
    if (calls === 0) continue;
    const under = launch(floor, campaign, trunk, calls).finally(() => floor.launches.delete(under));
    floor.launches.add(under);
  }
}

/**
 * Asks one campaign's pacer and notes why; null while its last calls are still being sent, or without a trunk. A campaign that is not
 * running and has no calls is not asked: there is nothing to decide.
 */
function ask(floor: Floor, campaign: Campaign): Wish | null {
  letGo(floor, campaign);
  // A call that counted on an agent may have ended without a word of any desk, and a console that was silent may answer again.
  if (campaign.line.length + campaign.inboundLine.length > 0) serveLine(floor, campaign.id);
  const trunk = floor.trunks.get(campaign.settings.trunk);
  const stop = hostStops(floor, campaign, trunk);
  if (stop === 'paused' && !hasCalls(floor, campaign.id)) {
    campaign.why = { rule: stop, dial: 0, figures: {} };
    return null;
  }
  reserveAgents(floor, campaign);
  const { launching } = campaign;
  const dry = floor.clock.monotonicMs() < campaign.dryUntilMs;
  const nextLeadP = nextLeads(floor, campaign);
  const decision = campaign.pacer.tick(floorNowMs(floor), {
    linesFree: stop || !trunk ? 0 : trunk.linesFree(),
    cpsCredit: stop || !trunk ? 0 : trunk.credit(TICK_MS),
    leadsReady: dry || launching ? 0 : campaign.settings.pacing.maxLinesPerAgent * Math.max(1, floor.desks.size),
    ...(nextLeadP === undefined ? {} : { nextLeadP }),
    inputAgeMs: Math.round(floor.telephone.silenceMs()),
  });
  followAdvice(floor, campaign, decision.cancel);
  // What it said before the calls under way still holds.
  if (launching) return null;
  const { rule, figures } = decision.why;
  const { mode } = campaign.settings.pacing;
  const agents = mode === 'predictive' ? workingDesks(floor, campaign.id) : ableDesks(floor, campaign.id).length;
  // No agent able, no dial (invariant I6): the pacer says so too; it is checked where the calls are made.
  const wants = stop || agents === 0 ? 0 : Math.max(0, decision.dial - countedTwice(floor, campaign));
  const restS = Math.ceil((trunk?.restMs() ?? 0) / 1_000);
  campaign.why = {
    rule: stop ?? (agents === 0 ? 'no_agents' : rule),
    dial: wants,
    figures: {
      ...figures,
      ...(stop === 'trunk_full' ? { restS } : {}),
      ...(campaign.pacer.forgot ? { snapshotForgotten: 1 } : {}),
      ...(campaign.pacer.recordBroken() ? { recordGap: 1 } : {}),
    },
  };
  return trunk ? { campaign, trunk, wants } : null;
}

/**
 * Hangs up calls that the pacer would rather be without, once they have rung for as long as the campaign promises; who has answered,
 * and what has not been heard ringing, is left alone.
 */
function followAdvice(floor: Floor, campaign: Campaign, advised: readonly number[]): void {
  if (advised.length === 0) return;
  const switchNowMs = floorNowMs(floor) + floor.switchSkewMs;
  for (const call of floor.calls.values()) {
    if (call.campaignId !== campaign.id || call.hungUpByUs || !advised.includes(call.pacingId)) continue;
    const rangMs = call.state === 'ringing' ? switchNowMs - (call.stamps.ringing ?? switchNowMs) : 0;
    if (rangMs >= campaign.rule.minRingMs) hangUp(floor, call);
  }
}

/**
 * Whom the pacer may not count on: agents whom callers in the line are waiting for; and where it dials ahead of agents, one who is kept for
 * a call without a message.
 */
function reserveAgents(floor: Floor, campaign: Campaign): void {
  const ahead = campaign.settings.pacing.mode === 'predictive';
  const awaited = agentsAwaited(floor, campaign);
  if (!ahead && awaited.size === 0 && !campaign.reserves) return;
  campaign.reserves = awaited.size > 0;
  const kept = ahead ? keptFor(floor, campaign.id) : null;
  for (const desk of floor.desks.values()) {
    if (desk.campaignId !== campaign.id || (desk.inLineFor ?? desk.busyFor) !== campaign.id) continue;
    const reserved = awaited.has(desk) || kept?.get(desk.agentId)?.recordedSound === false;
    if (reserved === desk.reserved) continue;
    desk.reserved = reserved;
    tellPacer(floor, campaign.id, { type: 'agent.reserved', agent: desk.pacingId, on: reserved });
  }
}

function hasCalls(floor: Floor, campaignId: string): boolean {
  for (const call of floor.calls.values()) if (call.campaignId === campaignId) return true;
  return false;
}

/** By ratio the pacer dials several for each agent; on one who is kept for a call without a message no second may count. */
function countedTwice(floor: Floor, campaign: Campaign): number {
  const { mode, ratio } = campaign.settings.pacing;
  return mode === 'ratio' ? Math.ceil((ratio - 1) * keptAgents(floor, campaign.id)) : 0;
}

/** Why the host lets nothing be dialed whatever the pacer says, or null. */
function hostStops(floor: Floor, campaign: Campaign, trunk: TrunkGate | undefined): WhyRule | null {
  if (campaign.state !== 'running' || floor.stopping) return 'paused';
  if (!floor.switchUp) return 'switch_lost';
  if (!floor.lease.valid()) return 'lease_lost';
  if (campaign.databaseLost && floor.clock.monotonicMs() < campaign.dryUntilMs) return 'database_lost';
  if (Math.max(Math.abs(floor.lease.skewMs()), Math.abs(floor.switchSkewMs)) > CLOCK_SKEW_LIMIT_MS) return 'clock_skew';
  if (!trunk || !trunk.limits.armed || (trunk.limits.kind === 'demo') !== campaign.demo) return 'trunk_disarmed';
  if (trunk.breakerOpen()) return 'trunk_limit';
  if (trunk.restMs() > 0) return 'trunk_full';
  return null;
}
