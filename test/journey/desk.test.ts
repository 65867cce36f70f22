import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneCall } from '../../scripts/robots/call.ts';
import { deskCommand } from '../../server/contract/desk.ts';
import { endCall, placeOf, recordAgrees } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import {
  AGENT_HERTZ,
  agentIsHeard,
  DEBTOR_HERTZ,
  debtorIsHeard,
  fiveIsHeard,
  hearsNothing,
  musicIsHeard,
} from '../support/hearing.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';

let floor: TestFloor;
let agent: TestAgent;
let stranger: TestAgent;

beforeAll(async () => {
  floor = await openFloor({}, { farEnd: 'phone' });
  floor.farEnd?.onCall((call) => call.say(DEBTOR_HERTZ));
  [agent, stranger] = [await floor.addAgent(), await floor.addAgent()];
  agent.phone.onCall((call) => call.say(AGENT_HERTZ));
  await agent.logIn();
});
afterAll(() => floor.close());

interface Talk {
  partyId: string;
  attemptId: string;
  debtor: PhoneCall;
  station: PhoneCall;
}

/** A debtor and an agent in conversation. */
async function talk(who = agent): Promise<Talk> {
  const [partyId = ''] = await floor.addDebtors(['00']);
  const rings = floor.farEnd?.nextCall();
  if (who.desk()?.state !== 'ready') await who.ask({ type: 'ready' });
  const desk = await who.until('the debtor is bridged', (one) => one.state === 'talking');
  const debtor = await rings;
  const station = [...who.phone.calls.values()].at(-1);
  if (!debtor || !station) throw new Error('no call');
  return { partyId, attemptId: desk.call?.attemptId ?? '', debtor, station };
}

async function refusal(who: TestAgent, command: Parameters<TestAgent['ask']>[0]): Promise<unknown> {
  const reply = await who.ask(command);
  return reply.ok ? 'not refused' : reply.problem.code;
}

describe('logging in', () => {
  it('is refused at once while the station is not registered', async () => {
    await stranger.provision();
    expect(await refusal(stranger, { type: 'log_in', campaignId: null })).toBe('station_unreachable');
    expect(stranger.desk()?.state ?? 'offline').toBe('offline');
  });

  it('is refused twice', async () => {
    expect(await refusal(agent, { type: 'log_in', campaignId: null })).toBe('already_logged_in');
  });

  it('is refused for a campaign that the agent may not serve', async () => {
    expect(await refusal(stranger, { type: 'log_in', campaignId: '0199f000-0000-7000-8000-000000000001' })).toBe(
      'campaign_not_served',
    );
  });
});

describe('an agent without a call', () => {
  it('cannot hang up, hold, mute or press keys', async () => {
    for (const command of [
      { type: 'hang_up' },
      { type: 'hold', on: true },
      { type: 'mute', on: true },
      { type: 'digits', digits: '1' },
    ] as const) {
      expect(await refusal(agent, command)).toBe('no_call');
    }
  });
});

