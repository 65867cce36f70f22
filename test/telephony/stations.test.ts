import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { returnMemory } from '../../server/telephony/asterisk/housekeeping.ts';
import type { AsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import type { AgentLeg } from '../../server/telephony/port.ts';
import { soundName } from '../../server/telephony/sounds.ts';
import { eventually } from '../support/conditions.ts';
import { chooseDeskPort, DESKS, provisionDesks } from '../support/desks.ts';
import { listen, type News } from '../support/news.ts';
import { startSwitch, type TestSwitch } from '../support/switch.ts';
import { debtorLeg, switchOn } from '../support/telephone.ts';

let asterisk: TestSwitch;
let telephone: AsteriskSwitch;
let news: News;

beforeAll(async () => {
  asterisk = await startSwitch({ deskPhones: { port: await chooseDeskPort(), phones: DESKS } });
  telephone = switchOn(asterisk);
  news = listen(telephone);
  await telephone.open();
});

afterAll(async () => {
  await telephone.close();
  await asterisk.stop();
});

function agentLeg(change: Partial<AgentLeg> = {}): AgentLeg {
  return { legId: randomUUID(), stationId: 'desk1', ringTimeoutMs: 10_000, purpose: 'agent', displayName: 'Sara', ...change };
}

describe('a station', () => {
  test('is not reachable before it has an account, nor before it has registered', async () => {
    expect(await telephone.stationReachable('desk1')).toBe(false);
    await telephone.provisionStation({ stationId: 'browser-1', kind: 'browser', secret: 'secret' });
    expect(await telephone.stationReachable('browser-1')).toBe(false);
    expect(await telephone.callAgent(agentLeg({ stationId: 'browser-1' }))).toMatchObject({ outcome: 'refused' });
  });

  test('registers with the secret it was given, and not with another', async () => {
    await telephone.provisionStation({ stationId: 'desk2', kind: 'sip', secret: 'not the one it has' });
    await telephone.provisionStation({ stationId: 'desk1', kind: 'sip', secret: DESKS[0]?.secret ?? '' });
    await eventually('desk1 is registered', () => telephone.stationReachable('desk1'), 30_000);
    expect(await telephone.stationReachable('desk2')).toBe(false);
    await provisionDesks(telephone);
  });

  test('hears itself in the station test, which needs no application', async () => {
    const leg = agentLeg({ purpose: 'echo' });
    const beganMs = await telephone.clockMs();
    await telephone.callAgent(leg);
    expect(await news.leg(leg.legId, 'leg.entered')).toMatchObject({ purpose: 'echo' });
    await eventually('the prompt is played', async () =>
      (await telephone.recorded(beganMs)).some(
        (event) => event.legId === leg.legId && event.context === 'echo-test' && event.type === 'APP_START',
      ),
    );
    await telephone.hangUp(leg.legId);
    expect(await news.leg(leg.legId, 'leg.ended')).toMatchObject({ legId: leg.legId });
  });

  test('is told apart when called twice: the second leg has an id of its own', async () => {
    const legs = [agentLeg(), agentLeg({ stationId: 'desk2' })];
    for (const leg of legs) await telephone.callAgent(leg);
    for (const leg of legs) await news.leg(leg.legId, 'leg.entered');
    expect((await telephone.liveLegs()).map((leg) => leg.legId).toSorted()).toEqual(legs.map((leg) => leg.legId).toSorted());
    for (const leg of legs) await telephone.hangUp(leg.legId);
    for (const leg of legs) await news.leg(leg.legId, 'leg.ended');
  });
});

describe('a debtor whose agent was lost', () => {
  test('hears music, then the apology, and is parted and joined again', async () => {
    const bridge = randomUUID();
    const debtor = debtorLeg('98');
    await telephone.createBridge(bridge);
    await telephone.callDebtor(debtor);
    await news.leg(debtor.legId, 'leg.entered');
    await telephone.disarm(debtor.legId);
    await telephone.join(bridge, debtor.legId);
    await news.leg(debtor.legId, 'leg.joined');

    await telephone.startMusic(debtor.legId);
    await telephone.stopMusic(debtor.legId);
    await telephone.part(bridge, debtor.legId);
    await news.leg(debtor.legId, 'leg.parted');
    await telephone.startMusic(debtor.legId);
    await telephone.stopMusic(debtor.legId);
    await telephone.play(debtor.legId, soundName('apology', 'en'), 'apology-1');
    expect(await news.leg(debtor.legId, 'leg.played')).toMatchObject({ playbackId: 'apology-1' });
    await telephone.sendDigits(debtor.legId, '12');
    await telephone.hangUp(debtor.legId);
    await news.leg(debtor.legId, 'leg.ended');
    await telephone.destroyBridge(bridge);
  });
});

describe('housekeeping', () => {
  test('returns memory over the manager interface, which refuses a wrong secret', async () => {
    const access = { host: '127.0.0.1', port: asterisk.ami.port, user: asterisk.ami.user, secret: asterisk.ami.secret };
    await returnMemory(access);
    await expect(returnMemory({ ...access, secret: 'wrong' })).rejects.toThrow(/authentication failed|no answer in time/i);
  });
});
