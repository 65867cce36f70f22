import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { faultOfTestNumber, PROOF_DAYS, proofOf, shareOf, type LineShare } from '../../server/campaigns/trunks/rules.ts';
import { takeShare } from '../../server/campaigns/trunks/share.ts';
import { endTestCall, takeTestCall } from '../../server/campaigns/trunks/test-call.ts';
import { NUMBER_TYPES } from '../../server/contract/rule-terms.ts';
import { isNeverCalled } from '../../server/compliance/standing.ts';
import { eventually } from '../support/conditions.ts';
import { openFloorEnd, type FloorEnd } from '../support/console.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

const OWN = '+966501234567';

let web: TestWeb;
let floor: FloorEnd;
let admin: string;
let supervisor: string;

beforeAll(async () => {
  web = await openWeb();
  floor = openFloorEnd(web.redisUrl);
  await web.addUser('root', 'admin');
  await web.addUser('overseer', 'supervisor');
  [admin, supervisor] = [await web.cookieOf('root'), await web.cookieOf('overseer')];
  await web.addTrunk('demo', 'demo', true);
});
afterAll(async () => {
  await floor.close();
  await web.close();
});
beforeEach(async () => {
  await web.database.deleteFrom('trunk_test').execute();
  await web.database.deleteFrom('trunk').where('name', '=', 'real').execute();
  await web.addTrunk('real', 'real', false);
});

const arm = () => web.ask(admin, 'POST', '/api/v1/trunks/real/arm');
const call = (body: object = { number: OWN }, trunk = 'real', as = admin) =>
  web.ask(as, 'POST', `/api/v1/trunks/${trunk}/test-call`, body);
const last = async () => (await web.ask(supervisor, 'GET', '/api/v1/trunks/real/test-call')).body;

