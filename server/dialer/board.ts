import type { Callable } from '../contract/campaigns.ts';
import type { BoardCampaign, Wallboard } from '../contract/wallboard.ts';
import { NOBODY_CALLABLE, readCallable } from '../insight/callable.ts';
import { NOTHING_DIALED, readDayCounts, type DayCounts } from '../insight/store.ts';
import { isAble, isStandingBy } from './desks.ts';
import { floorNowMs, iso, type Campaign, type Floor } from './floor.ts';
import { budgetOf } from './ledger.ts';
import { createUtilisation } from './utilisation.ts';

const COUNTS_EVERY_MS = 2_000;
const CALLABLE_EVERY_MS = 5_000;
/** A wallboard of which nothing was heard for so long is looked at by nobody. */
const WATCHED_FOR_MS = 10_000;

/** The wallboard's figures: those in memory are fresh, those from the database a few seconds old. */
export interface Board {
  /** Publishes the wallboard once; called each second. */
  publish(): void;
}

export function createBoard(floor: Floor): Board {
  const utilisation = createUtilisation();
  let counts = new Map<string, DayCounts>();
  let callables = new Map<string, Callable>();
  let countedAtMs = -Infinity;
  let calledAtMs = -Infinity;

  async function refresh(): Promise<void> {
    const ids = [...floor.campaigns.keys()];
    const nowMs = floor.clock.monotonicMs();
    if (nowMs - countedAtMs >= COUNTS_EVERY_MS) {
      countedAtMs = nowMs;
      counts = await readDayCounts(floor.database, ids, floor.clock.now());
    }
    if (nowMs - calledAtMs >= CALLABLE_EVERY_MS) {
      calledAtMs = nowMs;
      callables = await readCallable(floor.database, ids);
    }
  }

  function board(): Wallboard {
    return {
      floorId: floor.floorId,
      at: iso(floorNowMs(floor)),
      switchUp: floor.switchUp,
      dialerUp: floor.lease.valid(),
      agents: [...floor.desks.values()]
        .filter((desk) => desk.work.state !== 'offline')
        .map((desk) => ({
          agentId: desk.agentId,
          displayName: desk.profile.displayName,
          state: desk.work.state,
          reason: desk.work.reason,
          since: iso(desk.work.sinceMs),
          able: isAble(floor, desk) || isStandingBy(floor, desk),
          standsBy: desk.profile.standsBy,
          campaignId: desk.campaignId,
        })),
      campaigns: [...floor.campaigns.values()]
        .filter((campaign) => campaign.state !== 'ended')
        .map((campaign) => ({
          ...boardCampaign(floor, campaign, counts.get(campaign.id), callables.get(campaign.id)),
          utilisation: utilisation.of(campaign.id),
        })),
    };
  }

  return {
    publish() {
      refresh().catch(() => {
        // Old figures stay on the board; `why` says that the database is away.
      });
      utilisation.look(floor.desks.values(), floor.clock.monotonicMs());
      floor.tell({ type: 'wallboard', wallboard: board() });
    },
  };
}

function boardCampaign(
  floor: Floor,
  campaign: Campaign,
  day = NOTHING_DIALED,
  callable = NOBODY_CALLABLE,
): Omit<BoardCampaign, 'utilisation'> {
  const inFlight = { dialing: 0, ringing: 0, screening: 0, waiting: 0, connected: 0 };
  for (const call of floor.calls.values()) {
    if (call.campaignId !== campaign.id || call.state === 'ended' || call.state === 'reserved') continue;
    inFlight[call.state === 'answered' ? 'screening' : call.state] += 1;
  }
  return {
    id: campaign.id,
    name: campaign.name,
    state: campaign.state,
    inFlight,
    day,
    inbound: inboundOf(floor, campaign),
    budget: budgetOf(floor, campaign),
    // Walks all calls and agents: only for somebody who looks.
    outlook: campaign.state === 'running' && isWatched(floor) ? campaign.pacer.outlook() : null,
    callable,
    why: campaign.why,
  };
}

function isWatched(floor: Floor): boolean {
  return floor.clock.monotonicMs() - floor.watchedAtMs < WATCHED_FOR_MS;
}

/** Callers of the campaign: those who wait, and those who talk with an agent. */
function inboundOf(floor: Floor, { id, inboundLine }: Campaign): BoardCampaign['inbound'] {
  let talking = 0;
  for (const call of floor.inbound.values()) if (call.campaignId === id && call.state === 'connected') talking += 1;
  const first = inboundLine[0]?.inbound;
  return { waiting: inboundLine.length, since: first ? iso(first.enteredMs) : null, talking };
}
