import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { amplitude, CODECS, decode, frame } from '../../scripts/robots/sound.ts';

describe.each(CODECS)('sound in %s', (codec) => {
  test('a tone is heard at its own pitch and at no other', () => {
    const samples = decode(codec, frame(codec, 700));
    expect(amplitude(samples, 700)).toBeCloseTo(0.25, 2);
    expect(amplitude(samples, 400)).toBeLessThan(0.01);
  });

  test('silence is silent', () => {
    const samples = decode(codec, frame(codec, null));
    expect(amplitude(samples, 700)).toBeLessThan(0.001);
    expect(amplitude(samples, 400)).toBeLessThan(0.001);
  });

  test('every tone that fits a frame comes back at its amplitude', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 70 }), (step) => {
        const samples = decode(codec, frame(codec, step * 50));
        expect(amplitude(samples, step * 50)).toBeCloseTo(0.25, 1);
      }),
    );
  });

  test('a tone that would click between frames is refused', () => {
    expect(() => frame(codec, 440)).toThrow(/440/);
  });
});
