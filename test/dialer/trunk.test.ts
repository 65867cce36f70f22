import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTrunkGate, type TrunkGate } from '../../server/dialer/trunk.ts';

let nowMs = 0;
const clock = { now: () => Temporal.Instant.fromEpochMilliseconds(nowMs), monotonicMs: () => nowMs };

function openTrunk(): TrunkGate {
  return createTrunkGate({ name: 'main', kind: 'demo', armed: true, channelLimit: 3, callsPerSecond: 10 }, clock);
}

function refuse(trunk: TrunkGate, times: number): void {
  for (let time = 0; time < times; time += 1) {
    trunk.take();
    trunk.give('refused');
  }
}

describe('the breaker of a trunk', () => {
  it('opens after five refusals in a row, for ten seconds', () => {
    const trunk = openTrunk();
    refuse(trunk, 4);
    expect(trunk.breakerOpen()).toBe(false);
    refuse(trunk, 1);
    expect(trunk.breakerOpen()).toBe(true);
    nowMs += 9_999;
    expect(trunk.breakerOpen()).toBe(true);
    nowMs += 1;
    expect(trunk.breakerOpen()).toBe(false);
  });

  it('opens again at the first refusal after that, until a call gets through', () => {
    const trunk = openTrunk();
    refuse(trunk, 5);
    nowMs += 10_000;
    refuse(trunk, 1);
    expect(trunk.breakerOpen()).toBe(true);
    nowMs += 10_000;
    trunk.take();
    trunk.give('used');
    refuse(trunk, 4);
    expect(trunk.breakerOpen()).toBe(false);
  });
});

describe('a carrier that has no free line', () => {
  it('is left in peace at once, twice as long each time it says so again, up to a minute', () => {
    const trunk = openTrunk();
    for (const restMs of [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      trunk.give('full');
      expect(trunk.restMs()).toBe(restMs);
      // What was under way at the time says it too, and changes nothing.
      trunk.give('full');
      nowMs += restMs - 1;
      expect(trunk.restMs()).toBe(1);
      nowMs += 1;
      expect(trunk.restMs()).toBe(0);
    }
    expect(trunk.breakerOpen()).toBe(false);
  });

  it('is asked with one call at a time after a rest, until one rings', () => {
    const trunk = openTrunk();
    nowMs += 60_000;
    trunk.give('full');
    nowMs += 1_000;
    // It was under way before.
    trunk.served();
    nowMs += 1_000;
    expect([trunk.restMs(), trunk.recovering(), trunk.credit(1_000)]).toEqual([0, true, 1]);
    trunk.take();
    expect(trunk.dueInMs()).toBe(200);
    trunk.served();
    expect(trunk.recovering()).toBe(false);
    expect(trunk.credit(1_000)).toBeGreaterThan(5);
    trunk.give('full');
    expect(trunk.restMs()).toBe(2_000);
  });

  it('begins anew with a short rest once a call got through after one', () => {
    const trunk = openTrunk();
    trunk.give('full');
    trunk.give('used');
    nowMs += 2_000;
    trunk.give('full');
    expect(trunk.restMs()).toBe(4_000);
    nowMs += 4_000;
    trunk.give('used');
    trunk.give('full');
    expect(trunk.restMs()).toBe(2_000);
  });
});

describe('the limits of a trunk', () => {
  it('are its channels, those that are about to be used among them', () => {
    const trunk = openTrunk();
    trunk.hold(2);
    expect(trunk.linesFree()).toBe(1);
    trunk.hold(-1);
    trunk.take();
    trunk.hold(-1);
    expect(trunk.linesFree()).toBe(2);
    trunk.give('used');
    expect(trunk.linesFree()).toBe(3);
  });

  it('count calls that are taken over as lines and not as sent: they keep no other call waiting', () => {
    const trunk = openTrunk();
    trunk.takeUp();
    trunk.takeUp();
    expect([trunk.linesFree(), trunk.dueInMs()]).toEqual([1, 0]);
    trunk.give('used');
    expect(trunk.linesFree()).toBe(2);
  });

  it('are its calls a second: what a tick does not use is not saved up for a burst', () => {
    const trunk = openTrunk();
    nowMs += 60_000;
    expect(trunk.credit(200)).toBe(4);
    trunk.hold(3);
    expect(trunk.credit(200)).toBe(1);
    trunk.hold(-3);
    for (let call = 0; call < 4; call += 1) trunk.take();
    expect(trunk.credit(200)).toBe(0);
    nowMs += 200;
    expect(trunk.credit(200)).toBe(2);
  });

  it('are never exceeded in any second, however late the clock wakes the dialer, and are used in full', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 180 }), { minLength: 60 }),
        (rate, lags) => {
          const trunk = createTrunkGate(
            { name: 'main', kind: 'demo', armed: true, channelLimit: 10_000, callsPerSecond: rate },
            clock,
          );
          const sent: number[] = [];
          const beganMs = nowMs;
          for (const lag of lags) {
            nowMs += lag;
            for (let call = trunk.credit(200); call > 0 && trunk.dueInMs() === 0; call -= 1) {
              trunk.take();
              sent.push(nowMs);
            }
            nowMs += Math.min(200 - lag, Math.max(1, Math.ceil(trunk.dueInMs())));
          }
          for (const [index, at] of sent.entries()) {
            expect(sent.slice(index).filter((other) => other < at + 1_000).length).toBeLessThanOrEqual(rate);
          }
          const seconds = (nowMs - beganMs) / 1_000;
          expect(sent.length).toBeGreaterThanOrEqual(Math.floor(0.5 * rate * seconds) - 1);
        },
      ),
      { numRuns: 100 },
    );
  });
});
