import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { answerRuleOf } from '../../server/compliance/ledger/rules.ts';
import { debtorNews } from '../../server/dialer/calls.ts';
import { deskOf } from '../../server/dialer/desks.ts';
import { newCall, tellPacer, type Call, type Campaign, type Desk, type Floor } from '../../server/dialer/floor.ts';
import { emptyCount } from '../../server/dialer/ledger.ts';
import { openFloorPacer } from '../../server/dialer/pacer.ts';
import { createTrunkGate } from '../../server/dialer/trunk.ts';
import { pacingConfigOf } from '../../server/campaigns/pacing.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { createLogger } from '../../server/kernel/log.ts';
import { createAsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import type { Settlement } from '../../server/queue/settle.ts';
import type { LegEvent } from '../../server/telephony/port.ts';

/** Within so long of the answer an agent must be there. */
export const DEADLINE_MS = 2_000;
export const LINES = 10;

/** A call that was just dialed, and what the floor would write of it. */
export interface OneCall {
  floor: Floor;
  call: Call;
  campaign: Campaign;
  writes: string[];
  ends: Settlement[];
}

/** A floor without agents, holding one call that was just dialed; what it would write is only named. */
export function dialedOn({ database, redis }: Pick<Floor, 'database' | 'redis'>): OneCall {
  const writes: string[] = [];
  const ends: Settlement[] = [];
  const settings = DEFAULT_CAMPAIGN_SETTINGS;
  const trunk = createTrunkGate(
    { name: 'main', kind: 'demo', armed: true, channelLimit: LINES, callsPerSecond: 10 },
    systemClock,
  );
  const floor: Floor = {
    floorId: 'main',
    lease: { epoch: 1n, valid: () => true, skewMs: () => 0, release: () => Promise.resolve() },
    // Never opened: nothing is asked of it for a call without an agent.
    telephone: createAsteriskSwitch({
      url: 'http://127.0.0.1:9',
      user: '-',
      password: '-',
      application: 't',
      trunks: [],
      recordFile: null,
    }),
    database,
    redis,
    clock: systemClock,
    log: createLogger('test', 'fatal'),
    writer: {
      later: (_key, label) => void writes.push(label),
      now: () => Promise.reject(new Error('nothing is waited for on the way of a call')),
      drain: () => Promise.resolve(true),
    },
    journal: {
      desk: () => undefined,
      progress: () => undefined,
      end: (end) => {
        writes.push('attempt end');
        ends.push(end);
      },
      segment: () => undefined,
      event: () => undefined,
      learnt: () => undefined,
      flush: () => undefined,
      stop: () => undefined,
    },
    stationKey: '-',
    trunks: new Map([['main', trunk]]),
    campaigns: new Map(),
    calls: new Map(),
    calledOff: new Set(),
    desks: new Map(),
    agentLegs: new Map(),
    hours: null,
    inbound: new Map(),
    tests: new Map(),
    switchUp: true,
    watchedAtMs: -Infinity,
    generation: 0,
    startedAtMs: 0,
    stopping: false,
    switchSkewMs: 0,
    ticks: 0,
    launches: new Set(),
    nextPacingId: 1,
    dataDir: '/nowhere',
    pacingRecord: null,
    dropped: { late: 0, unknown: 0 },
    tell: () => undefined,
  };
  const campaignId = randomUUID();
  const rule = answerRuleOf({ ...settings, connectWithinMs: DEADLINE_MS }, []);
  const campaign: Campaign = {
    id: campaignId,
    version: 1,
    name: 'Test',
    state: 'running',
    demo: true,
    settings,
    pacer: openFloorPacer(floor, campaignId, pacingConfigOf(settings, rule), null),
    turn: 0,
    launching: false,
    dryUntilMs: 0,
    lacksSpeakers: false,
    spoken: null,
    databaseLost: false,
    why: { rule: 'paused', dial: 0, figures: {} },
    rule,
    startedAt: Temporal.Now.instant(),
    closesAtMs: null,
    messages: new Map(),
    count: emptyCount(),
    ahead: null,
    line: [],
    inboundLine: [],
    reserves: false,
  };
  floor.campaigns.set(campaignId, campaign);
  const call = newCall(floor, {
    attemptId: randomUUIDv7(),
    campaignId: campaign.id,
    partyId: randomUUID(),
    phoneId: randomUUID(),
    number: '+99900000000',
    language: null,
    recordedSound: true,
    keptAgentId: null,
    guidance: null,
    trunk: 'main',
    rule,
    ringTimeoutMs: 30_000,
  });
  // The file is of no interest here.
  call.fileAsked = true;
  floor.calls.set(call.attemptId, call);
  trunk.take();
  tellPacer(floor, campaign.id, { type: 'call.dialed', call: call.pacingId });
  return { floor, call, campaign, writes, ends };
}

/** What the switch tells of a call. */
export type News = LegEvent extends infer Event ? (Event extends { legId: string } ? Omit<Event, 'legId'> : never) : never;

/** As the floor hears it: of a call that has ended there is nothing to tell. */
export function tell({ floor, call }: { floor: Floor; call: Call }, news: News): void {
  if (floor.calls.has(call.attemptId)) debtorNews(floor, call, { ...news, legId: call.attemptId });
}

/** An agent in line since `sinceMs`. */
export function inLine({ floor, campaign }: { floor: Floor; campaign: Campaign }, sinceMs: number, languages: string[]): Desk {
  const desk = deskOf(floor, {
    agentId: randomUUID(),
    displayName: 'Agent',
    stationKind: 'sip',
    languages,
    skills: [],
    standsBy: false,
    demo: true,
    campaigns: [],
  });
  desk.work = { ...desk.work, state: 'ready', sinceMs };
  Object.assign(desk, { legUp: true, bridgeId: randomUUID(), campaignId: campaign.id, heardAtMs: Infinity });
  return desk;
}
