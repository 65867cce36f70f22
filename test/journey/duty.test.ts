import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneCall } from '../../scripts/robots/call.ts';
import type { Phone } from '../../scripts/robots/phone.ts';
import type { Clock } from '../../server/kernel/clock.ts';
import { attemptsAt, boardsFor, endCall, endedAttempt, everyAttemptEnds, nobodyToDialFor } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';
import { AGENT_HERTZ, agentIsHeard, DEBTOR_HERTZ } from '../support/hearing.ts';

const MINUTE_MS = 60_000;

/** Goes as all clocks do, and may be put forward. */
class PuttableClock implements Clock {
  #aheadMs = 0;
  now(): Temporal.Instant {
    return Temporal.Now.instant();
  }
  monotonicMs(): number {
    return performance.now() + this.#aheadMs;
  }
  putForward(ms: number): void {
    this.#aheadMs += ms;
  }
}

const clock = new PuttableClock();
let floor: TestFloor;
let debtors: Phone;
let anna: TestAgent;
let badr: TestAgent;

beforeAll(async () => {
  floor = await openFloor({ connectWithinMs: 10_000 }, { farEnd: 'phone', clock });
  if (!floor.farEnd) throw new Error('no far end');
  debtors = floor.farEnd;
  debtors.onCall((call) => call.say(DEBTOR_HERTZ));
  [anna, badr] = [await floor.addAgent(), await floor.addAgent()];
  for (const agent of [anna, badr]) {
    agent.phone.onCall((call) => call.say(AGENT_HERTZ));
    await agent.logIn();
  }
});
afterAll(() => floor.close());
afterEach(async () => {
  debtors.answering = 'auto';
  // Whom nobody has called yet must not be called for the next test.
  await floor.database.updateTable('dial_queue').set({ state: 'done' }).where('state', 'in', ['ready', 'waiting']).execute();
  await everyAttemptEnds(floor);
  for (const agent of [anna, badr]) {
    agent.answering = true;
    await floor.database
      .insertInto('campaign_agent')
      .values({ campaign_id: floor.campaignId, user_id: agent.agentId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { state } = await agent.look();
    if (state === 'wrap_up') await endCall(agent);
    if (state === 'ready') await agent.ask({ type: 'pause', reason: 'other' });
    if (state === 'offline') {
      await eventually('logged in again', async () => (await agent.ask({ type: 'log_in', campaignId: floor.campaignId })).ok);
    }
    await eventually('back at the desk', async () => {
      const desk = await agent.look();
      return desk.state === 'paused' && desk.legUp;
    });
  }
});

function stationOf(agent: TestAgent): PhoneCall {
  const station = [...agent.phone.calls.values()].at(-1);
  if (!station) throw new Error('the agent has no line');
  return station;
}

async function takeOff(agent: TestAgent): Promise<void> {
  await floor.database
    .deleteFrom('campaign_agent')
    .where('campaign_id', '=', floor.campaignId)
    .where('user_id', '=', agent.agentId)
    .execute();
}

async function talk(agent: TestAgent): Promise<{ partyId: string; debtor: PhoneCall }> {
  const rings = debtors.nextCall();
  const [partyId = ''] = await floor.addDebtors(['00']);
  await agent.ask({ type: 'ready' });
  await agent.until('the debtor is bridged', (one) => one.state === 'talking');
  return { partyId, debtor: await rings };
}

async function isOffDuty(agent: TestAgent): Promise<boolean> {
  return (await agent.look()).state === 'offline';
}

describe('an agent who is taken off their campaign', () => {
  it('while ready is logged out, their line hung up, and nothing is dialed for them', async () => {
    await anna.ask({ type: 'ready' });
    const station = stationOf(anna);
    await takeOff(anna);
    const desk = await anna.until('off duty', (one) => one.state === 'offline');
    expect(desk).toMatchObject({ campaignId: null, campaigns: [], call: null, able: false });
    expect(await station.ended).toBe('far_end');
    const [partyId = ''] = await floor.addDebtors(['00']);
    await nobodyToDialFor(floor);
    await boardsFor(floor, 1_000, () => expect(floor.board()?.campaigns[0]?.why).toMatchObject({ rule: 'no_agents', dial: 0 }));
    expect(await attemptsAt(floor, [partyId])).toEqual([]);
    // Nor can they come back by themselves.
    expect(await anna.ask({ type: 'log_in', campaignId: floor.campaignId })).toMatchObject({
      ok: false,
      problem: { code: 'campaign_not_served' },
    });
  });

  it('while talking goes on with that call, records its outcome, and is logged out then', async () => {
    const { partyId, debtor } = await talk(anna);
    const station = stationOf(anna);
    await takeOff(anna);
    await anna.until('it is told what comes', (desk) => desk.state === 'talking' && desk.logOutAfterCall);
    await debtor.hears(agentIsHeard);
    expect(station.state).toBe('up');
    await anna.ask({ type: 'hang_up' });
    const wrapUp = await anna.until('wrap-up', (desk) => desk.state === 'wrap_up');
    expect(
      await anna.ask({
        type: 'dispose',
        attemptId: wrapUp.call?.attemptId ?? '',
        outcome: { code: 'refused' },
        note: '',
        next: 'ready',
      }),
    ).toMatchObject({ ok: true, desk: { state: 'offline', campaignId: null } });
    expect(await station.ended).toBe('far_end');
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: anna.agentId });
  });

  it('while a call rings for them takes it if somebody answers, and is logged out then (I6)', async () => {
    debtors.answering = 'never';
    const rings = debtors.nextCall();
    const [partyId = ''] = await floor.addDebtors(['00']);
    await anna.ask({ type: 'ready' });
    const debtor = await rings;
    await takeOff(anna);
    await anna.until('it is told what comes', (desk) => desk.state === 'ready' && desk.logOutAfterCall && desk.able);
    debtor.answer();
    await anna.until('the debtor is bridged', (desk) => desk.state === 'talking');
    await debtor.hears(agentIsHeard);
    await endCall(anna, 'ready');
    await anna.until('off duty', (desk) => desk.state === 'offline');
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: anna.agentId });
  });
});

