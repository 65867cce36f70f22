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

describe('the limits of a trunk', () => {
  it('are its channels and its calls a second, of which at most one second’s are saved up', () => {
    const trunk = openTrunk();
    nowMs += 60_000;
    expect(trunk.credit()).toBe(10);
    for (let call = 0; call < 3; call += 1) trunk.take();
    expect(trunk.linesFree()).toBe(0);
    expect(trunk.credit()).toBe(7);
    trunk.give('used');
    expect(trunk.linesFree()).toBe(1);
    nowMs += 200;
    expect(trunk.credit()).toBe(9);
  });
});
