import { describe, expect, it } from 'vitest';
import { audioFault, type AudioSample } from '../../agent-ui/src/softphone/audio-health.ts';
import { levelOf } from '../../agent-ui/src/softphone/level.ts';

/** Samples a second apart of a call in which all is well, but for what a test changes. */
function samples(seconds: number, change: (second: number) => Partial<AudioSample> = () => ({})): AudioSample[] {
  return Array.from({ length: seconds + 1 }, (_, second) => ({
    atMs: second * 1_000,
    packetsReceived: second * 50,
    packetsSent: second * 50,
    microphoneEnergy: second * 0.01,
    muted: false,
    ...change(second),
  }));
}

describe('the sound of a call', () => {
  it('is well while packets come and go', () => {
    expect(audioFault(samples(20))).toBeNull();
    expect(audioFault([])).toBeNull();
  });

  it('is missing from the debtor after four seconds without a packet, not after three', () => {
    expect(audioFault(samples(3, () => ({ packetsReceived: 100 })))).toBeNull();
    expect(audioFault(samples(4, () => ({ packetsReceived: 100 })))).toBe('hears_nothing');
  });

  it('is missing to the debtor when nothing leaves the machine', () => {
    expect(audioFault(samples(5, () => ({ packetsSent: 100 })))).toBe('sends_nothing');
  });

  it('comes back by itself', () => {
    expect(audioFault(samples(10, (second) => ({ packetsReceived: second < 8 ? 100 : 100 + second })))).toBeNull();
  });

  it('of a microphone that is off at its own switch is told after twelve seconds, but not of one that is muted here', () => {
    expect(audioFault(samples(12, () => ({ microphoneEnergy: 0.5 })))).toBe('microphone_silent');
    expect(audioFault(samples(12, () => ({ microphoneEnergy: 0.5, muted: true })))).toBeNull();
    expect(audioFault(samples(12, () => ({ microphoneEnergy: null })))).toBeNull();
  });
});

describe('the level meter', () => {
  it('is empty for silence, full at full scale, and halfway at 30 dB below', () => {
    expect(levelOf(new Float32Array(64))).toBe(0);
    expect(levelOf(new Float32Array(64).fill(1))).toBe(1);
    expect(levelOf(new Float32Array(64).fill(10 ** (-30 / 20)))).toBeCloseTo(0.5, 5);
  });
});