describe('ten minutes without a console', () => {
  /** Their console falls silent; what it said before has been heard. */
  async function fallSilent(agent: TestAgent): Promise<void> {
    agent.answering = false;
    await agent.look();
  }

  it('log an agent out who is paused or in line, and no earlier', async () => {
    await badr.ask({ type: 'ready' });
    await fallSilent(anna);
    await fallSilent(badr);
    const [line, other] = [stationOf(anna), stationOf(badr)];
    clock.putForward(5 * MINUTE_MS);
    // A word of his console: his ten minutes begin anew.
    expect(await badr.ask({ type: 'pause', reason: 'lunch' })).toMatchObject({ ok: true, desk: { state: 'paused' } });
    expect(await badr.ask({ type: 'ready' })).toMatchObject({ ok: true });
    clock.putForward(5 * MINUTE_MS);
    await eventually('she is off duty', () => isOffDuty(anna), 20_000);
    expect(await line.ended).toBe('far_end');
    expect(await badr.look()).toMatchObject({ state: 'ready', legUp: true, able: false });
    clock.putForward(5 * MINUTE_MS);
    await eventually('he is off duty', () => isOffDuty(badr), 20_000);
    expect(await other.ended).toBe('far_end');
  });

  it('leave an agent alone who talks, until the call and its form are done', async () => {
    const { debtor, partyId } = await talk(anna);
    await fallSilent(anna);
    await fallSilent(badr);
    clock.putForward(11 * MINUTE_MS);
    await eventually('who does not talk is off duty', () => isOffDuty(badr), 20_000);
    expect(await anna.look()).toMatchObject({ state: 'talking', legUp: true });
    await debtor.hears(agentIsHeard);
    anna.answering = true;
    await endCall(anna);
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: anna.agentId });
  });
});

