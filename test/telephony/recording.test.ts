import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecording, wavOf } from '../../server/telephony/recording.ts';

/** A WAV file of a tone, of a rate, a number of bits and channels. `encoding`: 1 is PCM. */
function wav({
  seconds = 4,
  rate = 16_000,
  bits = 16,
  channels = 1,
  hertz = 1_000,
  level = 0.3,
  silentSeconds = 0,
  encoding = 1,
}: Partial<Record<'seconds' | 'rate' | 'bits' | 'channels' | 'hertz' | 'level' | 'silentSeconds' | 'encoding', number>>): Buffer {
  const bytes = bits / 8;
  const count = Math.round(rate * seconds);
  const data = Buffer.alloc(count * channels * bytes, bits === 8 ? 128 : 0);
  for (let index = Math.round(rate * silentSeconds); index < count; index += 1) {
    const value = level * Math.sin((2 * Math.PI * hertz * index) / rate);
    for (let channel = 0; channel < channels; channel += 1) {
      const at = (index * channels + channel) * bytes;
      if (bits === 8) data.writeUInt8(Math.round(128 + value * 127), at);
      else data.writeIntLE(Math.round(value * (2 ** (bits - 1) - 1)), at, bytes);
    }
  }
  const header = wavOf(new Uint8Array(0));
  header.writeUInt16LE(encoding, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * bytes, 28);
  header.writeUInt16LE(channels * bytes, 32);
  header.writeUInt16LE(bits, 34);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

/** How loud a tone is in what the switch would play, as a share of full scale. */
function loudness(sound: Uint8Array, hertz: number): number {
  const samples = wavOf(sound).subarray(44);
  let [cosine, sine] = [0, 0];
  for (let index = 0; index < sound.length; index += 1) {
    const value = samples.readInt16LE(index * 2) / 32_768;
    cosine += value * Math.cos((2 * Math.PI * hertz * index) / 8_000);
    sine += value * Math.sin((2 * Math.PI * hertz * index) / 8_000);
  }
  return (2 * Math.hypot(cosine, sine)) / sound.length;
}

const codeOf = (file: Buffer): unknown => {
  try {
    readRecording(file);
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('a recording that an admin uploads', () => {
  it.each([
    { rate: 8_000, bits: 16, channels: 1 },
    { rate: 16_000, bits: 16, channels: 1 },
    { rate: 44_100, bits: 16, channels: 2 },
    { rate: 48_000, bits: 24, channels: 1 },
    { rate: 22_050, bits: 8, channels: 1 },
    { rate: 32_000, bits: 32, channels: 2 },
  ])('of $rate Hz, $bits bit and $channels channel(s) is played as it sounded', (form) => {
    const { sound, durationMs } = readRecording(wav(form));
    expect(durationMs).toBe(4_000);
    expect(loudness(sound, 1_000)).toBeCloseTo(0.3, 1);
  });

  it('brings nothing from above the telephone’s band into it', () => {
    // 5 kHz would be heard at 3 kHz.
    const both = wav({ rate: 16_000, hertz: 5_000 });
    const voice = wav({ rate: 16_000, hertz: 1_000 });
    for (let at = 44; at < voice.length; at += 2) voice.writeInt16LE((voice.readInt16LE(at) + both.readInt16LE(at)) >> 1, at);
    const { sound } = readRecording(voice);
    expect(loudness(sound, 1_000)).toBeGreaterThan(0.13);
    expect(loudness(sound, 3_000)).toBeLessThan(0.002);
  });

  it('begins with its first word: nobody waits through silence for it', () => {
    expect(readRecording(wav({ seconds: 6, silentSeconds: 2 })).durationMs).toBe(4_100);
  });

  it.each([
    ['recording_not_wav', Buffer.from('ID3 this is an MP3')],
    ['recording_not_wav', Buffer.alloc(0)],
    ['recording_broken', wav({}).subarray(0, 20_000)],
    ['recording_broken', wav({}).subarray(0, 30)],
    ['recording_encoding', wav({ encoding: 85 })],
    ['recording_encoding', wav({ rate: 96_000 })],
    ['recording_encoding', wav({ channels: 3 })],
    ['recording_too_short', wav({ seconds: 2 })],
    ['recording_too_long', wav({ seconds: 31, rate: 8_000 })],
    ['recording_silent', wav({ level: 0 })],
    ['recording_silent', wav({ level: 0.001 })],
  ])('is refused as %s', (code, file) => {
    expect(codeOf(file)).toBe(code);
  });

  it('is read or refused by name, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), (noise, from) => {
        const file = wav({ seconds: 0.1, rate: 8_000 });
        file.set(noise.subarray(0, file.length - from), from);
        expect(codeOf(file)).toMatch(/^recording_/);
      }),
    );
  });
});
