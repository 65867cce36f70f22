import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneCall } from '../../scripts/robots/call.ts';
import type { Phone } from '../../scripts/robots/phone.ts';
import { attemptsAt, endCall, endedAttempt, legsCreated, placeOf, recordAgrees, recordOf } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';
import { DEBTOR_HERTZ } from '../support/hearing.ts';

const LIMIT_MS = 2_000;
/** What a loaded machine may add; the switch's own clock is exact. */
const TOLERANCE_MS = 500;

let floor: TestFloor;
let debtors: Phone;
let anna: TestAgent;
let badr: TestAgent;
let cyrus: TestAgent;

beforeAll(async () => {
  floor = await openFloor({ connectWithinMs: LIMIT_MS }, { farEnd: 'phone' });
  if (!floor.farEnd) throw new Error('no far end');
  debtors = floor.farEnd;
  debtors.onCall((call) => call.say(DEBTOR_HERTZ));
  [anna, badr, cyrus] = [await floor.addAgent(), await floor.addAgent(), await floor.addAgent()];
  for (const agent of [anna, badr, cyrus]) await agent.logIn();
});
afterAll(() => floor.close());

function stationOf(agent: TestAgent): PhoneCall {
  const station = [...agent.phone.calls.values()].at(-1);
  if (!station) throw new Error('the agent has no line');
  return station;
}

describe('I5: somebody who answers when every agent has been lost since the dial', () => {
  it('hears the message within the limit, and is counted as abandoned', async () => {
    debtors.answering = 'never';
    const rings = debtors.nextCall();
    const [partyId = ''] = await floor.addDebtors(['00']);
    await anna.ask({ type: 'ready' });
    const debtor = await rings;
    anna.phone.answering = 'never';
    const called = anna.phone.nextCall();
    await stationOf(anna).hangUp();
    await eventually('no agent is able', async () => !(await anna.look()).able);
    debtor.answer();
    const [{ id } = { id: '' }] = await attemptsAt(floor, [partyId]);
    await eventually('the message begins', async () => (await recordOf(floor, id)).some((event) => event.type === 'MESSAGE'));
    const record = await recordOf(floor, id);
    const stampOf = (type: string): number => record.find((event) => event.type === type)?.stampMs ?? NaN;
    expect(record.find((event) => event.type === 'MESSAGE')?.extra).toBe('deadline');
    expect(stampOf('MESSAGE') - stampOf('ANSWER')).toBeGreaterThanOrEqual(LIMIT_MS - 10);
    expect(stampOf('MESSAGE') - stampOf('ANSWER')).toBeLessThan(LIMIT_MS + TOLERANCE_MS);
    // A voice: none of our tones, and not silence.
    await debtor.hears((heard) => [150, 200, 250, 300, 350, 450, 500].some((hertz) => heard(hertz) > 0.01));
    await debtor.hangUp();
    const attempt = await endedAttempt(floor, partyId);
    expect(attempt).toMatchObject({ result: 'abandoned', ending: 'no_agent_in_time', counts: true, agent_id: null });
    expect(attempt.message_at?.epochMilliseconds).toBeGreaterThanOrEqual(stampOf('ANSWER') + LIMIT_MS - 10);
    await eventually('the board counts it', () => floor.board()?.campaigns[0]?.day.abandoned === 1);
    expect(await placeOf(floor, partyId)).toMatchObject({ state: 'waiting', reason: 'abandoned', minutes: 240 });
    anna.phone.answering = 'auto';
    (await called).answer();
    await anna.until('the agent’s line is back', (desk) => desk.legUp);
    await anna.ask({ type: 'pause', reason: 'other' });
  });
});

/** Whether an agent's state would be found by the next dialer: it is written behind, every half second. */
async function isWritten(agent: TestAgent, state: string): Promise<boolean> {
  const row = await floor.database
    .selectFrom('agent_state')
    .select('state')
    .where('agent_id', '=', agent.agentId)
    .executeTakeFirst();
  return row?.state === state;
}

