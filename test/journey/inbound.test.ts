import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PhoneCall } from '../../scripts/robots/call.ts';
import type { Phone } from '../../scripts/robots/phone.ts';
import type { DeskCall } from '../../server/contract/desk.ts';
import { openVoicemail } from '../../server/insight/voicemails.ts';
import { readRecord } from '../../server/telephony/asterisk/record.ts';
import { attemptsAt, endCall, everyAttemptEnds, placeOf } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, STATION_SECRET, type TestAgent, type TestFloor } from '../support/floor.ts';
import { AGENT_HERTZ, agentIsHeard, DEBTOR_HERTZ, musicIsHeard, pressOne } from '../support/hearing.ts';

const OWN_NUMBER = '+99970000001';

let floor: TestFloor;
let caller: Phone;
let anna: TestAgent;
let badr: TestAgent;
let debtor: { partyId: string; number: string };

beforeAll(async () => {
  floor = await openFloor({ callerId: OWN_NUMBER }, { farEnd: 'phone' });
  if (!floor.farEnd) throw new Error('no far end');
  caller = floor.farEnd;
  caller.answering = 'never';
  await floor.setCampaign({ state: 'paused' });
  [anna, badr] = [await floor.addAgent(), await floor.addAgent()];
  for (const agent of [anna, badr]) {
    await agent.logIn();
    [...agent.phone.calls.values()].at(-1)?.say(AGENT_HERTZ);
  }
  debtor = await someDebtor();
});
afterAll(() => floor.close());

async function someDebtor(): Promise<{ partyId: string; number: string }> {
  const [partyId = ''] = await floor.addDebtors(['00']);
  const { e164 } = await floor.database
    .selectFrom('party_phone')
    .innerJoin('phone', 'phone.id', 'party_phone.phone_id')
    .select('phone.e164')
    .where('party_id', '=', partyId)
    .executeTakeFirstOrThrow();
  return { partyId, number: e164 };
}

function callUs(number: string): Promise<PhoneCall> {
  return caller.call(`sip:${OWN_NUMBER}@127.0.0.1:${floor.asterisk.ports.sip}`, number);
}

function inboundCalls() {
  return floor.database.selectFrom('inbound_call').selectAll().orderBy('entered_at', 'desc').execute();
}

/** The newest inbound call, once it has ended in this way. */
async function ended(result: string) {
  await eventually(`a call ended as ${result}`, async () => (await inboundCalls())[0]?.result === result, 20_000);
  const [call] = await inboundCalls();
  if (!call) throw new Error('no call');
  return call;
}

async function talksWithCaller(agent: TestAgent): Promise<DeskCall> {
  const desk = await agent.until('a caller is on the desk', (one) => one.state === 'talking' && one.call?.inbound != null);
  if (!desk.call) throw new Error('no call');
  return desk.call;
}

it('a caller reaches an agent; whose file it is shows once the agent has confirmed it, and their talk starts the cool-off', async () => {
  await anna.ask({ type: 'ready' });
  const line = await callUs(debtor.number);
  const call = await talksWithCaller(anna);
  await line.hears(agentIsHeard);
  expect(call).toMatchObject({ number: debtor.number, file: null, inbound: { called: OWN_NUMBER, caller: 'open' } });
  expect(call.inbound?.candidates).toMatchObject([{ partyId: debtor.partyId, initials: 'D.' }]);
  expect(JSON.stringify(call)).not.toContain('Debtor');

  const { attemptId } = call;
  const other = await someDebtor();
  expect(await anna.ask({ type: 'identify', attemptId, partyId: other.partyId })).toMatchObject({
    problem: { code: 'not_a_candidate' },
  });
  const confirmed = await anna.ask({ type: 'identify', attemptId, partyId: debtor.partyId });
  expect(confirmed).toMatchObject({
    ok: true,
    desk: { call: { file: { partyId: debtor.partyId }, inbound: { caller: 'confirmed' } } },
  });
  const live = await floor.database.selectFrom('live_contact').selectAll().execute();
  expect(live).toMatchObject([{ party_id: debtor.partyId, attempt_id: attemptId }]);

  await line.hangUp();
  await endCall(anna, 'pause');
  expect(await ended('talked')).toMatchObject({ id: attemptId, party_id: debtor.partyId, agent_id: anna.agentId });
  await eventually('the contact has ended', async () => (await attemptsAt(floor, [debtor.partyId]))[0]?.state === 'ended');
  expect(await attemptsAt(floor, [debtor.partyId])).toMatchObject([{ id: attemptId, direction: 'inbound', result: 'connected' }]);
  const talks = await floor.database.selectFrom('conversation_debt').selectAll().execute();
  expect(talks).toMatchObject([{ attempt_id: attemptId, party_id: debtor.partyId }]);
  expect(await floor.database.selectFrom('abandonment_ledger').selectAll().execute()).toEqual([]);
  expect(await floor.database.selectFrom('live_contact').selectAll().execute()).toEqual([]);
});

