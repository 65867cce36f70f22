import { randomUUIDv7 } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeAnswer } from '../../server/compliance/ledger/rules.ts';
import { debtorNews } from '../../server/dialer/calls.ts';
import { tellAvailability, tellTakenOver } from '../../server/dialer/desks.ts';
import { agentsAwaited } from '../../server/dialer/inbound/line.ts';
import { agentFor } from '../../server/dialer/kept.ts';
import { isOnlySpeaker, isSpokenHere, seatsFor } from '../../server/dialer/speech.ts';
import { floorNowMs, type Call } from '../../server/dialer/floor.ts';
import { tick } from '../../server/dialer/pace.ts';
import { CALL_STATES } from '../../server/dialer/rules.ts';
import { agentLegEnded } from '../../server/dialer/stations.ts';
import { eventually } from '../support/conditions.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { freshRedis, type FreshRedis } from '../support/redis.ts';
import { DEADLINE_MS, dialedOn, inLine, LINES, tell, type News, type OneCall } from './one-call.ts';

let fresh: FreshDatabase;
let memory: FreshRedis;

beforeAll(async () => {
  [fresh, memory] = await Promise.all([freshDatabase(), freshRedis()]);
});
afterAll(async () => {
  await memory.close();
  await fresh.drop();
});

const dialed = (): OneCall => dialedOn({ database: fresh.database, redis: memory.redis });

const NOTHING_FREE = { linesFree: 0, cpsCredit: 0, leadsReady: 0 };

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
        expect(campaign.pacer.tick(10_000, NOTHING_FREE).why).toMatchObject({ figures: { inFlight: 0, waiting: 0 } });
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

describe('an answered call that was never brought to us', () => {
  const end = (stampMs: number): News => ({ type: 'leg.ended', stampMs, cause: 16, techCause: null });

  it.each([
    ['during detection and before the limit', 4_900, 'cancelled', 'left_early'],
    ['during detection but after the limit', 5_100, 'abandoned', 'left_late'],
    ['when the dialplan had long said the message by itself', 20_000, 'abandoned', 'left_late'],
  ] as const)('is in its attempt what it is in the ledger: ended %s', async (_, endMs, result, cause) => {
    const scene = dialed();
    for (const each of [ringing, answered, end(endMs)]) tell(scene, each);
    await eventually('its end is written', () => scene.ends.length === 1);
    expect(scene.ends[0]).toMatchObject({ result, endedAt: Temporal.Instant.fromEpochMilliseconds(endMs) });
    expect(scene.ends[0]?.ledger && judgeAnswer(scene.ends[0].ledger).cause).toBe(cause);
    const isAbandoned = result === 'abandoned' ? 1 : 0;
    expect(scene.campaign.pacer.counts()).toEqual({ answered: isAbandoned, abandoned: isAbandoned });
  });

  it('ends as the switch told it where its record has yet to be written, though it was out of sight', async () => {
    const scene = dialed();
    for (const each of [ringing, answered]) tell(scene, each);
    scene.call.unseen = true;
    tell(scene, end(4_000));
    await eventually('its end is written', () => scene.ends.length === 1);
    expect(scene.ends[0]).toMatchObject({ result: 'cancelled', cause: 16, ledger: { endedMs: 4_000 } });
    // What was out of sight teaches the pacer nothing; it is over all the same.
    expect(scene.campaign.pacer.tick(floorNowMs(scene.floor), NOTHING_FREE).why.figures).toMatchObject({ inFlight: 0 });
    expect(scene.campaign.pacer.counts()).toEqual({ answered: 0, abandoned: 0 });
  });
});

describe('what the pacer knows', () => {
  it('goes on with a call whose trunk tells nothing of ringing: its agent is not given a second one', () => {
    const { floor, call, campaign } = dialed();
    floor.calls.set(call.attemptId, { ...call, dialedAtMs: call.dialedAtMs - 10_000 });
    for (let ticks = 0; ticks < 5; ticks += 1) tick(floor);
    const inFlight = (laterMs: number) => campaign.pacer.tick(floorNowMs(floor) + laterMs, NOTHING_FREE).why.figures['inFlight'];
    expect([inFlight(0), inFlight(60_000)]).toEqual([1, 1]);
  });

  it('is that an agent whom a former dialer left talking, or at a form, will be free again', () => {
    for (const doing of ['talk', 'wrap'] as const) {
      const scene = dialed();
      const desk = inLine(scene, 10, []);
      tellTakenOver(scene.floor, desk, scene.call, doing);
      const { able } = scene.campaign.pacer.tick(floorNowMs(scene.floor), NOTHING_FREE).why.figures;
      expect(able).toBe(0);
      expect(scene.campaign.pacer.outlook().agents).toBeGreaterThan(0);
      expect(scene.campaign.pacer.counts()).toEqual({ answered: 0, abandoned: 0 });
    }
  });

  it('is not that a call it would rather be without may be hung up before the law’s minimum of ringing', () => {
    const { floor, call, campaign } = dialed();
    campaign.rule = { ...campaign.rule, minRingMs: 60_000 };
    campaign.settings = { ...campaign.settings, minRingMs: 0 };
    debtorNews(floor, call, { type: 'leg.ringing', legId: call.attemptId, stampMs: floorNowMs(floor) - 30_000 });
    tick(floor);
    expect(call.hungUpByUs).toBe(false);
    campaign.rule = { ...campaign.rule, minRingMs: 15_000 };
    tick(floor);
    expect(call.hungUpByUs).toBe(true);
  });
});

describe('somebody who waits', () => {
  /** A call in line, and an agent who is able but whom nothing has told the floor of. */
  function waiting() {
    const scene = dialed();
    for (const each of [ringing, answered, human]) tell(scene, each);
    expect(scene.campaign.line).toEqual([scene.call]);
    return { ...scene, desk: inLine(scene, 10, []) };
  }

  it('is given an agent who became able in silence, at the next tick', () => {
    const { floor, call, desk } = waiting();
    tick(floor);
    expect([desk.call, desk.work.state]).toEqual([call, 'offered']);
    call.state = 'ended';
  });

  it('and whose agent’s leg fails on the way is abandoned for that, not for want of an agent', () => {
    const { floor, call, desk } = waiting();
    tick(floor);
    desk.legId = randomUUIDv7();
    floor.agentLegs.set(desk.legId, { desk, purpose: 'agent' });
    // Nobody calls the station back in this test.
    floor.stopping = true;
    agentLegEnded(floor, desk.legId);
    expect(call).toMatchObject({ trouble: 'agent_leg_failed', messageDue: true });
    call.state = 'ended';
  });
});

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
