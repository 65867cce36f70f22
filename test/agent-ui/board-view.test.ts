import { describe, expect, it } from 'vitest';
import type { BoardAgent, BoardCampaign, Wallboard } from '../../server/contract/wallboard.ts';
import { NOBODY_CALLABLE } from '../../server/insight/callable.ts';
import {
  agentsInOrder,
  budgetView,
  isDialing,
  tightest,
  timeLevel,
  topReasons,
  totalsOf,
} from '../../agent-ui/src/supervisor/board-view.ts';

const AT = Date.parse('2026-06-01T09:00:00Z');

function agent(state: BoardAgent['state'], minutesAgo = 1, name = 'A'): BoardAgent {
  return {
    agentId: '0199f000-0000-7000-8000-000000000001',
    displayName: name,
    state,
    reason: null,
    since: new Date(AT - minutesAgo * 60_000).toISOString(),
    able: state === 'ready',
    standsBy: false,
    campaignId: null,
  };
}

function campaign(part: Partial<BoardCampaign> = {}): BoardCampaign {
  return {
    id: '0199f000-0000-7000-8000-000000000002',
    name: 'June',
    state: 'running',
    inFlight: { dialing: 1, ringing: 2, screening: 3, waiting: 4, connected: 5 },
    inbound: { waiting: 0, since: null, talking: 0 },
    day: {
      dialed: 100,
      answered: 40,
      connected: 30,
      abandoned: 1,
      screened: 5,
      judged: 40,
      undecided: 3,
      noAnswer: 40,
      busy: 10,
      failed: 5,
    },
    budget: { window: 'rolling24h', cap: 0.03, answered: 31, abandoned: 1, allowed: 0, reachedAt: null },
    outlook: null,
    utilisation: null,
    callable: { ...NOBODY_CALLABLE, total: 10, now: 4, laterToday: 2, blocked: 1, inFlight: 1, done: 2 },
    why: { rule: 'progressive', dial: 0, figures: {} },
    ...part,
  };
}

/** Of a thousand who answered. */
function budgetOf(abandoned: number, reachedAt: string | null = null): BoardCampaign['budget'] {
  return { window: 'rolling24h', cap: 0.03, answered: 1_000, abandoned, allowed: 30, reachedAt };
}

function board(agents: BoardAgent[], campaigns: BoardCampaign[]): Wallboard {
  return { floorId: 'main', at: new Date(AT).toISOString(), switchUp: true, dialerUp: true, agents, campaigns };
}

describe('the tiles', () => {
  it('sum agents and calls over the floor', () => {
    const totals = totalsOf(
      board([agent('talking'), agent('ready'), agent('offline'), agent('paused')], [campaign(), campaign()]),
    );
    expect(totals).toMatchObject({
      onDuty: 3,
      able: 1,
      inFlight: 30,
      trying: 6,
      waiting: 8,
      callableNow: 8,
      dialing: 2,
      running: 2,
    });
    expect(totals.busyShare).toBe(0.5);
  });

  it('say nothing of occupancy while nobody works', () => {
    expect(totalsOf(board([agent('paused')], [])).busyShare).toBeNull();
  });
});

describe('a campaign', () => {
  it('is dialing by its rule, also in a moment that needs no call, and never when it does not run', () => {
    expect(isDialing(campaign())).toBe(true);
    expect(isDialing(campaign({ why: { rule: 'guard', dial: 1, figures: {} } }))).toBe(true);
    expect(isDialing(campaign({ state: 'paused' }))).toBe(false);
    expect(isDialing(campaign({ why: { rule: 'no_agents', dial: 0, figures: {} } }))).toBe(false);
  });

  it('shows how much of its abandonment is used', () => {
    const view = (abandoned: number, reachedAt: string | null = null) => budgetView(budgetOf(abandoned, reachedAt));
    expect(view(30)).toEqual({ rate: 0.03, level: 'danger', says: 'usedUp' });
    expect(view(22)).toEqual({ rate: 0.022, level: 'warn', says: 'used' });
    expect(view(18, '2026-06-01T15:40:00Z')).toEqual({ rate: 0.018, level: 'good', says: 'reached' });
    expect(budgetView({ ...budgetOf(0), answered: 0 })).toEqual({ rate: 0, level: 'good', says: 'used' });
  });

  it('whose abandoned calls are nearest to their cap stands on the tile', () => {
    const [calm, tight] = [campaign({ budget: budgetOf(10) }), campaign({ budget: { ...budgetOf(9), cap: 0.01 } })];
    expect(tightest([calm, tight])).toBe(tight);
    expect(tightest([])).toBeNull();
  });

  it('names the most frequent reasons and sums the rest', () => {
    expect(topReasons({ busy: 3, hours: 9, holiday: 1, callback: 2 }, 2)).toEqual([
      { reason: 'hours', count: 9 },
      { reason: 'busy', count: 3 },
      { reason: 'others', count: 3 },
    ]);
  });
});

describe('an agent on the board', () => {
  it('is remarked on by two thresholds', () => {
    expect([1, 12, 25].map((minutes) => timeLevel(agent('talking', minutes), AT))).toEqual(['usual', 'long', 'very_long']);
  });

  it('stands by what they do, longest first; who is off duty is not shown', () => {
    const names = agentsInOrder([
      agent('ready', 1, 'c'),
      agent('offline', 1, 'x'),
      agent('talking', 1, 'b'),
      agent('talking', 5, 'a'),
    ]);
    expect(names.map((one) => one.displayName)).toEqual(['a', 'b', 'c']);
  });
});
