import { afterEach, describe, expect, test } from 'vitest';
import { Phone } from '../../scripts/robots/phone.ts';

const phones: Phone[] = [];

async function openPhone(): Promise<Phone> {
  const phone = await Phone.open(null);
  phones.push(phone);
  return phone;
}

afterEach(async () => {
  await Promise.all(phones.splice(0).map((phone) => phone.close()));
});

describe('two phones', () => {
  test('each hears the other by its tone, and silence when the other is silent', async () => {
    const [caller, callee] = await Promise.all([openPhone(), openPhone()]);
    const arriving = callee.nextCall();
    const near = await caller.call(callee.uri);
    const far = await arriving;
    await far.up;
    near.say(400);
    far.say(700);
    await expect(near.hears((heard) => heard(700) > 0.2 && heard(400) < 0.01)).resolves.toBeUndefined();
    await expect(far.hears((heard) => heard(400) > 0.2 && heard(700) < 0.01)).resolves.toBeUndefined();
    near.say(null);
    await far.hears((heard) => heard(400) < 0.01);
  });

  test('whoever hangs up, both see the end', async () => {
    const [caller, callee] = await Promise.all([openPhone(), openPhone()]);
    for (const [who, seenByCaller, seenByCallee] of [
      ['caller', 'hung_up', 'far_end'],
      ['callee', 'far_end', 'hung_up'],
    ] as const) {
      const arriving = callee.nextCall();
      const near = await caller.call(callee.uri);
      const far = await arriving;
      await far.up;
      await (who === 'caller' ? near : far).hangUp();
      expect(await near.ended).toBe(seenByCaller);
      expect(await far.ended).toBe(seenByCallee);
    }
    expect(caller.calls.size + callee.calls.size).toBe(0);
  });

  test('a call changed in its midst goes on', async () => {
    const [caller, callee] = await Promise.all([openPhone(), openPhone()]);
    const arriving = callee.nextCall();
    const near = await caller.call(callee.uri);
    const far = await arriving;
    await far.up;
    await near.reinvite();
    expect(far.changes).toBe(1);
    near.say(700);
    await far.hears((heard) => heard(700) > 0.2);
    expect(far.state).toBe('up');
  });

  test('a busy phone refuses', async () => {
    const [caller, callee] = await Promise.all([openPhone(), openPhone()]);
    callee.answering = 'busy';
    await expect(caller.call(callee.uri)).rejects.toThrow('486');
    expect(callee.calls.size).toBe(0);
  });
});
