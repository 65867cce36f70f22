import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRival } from '../../scripts/bench/connect/rival.ts';
import { answerToBridge } from '../../scripts/bench/connect/stamps.ts';
import { startSwitch, type TestSwitch } from '../support/switch.ts';

let asterisk: TestSwitch;

beforeAll(async () => {
  asterisk = await startSwitch();
});

afterAll(async () => {
  await asterisk.stop();
});

test('the bare loop joins every debtor to a station, and the switch stamps each in microseconds', async () => {
  const { ariUrl, ari, ports, recordFile } = asterisk;
  const rival = await startRival(
    { ari: { url: ariUrl, ...ari }, sipHost: '127.0.0.1', sipPort: ports.sip },
    4,
    'PJSIP/+2011#97@trunk-demo',
  );
  try {
    const ran = await rival.run('bare-', 8, 2);
    expect(ran.connected).toBe(8);
    expect(ran.cpuMs).toBeGreaterThan(0);
  } finally {
    await rival.stop();
  }
  const waits = await answerToBridge(recordFile, 'demo');
  expect([...waits.keys()].toSorted()).toEqual(Array.from({ length: 8 }, (_, index) => `bare-${index}`));
  for (const { waitMs } of waits.values()) expect(waitMs).toBeGreaterThan(0);
});
