import type { WhyRule } from '../contract/wallboard.ts';
import { ableDesks } from './desks.ts';
import { floorNowMs, type Campaign, type Floor } from './floor.ts';
import { launch } from './launch.ts';
import { keptAgents } from './kept.ts';
import { letGo } from './leave.ts';
import { CLOCK_SKEW_LIMIT_MS } from './lease.ts';
import { shareOut } from './share.ts';
import type { TrunkGate } from './trunk.ts';

/** How often each campaign's pacer is asked. */
export const TICK_MS = 200;

/** After a reservation found nobody to call, the queue is asked again this much later. */
export const DRY_MS = 1_000;

/** What a campaign's pacer wants now, within what the host allows. */
interface Wish {
  campaign: Campaign;
  trunk: TrunkGate;
  wants: number;
}

/** Asks every campaign's pacer how many to dial now, and launches that many; those that want the same trunk share it by weight. */
export function tick(floor: Floor): void {
  floor.ticks += 1;
  const wishes = [...floor.campaigns.values()].flatMap((campaign) => ask(floor, campaign) ?? []);
  for (const trunk of new Set(wishes.map((wish) => wish.trunk))) {
    shareTrunk(
      floor,
      trunk,
      wishes.filter((wish) => wish.trunk === trunk),
    );
  }
}

function shareTrunk(floor: Floor, trunk: TrunkGate, wishes: readonly Wish[]): void {
  const shares = shareOut(
    Math.min(trunk.linesFree(), trunk.credit()),
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

/** Asks one campaign's pacer and notes why; null while its last calls are still being sent, or without a trunk. */
function ask(floor: Floor, campaign: Campaign): Wish | null {
  letGo(floor, campaign);
  if (campaign.launching) return null;
  const trunk = floor.trunks.get(campaign.settings.trunk);
  const stop = hostStops(floor, campaign, trunk);
  const dry = floor.clock.monotonicMs() < campaign.dryUntilMs;
  const decision = campaign.pacer.tick(floorNowMs(floor), {
    linesFree: stop || !trunk ? 0 : trunk.linesFree(),
    cpsCredit: stop || !trunk ? 0 : trunk.credit(),
    leadsReady: dry ? 0 : campaign.settings.pacing.maxLinesPerAgent * Math.max(1, floor.desks.size),
    inputAgeMs: Math.round(floor.telephone.silenceMs()),
  });
  const { rule, figures } = decision.why;
  const able = ableDesks(floor, campaign.id).length;
  // No agent able, no dial (invariant I6): the pacer says so too; it is checked where the calls are made.
  const wants = stop || able === 0 ? 0 : Math.max(0, decision.dial - countedTwice(floor, campaign));
  const restS = Math.ceil((trunk?.restMs() ?? 0) / 1_000);
  campaign.why = {
    rule: stop ?? (able === 0 ? 'no_agents' : rule),
    dial: wants,
    figures: { ...figures, ...(stop === 'trunk_full' ? { restS } : {}) },
  };
  return trunk ? { campaign, trunk, wants } : null;
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