describe('a trunk that several floors dial on', () => {
  const whole = { channels: 10, callsPerSecond: 6 };

  test('is never used beyond its limits by all together, in whatever order they ask, and shared evenly in the end', () => {
    const turns = fc.array(fc.record({ floorId: fc.constantFrom('a', 'b', 'c'), wants: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(turns, (asked) => {
        const held = new Map<string, LineShare & { floorId: string; wants: boolean }>();
        const ask = (floorId: string, wants: boolean): void => {
          const others = [...held.values()].filter((other) => other.floorId !== floorId);
          held.set(floorId, { floorId, wants, ...shareOf(whole, { floorId, wants }, others) });
          const sum = (of: (share: LineShare) => number): number => [...held.values()].reduce((all, share) => all + of(share), 0);
          expect(sum((share) => share.channels)).toBeLessThanOrEqual(whole.channels);
          expect(sum((share) => share.callsPerSecond)).toBeLessThanOrEqual(whole.callsPerSecond + 1e-9);
        };
        for (const { floorId, wants } of asked) ask(floorId, wants);
        for (const floorId of 'abc'.repeat(4)) ask(floorId, true);
        expect(['a', 'b', 'c'].map((floorId) => held.get(floorId)?.channels)).toEqual([4, 3, 3]);
        for (const share of held.values()) expect(share.callsPerSecond).toBeCloseTo(2);
      }),
    );
  });

  test('gives a floor that comes what the others have given up, and all to one that is alone', async () => {
    await web.database.insertInto('floor').values({ id: 'second' }).execute();
    const take = (floorId: string, inUse = 0, wants = true): Promise<LineShare> =>
      takeShare(web.database, { name: 'demo', ...whole }, { floorId, wants, inUse });
    expect(await take('main')).toEqual(whole);
    expect(await take('second')).toMatchObject({ channels: 0, callsPerSecond: 0 });
    // Calls that are up keep their lines until they end.
    expect(await take('main', 8)).toEqual({ channels: 5, callsPerSecond: 3 });
    expect(await take('second')).toEqual({ channels: 2, callsPerSecond: 3 });
    expect(await take('main', 5)).toEqual({ channels: 5, callsPerSecond: 3 });
    expect(await take('second')).toEqual({ channels: 5, callsPerSecond: 3 });
    await web.database.updateTable('trunk_share').set({ until: '-infinity' }).where('floor_id', '=', 'second').execute();
    expect(await take('main')).toEqual(whole);
  });
});

describe('a real trunk is armed', () => {
  test('not before a test call of it has passed', async () => {
    expect(await arm()).toMatchObject({ status: 409, body: { code: 'trunk_untested', field: 'name' } });
    await web.proveTrunk('real');
    expect(await arm()).toMatchObject({ status: 200, body: { armed: true, proof: 'passed' } });
  });

  test.each([
    ['leads elsewhere', { uri: 'sip:elsewhere.example' }],
    ['carries more calls', { channel_limit: 11 }],
    ['takes them faster', { calls_per_second: 6 }],
    ['has another account', { account_digest: 'another' }],
  ])('not by a test call from before it %s', async (_, change) => {
    await web.proveTrunk('real');
    await web.database.updateTable('trunk').set(change).where('name', '=', 'real').execute();
    expect(await arm()).toMatchObject({ status: 409, body: { code: 'trunk_changed_since_test' } });
    await web.proveTrunk('real');
    expect((await arm()).status).toBe(200);
  });

  test('not by a test call of long ago', async () => {
    await web.proveTrunk('real', PROOF_DAYS);
    expect(await arm()).toMatchObject({ status: 409, body: { code: 'trunk_test_expired' } });
    await web.proveTrunk('real', PROOF_DAYS - 1);
    expect((await arm()).status).toBe(200);
  });

  test('and a demo trunk without any', async () => {
    expect((await web.ask(admin, 'POST', '/api/v1/trunks/demo/arm')).body).toMatchObject({ armed: true, proof: 'not_needed' });
  });

  test('for as long as its proof says', () => {
    const passedAt = Temporal.Instant.from('2026-11-01T08:00:00Z');
    const tested = { kind: 'real' as const, passedAt, everPassed: true };
    expect(proofOf(tested, passedAt.add({ hours: PROOF_DAYS * 24 - 1 })).proof).toBe('passed');
    expect(proofOf(tested, passedAt.add({ hours: PROOF_DAYS * 24 })).proof).toBe('expired');
    expect(proofOf({ ...tested, passedAt: null }, passedAt).proof).toBe('changed');
    expect(proofOf({ ...tested, passedAt: null, everPassed: false }, passedAt).proof).toBe('never');
  });
});

describe('a test call', () => {
  test('is told to the floor once, with digits of any script folded, and kept without the number', async () => {
    const { status, body } = await call({ number: '+٩٦٦٥٠١٢٣٤٥٦٧', callerId: '+966112345678' });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      trunk: { name: 'real', proof: 'never' },
      test: { state: 'asked', result: null, numberEnd: '567', askedBy: 'Name of root', sameSettings: true },
    });
    expect(JSON.stringify(body)).not.toContain('501234');
    const told = () => floor.commands.filter((command) => command.type === 'test_trunk');
    await eventually('the floor was told', () => told().length > 0);
    expect(told()).toMatchObject([{ trunk: 'real', number: OWN, callerId: '+966112345678', language: 'en' }]);
    const events = await web.database.selectFrom('event').select('body').where('kind', '=', 'trunk.test_asked').execute();
    expect(events.length).toBe(1);
    expect(JSON.stringify(events)).not.toContain('501234');
  });

  test.each([
    ['over a trunk that is not there', { number: OWN }, 'moon', 404, 'unknown_trunk', 'name'],
    ['over a demo trunk', { number: OWN }, 'demo', 409, 'demo_trunk', 'name'],
    ['without a country code', { number: '0501234567' }, 'real', 400, 'invalid', 'number'],
    ['to an emergency number', { number: '+966911' }, 'real', 422, 'test_number_invalid', 'number'],
    ['to a number of no numbering plan', { number: '+9661234567' }, 'real', 422, 'test_number_invalid', 'number'],
    ['to a premium number', { number: '+19002345678' }, 'real', 422, 'test_number_never_called', 'number'],
    ['to a satellite', { number: '+881612345678' }, 'real', 422, 'test_number_never_called', 'number'],
    ['with a caller id that is no number', { number: OWN, callerId: 'me' }, 'real', 400, 'invalid', 'callerId'],
  ])('is refused %s', async (_, body, trunk, status, code, field) => {
    expect(await call(body, trunk)).toMatchObject({ status, body: { code, field } });
    expect((await last()).test).toBeNull();
  });

  test('is refused to the number of a debtor, whom only the gate lets be called', async () => {
    const number = '+966555555555';
    const phone = { e164: number, country: 'SA', number_type: 'mobile', time_zones: ['Asia/Riyadh'] };
    const { id: phone_id } = await web.database.insertInto('phone').values(phone).returning('id').executeTakeFirstOrThrow();
    const party = { display_name: 'A debtor', folded_name: 'a debtor', country: 'SA' };
    const { id: party_id } = await web.database.insertInto('party').values(party).returning('id').executeTakeFirstOrThrow();
    await web.database.insertInto('party_phone').values({ party_id, phone_id }).execute();
    expect(await call({ number })).toMatchObject({ status: 422, body: { code: 'test_number_of_debtor', field: 'number' } });
  });

  test('is refused to accounts of the demo, and to a supervisor', async () => {
    await web.addUser('demo.admin', 'admin', { demo: true });
    expect(await call({ number: OWN }, 'real', await web.cookieOf('demo.admin'))).toMatchObject({
      status: 403,
      body: { code: 'demo_and_real' },
    });
    expect(await call({ number: OWN }, 'real', supervisor)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('is one at a time, until it ends or is lost sight of', async () => {
    const { body } = await call();
    const testId = (body.test as { id: string }).id;
    expect(await call()).toMatchObject({ status: 409, body: { code: 'test_call_under_way' } });
    await endTestCall(web.database, testId, { result: 'busy', cause: 17, techCause: '486' });
    expect((await last()).test).toMatchObject({ state: 'ended', result: 'busy', cause: 17, sipStatus: '486' });
    // A second end changes nothing.
    await endTestCall(web.database, testId, { result: 'passed', cause: 16, techCause: null });
    expect((await last()).test).toMatchObject({ result: 'busy' });

    expect((await call()).status).toBe(202);
    await web.database.updateTable('trunk_test').set({ deadline_at: '2020-01-01T00:00:00Z' }).execute();
    // Nobody has to notice: who looks, sees it.
    expect((await last()).test).toMatchObject({ state: 'ended', result: 'unknown' });
    expect((await call()).status).toBe(202);
    const told = await web.database.selectFrom('event').select('body').where('kind', '=', 'trunk.tested').execute();
    expect(told.map(({ body: said }) => said)).toMatchObject([{ result: 'busy' }, { result: 'unknown' }]);
  });

  test('is taken once, by the dialer that holds the floor, while it is fresh', async () => {
    const id = ((await call()).body.test as { id: string }).id;
    const take = (epoch: bigint) => takeTestCall(web.database, { id, floorId: 'main', epoch, lastsMs: 60_000 });
    await web.database.updateTable('floor').set({ epoch: 7n }).execute();
    expect(await take(6n)).toBe(false);
    expect(await take(7n)).toBe(true);
    expect(await take(7n)).toBe(false);
    await endTestCall(web.database, id, { result: 'not_sent', cause: null, techCause: null });
    const late = ((await call()).body.test as { id: string }).id;
    await web.database.updateTable('trunk_test').set({ deadline_at: '2020-01-01T00:00:00Z' }).execute();
    expect(await takeTestCall(web.database, { id: late, floorId: 'main', epoch: 7n, lastsMs: 60_000 })).toBe(false);
  });

  test('never reaches a kind of number that the gate never calls', () => {
    const refused = NUMBER_TYPES.filter((type) => faultOfTestNumber({ type }, false) !== null);
    expect(refused).toEqual(NUMBER_TYPES.filter(isNeverCalled));
    expect(faultOfTestNumber(null, false)).toMatchObject({ code: 'test_number_invalid' });
  });
});
