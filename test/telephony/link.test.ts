import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { AsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import { eventually } from '../support/conditions.ts';
import { chooseDeskPort, DESKS, provisionDesks } from '../support/desks.ts';
import { openDoor } from '../support/door.ts';
import { listen, type News } from '../support/news.ts';
import { startSwitch, type TestSwitch } from '../support/switch.ts';
import { debtorLeg, switchOn } from '../support/telephone.ts';

let asterisk: TestSwitch;
let telephone: AsteriskSwitch;
let news: News;

beforeEach(async () => {
  asterisk = await startSwitch({ deskPhones: { port: await chooseDeskPort(), phones: DESKS } });
  telephone = switchOn(asterisk);
  news = listen(telephone);
  await telephone.open();
});

afterEach(async () => {
  await telephone.close();
  await asterisk.stop();
});

describe('the link to the switch', () => {
  test('tells its loss at once when the switch dies, refuses calls, and comes back with the stations it knew', async () => {
    await provisionDesks(telephone);
    await asterisk.kill();
    await news.link('switch.lost');
    expect(await telephone.callDebtor(debtorLeg('98'))).toMatchObject({ outcome: 'refused' });
    await expect(telephone.liveLegs()).rejects.toMatchObject({ code: 'no_reply' });

    await asterisk.start();
    await news.link('switch.connected', 2);
    for (const { user } of DESKS)
      await eventually(`${user} has registered again`, () => telephone.stationReachable(user), 60_000);
    const legId = randomUUID();
    await telephone.callAgent({ legId, stationId: 'desk2', ringTimeoutMs: 10_000, purpose: 'agent', displayName: 'Sara' });
    expect(await news.leg(legId, 'leg.entered')).toMatchObject({ purpose: 'agent' });
    await telephone.hangUp(legId);
    await news.leg(legId, 'leg.ended');
  });

  test('tells the loss of a switch that is only silent, and its return', async () => {
    const { pid } = asterisk.identity();
    process.kill(pid, 'SIGSTOP');
    try {
      await news.link('switch.lost');
      expect(telephone.silenceMs()).toBeGreaterThan(0);
      expect(await telephone.callDebtor(debtorLeg('98'))).toMatchObject({ outcome: 'refused' });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await news.link('switch.connected', 2);
    const leg = debtorLeg('98');
    expect(await telephone.callDebtor(leg)).toEqual({ outcome: 'accepted' });
    await news.leg(leg.legId, 'leg.entered');
  });

  test('does not know what became of an originate that was never answered', async () => {
    const hasty = switchOn(asterisk, { replyLimitMs: 300 });
    await hasty.open();
    const { pid } = asterisk.identity();
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await hasty.callDebtor(debtorLeg('98'))).toMatchObject({ outcome: 'unknown' });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await hasty.close();
  });

  test('lost its events alone, still withdraws the calls that ring, and finds none when they are back', async () => {
    const door = await openDoor(asterisk.ports.http);
    const dialer = switchOn(asterisk, { url: door.url });
    const itsNews = listen(dialer);
    await dialer.open();
    const leg = debtorLeg('70');
    await dialer.callDebtor(leg);
    await itsNews.leg(leg.legId, 'leg.ringing');
    door.cutEvents();
    await itsNews.link('switch.lost');
    expect(await dialer.callDebtor(debtorLeg('70'))).toEqual({ outcome: 'refused', reason: 'not connected' });
    await dialer.hangUp(leg.legId);
    expect(await news.leg(leg.legId, 'leg.ended')).toMatchObject({ legId: leg.legId });
    door.openEvents();
    await itsNews.link('switch.connected', 2);
    expect(await dialer.liveLegs()).toEqual([]);
    await dialer.close();
    await door.close();
  });

  test('ends for good when another takes the application over', async () => {
    const other = switchOn(asterisk, { application: telephone.application });
    await other.open();
    await news.link('switch.replaced');
    await expect(telephone.liveLegs()).rejects.toMatchObject({ code: 'not_connected' });
    expect(news.all.filter((event) => event.type === 'switch.connected')).toHaveLength(1);
    await other.close();
  });

  test('lets a successor adopt the legs and bridges that the former application left', async () => {
    await provisionDesks(telephone);
    const bridge = randomUUID();
    const agent = randomUUID();
    const debtor = debtorLeg('98');
    await telephone.callAgent({ legId: agent, stationId: 'desk1', ringTimeoutMs: 10_000, purpose: 'agent', displayName: 'Sara' });
    await telephone.callDebtor(debtor);
    await news.leg(agent, 'leg.entered');
    await news.leg(debtor.legId, 'leg.entered');
    await telephone.disarm(debtor.legId);
    await telephone.createBridge(bridge);
    for (const legId of [agent, debtor.legId]) await telephone.join(bridge, legId);
    await telephone.close();

    const successor = switchOn(asterisk);
    const itsNews = listen(successor);
    await successor.open();
    const legs = await successor.liveLegs();
    expect(legs.map((leg) => leg.legId).toSorted()).toEqual([agent, debtor.legId].toSorted());
    for (const leg of legs) expect(leg).toMatchObject({ state: 'up', controlled: false, bridgeId: bridge });
    for (const leg of legs) await successor.adopt(leg.legId);
    for (const leg of await successor.liveLegs()) expect(leg.controlled).toBe(true);

    await successor.part(bridge, debtor.legId);
    await itsNews.leg(debtor.legId, 'leg.parted');
    await successor.join(bridge, debtor.legId);
    await itsNews.leg(debtor.legId, 'leg.joined');
    for (const legId of [agent, debtor.legId]) {
      await successor.hangUp(legId);
      await itsNews.leg(legId, 'leg.ended');
    }
    await successor.destroyBridge(bridge);
    await successor.close();
  });
});