describe('a dialer that is killed right after it has acknowledged outcomes, with a dial on its way', () => {
  const parties: string[] = [];
  const attempts: string[] = [];
  let unsent = '';
  let legsBefore = 0;

  beforeAll(async () => {
    debtors.answering = 'auto';
    for (const agent of [anna, badr]) {
      const [partyId = ''] = await floor.addDebtors(['00']);
      await agent.ask({ type: 'ready' });
      const desk = await agent.until('a debtor is bridged', (one) => one.state === 'talking');
      parties.push(partyId);
      attempts.push(desk.call?.attemptId ?? '');
    }
    for (const agent of [anna, badr]) {
      await agent.ask({ type: 'hang_up' });
      await agent.until('wrap-up', (desk) => desk.state === 'wrap_up');
    }
    legsBefore = await legsCreated(floor);

    // A dial that is committed and never reaches the switch.
    floor.wires.ari.hold();
    await cyrus.ask({ type: 'ready' });
    await eventually('it is written that Cyrus is ready', () => isWritten(cyrus, 'ready'));
    [unsent = ''] = await floor.addDebtors(['00']);
    await eventually('the dial is committed', async () =>
      (await attemptsAt(floor, [unsent])).some((one) => one.state === 'dialing'),
    );
    await endCall(anna, 'pause');
    await endCall(badr, 'ready', { code: 'no_contact' });
    process.kill(floor.dialer().identity.pid, 'SIGKILL');
    await floor.dialer().exited;
    floor.wires.ari.cut();
    floor.wires.ari.release();
    floor.wires.ari.mend();
    await floor.setCampaign({ state: 'paused' });
    await floor.startDialer();
  });

  it('I8: has lost none of them', async () => {
    const saved = await floor.database
      .selectFrom('outcome')
      .select(['attempt_id', 'agent_id', 'code'])
      .where('attempt_id', 'in', attempts)
      .execute();
    expect(new Map(saved.map((one) => [one.attempt_id, one.code]))).toEqual(
      new Map([
        [attempts[0], 'refused'],
        [attempts[1], 'no_contact'],
      ]),
    );
    expect(await placeOf(floor, parties[0] ?? '')).toMatchObject({ state: 'waiting', reason: 'refused' });
    expect(await placeOf(floor, parties[1] ?? '')).toMatchObject({ state: 'waiting', reason: 'no_contact' });
  });

  it('has its agents back on their lines, at no form, and nobody in line who did not want to be', async () => {
    for (const agent of [anna, badr, cyrus]) {
      const desk = await agent.until('the agent is back', (one) => one.legUp, 30_000);
      expect(desk.call).toBeNull();
    }
    expect(anna.desk()?.state).toBe('paused');
    // What the agent wanted next may not have been written: then it is asked again.
    expect(['paused', 'ready']).toContain(badr.desk()?.state);
    expect(cyrus.desk()?.state).toBe('ready');
  });

  it('says again what it saved when the console had not heard, and lets nobody change it', async () => {
    const again = { type: 'dispose', attemptId: attempts[1] ?? '', note: '', next: 'ready' } as const;
    expect(await badr.ask({ ...again, outcome: { code: 'no_contact' } })).toMatchObject({
      ok: true,
      desk: { lastEffect: { kind: 'not_before' } },
    });
    expect(await badr.ask({ ...again, outcome: { code: 'refused' } })).toMatchObject({
      ok: false,
      problem: { code: 'already_recorded' },
    });
  });

  it('I3: has not sent again the dial whose fate nobody knew: it is lost, and counts', async () => {
    const attempt = await endedAttempt(floor, unsent);
    expect(attempt).toMatchObject({ result: 'lost', ending: 'unknown_to_the_switch', counts: true });
    expect(await recordOf(floor, attempt.id)).toEqual([]);
    expect(await placeOf(floor, unsent)).toMatchObject({ state: 'waiting', reason: 'lost', tries: 1 });
    expect(await legsCreated(floor)).toBe(legsBefore);
  });

  it('goes on dialing', async () => {
    await floor.setCampaign({ state: 'running' });
    const [partyId = ''] = await floor.addDebtors(['00']);
    await cyrus.until('the debtor is bridged', (desk) => desk.state === 'talking');
    await endCall(cyrus);
    expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: cyrus.agentId });
  });
});

describe('all of this', () => {
  it('I1, I3, I5, I7: agrees with what the switch recorded', () => recordAgrees(floor));
});
