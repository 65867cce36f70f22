import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../scripts/robots/phone.ts';
import { dispatch } from '../../server/queue/dispatch.ts';
import { reserve } from '../../server/queue/reserve.ts';
import { attemptsAt, endCall, endedAttempt, everyAttemptEnds, recordOf } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';
import { AGENT_HERTZ, DEBTOR_HERTZ } from '../support/hearing.ts';

/** How long the safe-harbour message is at least, in English. */
const MESSAGE_MS = 3_000;

let floor: TestFloor;
let debtors: Phone;
let anna: TestAgent;
let badr: TestAgent;

beforeAll(async () => {
  floor = await openFloor({ connectWithinMs: 2_000 }, { farEnd: 'phone' });
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
  floor.wires.ari.release();
  debtors.answering = 'auto';
  await everyAttemptEnds(floor);
});

describe('a deadline that strikes while the call is on its way to an agent', () => {
  it('has the message said to its end, and the agent is back in line', async () => {
    await anna.ask({ type: 'ready' });
    debtors.answering = 'never';
    const rings = debtors.nextCall();
    const [partyId = ''] = await floor.addDebtors(['00']);
    const debtor = await rings;
    floor.wires.ari.hold();
    debtor.answer();
    await eventually('the call is offered', async () => (await anna.look()).state === 'offered');
    const [attempt] = await attemptsAt(floor, [partyId]);
    const legId = attempt?.id ?? '';
    await eventually('the message begins', async () => (await recordOf(floor, legId)).some((event) => event.type === 'MESSAGE'));
    floor.wires.ari.release();
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'abandoned', ending: 'no_agent_in_time' });
    const record = await recordOf(floor, legId);
    const begun = record.find((event) => event.type === 'MESSAGE')?.stampMs ?? Infinity;
    const ended = record.find((event) => event.type === 'HANGUP')?.stampMs ?? 0;
    expect(record.filter((event) => event.type === 'MESSAGE')).toHaveLength(1);
    expect(ended - begun).toBeGreaterThan(MESSAGE_MS);
    await eventually('the agent is back in line', async () => (await anna.look()).able);
    await anna.ask({ type: 'pause', reason: 'other' });
  });
});

describe('a way to the switch that is cut while two agents talk', () => {
  it('cuts neither call, and both agents can end theirs', async () => {
    await floor.addDebtors(['00', '00']);
    for (const agent of [anna, badr]) await agent.ask({ type: 'ready' });
    const desks = await Promise.all(
      [anna, badr].map((agent) => agent.until('a debtor is bridged', (desk) => desk.state === 'talking')),
    );
    for (let times = 0; times < 3; times += 1) {
      floor.wires.ari.cut();
      await eventually('the board says the switch is lost', () => floor.board()?.switchUp === false);
      floor.wires.ari.mend();
      if (times === 2) await eventually('the switch is back', () => floor.board()?.switchUp === true);
    }
    for (const [index, agent] of [anna, badr].entries()) {
      expect(await agent.look()).toMatchObject({ state: 'talking', call: { attemptId: desks[index]?.call?.attemptId } });
      await endCall(agent);
    }
  });
});

describe('a join that is carried out while the way to the switch is lost', () => {
  it('is found afterwards: the agent talks and can hang up', async () => {
    await anna.ask({ type: 'ready' });
    const seen = anna.seen.length;
    const [partyId = ''] = await floor.addDebtors(['00']);
    await eventually('the call is offered', () => anna.seen.slice(seen).some((desk) => desk.state === 'offered'));
    floor.wires.ari.cut();
    await eventually('the board says the switch is lost', () => floor.board()?.switchUp === false);
    floor.wires.ari.mend();
    await eventually('the switch is back', () => floor.board()?.switchUp === true);
    const { state } = await anna.look();
    // Whichever was faster, the join or the cut: nobody stays between the two.
    if (state === 'talking') await endCall(anna);
    const attempt = await endedAttempt(floor, partyId);
    expect(['connected', 'abandoned']).toContain(attempt.result);
    // When they met is on the record, not when it was found out: who came in time has not come late.
    const entered = (await recordOf(floor, attempt.id)).find((event) => event.type === 'BRIDGE_ENTER')?.stampMs ?? 0;
    const connected = attempt.connected_at?.epochMilliseconds ?? entered;
    expect(Math.abs(connected - entered)).toBeLessThanOrEqual(5);
    await anna.ask({ type: 'pause', reason: 'other' });
    await anna.until('paused', (desk) => desk.state === 'paused');
  });
});

describe('attempts that the dialer has forgotten', () => {
  it('end: what was only reserved is released, what may have been dialed counts', async () => {
    const parties = await floor.addDebtors(['00', '00']);
    const { epoch } = await floor.database.selectFrom('floor').select('epoch').where('id', '=', 'main').executeTakeFirstOrThrow();
    const { reserved } = await reserve(floor.database, { floorId: 'main', epoch, campaignId: floor.campaignId, count: 2 });
    expect(reserved).toHaveLength(2);
    const [dialed] = reserved;
    await dispatch(floor.database, {
      floorId: 'main',
      epoch,
      attemptIds: [dialed?.attemptId ?? ''],
      trunk: 'main',
      callerId: null,
    });
    await everyAttemptEnds(floor);
    const attempts = await attemptsAt(floor, parties);
    for (const attempt of attempts) {
      expect(attempt).toMatchObject(
        attempt.id === dialed?.attemptId
          ? { result: 'lost', ending: 'unknown_to_the_switch', counts: true }
          : { result: 'cancelled', ending: 'released', counts: false },
      );
    }
    await floor.setCampaign({ state: 'paused' });
  }, 60_000);
});

describe('a switch that is killed and comes back', () => {
  it('has every agent called back, not only the last', async () => {
    await floor.asterisk.kill();
    await eventually('the board says the switch is lost', () => floor.board()?.switchUp === false);
    await floor.asterisk.start();
    for (const agent of [anna, badr]) {
      await agent.until('the agent has been called back', (desk) => desk.state !== 'offline' && desk.legUp, 40_000);
    }
  }, 90_000);
});
