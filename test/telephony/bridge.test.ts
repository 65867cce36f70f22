import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { AsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
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
  await provisionDesks(telephone);
});

afterAll(async () => {
  await telephone.close();
  await asterisk.stop();
});

describe('an agent who stands in a bridge of their own', () => {
  test('is joined by a debtor who answered, and both are told with the stamps of the switch', async () => {
    const agentLeg = randomUUID();
    const bridge = randomUUID();
    await telephone.callAgent({
      legId: agentLeg,
      stationId: 'desk1',
      ringTimeoutMs: 10_000,
      purpose: 'agent',
      displayName: 'سارة',
    });
    expect(await news.leg(agentLeg, 'leg.entered')).toMatchObject({ purpose: 'agent', screening: null });
    await telephone.createBridge(bridge);
    await telephone.join(bridge, agentLeg);
    await news.leg(agentLeg, 'leg.joined');

    const debtor = debtorLeg('02');
    expect(await telephone.callDebtor(debtor)).toEqual({ outcome: 'accepted' });
    const entered = await news.leg(debtor.legId, 'leg.entered');
    expect(entered).toMatchObject({ purpose: 'debtor', screening: { verdict: 'not_screened' } });
    await telephone.disarm(debtor.legId);
    await telephone.join(bridge, debtor.legId);
    const joined = await news.leg(debtor.legId, 'leg.joined');
    expect(joined.bridgeId).toBe(bridge);
    expect(joined.stampMs - entered.stampMs).toBeLessThan(500);
    expect(await telephone.liveBridges()).toContainEqual({
      bridgeId: bridge,
      legIds: expect.arrayContaining([agentLeg, debtor.legId]),
    });

    await telephone.hangUp(debtor.legId);
    expect(await news.leg(debtor.legId, 'leg.ended')).toMatchObject({ cause: 16 });
    expect(news.words(debtor.legId)).toEqual(['ringing', 'answered', 'entered', 'joined', 'parted', 'left', 'ended']);

    await telephone.hangUp(agentLeg);
    await news.leg(agentLeg, 'leg.ended');
    await telephone.destroyBridge(bridge);
    expect(await telephone.liveLegs()).toEqual([]);
  });
});
