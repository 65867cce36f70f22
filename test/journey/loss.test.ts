import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PhoneCall } from '../../scripts/robots/call.ts';
import type { Phone } from '../../scripts/robots/phone.ts';
import { placeHold } from '../../server/queue/hold.ts';
import {
  attemptsAt,
  boardsFor,
  endCall,
  endedAttempt,
  everyAttemptEnds,
  legsCreated,
  nobodyToDialFor,
  placeOf,
  recordAgrees,
  recordOf,
} from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';
import { AGENT_HERTZ, agentIsHeard, DEBTOR_HERTZ, debtorIsHeard, musicIsHeard } from '../support/hearing.ts';

/** How long the debtor hears music before another agent is asked, and how long the apology is, in English. */
const RESCUE_MS = 8_000;
const APOLOGY_MS = 4_400;

let floor: TestFloor;
let debtors: Phone;
let anna: TestAgent;
let badr: TestAgent;
let cyrus: TestAgent;
/** Somebody whose phone rings without end; looked at last. */
let absent: TestAgent;

beforeAll(async () => {
  floor = await openFloor({ connectWithinMs: 10_000 }, { farEnd: 'phone' });
  if (!floor.farEnd) throw new Error('no far end');
  debtors = floor.farEnd;
  debtors.onCall((call) => call.say(DEBTOR_HERTZ));
  absent = await floor.addAgent();
  absent.phone.answering = 'never';
  await absent.register();
  expect(await absent.ask({ type: 'log_in', campaignId: null })).toMatchObject({ ok: true, desk: { state: 'connecting' } });
  [anna, badr, cyrus] = [await floor.addAgent(), await floor.addAgent(), await floor.addAgent()];
  for (const agent of [anna, badr, cyrus]) {
    agent.phone.onCall((call) => call.say(AGENT_HERTZ));
    await agent.logIn();
  }
});
afterAll(() => floor.close());
beforeEach(() => {
  debtors.answering = 'auto';
});
afterEach(async () => {
  floor.wires.ari.release();
  await everyAttemptEnds(floor);
  for (const agent of [anna, badr, cyrus]) {
    agent.phone.answering = 'auto';
    agent.answering = true;
    const { state, legUp } = await agent.look();
    if (state === 'wrap_up') await endCall(agent);
    if (state === 'ready') await agent.ask({ type: 'pause', reason: 'other' });
    if (state === 'offline') await agent.ask({ type: 'log_in', campaignId: floor.campaignId });
    else if (!legUp) await agent.ask({ type: 'reattach' });
    await agent.until('back at the desk', (desk) => desk.state === 'paused' && desk.legUp);
  }
});

function stationOf(agent: TestAgent): PhoneCall {
  const station = [...agent.phone.calls.values()].at(-1);
  if (!station) throw new Error('the agent has no line');
  return station;
}

/** A debtor whose telephone rings until the test answers it. */
async function ringing(): Promise<{ partyId: string; debtor: PhoneCall }> {
  debtors.answering = 'never';
  const rings = debtors.nextCall();
  const [partyId = ''] = await floor.addDebtors(['00']);
  return { partyId, debtor: await rings };
}

/** A debtor who has answered and is on the way to this agent's bridge, held there until the wire is released. */
async function offeredTo(agent: TestAgent): Promise<{ partyId: string; debtor: PhoneCall }> {
  const call = await ringing();
  floor.wires.ari.hold();
  call.debtor.answer();
  await eventually('the call is offered', async () => (await agent.look()).state === 'offered');
  return call;
}

async function talk(agent: TestAgent): Promise<{ partyId: string; attemptId: string; debtor: PhoneCall }> {
  const rings = debtors.nextCall();
  const [partyId = ''] = await floor.addDebtors(['00']);
  await agent.ask({ type: 'ready' });
  const desk = await agent.until('the debtor is bridged', (one) => one.state === 'talking');
  return { partyId, attemptId: desk.call?.attemptId ?? '', debtor: await rings };
}

