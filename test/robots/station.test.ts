import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Phone, RegistrationRefused } from '../../scripts/robots/phone.ts';
import type { Switch } from '../../server/telephony/port.ts';
import { createAsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import { eventually } from '../support/conditions.ts';
import { startSwitch, type TestSwitch } from '../support/switch.ts';

let asterisk: TestSwitch;
let telephone: Switch;
const phones: Phone[] = [];

beforeAll(async () => {
  asterisk = await startSwitch();
  telephone = createAsteriskSwitch({
    url: asterisk.ariUrl,
    ...asterisk.ari,
    application: 'robots-test',
    trunks: [],
    recordFile: null,
    mediaAddress: '127.0.0.1',
  });
  await telephone.open();
});

afterEach(async () => {
  await Promise.all(phones.splice(0).map((phone) => phone.close()));
});

afterAll(async () => {
  await telephone.close();
  await asterisk.stop();
});

async function station(options: { secret?: string } = {}): Promise<{ phone: Phone; stationId: string }> {
  const stationId = `agent-${randomUUID()}`;
  const secret = randomBytes(8).toString('hex');
  await telephone.provisionStation({ stationId, kind: 'sip', secret });
  const phone = await Phone.open({
    user: stationId,
    secret: options.secret ?? secret,
    domain: '127.0.0.1',
    host: '127.0.0.1',
    port: asterisk.ports.sip,
  });
  phones.push(phone);
  return { phone, stationId };
}

async function callStation(stationId: string): Promise<string> {
  const legId = randomUUID();
  const entered = new Promise<void>((resolve) => {
    const stop = telephone.subscribe((event) => {
      if (event.type !== 'leg.entered' || event.legId !== legId) return;
      stop();
      resolve();
    });
  });
  const reply = await telephone.callAgent({ legId, stationId, ringTimeoutMs: 10_000, purpose: 'agent', displayName: 'Wusul' });
  expect(reply).toEqual({ outcome: 'accepted' });
  await entered;
  return legId;
}

describe('a phone at a real switch', () => {
  test('registers with digest and is reachable until it closes', async () => {
    const { phone, stationId } = await station();
    await phone.register();
    expect(await telephone.stationReachable(stationId)).toBe(true);
    await phone.close();
    await eventually('the station is gone', async () => !(await telephone.stationReachable(stationId)));
  });

  test('is refused with a wrong secret', async () => {
    const { phone } = await station({ secret: 'wrong' });
    await expect(phone.register()).rejects.toBeInstanceOf(RegistrationRefused);
  });

  test('two phones in one bridge hear each other, each by its tone', async () => {
    const [one, two] = await Promise.all([station(), station()]);
    const bridgeId = randomUUID();
    await telephone.createBridge(bridgeId);
    const calls = [];
    for (const { phone, stationId } of [one, two]) {
      await phone.register();
      const ringing = phone.nextCall();
      await telephone.join(bridgeId, await callStation(stationId));
      calls.push(await ringing);
    }
    const [left, right] = calls;
    left?.say(400);
    right?.say(700);
    await expect(left?.hears((heard) => heard(700) > 0.1 && heard(400) < 0.02, 5_000)).resolves.toBeUndefined();
    await expect(right?.hears((heard) => heard(400) > 0.1 && heard(700) < 0.02, 5_000)).resolves.toBeUndefined();
    await telephone.destroyBridge(bridgeId);
  });

  test('learns that the switch has hung up', async () => {
    const { phone, stationId } = await station();
    await phone.register();
    const ringing = phone.nextCall();
    const legId = await callStation(stationId);
    const call = await ringing;
    await telephone.hangUp(legId);
    expect(await call.ended).toBe('far_end');
  });
});
