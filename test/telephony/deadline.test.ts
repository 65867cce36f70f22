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

/** When the message began after that event, by the switch's own record, why, and whether it was heard to its end. */
async function messageAfter(
  since: string,
  limitMs: number,
  legId: string,
): Promise<{ why: string; begins: string; heard: string }> {
  const from = await recorded(legId, since);
  const message = await recorded(legId, 'MESSAGE');
  const ended = await news.leg(legId, 'leg.ended', 30_000);
  const afterMs = message.stampMs - from.stampMs;
  const heardMs = ended.stampMs - message.stampMs;
  return {
    why: message.extra,
    begins: afterMs >= limitMs - 5 && afterMs < limitMs + TOLERANCE_MS ? 'on time' : `after ${afterMs} ms`,
    heard: heardMs > 3_000 ? 'to its end' : `for ${heardMs} ms`,
  };
}

describe.concurrent('I5: whoever answers and waits', () => {
  test('hears the message at the limit, counted from the answer, when the application ignores the call', async () => {
    const leg = debtorLeg('40');
    await witness.callDebtor(leg);
    const message = await messageAfter('ANSWER', 2_000, leg.legId);
    expect(message).toEqual({ why: 'deadline', begins: 'on time', heard: 'to its end' });
    expect(news.words(leg.legId)).toEqual(['ringing', 'answered', 'entered', 'left', 'ended']);
  });

  test('hears it earlier by what detection has spent, counted from the verdict', async () => {
    const leg = debtorLeg('40', { screening: true });
    await witness.callDebtor(leg);
    const message = await messageAfter('SCREENED', 1_400, leg.legId);
    expect(message).toEqual({ why: 'deadline', begins: 'on time', heard: 'to its end' });
  });

  test('is served at the limit, counted from the answer, when detection comes to no verdict in its five seconds', async () => {
    const leg = debtorLeg('550055', { screening: true, connectWithinMs: 7_000, message: null });
    await witness.callDebtor(leg);
    // Told to the application as whoever may be a person: two seconds are left for an agent.
    expect((await news.leg(leg.legId, 'leg.entered')).screening).toMatchObject({ verdict: 'uncertain', status: 'NOTSURE' });
    expect((await recorded(leg.legId, 'SCREENED')).extra).toMatch(/^NOTSURE:TOOLONG/);
    const afterMs = (await recorded(leg.legId, 'CUT')).stampMs - (await recorded(leg.legId, 'ANSWER')).stampMs;
    expect(afterMs).toBeGreaterThanOrEqual(6_990);
    expect(afterMs).toBeLessThan(7_000 + TOLERANCE_MS);
  });

  test('hears it at once when the application was gone before the answer', async () => {
    const dialer = switchOn(asterisk);
    await dialer.open();
    const leg = debtorLeg('44');
    await dialer.callDebtor(leg);
    await news.leg(leg.legId, 'leg.ringing');
    await dialer.close();
    const message = await messageAfter('ANSWER', 0, leg.legId);
    expect(message).toEqual({ why: 'no_application', begins: 'on time', heard: 'to its end' });
  });

  test('hears it in time when the application goes while they wait', async () => {
    const dialer = switchOn(asterisk);
    await dialer.open();
    const leg = debtorLeg('41', { connectWithinMs: 3_000 });
    await dialer.callDebtor(leg);
    await recorded(leg.legId, 'ARMED');
    await dialer.close();
    const message = await messageAfter('ANSWER', 3_000, leg.legId);
    expect(message).toEqual({ why: 'deadline', begins: 'on time', heard: 'to its end' });
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

/** A debtor in a bridge, with a deadline of one second, taken off before the join or left. */
async function connectCall(disarmed: boolean): Promise<{ legId: string; bridge: string }> {
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

describe('the deadline of a call that was connected', () => {
  test('does not strike once it was disarmed', async () => {
    const { legId, bridge } = await connectCall(true);
    const joined = await news.leg(legId, 'leg.joined');
    // The witness of time is the switch's own clock.
    await eventually('three seconds have passed at the switch', async () => (await witness.clockMs()) > joined.stampMs + 3_000);
    expect(await witness.liveBridges()).toContainEqual({ bridgeId: bridge, legIds: [legId] });
    expect(news.words(legId)).not.toContain('left');
    await witness.hangUp(legId);
    await witness.destroyBridge(bridge);
  });

  test('strikes, bridge or none, if it was not', async () => {
    const { legId, bridge } = await connectCall(false);
    await news.leg(legId, 'leg.parted');
    expect((await recorded(legId, 'MESSAGE')).extra).toBe('deadline');
    await witness.hangUp(legId);
    await witness.destroyBridge(bridge);
  });
});