describe('an agent’s leg that is lost while they are ready', () => {
  it('takes them out of line and is called back, and nothing is dialed until it is there (I6)', async () => {
    await anna.ask({ type: 'ready' });
    anna.phone.answering = 'never';
    const rings = anna.phone.nextCall();
    await stationOf(anna).hangUp();
    const station = await rings;
    expect(await anna.look()).toMatchObject({ state: 'ready', able: false, legUp: false });
    const [partyId = ''] = await floor.addDebtors(['00']);
    const before = await legsCreated(floor);
    await nobodyToDialFor(floor);
    await boardsFor(floor, 2_000, () => {
      expect(floor.board()?.campaigns[0]).toMatchObject({
        why: { rule: 'no_agents', dial: 0 },
        inFlight: { dialing: 0, ringing: 0 },
      });
    });
    expect(await attemptsAt(floor, [partyId])).toEqual([]);
    expect(await legsCreated(floor)).toBe(before);
    station.answer();
    await anna.until('the debtor is bridged', (desk) => desk.state === 'talking');
    await endCall(anna);
  });
});

describe('a console that is silent for five seconds', () => {
  it('takes its agent out of line until it answers, and nothing is dialed meanwhile (I6)', async () => {
    await anna.ask({ type: 'ready' });
    anna.answering = false;
    await eventually('the agent is not able', async () => !(await anna.look()).able);
    const [partyId = ''] = await floor.addDebtors(['00']);
    await nobodyToDialFor(floor);
    await boardsFor(floor, 1_000, () => expect(floor.board()?.campaigns[0]?.why).toMatchObject({ rule: 'no_agents', dial: 0 }));
    expect(await attemptsAt(floor, [partyId])).toEqual([]);
    anna.answering = true;
    await anna.until('the debtor is bridged', (desk) => desk.state === 'talking');
    await endCall(anna);
  });
});

describe('an agent’s leg that is lost while a call is offered', () => {
  it('gives the call to the next agent', async () => {
    await anna.ask({ type: 'ready' });
    await badr.ask({ type: 'ready' });
    const { partyId, debtor } = await offeredTo(anna);
    await stationOf(anna).hangUp();
    await eventually('the call is offered to the other', async () => (await badr.look()).state === 'offered');
    floor.wires.ari.release();
    await badr.until('the debtor is bridged', (desk) => desk.state === 'talking');
    await debtor.hears(agentIsHeard);
    await anna.until('the first is back in line', (desk) => desk.state === 'ready' && desk.legUp && desk.able);
    await endCall(badr);
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: badr.agentId });
  });

  it('has the message said when there is no other', async () => {
    await anna.ask({ type: 'ready' });
    const { partyId, debtor } = await offeredTo(anna);
    await stationOf(anna).hangUp();
    await eventually('nobody is offered it', async () => (await anna.look()).state === 'ready');
    floor.wires.ari.release();
    const [{ id } = { id: '' }] = await attemptsAt(floor, [partyId]);
    const said = async () => (await recordOf(floor, id)).filter((event) => event.type === 'MESSAGE');
    await eventually('the message begins', async () => (await said()).length > 0);
    expect(await said()).toMatchObject([{ extra: 'asked' }]);
    // Nobody need stay to hear it.
    await debtor.hangUp();
    const attempt = await endedAttempt(floor, partyId);
    expect(attempt).toMatchObject({ result: 'abandoned', ending: 'no_agent_in_time', agent_id: null });
    expect(await placeOf(floor, partyId)).toMatchObject({ state: 'waiting', reason: 'abandoned', minutes: 240 });
  });
});

describe('an agent to whom a call is offered', () => {
  it('and who asks for a pause gets it after that call, and is told so', async () => {
    await anna.ask({ type: 'ready' });
    await offeredTo(anna);
    expect(await anna.ask({ type: 'pause', reason: 'prayer' })).toMatchObject({
      ok: true,
      desk: { state: 'offered', pauseAfterCall: 'prayer' },
    });
    floor.wires.ari.release();
    await anna.until('the debtor is bridged', (desk) => desk.state === 'talking' && desk.pauseAfterCall === 'prayer');
    await endCall(anna, 'ready');
    expect(anna.desk()).toMatchObject({ state: 'paused', reason: 'prayer', pauseAfterCall: null });
  });

  it('is back in line, in their old place, when the caller hangs up before the bridge', async () => {
    await anna.ask({ type: 'ready' });
    const { since } = await anna.look();
    const { partyId, debtor } = await offeredTo(anna);
    await debtor.hangUp();
    await eventually('the agent is free', async () => (await anna.look()).state === 'ready');
    floor.wires.ari.release();
    expect(await anna.look()).toMatchObject({ state: 'ready', since, call: null });
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'cancelled', ending: 'caller_hangup', agent_id: null });
  });

  it('and who asked to log out is off duty then, their line hung up', async () => {
    await anna.ask({ type: 'ready' });
    const { debtor } = await offeredTo(anna);
    expect(await anna.ask({ type: 'log_out' })).toMatchObject({ ok: true, desk: { state: 'offered', logOutAfterCall: true } });
    const station = stationOf(anna);
    await debtor.hangUp();
    await eventually('the agent is off duty', async () => (await anna.look()).state === 'offline');
    floor.wires.ari.release();
    expect(await station.ended).toBe('far_end');
  });
});

