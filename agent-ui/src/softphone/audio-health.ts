import type { AudioFault } from './phone.ts';

/** What one look at the connection's statistics gives: running totals. */
export interface AudioSample {
  atMs: number;
  packetsReceived: number;
  packetsSent: number;
  /** Energy of the microphone's own sound, as `media-source` reports it; null where the browser does not say. */
  microphoneEnergy: number | null;
  muted: boolean;
}

/** No packet for this long is a broken way, not a lost packet. */
const NO_PACKETS_MS = 4_000;
/** Nobody is perfectly silent for this long: a microphone that gives exact zeros is off at its own switch. */
const SILENT_MICROPHONE_MS = 12_000;

/**
 * Decides from the samples of one bridged stretch (oldest first) what the sound lacks, or null. What the agent hears comes first:
 * without it a conversation cannot even be apologised for.
 */
export function audioFault(samples: readonly AudioSample[]): AudioFault | null {
  const last = samples.at(-1);
  if (!last) return null;
  if (unchanged(samples, last, NO_PACKETS_MS, (sample) => sample.packetsReceived)) return 'hears_nothing';
  if (unchanged(samples, last, NO_PACKETS_MS, (sample) => sample.packetsSent)) return 'sends_nothing';
  if (samples.some((sample) => sample.muted || sample.microphoneEnergy === null)) return null;
  if (unchanged(samples, last, SILENT_MICROPHONE_MS, (sample) => sample.microphoneEnergy ?? 0)) return 'microphone_silent';
  return null;
}

function unchanged(
  samples: readonly AudioSample[],
  last: AudioSample,
  forMs: number,
  total: (sample: AudioSample) => number,
): boolean {
  const before = samples.filter((sample) => last.atMs - sample.atMs >= forMs).at(-1);
  return before !== undefined && total(before) === total(last);
}

/** Reads a connection's statistics into one sample. */
export async function takeSample(connection: RTCPeerConnection, muted: boolean, atMs: number): Promise<AudioSample> {
  const sample: AudioSample = { atMs, packetsReceived: 0, packetsSent: 0, microphoneEnergy: null, muted };
  for (const entry of (await connection.getStats()).values() as Iterable<Record<string, unknown>>) {
    if (entry['type'] === 'inbound-rtp') sample.packetsReceived += numberOf(entry['packetsReceived']);
    if (entry['type'] === 'outbound-rtp') sample.packetsSent += numberOf(entry['packetsSent']);
    if (entry['type'] === 'media-source' && typeof entry['totalAudioEnergy'] === 'number') {
      sample.microphoneEnergy = entry['totalAudioEnergy'];
    }
  }
  return sample;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