describe('a bridge that cannot be made at log-in', () => {
  it('leaves the agent off duty with a reason, their phone silent, and the next log-in works', async () => {
    expect(await anna.ask({ type: 'log_out' })).toMatchObject({ ok: true, desk: { state: 'offline' } });
    const before = anna.phone.calls.size;
    expect(floor.asterisk.command('module unload res_ari_bridges.so')).toContain('Unloaded');
    try {
      const seen = anna.seen.length;
      const reply = await anna.ask({ type: 'log_in', campaignId: floor.campaignId });
      expect(reply).toMatchObject({ ok: false, problem: { code: 'switch_away' } });
      await eventually('the screen is told', () => anna.seen.length > seen && anna.desk()?.state === 'offline');
      expect(await anna.look()).toMatchObject({
        state: 'offline',
        reason: 'station_unreachable',
        campaignId: null,
        legUp: false,
      });
      expect(anna.phone.calls.size).toBeLessThanOrEqual(before);
    } finally {
      floor.asterisk.command('module load res_ari_bridges.so');
    }
    expect(await anna.ask({ type: 'log_in', campaignId: floor.campaignId })).toMatchObject({ ok: true });
    await anna.until('the agent is logged in', (desk) => desk.state === 'paused' && desk.legUp);
  });
});

describe('what agents speak and can do', () => {
  /** Back at the desk as who they are by now. */
  async function comesAs(agent: TestAgent, languages: string[]): Promise<void> {
    await floor.database.updateTable('app_user').set({ languages }).where('id', '=', agent.agentId).execute();
    await agent.ask({ type: 'log_out' });
    await eventually('off duty', () => isOffDuty(agent));
    await eventually('logged in again', async () => (await agent.ask({ type: 'log_in', campaignId: floor.campaignId })).ok);
    await eventually('at the desk', async () => (await agent.look()).legUp);
  }

  it('decides who is called, and whom the debtor is brought to', async () => {
    await comesAs(anna, ['fa']);
    await comesAs(badr, ['ar', 'en']);
    const [persian = '', english = ''] = await floor.addDebtors(['00', '00']);
    await floor.database.updateTable('party').set({ language: 'fa' }).where('id', '=', persian).execute();
    await floor.database.updateTable('dial_queue').set({ score: 900 }).where('party_id', '=', persian).execute();
    await badr.ask({ type: 'ready' });
    await badr.until('a debtor who speaks English', (desk) => desk.state === 'talking');
    await endCall(badr, 'ready');
    expect(await endedAttempt(floor, english)).toMatchObject({ agent_id: badr.agentId });
    expect(await attemptsAt(floor, [persian])).toEqual([]);
    await anna.ask({ type: 'ready' });
    await anna.until('the debtor who speaks Persian', (desk) => desk.state === 'talking');
    await endCall(anna);
    expect(await endedAttempt(floor, persian)).toMatchObject({ agent_id: anna.agentId });
    for (const agent of [anna, badr]) await comesAs(agent, []);
  });

  it('a campaign that comes to ask for a skill keeps only those who have it', async () => {
    await floor.database
      .updateTable('app_user')
      .set({ skills: ['legal'] })
      .where('id', '=', anna.agentId)
      .execute();
    await floor.tell({ type: 'changed', what: 'user', id: anna.agentId });
    await floor.setCampaign({ settings: { skills: ['legal'] } });
    await badr.until('off duty', (desk) => desk.state === 'offline');
    expect(await badr.ask({ type: 'log_in', campaignId: floor.campaignId })).toMatchObject({
      ok: false,
      problem: { code: 'skills_missing', field: 'campaignId', details: { skills: 'legal' } },
    });
    expect(await isOffDuty(anna)).toBe(false);
    await floor.setCampaign({ settings: { skills: [] } });
  });
});