describe('an agent in a call', () => {
  let call: Talk;
  beforeAll(async () => {
    call = await talk();
  });

  it('and the debtor hear one another', async () => {
    await Promise.all([call.station.hears(debtorIsHeard), call.debtor.hears(agentIsHeard)]);
  });

  it('puts it on hold: the debtor hears music, the agent nothing, until it is taken back', async () => {
    expect(await refusal(agent, { type: 'hold', on: false })).toBe('not_now');
    expect(await agent.ask({ type: 'hold', on: true })).toMatchObject({ ok: true, desk: { call: { phase: 'held' } } });
    await Promise.all([call.debtor.hears(musicIsHeard), hearsNothing(call.station)]);
    expect(await refusal(agent, { type: 'hold', on: true })).toBe('not_now');
    expect(await agent.ask({ type: 'hold', on: false })).toMatchObject({ ok: true });
    await Promise.all([call.debtor.hears(agentIsHeard), call.station.hears(debtorIsHeard)]);
    await agent.until('the call is no longer held', (desk) => desk.call?.phase === 'talking');
  });

  it('mutes the microphone, which every screen of theirs is told', async () => {
    for (const on of [true, false]) {
      await agent.ask({ type: 'mute', on });
      await agent.until('it is told', (desk) => desk.call?.muted === on);
    }
  });

  it('presses keys that the far end hears', async () => {
    const heard = call.debtor.hears(fiveIsHeard);
    expect(await agent.ask({ type: 'digits', digits: '5555' })).toMatchObject({ ok: true });
    await heard;
  });

  it('who loads the page anew goes on with the same call, and the debtor hears music meanwhile', async () => {
    agent.phone.answering = 'never';
    const rings = agent.phone.nextCall();
    expect(await agent.ask({ type: 'reattach' })).toMatchObject({ ok: true, desk: { state: 'talking', legUp: false } });
    expect(await call.station.ended).toBe('far_end');
    const station = await rings;
    await call.debtor.hears(musicIsHeard);
    expect(agent.desk()?.call).toMatchObject({ attemptId: call.attemptId, phase: 'music' });
    agent.phone.answering = 'auto';
    station.answer();
    await Promise.all([call.debtor.hears(agentIsHeard), station.hears(debtorIsHeard)]);
    await agent.until('the same call goes on', (desk) => desk.call?.phase === 'talking' && desk.legUp);
    expect(agent.desk()?.call?.attemptId).toBe(call.attemptId);
    call.station = station;
  });

  it('cannot save an outcome before its end', async () => {
    const outcome = { code: 'refused' } as const;
    const command = { type: 'dispose', attemptId: call.attemptId, outcome, note: '', next: 'ready' } as const;
    expect(await refusal(agent, command)).toBe('call_not_ended');
  });

  it('ends it, and keeps their own line for the next one', async () => {
    expect(await agent.ask({ type: 'hang_up' })).toMatchObject({ ok: true });
    expect(await call.debtor.ended).toBe('far_end');
    await agent.until('wrap-up', (desk) => desk.state === 'wrap_up');
    expect(call.station.state).toBe('up');
  });
});

