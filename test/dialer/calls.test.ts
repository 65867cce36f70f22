import { randomUUID, randomUUIDv7 } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { answerRuleOf } from '../../server/compliance/ledger/rules.ts';
import { debtorNews } from '../../server/dialer/calls.ts';
import { deskOf, tellAvailability } from '../../server/dialer/desks.ts';
import { agentsAwaited } from '../../server/dialer/inbound/line.ts';
import { agentFor } from '../../server/dialer/kept.ts';
import { isOnlySpeaker, isSpokenHere, seatsFor } from '../../server/dialer/speech.ts';
import { newCall, tellPacer, type Call, type Campaign, type Floor } from '../../server/dialer/floor.ts';
import { openFloorPacer } from '../../server/dialer/pacer.ts';
import { CALL_STATES } from '../../server/dialer/rules.ts';
import { pacingConfigOf } from '../../server/campaigns/pacing.ts';
import { emptyCount } from '../../server/dialer/ledger.ts';
import { createTrunkGate } from '../../server/dialer/trunk.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { createLogger } from '../../server/kernel/log.ts';
import { createAsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import type { LegEvent } from '../../server/telephony/port.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { freshRedis, type FreshRedis } from '../support/redis.ts';

let fresh: FreshDatabase;
let memory: FreshRedis;

beforeAll(async () => {
  [fresh, memory] = await Promise.all([freshDatabase(), freshRedis()]);
});
afterAll(async () => {
  await memory.close();
  await fresh.drop();
});

const DEADLINE_MS = 2_000;
const LINES = 10;

/** A floor without agents, holding one call that was just dialed; what it would write is only named. */
function dialed(): { floor: Floor; call: Call; campaign: Campaign; writes: string[] } {
  const writes: string[] = [];
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
    database: fresh.database,
    redis: memory.redis,
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
      end: () => void writes.push('attempt end'),
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
    trunk: 'main',
    rule,
    ringTimeoutMs: 30_000,
  });
  // The file is of no interest here.
  call.fileAsked = true;
  floor.calls.set(call.attemptId, call);
  trunk.take();
  tellPacer(floor, campaign.id, { type: 'call.dialed', call: call.pacingId });
  return { floor, call, campaign, writes };
}

type News = LegEvent extends infer Event ? (Event extends { legId: string } ? Omit<Event, 'legId'> : never) : never;

/** As the floor hears it: of a call that has ended there is nothing to tell. */
function tell({ floor, call }: { floor: Floor; call: Call }, news: News): void {
  if (floor.calls.has(call.attemptId)) debtorNews(floor, call, { ...news, legId: call.attemptId });
}

const SCREENED = { verdict: 'machine', status: 'MACHINE', cause: 'LONGGREETING' } as const;
const HUMAN = { verdict: 'human', status: 'HUMAN', cause: '' } as const;
const ringing: News = { type: 'leg.ringing', stampMs: 2_000 };
const answered: News = { type: 'leg.answered', stampMs: 3_000 };
const human: News = { type: 'leg.entered', stampMs: 3_500, purpose: 'debtor', screening: HUMAN };
const machine: News = { type: 'leg.entered', stampMs: 3_500, purpose: 'debtor', screening: SCREENED };
const leftEarly: News = { type: 'leg.left', stampMs: 4_000 };
const leftAtDeadline: News = { type: 'leg.left', stampMs: 3_500 + DEADLINE_MS };
const ended = (cause: number, techCause: string | null = null): News => ({ type: 'leg.ended', stampMs: 9_000, cause, techCause });

/** What really happens, in order. */
const STORIES: Record<string, readonly News[]> = {
  'a busy line': [ended(17, '486')],
  'nobody answers': [ringing, ended(19)],
  'somebody hangs up while they wait': [ringing, answered, human, leftEarly, ended(16)],
  'somebody hears the message': [ringing, answered, human, leftAtDeadline, ended(16)],
  'a machine answers': [ringing, answered, machine, ended(16)],
  'an answer without ringing': [answered, human, leftAtDeadline, ended(16)],
};
const allNews = [...new Set(Object.values(STORIES).flat())];
const anyNews = fc.constantFrom(...allNews);
const newsBeforeTheEnd = fc.constantFrom(...allNews.filter((news) => news.type !== 'leg.ended'));

/** What is known of a call once it is over. */
function known({ call, writes }: { call: Call; writes: string[] }) {
  const { state, screening, stamps, messageDue, toldPacer } = call;
  return { state, screening, stamps, messageDue, toldPacer, writes };
}