function inboundOnBoard() {
  return floor.board()?.campaigns[0]?.inbound;
}

it('a caller waits with music while all talk, and then gets the agent who spoke with them last', async () => {
  await anna.ask({ type: 'ready' });
  const stranger = await callUs('+99979999999');
  const { attemptId, inbound } = await talksWithCaller(anna);
  expect(inbound?.candidates).toEqual([]);
  const line = await callUs(debtor.number);
  await eventually('the board shows who waits', () => inboundOnBoard()?.waiting === 1 && inboundOnBoard()?.talking === 1);
  await line.hears(musicIsHeard, 30_000);

  await stranger.hangUp();
  await anna.until('wrap-up', (desk) => desk.state === 'wrap_up');
  const refused = await anna.ask({ type: 'dispose', attemptId, outcome: { code: 'refused' }, note: '', next: 'ready' });
  expect(refused).toMatchObject({ problem: { code: 'caller_not_confirmed' } });
  const kept = await anna.ask({
    type: 'dispose',
    attemptId,
    outcome: { code: 'no_contact' },
    note: 'asked for a shop',
    next: 'ready',
  });
  expect(kept.ok).toBe(true);
  expect((await talksWithCaller(anna)).number).toBe(debtor.number);
  await line.hears(agentIsHeard);
  await line.hangUp();
  await endCallOfNobody(anna);

  await badr.ask({ type: 'ready' });
  await anna.ask({ type: 'ready' });
  const again = await callUs(debtor.number);
  await talksWithCaller(anna);
  expect((await badr.look()).state).toBe('ready');
  await again.hangUp();
  await endCallOfNobody(anna);
  await badr.ask({ type: 'pause', reason: 'break' });
});

it('a caller from a number that nobody has is found by what they say themselves, and confirmed', async () => {
  const { partyId } = await someDebtor();
  const { account } = await floor.database
    .selectFrom('debt_party')
    .innerJoin('debt', 'debt.id', 'debt_party.debt_id')
    .select('debt.account')
    .where('debt_party.party_id', '=', partyId)
    .executeTakeFirstOrThrow();
  await anna.ask({ type: 'ready' });
  const line = await callUs('+99978888888');
  const { attemptId } = await talksWithCaller(anna);
  expect(await anna.ask({ type: 'find_caller', attemptId, text: 'of nobody' })).toMatchObject({
    problem: { code: 'nobody_found' },
  });
  const found = await anna.ask({ type: 'find_caller', attemptId, text: account });
  expect(found).toMatchObject({ ok: true, desk: { call: { file: null, inbound: { candidates: [{ partyId }] } } } });
  expect(await anna.ask({ type: 'identify', attemptId, partyId })).toMatchObject({ desk: { call: { file: { partyId } } } });
  await line.hangUp();
  await endCall(anna);
  expect(await attemptsAt(floor, [partyId])).toMatchObject([{ id: attemptId, direction: 'inbound', number: '+99978888888' }]);
  // Anybody may have lent them the telephone.
  const numbers = await floor.database.selectFrom('party_phone').selectAll().where('party_id', '=', partyId).execute();
  expect(numbers).toHaveLength(1);
});

async function endCallOfNobody(agent: TestAgent): Promise<void> {
  const desk = await endCall(agent, 'pause', { code: 'no_contact' });
  expect(desk.lastEffect).toEqual({ kind: 'noted' });
}

it('with nobody on duty a caller may ask by key to be called back, and whoever hangs up is a missed call', async () => {
  const called = await someDebtor();
  const line = await callUs(called.number);
  await pressOne(line);
  // Keys are heard as tones: on a busy machine one may be missed.
  for (let tries = 0; tries < 3; tries += 1) {
    const understood = eventually('the key is understood', async () => (await inboundCalls())[0]?.result === 'callback', 12_000);
    if (
      await understood.then(
        () => true,
        () => false,
      )
    )
      break;
    await pressOne(line).catch(() => undefined);
  }
  const call = await ended('callback');
  const promised = await floor.database.selectFrom('callback').selectAll().where('party_id', '=', called.partyId).execute();
  expect(promised).toMatchObject([{ attempt_id: call.id, agent_id: null, state: 'open' }]);
  expect(await placeOf(floor, called.partyId)).toMatchObject({ reason: 'callback', band: 10 });
  expect(call.handled_at).not.toBeNull();

  const other = await callUs(called.number);
  await eventually('the caller waits', () => inboundOnBoard()?.waiting === 1);
  await other.hangUp();
  expect(await ended('hung_up')).toMatchObject({ candidates: [called.partyId], handled_at: null });
});