describe('an outcome', () => {
  it('is refused, naming the field, for a call, a debt or an amount that cannot be, and then saved once', async () => {
    const desk = await agent.until('wrap-up', (one) => one.state === 'wrap_up');
    const attemptId = desk.call?.attemptId ?? '';
    const debt = desk.call?.file?.debts[0];
    const creditor = await floor.database.selectFrom('creditor').select('id').executeTakeFirstOrThrow();
    const other = await floor.database
      .insertInto('debt')
      .values({ creditor_id: creditor.id, account: 'somebody else', currency: 'SAR', balance_minor: 5_000n })
      .returning('id')
      .executeTakeFirstOrThrow();
    const tomorrow = Temporal.Now.plainDateISO('UTC').add({ days: 2 }).toString();
    const promise = (change: object) => ({
      type: 'dispose' as const,
      attemptId,
      outcome: {
        code: 'promise' as const,
        debtId: debt?.id ?? '',
        amountMinor: debt?.balanceMinor ?? '',
        currency: 'SAR',
        dueOn: tomorrow,
        ...change,
      },
      note: '',
      next: 'pause' as const,
    });
    const problem = async (command: Parameters<TestAgent['ask']>[0]) => {
      const reply = await agent.ask(command);
      return reply.ok ? null : { code: reply.problem.code, field: reply.problem.field };
    };
    expect(await problem(promise({ debtId: other.id }))).toEqual({ code: 'not_their_debt', field: 'debtId' });
    const above = String(BigInt(debt?.balanceMinor ?? '0') + 1n);
    expect(await problem(promise({ amountMinor: above }))).toEqual({ code: 'above_balance', field: 'amountMinor' });
    expect(await problem(promise({ dueOn: '2020-01-01' }))).toEqual({ code: 'date_passed', field: 'dueOn' });
    const another = await problem({ ...promise({}), attemptId: '0199f000-0000-7000-8000-000000000002' });
    expect(another).toEqual({ code: 'not_your_call', field: 'attemptId' });
    expect(agent.desk()).toMatchObject({ state: 'wrap_up' });

    expect(await agent.ask(promise({}))).toMatchObject({
      ok: true,
      desk: { state: 'paused', lastEffect: { kind: 'not_before' } },
    });
    expect(await agent.ask(promise({}))).toMatchObject({ ok: true, desk: { state: 'paused' } });
    expect(await problem({ ...promise({}), outcome: { code: 'refused' } })).toEqual({ code: 'already_recorded', field: null });
    expect(await refusal(stranger, promise({}))).toBe('not_your_call');
    const saved = await floor.database.selectFrom('promise').selectAll().where('attempt_id', '=', attemptId).execute();
    expect(saved).toHaveLength(1);
  });

  it('without a field that it needs never reaches the dialer: the contract names the field', () => {
    const attemptId = '0199f000-0000-7000-8000-000000000002';
    const needs = {
      promise: ['debtId', 'amountMinor', 'currency', 'dueOn'],
      paid: ['debtId', 'paidOn'],
      callback: ['at', 'mine'],
    };
    for (const [code, fields] of Object.entries(needs)) {
      const read = deskCommand.safeParse({ type: 'dispose', attemptId, outcome: { code }, next: 'ready' });
      expect(read.error?.issues.map((issue) => issue.path.join('.'))).toEqual(fields.map((field) => `outcome.${field}`));
    }
  });

  it('that nobody saves in time is written by the system, and the agent is not handed the next call', async () => {
    await floor.setCampaign({ settings: { wrapUpLimitMs: 5_000 } });
    const { partyId, attemptId, debtor } = await talk();
    const [next = ''] = await floor.addDebtors(['00']);
    await debtor.hangUp();
    await agent.until('wrap-up', (desk) => desk.state === 'wrap_up');
    await floor.setCampaign({ settings: { wrapUpLimitMs: 60_000 } });
    await agent.until('the time has run out', (desk) => desk.state === 'paused' && desk.reason === 'wrap_up_expired');
    await eventually('the outcome is written', async () => (await placeOf(floor, partyId)).reason === 'wrap_up_expired');
    const outcome = await floor.database
      .selectFrom('outcome')
      .select('code')
      .where('attempt_id', '=', attemptId)
      .executeTakeFirst();
    expect(outcome).toEqual({ code: 'wrap_up_expired' });
    expect(await placeOf(floor, next)).toMatchObject({ state: 'ready' });
    expect(floor.farEnd?.calls.size).toBe(0);
    await agent.ask({ type: 'ready' });
    await agent.until('the next call', (desk) => desk.state === 'talking');
    await endCall(agent);
  });
});

describe('two agents', () => {
  it('take calls in turn: whoever has been ready longest', async () => {
    await stranger.logIn();
    await stranger.ask({ type: 'ready' });
    await agent.ask({ type: 'ready' });
    const order: string[] = [];
    for (const who of [stranger, agent, stranger]) {
      await talk(who);
      order.push(
        [agent, stranger]
          .filter((one) => one.desk()?.state === 'talking')
          .map((one) => one.agentId)
          .join(),
      );
      await endCall(who, 'ready');
    }
    expect(order).toEqual([stranger.agentId, agent.agentId, stranger.agentId]);
  });

  it('of whom one logs out in a call is gone when that call is done, and not before', async () => {
    await stranger.ask({ type: 'pause', reason: 'lunch' });
    const { station, debtor } = await talk();
    expect(await agent.ask({ type: 'log_out' })).toMatchObject({ ok: true, desk: { state: 'talking', logOutAfterCall: true } });
    await debtor.hears(agentIsHeard);
    await debtor.hangUp();
    await endCall(agent, 'ready');
    await agent.until('off duty', (desk) => desk.state === 'offline');
    expect(await station.ended).toBe('far_end');
  });
});

describe('all of this', () => {
  it('agrees with what the switch recorded', () => recordAgrees(floor));
});