describe('the news of a call', () => {
  it('in any order, any number of times, end it once, and leave nothing of it behind', () => {
    fc.assert(
      fc.property(fc.array(newsBeforeTheEnd, { maxLength: 30 }), fc.array(anyNews, { maxLength: 5 }), (before, after) => {
        const scene = dialed();
        const { floor, call, campaign, writes } = scene;
        for (const each of [...before, ended(16), ...after]) {
          const place = CALL_STATES.indexOf(call.state);
          tell(scene, each);
          expect(CALL_STATES.indexOf(call.state)).toBeGreaterThanOrEqual(place);
          expect(campaign.line.includes(call)).toBe(campaign.line.length === 1);
          expect(campaign.line.length === 0 || call.state === 'waiting').toBe(true);
        }
        expect(call.state).toBe('ended');
        expect(writes).toEqual(['attempt end']);
        expect(floor.calls.size).toBe(0);
        expect(campaign.line).toEqual([]);
        expect(floor.trunks.get('main')?.linesFree()).toBe(LINES);
        const sight = { linesFree: 0, cpsCredit: 0, leadsReady: 0 };
        expect(campaign.pacer.tick(10_000, sight).why).toMatchObject({ figures: { inFlight: 0, waiting: 0 } });
      }),
    );
  });

  it.each(Object.entries(STORIES))('are taken once each, however often they are repeated later: %s', (_, story) => {
    const once = dialed();
    for (const each of story) tell(once, each);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 }), (repeats) => {
        const scene = dialed();
        story.forEach((each, place) => {
          tell(scene, each);
          // Of what has been told already, some again.
          for (const [what, when] of repeats) {
            const again = story[what % (place + 1)];
            if (when % story.length === place && again) tell(scene, again);
          }
        });
        expect(known(scene)).toEqual(known(once));
      }),
    );
  });
});

/** An agent in line since `sinceMs`. */
function inLine({ floor, campaign }: { floor: Floor; campaign: Campaign }, sinceMs: number, languages: string[]) {
  const desk = deskOf(floor, {
    agentId: randomUUID(),
    displayName: 'Agent',
    stationKind: 'sip',
    languages,
    skills: [],
    campaigns: [],
  });
  desk.work = { ...desk.work, state: 'ready', sinceMs };
  Object.assign(desk, { legUp: true, bridgeId: randomUUID(), campaignId: campaign.id, heardAtMs: Infinity });
  return desk;
}

describe('a debtor whose language is known', () => {
  it('goes to the longest idle of those who speak it, and to anybody rather than to silence', () => {
    const scene = dialed();
    const call = { ...scene.call, language: 'fa' };
    const arabic = inLine(scene, 10, ['ar']);
    expect(agentFor(scene.floor, call)).toBe(arabic);
    inLine(scene, 30, []);
    const persian = inLine(scene, 20, ['ar', 'fa']);
    expect(agentFor(scene.floor, call)).toBe(persian);
    expect(agentFor(scene.floor, scene.call)).toBe(arabic);
  });

  it('is called only while somebody on duty speaks it, who stays while the call wants them', () => {
    const scene = dialed();
    const call = { ...scene.call, language: 'fa' };
    scene.floor.calls.set(call.attemptId, call);
    const arabic = inLine(scene, 10, ['ar']);
    expect(isSpokenHere(scene.floor, call)).toBe(false);
    expect(isSpokenHere(scene.floor, scene.call)).toBe(true);
    const persian = inLine(scene, 20, ['fa']);
    expect(isSpokenHere(scene.floor, call)).toBe(true);
    expect([isOnlySpeaker(scene.floor, arabic), isOnlySpeaker(scene.floor, persian)]).toEqual([false, true]);
  });

  it('who could not be found does not keep the queue from being asked for whoever comes into line next', () => {
    const scene = dialed();
    const { campaign, floor } = scene;
    Object.assign(campaign, { dryUntilMs: Infinity, lacksSpeakers: true });
    const desk = inLine(scene, 10, ['ar']);
    tellAvailability(floor, desk);
    expect(campaign).toMatchObject({ dryUntilMs: 0, lacksSpeakers: false });
    // A queue that is empty for everybody stays so.
    Object.assign(campaign, { dryUntilMs: 5 });
    tellAvailability(floor, inLine(scene, 20, ['fa']));
    expect(campaign.dryUntilMs).toBe(5);
  });

  it('takes one of the seats of the agents who are able, and nothing is restricted where nobody states a language', () => {
    const scene = dialed();
    inLine(scene, 10, []);
    expect(seatsFor(scene.floor, scene.campaign)).toBeNull();
    inLine(scene, 10, ['fa']);
    const busy = inLine(scene, 10, ['ar']);
    busy.work = { ...busy.work, state: 'talking' };
    // The call in flight, whose language is unknown, has one of two seats.
    const seats = seatsFor(scene.floor, scene.campaign);
    expect([seats?.take('ar'), seats?.take('ar'), seats?.take('fa')]).toEqual([true, false, false]);
  });
});

describe('callers in the line', () => {
  it('have as many agents reserved, those who are free first, and always the same', () => {
    const scene = dialed();
    const { floor, campaign, call } = scene;
    const [one, other, busy] = [inLine(scene, 10, []), inLine(scene, 20, []), inLine(scene, 30, [])];
    busy.work = { ...busy.work, state: 'talking' };
    busy.busyFor = campaign.id;
    for (const desk of [one, other]) tellAvailability(floor, desk);
    expect(agentsAwaited(floor, campaign)).toEqual(new Set());
    campaign.inboundLine.push(call);
    other.reserved = true;
    expect(agentsAwaited(floor, campaign)).toEqual(new Set([other]));
    campaign.inboundLine.push(call, call, call);
    expect(agentsAwaited(floor, campaign)).toEqual(new Set([one, other, busy]));
  });
});
