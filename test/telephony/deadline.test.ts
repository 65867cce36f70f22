import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { AsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import type { RecordedEvent } from '../../server/telephony/port.ts';
import { eventually } from '../support/conditions.ts';
import { listen, type News } from '../support/news.ts';
import { startSwitch, type TestSwitch } from '../support/switch.ts';
import { debtorLeg, switchOn } from '../support/telephone.ts';

/** What a loaded machine may add to a deadline; the switch itself is within a millisecond or two. */
const TOLERANCE_MS = 400;

let asterisk: TestSwitch;
/** Stays connected throughout, as a witness: it sees the trunk, whoever dials. */
let witness: AsteriskSwitch;
let news: News;
let startedMs: number;

beforeAll(async () => {
  asterisk = await startSwitch();
  witness = switchOn(asterisk);
  news = listen(witness);
  await witness.open();
  startedMs = await witness.clockMs();
});

afterAll(async () => {
  await witness.close();
  await asterisk.stop();
});

async function recordOf(legId: string): Promise<RecordedEvent[]> {
  return (await witness.recorded(startedMs)).filter((event) => event.legId === legId);
}

/** The first event of this type that the switch recorded for the leg. */
async function recorded(legId: string, type: string): Promise<RecordedEvent> {
  await eventually(`${type} is on the record`, async () => (await recordOf(legId)).some((event) => event.type === type), 20_000);
  const found = (await recordOf(legId)).find((event) => event.type === type);
  if (found === undefined) throw new Error('unreachable');
  return found;
}

/** The message began `limitMs` after that event, by the switch's own record, and was heard to its end. */
async function expectMessage(legId: string, since: string, limitMs: number, why: string): Promise<void> {
  const from = await recorded(legId, since);
  const message = await recorded(legId, 'MESSAGE');
  expect(message.extra).toBe(why);
  expect(message.stampMs - from.stampMs).toBeGreaterThanOrEqual(limitMs - 5);
  expect(message.stampMs - from.stampMs).toBeLessThan(limitMs + TOLERANCE_MS);
  const ended = await news.leg(legId, 'leg.ended', 30_000);
  expect(ended.stampMs - message.stampMs).toBeGreaterThan(3_000);
}

describe.concurrent('I5: whoever answers and waits', () => {
  test('hears the message at the limit, counted from the answer, when the application ignores the call', async () => {
    const leg = debtorLeg('40');
    await witness.callDebtor(leg);
    await expectMessage(leg.legId, 'ANSWER', 2_000, 'deadline');
    expect(news.words(leg.legId)).toEqual(['created', 'ringing', 'answered', 'entered', 'left', 'ended']);
  });

  test('hears it earlier by what detection has spent, counted from the verdict', async () => {
    const leg = debtorLeg('40', { screening: true });
    await witness.callDebtor(leg);
    await expectMessage(leg.legId, 'SCREENED', 1_400, 'deadline');
  });

  test('hears it at once when the application was gone before the answer', async () => {
    const dialer = switchOn(asterisk);
    await dialer.open();
    const leg = debtorLeg('44');
    await dialer.callDebtor(leg);
    await news.leg(leg.legId, 'leg.ringing');
    await dialer.close();
    await expectMessage(leg.legId, 'ANSWER', 0, 'no_application');
  });

  test('hears it in time when the application goes while they wait', async () => {
    const dialer = switchOn(asterisk);
    await dialer.open();
    const leg = debtorLeg('41', { connectWithinMs: 3_000 });
    await dialer.callDebtor(leg);
    await recorded(leg.legId, 'ARMED');
    await dialer.close();
    await expectMessage(leg.legId, 'ANSWER', 3_000, 'deadline');
  });

  test('is cut at the limit where no message may be played', async () => {
    const leg = debtorLeg('40', { message: null });
    await witness.callDebtor(leg);
    const ended = await news.leg(leg.legId, 'leg.ended');
    const answered = await news.leg(leg.legId, 'leg.answered');
    expect(ended.stampMs - answered.stampMs).toBeGreaterThanOrEqual(1_990);
    expect(ended.stampMs - answered.stampMs).toBeLessThan(2_000 + TOLERANCE_MS);
    expect((await recorded(leg.legId, 'CUT')).extra).toBe('deadline');
  });

  test('hears it when the dialer asks for it', async () => {
    const leg = debtorLeg('40', { connectWithinMs: 60_000 });
    await witness.callDebtor(leg);
    await news.leg(leg.legId, 'leg.entered');
    await witness.sayMessage(leg.legId);
    expect((await recorded(leg.legId, 'MESSAGE')).extra).toBe('asked');
    await news.leg(leg.legId, 'leg.ended', 30_000);
  });

  test('once the message speaks, can no longer be joined to an agent', async () => {
    const leg = debtorLeg('40', { connectWithinMs: 500 });
    const bridge = randomUUID();
    await witness.createBridge(bridge);
    await witness.callDebtor(leg);
    await recorded(leg.legId, 'MESSAGE');
    await expect(witness.join(bridge, leg.legId)).rejects.toMatchObject({ code: 'leg_not_controlled' });
    await witness.destroyBridge(bridge);
    await witness.hangUp(leg.legId);
  });
});

describe('the deadline of a call that was connected', () => {
  async function connect(disarmed: boolean): Promise<{ legId: string; bridge: string }> {
    const bridge = randomUUID();
    const leg = debtorLeg('98', { connectWithinMs: 1_000 });
    await witness.createBridge(bridge);
    await witness.callDebtor(leg);
    await news.leg(leg.legId, 'leg.entered');
    if (disarmed) await witness.disarm(leg.legId);
    await witness.join(bridge, leg.legId);
    await news.leg(leg.legId, 'leg.joined');
    return { legId: leg.legId, bridge };
  }

  test('does not strike once it was disarmed', async () => {
    const { legId, bridge } = await connect(true);
    const joined = await news.leg(legId, 'leg.joined');
    // The witness of time is the switch's own clock.
    await eventually('three seconds have passed at the switch', async () => (await witness.clockMs()) > joined.stampMs + 3_000);
    expect(await witness.liveBridges()).toContainEqual({ bridgeId: bridge, legIds: [legId] });
    expect(news.words(legId)).not.toContain('left');
    await witness.hangUp(legId);
    await witness.destroyBridge(bridge);
  });

  test('strikes, bridge or none, if it was not', async () => {
    const { legId, bridge } = await connect(false);
    await news.leg(legId, 'leg.parted');
    expect((await recorded(legId, 'MESSAGE')).extra).toBe('deadline');
    await witness.hangUp(legId);
    await witness.destroyBridge(bridge);
  });
});