describe('an agent’s leg that is lost while talking', () => {
  it('leaves the debtor with music until it is back, and they go on', async () => {
    const { attemptId, debtor, partyId } = await talk(anna);
    await debtor.hears(agentIsHeard);
    anna.phone.answering = 'never';
    const rings = anna.phone.nextCall();
    await stationOf(anna).hangUp();
    await debtor.hears(musicIsHeard);
    expect(await anna.look()).toMatchObject({ state: 'talking', legUp: false, call: { attemptId, phase: 'music' } });
    const station = await rings;
    station.answer();
    await Promise.all([debtor.hears(agentIsHeard), station.hears(debtorIsHeard)]);
    await endCall(anna);
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: anna.agentId });
  });

  it('gives the call to another agent after eight seconds, or ends it with an apology when nobody is able', async () => {
    const [first, second] = [await talk(anna), await talk(badr)];
    await cyrus.ask({ type: 'ready' });
    for (const agent of [anna, badr]) agent.phone.answering = 'never';
    const rings = badr.phone.nextCall();
    const lostAtMs = performance.now();
    await stationOf(anna).hangUp();
    await first.debtor.hears(musicIsHeard);
    await stationOf(badr).hangUp();
    const lostLaterAtMs = performance.now();
    await second.debtor.hears(musicIsHeard);

    const taken = await cyrus.until('the call is taken over', (desk) => desk.state === 'talking', 20_000);
    expect(performance.now() - lostAtMs).toBeGreaterThan(RESCUE_MS - 100);
    expect(taken.call).toMatchObject({ attemptId: first.attemptId, file: { partyId: first.partyId } });
    await Promise.all([first.debtor.hears(agentIsHeard), stationOf(cyrus).hears(debtorIsHeard)]);
    expect(await anna.look()).toMatchObject({ state: 'ready', call: null });

    // The apology is not taken back by a leg that answers while it is said.
    const station = await rings;
    await eventually('the apology is being said', () => performance.now() - lostLaterAtMs > RESCUE_MS + APOLOGY_MS / 4);
    station.answer();
    expect(await second.debtor.ended).toBe('far_end');
    expect(performance.now() - lostAtMs).toBeGreaterThan(RESCUE_MS + APOLOGY_MS - 500);
    await badr.until('wrap-up', (desk) => desk.state === 'wrap_up');
    expect(await endedAttempt(floor, second.partyId)).toMatchObject({ result: 'connected', ending: 'agent_lost' });

    await endCall(cyrus);
    expect(await endedAttempt(floor, first.partyId)).toMatchObject({ result: 'connected', agent_id: cyrus.agentId });
    const parts = floor.database.selectFrom('segment').selectAll().where('attempt_id', '=', first.attemptId).orderBy('from_at');
    await eventually('both parts are written', async () => (await parts.execute()).length === 2);
    expect((await parts.execute()).map((part) => part.agent_id)).toEqual([anna.agentId, cyrus.agentId]);
    for (const part of await parts.execute()) expect(part.to_at).not.toBeNull();
  });
});

