import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { armTrunk } from '../../server/campaigns/trunks/arm.ts';
import { askTestCall, lastTestCall } from '../../server/campaigns/trunks/test-call.ts';
import { floorCommand, floorCommandsKey, type FloorCommand } from '../../server/contract/floor.ts';
import { defineStream, publish } from '../../server/kernel/streams.ts';
import { readRecord } from '../../server/telephony/asterisk/record.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestFloor } from '../support/floor.ts';
import { pressOne } from '../support/hearing.ts';

const OWN_NUMBER = '+966501234567';
const CALLER_ID = '+966112345678';
const ENDED_MS = 20_000;

let floor: TestFloor;
let actor: { userId: string; demo: boolean };

beforeAll(async () => {
  floor = await openFloor({}, { farEnd: 'phone' });
  const admin = { login: 'root', display_name: 'Root', role: 'admin' as const, password_hash: '-' };
  const { id } = await floor.database.insertInto('app_user').values(admin).returning('id').executeTakeFirstOrThrow();
  actor = { userId: id, demo: false };
  await floor.database.updateTable('trunk').set({ kind: 'real', armed: false }).execute();
  await tell({ type: 'changed', what: 'trunk', id: 'main' });
});
afterAll(() => floor.close());
afterEach(() => {
  farEnd().answering = 'auto';
});

function farEnd() {
  if (!floor.farEnd) throw new Error('the floor has no far end');
  return floor.farEnd;
}

function tell(command: FloorCommand): Promise<void> {
  return publish(floor.redis, defineStream(floorCommandsKey('main'), floorCommand), command);
}

/** Asks as the page does, and tells the dialer `times` times. */
async function ask(times = 1): Promise<string> {
  const asked = { trunk: 'main', floorId: 'main', number: OWN_NUMBER, callerId: CALLER_ID };
  const testId = await askTestCall(floor.database, asked, actor);
  for (let time = 0; time < times; time += 1) await tell({ type: 'test_trunk', testId, ...asked, language: 'en' });
  return testId;
}

async function ended(testId: string) {
  await eventually('the test has ended', async () => (await lastTestCall(floor.database, 'main'))?.state === 'ended', ENDED_MS);
  const test = await lastTestCall(floor.database, 'main');
  if (test?.id !== testId) throw new Error('another test came after');
  return test;
}

async function legsOf(testId: string) {
  return (await readRecord(floor.asterisk.recordFile, 0)).filter((event) => event.legId === testId);
}

describe('a test call over a trunk that is not armed', () => {
  it('passes when the person hears the prompt and presses 1: then, and only then, the trunk may be armed', async () => {
    await expect(armTrunk(floor.database, 'main', true, actor)).rejects.toMatchObject({ code: 'trunk_untested' });
    const called = farEnd().nextCall();
    const testId = await ask(2);
    await pressOne(await called);
    expect(await ended(testId)).toMatchObject({ result: 'passed', numberEnd: '567', askedBy: 'Root', sameSettings: true });
    const record = await legsOf(testId);
    expect(record.filter((event) => event.type === 'CHAN_START').length).toBe(1);
    expect(record.find((event) => event.type === 'TRUNK_TEST')?.extra).toBe('1');
    expect(farEnd().calls.size).toBe(0);

    await floor.database.updateTable('trunk').set({ channel_limit: 51 }).execute();
    await expect(armTrunk(floor.database, 'main', true, actor)).rejects.toMatchObject({ code: 'trunk_changed_since_test' });
    await floor.database.updateTable('trunk').set({ channel_limit: 50 }).execute();
    expect(await armTrunk(floor.database, 'main', true, actor)).toMatchObject({ armed: true, proof: 'passed' });
    await armTrunk(floor.database, 'main', false, actor);
    const told = await floor.database.selectFrom('event').select('kind').where('subject_id', '=', 'main').orderBy('id').execute();
    expect(told.map((event) => event.kind)).toEqual(['trunk.test_asked', 'trunk.tested', 'trunk.armed', 'trunk.disarmed']);
  });

  it('does not pass when it is answered and no key comes back', async () => {
    const called = farEnd().nextCall();
    const testId = await ask();
    const call = await called;
    await call.up;
    await eventually('the page sees the answer', async () => (await lastTestCall(floor.database, 'main'))?.state === 'answered');
    await call.hangUp();
    expect(await ended(testId)).toMatchObject({ result: 'no_key' });
  });

  it('says why the far end refused, by cause and SIP status', async () => {
    farEnd().answering = 'busy';
    expect(await ended(await ask())).toMatchObject({ result: 'busy', cause: 17, sipStatus: '486' });
    farEnd().answering = 'never';
    const called = farEnd().nextCall();
    const testId = await ask();
    await (await called).refuse(403, 'Forbidden');
    expect(await ended(testId)).toMatchObject({ result: 'trunk_fault', sipStatus: '403' });
  });

  it('is one at a time, and ends as unknown when the dialer dies: the telephone stops ringing and is not called again', async () => {
    farEnd().answering = 'never';
    const called = farEnd().nextCall();
    const testId = await ask();
    const call = await called;
    await eventually('it rings', async () => (await lastTestCall(floor.database, 'main'))?.state === 'ringing');
    await expect(ask()).rejects.toMatchObject({ code: 'test_call_under_way' });
    process.kill(floor.dialer().identity.pid, 'SIGKILL');
    // Its lease has run out, as far as the successor knows.
    await floor.database.updateTable('floor').set({ expires_at: '2020-01-01T00:00:00Z' }).execute();
    await floor.startDialer();
    expect(await ended(testId)).toMatchObject({ result: 'unknown' });
    expect(await call.ended).toBe('cancelled');
    await tell({ type: 'test_trunk', testId, trunk: 'main', number: OWN_NUMBER, callerId: null, language: 'en' });

    // What comes after shows that the repeated command has been read and did nothing.
    farEnd().answering = 'busy';
    await ended(await ask());
    expect((await legsOf(testId)).filter((event) => event.type === 'CHAN_START').length).toBe(1);
  }, 60_000);
});