/** Changes the hours, and with them the state, by which the board tells that they are read. */
async function keepHours(days: number[], state: 'running' | 'paused'): Promise<void> {
  await floor.setCampaign({ state, settings: { hours: [{ days, from: '00:00', to: '24:00' }] } });
  await eventually('the hours are read', () => floor.board()?.campaigns[0]?.state === state);
}

it('out of hours a caller hears so', async () => {
  // Wherever today is.
  const inTwoDays = ((Temporal.Now.zonedDateTimeISO('UTC').dayOfWeek + 1) % 7) + 1;
  await keepHours([inTwoDays], 'running');
  const line = await callUs(debtor.number);
  await served('closed');
  await line.hangUp();
  expect(await ended('closed')).toMatchObject({ candidates: [debtor.partyId], connected_at: null });
  await keepHours([1, 2, 3, 4, 5, 6, 7], 'paused');
});

/** The switch says this to a caller by itself. */
async function served(words: 'closed' | 'unserved'): Promise<void> {
  await eventually(`a caller hears ${words}`, async () => {
    const record = await readRecord(floor.asterisk.recordFile, 0);
    return record.some((event) => event.type === 'INBOUND_MESSAGE' && event.extra === words);
  });
}

it('when the dialer dies, who talks goes on talking, who waits comes back to the line, and who calls may leave a message', async () => {
  await anna.ask({ type: 'ready' });
  const talking = await callUs(debtor.number);
  const { attemptId } = await talksWithCaller(anna);
  expect(await anna.ask({ type: 'identify', attemptId, partyId: debtor.partyId })).toMatchObject({ ok: true });
  const waiting = await callUs('+99977777777');
  await eventually('it is written who waits', async () => (await inboundCalls())[0]?.number === '+99977777777');
  const [waits] = await inboundCalls();
  process.kill(floor.dialer().identity.pid, 'SIGKILL');
  // Nobody is there to take this one in: the dialplan serves it by itself.
  const unseen = await callUs('+99976666666');
  unseen.say(DEBTOR_HERTZ);
  await served('unserved');
  const successor = floor.startDialer();
  const spool = join(dirname(floor.asterisk.recordFile), '../spool/recording');
  await eventually(
    'two seconds are recorded',
    () => readdirSync(spool).some((name) => statSync(join(spool, name)).size > 32_000),
    40_000,
  );
  await unseen.hangUp();
  await successor;

  const desk = await anna.until('she still talks', (one) => one.state === 'talking' && one.call?.attemptId === attemptId);
  expect(desk.call?.inbound?.caller).toBe('confirmed');
  await talking.hears(agentIsHeard);
  await eventually('the caller is in the line again', () => inboundOnBoard()?.waiting === 1, 20_000);
  await talking.hangUp();
  await endCall(anna, 'ready');
  expect((await talksWithCaller(anna)).attemptId).toBe(waits?.id);
  await waiting.hears(agentIsHeard);
  await anna.ask({ type: 'hang_up' });
  await endCallOfNobody(anna);
  await everyAttemptEnds(floor);
  await eventually('every caller is off the line', async () => (await inboundCalls()).every((call) => call.ended_at !== null));
  expect((await inboundCalls()).find((call) => call.id === waits?.id)?.result).toBe('talked');

  await eventually('the message is kept', async () => (await inboundCalls()).some((call) => call.result === 'voicemail'), 40_000);
  const left = (await inboundCalls()).find((call) => call.result === 'voicemail');
  expect(left).toMatchObject({ called: OWN_NUMBER, number: null });
  expect(left?.voicemail_seconds).toBeGreaterThanOrEqual(2);
  const { sealed } = await floor.database.selectFrom('voicemail').select('sealed').executeTakeFirstOrThrow();
  expect(sealed.includes('RIFF')).toBe(false);
  const hears = { callId: left?.id ?? '', userId: anna.agentId, secret: STATION_SECRET };
  expect((await openVoicemail(floor.database, hears)).subarray(0, 4).toString()).toBe('RIFF');
  await eventually('the switch keeps nothing of it', () => readdirSync(spool).length === 0);
});
