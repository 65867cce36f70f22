/** G.711 at 8 000 samples a second, in frames of 20 ms, and the measure of a tone in it. */

export const SAMPLES_PER_SECOND = 8_000;
export const FRAME_SAMPLES = 160;
export const FRAME_MS = 20;

export const CODECS = ['PCMU', 'PCMA'] as const;
export type Codec = (typeof CODECS)[number];

/** A tone in hertz, several at once, or null for silence. Only multiples of 50 Hz: their periods fit a frame exactly, so that one frame repeats for ever. */
export type Tone = number | readonly number[] | null;

/** Keys (1: 697 and 1209 Hz, 9: 852 and 1477 Hz, ITU-T Q.23), as near as a frame allows: within 1.6 %. */
export const KEY_TONES = { 1: [700, 1_200], 9: [850, 1_500] } as const satisfies Record<number, Tone>;
export type Key = keyof typeof KEY_TONES;

/** One frame of a steady tone at a quarter of full scale, or of silence. Throws for a tone that would click at each frame's edge. */
export function frame(codec: Codec, tone: Tone): Buffer {
  const parts = tone === null ? [] : typeof tone === 'number' ? [tone] : tone;
  for (const hertz of parts)
    if (hertz % 50 !== 0) throw new Error(`a tone of ${hertz} Hz does not fit a frame of ${FRAME_MS} ms`);
  const encode = codec === 'PCMU' ? encodeMuLaw : encodeALaw;
  const bytes = Buffer.alloc(FRAME_SAMPLES);
  for (let i = 0; i < FRAME_SAMPLES; i++) {
    const sample = parts.reduce((sum, hertz) => sum + 8_191 * Math.sin((2 * Math.PI * hertz * i) / SAMPLES_PER_SECOND), 0);
    bytes[i] = encode(Math.round(sample));
  }
  return bytes;
}

/** The samples of a payload as fractions of full scale, −1 to 1. */
export function decode(codec: Codec, payload: Uint8Array): Float64Array {
  const table = codec === 'PCMU' ? MU_LAW : A_LAW;
  return Float64Array.from(payload, (byte) => table[byte] ?? 0);
}

/** The amplitude of one tone in samples, as a fraction of full scale (Goertzel's algorithm). */
export function amplitude(samples: Float64Array, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / SAMPLES_PER_SECOND);
  let last = 0;
  let beforeLast = 0;
  for (const sample of samples) {
    const next = sample + coefficient * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  return samples.length === 0 ? 0 : (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}

const MU_LAW = Float64Array.from({ length: 256 }, (_, byte) => decodeMuLaw(byte) / 32_768);
const A_LAW = Float64Array.from({ length: 256 }, (_, byte) => decodeALaw(byte) / 32_768);

/** ITU-T G.711, μ-law. */
function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const biased = Math.min(Math.abs(sample), 32_635) + 132;
  const exponent = 24 - Math.clz32(biased);
  return ~(sign | (exponent << 4) | ((biased >> (exponent + 3)) & 0x0f)) & 0xff;
}

function decodeMuLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 0x07)) - 132;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** ITU-T G.711, A-law: every second bit is inverted on the wire. */
function encodeALaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = Math.min(sample < 0 ? -sample - 1 : sample, 32_767) >> 3;
  const exponent = Math.max(0, 27 - Math.clz32(magnitude | 1));
  const mantissa = (exponent === 0 ? magnitude >> 1 : magnitude >> exponent) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

function decodeALaw(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 0x07;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}
