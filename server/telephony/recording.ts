/** Reads a WAV file into what the switch plays, µ-law at 8 kHz, and back into what a browser plays (no I/O). */
import { LONGEST_MESSAGE_MS, SHORTEST_MESSAGE_MS, type RecordingFaultCode } from '../contract/messages.ts';

const RATE = 8_000;
/** What telephones carry ends at 3.4 kHz. */
const PASS_HZ = 3_500;
/** Zero crossings of the low-pass on either side. */
const LOBES = 16;
const FRAME = RATE / 50;
/** A frame below this share of full scale (−46 dB) is silence. */
const SILENCE = 0.005;
/** Somebody has to be heard for so long. */
const LEAST_SOUND_MS = 1_000;
/** What is left of the silence before the first word. */
const LEAD_IN = RATE / 10;

/** Why a file cannot be played to callers. */
export class RecordingFault extends Error {
  readonly code: RecordingFaultCode;
  constructor(code: RecordingFaultCode) {
    super(code);
    this.code = code;
  }
}

/**
 * A WAV file (PCM of 8, 16, 24 or 32 bit, 8 to 48 kHz, one channel or two) as µ-law at 8 kHz without the silence before its first word.
 * @throws RecordingFault
 */
export function readRecording(file: Uint8Array): { sound: Uint8Array; durationMs: number } {
  const samples = atTelephoneRate(readWav(file));
  const first = firstSound(samples);
  const heard = samples.subarray(Math.max(0, first - LEAD_IN));
  const durationMs = Math.round((heard.length / RATE) * 1_000);
  if (soundMs(heard) === 0) throw new RecordingFault('recording_silent');
  if (durationMs < SHORTEST_MESSAGE_MS) throw new RecordingFault('recording_too_short');
  if (durationMs > LONGEST_MESSAGE_MS) throw new RecordingFault('recording_too_long');
  if (soundMs(heard) < LEAST_SOUND_MS) throw new RecordingFault('recording_silent');
  return { sound: Uint8Array.from(heard, toMuLaw), durationMs };
}

/** µ-law at 8 kHz as a WAV file of 16-bit samples, which every browser plays. */
export function wavOf(sound: Uint8Array): Buffer {
  const wav = Buffer.alloc(44 + sound.length * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + sound.length * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(sound.length * 2, 40);
  for (const [index, byte] of sound.entries()) wav.writeInt16LE(fromMuLaw(byte), 44 + index * 2);
  return wav;
}

interface Wav {
  rate: number;
  samples: Float32Array;
}

function readWav(file: Uint8Array): Wav {
  const view = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (view.length < 12 || view.toString('latin1', 0, 4) !== 'RIFF' || view.toString('latin1', 8, 12) !== 'WAVE')
    throw new RecordingFault('recording_not_wav');
  let format: { rate: number; channels: number; bits: number } | null = null;
  for (let at = 12; at + 8 <= view.length;) {
    const name = view.toString('latin1', at, at + 4);
    const size = view.readUInt32LE(at + 4);
    const from = at + 8;
    if (name === 'fmt ') format = readFormat(view.subarray(from, from + size));
    if (name === 'data') {
      if (format === null) break;
      // A recorder that was cut off, or wrote as it went, leaves no length, or one beyond the end.
      const open = size === 0 || size === 0xffff_ffff;
      if (!open && from + size > view.length) throw new RecordingFault('recording_broken');
      return { rate: format.rate, samples: mono(view.subarray(from, open ? view.length : from + size), format) };
    }
    at = from + size + (size % 2);
  }
  throw new RecordingFault('recording_broken');
}

function readFormat(chunk: Buffer): { rate: number; channels: number; bits: number } {
  if (chunk.length < 16) throw new RecordingFault('recording_broken');
  const encoding = chunk.readUInt16LE(0);
  // WAVE_FORMAT_EXTENSIBLE names the encoding further on.
  const plain = encoding === 1 || (encoding === 0xfffe && chunk.length >= 26 && chunk.readUInt16LE(24) === 1);
  const [channels, rate, bits] = [chunk.readUInt16LE(2), chunk.readUInt32LE(4), chunk.readUInt16LE(14)];
  if (!plain || channels < 1 || channels > 2 || rate < RATE || rate > 48_000 || ![8, 16, 24, 32].includes(bits))
    throw new RecordingFault('recording_encoding');
  return { rate, channels, bits };
}

/** Samples of −1 to 1, both ears as one, without a constant offset. */
function mono(data: Buffer, { channels, bits }: { channels: number; bits: number }): Float32Array {
  const bytes = bits / 8;
  const samples = new Float32Array(Math.floor(data.length / (bytes * channels)));
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) {
    let value = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      const at = (index * channels + channel) * bytes;
      // Eight bits are unsigned, all others are not.
      value += bits === 8 ? data.readUInt8(at) / 128 - 1 : data.readIntLE(at, bytes) / 2 ** (bits - 1);
    }
    samples[index] = value / channels;
    sum += value / channels;
  }
  const offset = samples.length === 0 ? 0 : sum / samples.length;
  return samples.map((value) => value - offset);
}

/** Resamples with a windowed sinc, so that nothing above the telephone's band is folded into it. */
function atTelephoneRate({ rate, samples }: Wav): Float32Array {
  if (rate === RATE) return samples;
  // What is longer than any message is told by its length alone.
  if (samples.length / rate > (2 * LONGEST_MESSAGE_MS) / 1_000) throw new RecordingFault('recording_too_long');
  const cutoff = (2 * PASS_HZ) / rate;
  const reach = Math.ceil(LOBES / cutoff);
  const resampled = new Float32Array(Math.floor((samples.length * RATE) / rate));
  for (let index = 0; index < resampled.length; index += 1) {
    const centre = (index * rate) / RATE;
    let value = 0;
    for (let tap = Math.ceil(centre - reach); tap <= centre + reach; tap += 1) {
      const sample = samples[tap];
      if (sample !== undefined) value += sample * lowPass(tap - centre, cutoff, reach);
    }
    resampled[index] = value;
  }
  return resampled;
}

function lowPass(distance: number, cutoff: number, reach: number): number {
  const x = Math.PI * cutoff * distance;
  const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / reach);
  return cutoff * window * (x === 0 ? 1 : Math.sin(x) / x);
}

function isSound(samples: Float32Array, from: number): boolean {
  let power = 0;
  for (let index = from; index < from + FRAME; index += 1) power += (samples[index] ?? 0) ** 2;
  return Math.sqrt(power / FRAME) >= SILENCE;
}

function firstSound(samples: Float32Array): number {
  for (let from = 0; from + FRAME <= samples.length; from += FRAME) if (isSound(samples, from)) return from;
  return 0;
}

function soundMs(samples: Float32Array): number {
  let frames = 0;
  for (let from = 0; from + FRAME <= samples.length; from += FRAME) if (isSound(samples, from)) frames += 1;
  return frames * 20;
}

/** ITU-T G.711. */
function toMuLaw(sample: number): number {
  const linear = Math.max(-32_635, Math.min(32_635, Math.round(sample * 32_767)));
  const magnitude = Math.abs(linear) + 132;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((linear < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

function fromMuLaw(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = (((code & 0x0f) << 3) + 132) * 2 ** ((code >> 4) & 0x07) - 132;
  return code & 0x80 ? -magnitude : magnitude;
}