describe('an agent who wants a break while a progressive campaign’s call counts on them', () => {
  it('is told that it waits, gets it when nobody answers, and nothing more is dialed for them', async () => {
    await anna.ask({ type: 'ready' });
    const { debtor } = await ringing();
    expect(await anna.ask({ type: 'pause', reason: 'prayer' })).toMatchObject({
      ok: true,
      desk: { state: 'ready', able: true, pauseAfterCall: 'prayer' },
    });
    const [next = ''] = await floor.addDebtors(['00']);
    const seen = anna.seen.length;
    await debtor.refuse(486, 'Busy Here');
    await anna.until('the break begins', (desk) => desk.state === 'paused' && desk.reason === 'prayer');
    expect(anna.seen.slice(seen).filter((desk) => desk.state === 'offered')).toEqual([]);
    expect(await attemptsAt(floor, [next])).toEqual([]);
    const rings = debtors.nextCall();
    await anna.ask({ type: 'ready' });
    await (await rings).refuse(486, 'Busy Here');
  });

  it('takes the call when somebody answers, and is let go when it is done', async () => {
    await anna.ask({ type: 'ready' });
    const { partyId, debtor } = await ringing();
    expect(await anna.ask({ type: 'log_out' })).toMatchObject({ ok: true, desk: { state: 'ready', logOutAfterCall: true } });
    debtor.answer();
    await anna.until('the debtor is bridged', (desk) => desk.state === 'talking' && desk.logOutAfterCall);
    await endCall(anna, 'ready');
    await anna.until('off duty', (desk) => desk.state === 'offline');
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: anna.agentId });
  });

  it('is let go as soon as another agent is there for that call', async () => {
    await anna.ask({ type: 'ready' });
    const { debtor } = await ringing();
    await anna.ask({ type: 'pause', reason: 'lunch' });
    expect(await anna.look()).toMatchObject({ state: 'ready', pauseAfterCall: 'lunch' });
    await badr.ask({ type: 'ready' });
    await anna.until('the break begins', (desk) => desk.state === 'paused' && desk.reason === 'lunch');
    debtor.answer();
    await badr.until('the debtor is bridged', (desk) => desk.state === 'talking');
    await endCall(badr);
  });

  it('may take it back, and is dialed for again', async () => {
    await anna.ask({ type: 'ready' });
    const { debtor } = await ringing();
    await anna.ask({ type: 'pause', reason: 'lunch' });
    expect(await anna.ask({ type: 'ready' })).toMatchObject({ ok: true, desk: { state: 'ready', pauseAfterCall: null } });
    const rings = debtors.nextCall();
    await floor.addDebtors(['00']);
    await debtor.refuse(486, 'Busy Here');
    (await rings).answer();
    await anna.until('the next debtor is bridged', (desk) => desk.state === 'talking');
    await endCall(anna);
  });
});

describe('a debtor for whom a hold comes in', () => {
  /** As the page does it: placed, and the dialer told. */
  async function placeHoldOn(partyId: string, kind: string, tell = true): Promise<number> {
    const hold = { partyId, kind, debtId: null, phoneId: null, until: null, userId: anna.agentId };
    const { calledOff } = await placeHold(floor.database, hold);
    if (tell) await floor.tell({ type: 'changed', what: 'calls', id: 'main' });
    return calledOff;
  }

  it.each([
    ['while their telephone rings: it is silent at once', true],
    ['and nobody told the dialer: it sees for itself', false],
  ])('%s', async (_, tell) => {
    await anna.ask({ type: 'ready' });
    const { partyId, debtor } = await ringing();
    expect(await placeHoldOn(partyId, 'do_not_call', tell)).toBe(1);
    expect(await debtor.ended).toBe('cancelled');
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'cancelled', ending: 'called_off', answered_at: null });
    expect(await placeOf(floor, partyId)).toMatchObject({ state: 'waiting', reason: 'do_not_call', tries: 0 });
  });

  it('when they have answered: the call goes on', async () => {
    await anna.ask({ type: 'ready' });
    const { partyId, debtor } = await offeredTo(anna);
    await placeHoldOn(partyId, 'do_not_call');
    floor.wires.ari.release();
    await anna.until('the debtor is bridged', (desk) => desk.state === 'talking');
    await debtor.hears(agentIsHeard);
    await endCall(anna);
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: anna.agentId });
  });
});

describe('a station that never answers', () => {
  it('leaves its agent off duty, with the reason', async () => {
    const desk = await absent.until('off duty', (one) => one.state === 'offline', 30_000);
    expect(desk).toMatchObject({ reason: 'station_unreachable', campaignId: null });
  });
});

describe('all of this', () => {
  it('agrees with what the switch recorded: nobody waited longer than allowed', () => recordAgrees(floor));
});
