import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeskCall } from '../../server/contract/desk.ts';
import { OUTCOME_CODES, OUTCOME_RULES, type Outcome, type OutcomeCode } from '../../server/contract/outcomes.ts';
import { attemptsAt, endCall, endedAttempt, placeOf, recordAgrees } from '../support/calls.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';

const HOUR = 60;
const DAY = 24 * HOUR;

let floor: TestFloor;
let agent: TestAgent;

beforeAll(async () => {
  floor = await openFloor();
  agent = await floor.addAgent();
  await agent.logIn();
  // One for each outcome: whoever answers keeps the line until the agent hangs up.
  await floor.addDebtors(OUTCOME_CODES.map(() => '98'));
});
afterAll(() => floor.close());

/** A day so many days from now where the debtors live. */
function inDays(days: number): string {
  return Temporal.Now.zonedDateTimeISO('Asia/Riyadh').toPlainDate().add({ days }).toString();
}

/** Minutes from now until that day begins there. */
function untilDay(days: number): number {
  const now = Temporal.Now.zonedDateTimeISO('Asia/Riyadh');
  return Math.round(now.until(now.startOfDay().add({ days })).total('minutes'));
}

interface Case {
  outcome: (call: DeskCall) => Outcome;
  /** What the desk is told, and the debtor's row. */
  effect: object;
  place: () => object;
  /** How many minutes the row waits, within one. */
  minutes?: () => number;
}

const debtId = (call: DeskCall): string => call.file?.debts[0]?.id ?? '';

const CASES: { [Code in OutcomeCode]: Case } = {
  promise: {
    outcome: (call) => ({ code: 'promise', debtId: debtId(call), amountMinor: '5000', currency: 'SAR', dueOn: inDays(5) }),
    effect: { kind: 'not_before' },
    place: () => ({ state: 'waiting', reason: 'promise' }),
    minutes: () => untilDay(6),
  },
  paid: {
    outcome: (call) => ({ code: 'paid', debtId: debtId(call), paidOn: inDays(-1) }),
    effect: { kind: 'not_before' },
    place: () => ({ state: 'waiting', reason: 'paid' }),
    minutes: () => untilDay(4),
  },
  refused: {
    outcome: () => ({ code: 'refused' }),
    effect: { kind: 'not_before' },
    place: () => ({ state: 'waiting', reason: 'refused' }),
    minutes: () => 72 * HOUR,
  },
  dispute: {
    outcome: (call) => ({ code: 'dispute', debtId: debtId(call), reason: 'never bought it' }),
    effect: { kind: 'held', hold: 'dispute', until: null },
    place: () => ({ state: 'waiting', reason: 'dispute' }),
    minutes: () => DAY,
  },
  callback: {
    outcome: () => ({ code: 'callback', at: Temporal.Now.instant().add({ hours: 3 }).toString(), mine: true }),
    effect: { kind: 'callback', timeZone: 'Asia/Riyadh' },
    place: () => ({ state: 'waiting', reason: 'callback', band: 10 }),
    minutes: () => 3 * HOUR,
  },
  wrong_person: {
    outcome: () => ({ code: 'wrong_person' }),
    effect: { kind: 'number_left', otherNumbers: 0 },
    place: () => ({ state: 'done', reason: 'no_number_left' }),
  },
  do_not_call: {
    outcome: () => ({ code: 'do_not_call', scope: 'person' }),
    effect: { kind: 'left_queue' },
    place: () => ({ state: 'done', reason: 'do_not_call' }),
  },
  no_contact: {
    outcome: () => ({ code: 'no_contact' }),
    effect: { kind: 'not_before' },
    place: () => ({ state: 'waiting', reason: 'no_contact' }),
    minutes: () => 4 * HOUR,
  },
  answering_machine: {
    outcome: () => ({ code: 'answering_machine' }),
    effect: { kind: 'not_before' },
    place: () => ({ state: 'waiting', reason: 'answering_machine' }),
    minutes: () => 4 * HOUR,
  },
  hardship: {
    outcome: () => ({ code: 'hardship', until: inDays(30) }),
    effect: { kind: 'held', hold: 'hardship' },
    place: () => ({ state: 'waiting', reason: 'hardship' }),
    minutes: () => untilDay(30),
  },
  deceased: {
    outcome: () => ({ code: 'deceased' }),
    effect: { kind: 'held', hold: 'deceased', until: null },
    place: () => ({ state: 'waiting', reason: 'deceased' }),
    minutes: () => DAY,
  },
  restriction: {
    // What may be asked for came with the call.
    outcome: ({ guidance }) => ({ code: 'restriction', kind: guidance?.holds[0]?.kind ?? '', atWork: false }),
    effect: { kind: 'held', hold: 'cease', until: null },
    place: () => ({ state: 'waiting', reason: 'cease' }),
    minutes: () => DAY,
  },
};

describe('the outcome of a call', () => {
  it.each(OUTCOME_CODES.map((code) => ({ code, rule: OUTCOME_RULES[code].kind })))(
    '$code decides when the debtor may be called again: $rule',
    async ({ code }) => {
      const { outcome, effect, place, minutes } = CASES[code];
      await agent.ask({ type: 'ready' });
      const desk = await agent.until(
        'a debtor is bridged and the file is there',
        (one) => one.state === 'talking' && one.call?.file !== null,
      );
      if (!desk.call?.file) throw new Error('no file');
      // A pause, since the next call clears the effect of this one from the desk.
      const { lastEffect } = await endCall(agent, 'pause', outcome(desk.call));
      expect(lastEffect).toMatchObject(effect);
      const { partyId } = desk.call.file;
      await endedAttempt(floor, partyId);
      const row = await placeOf(floor, partyId);
      expect(row).toMatchObject({ tries: 1, ...place() });
      expect(minutes ? Math.abs((row.minutes ?? NaN) - minutes()) : 0).toBeLessThanOrEqual(1);
      expect(await endedAttempt(floor, partyId)).toMatchObject({ result: 'connected', agent_id: agent.agentId });
    },
  );

  it('was each of another debtor, and nobody was called twice', async () => {
    const parties = await floor.database.selectFrom('party').select('id').execute();
    const attempts = await attemptsAt(
      floor,
      parties.map((party) => party.id),
    );
    expect(attempts).toHaveLength(OUTCOME_CODES.length);
    await recordAgrees(floor);
  });
});
