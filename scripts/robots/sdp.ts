import { CODECS, type Codec } from './sound.ts';

/** What the far end of a call says of its sound. */
export interface RemoteSound {
  address: string;
  port: number;
  codec: Codec;
  /** Does it want to hear us (not `sendonly` or `inactive`)? */
  listens: boolean;
  /** Payload type of digits as events, where it takes them. */
  digitsType: string | null;
}

export const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
export type Direction = (typeof DIRECTIONS)[number];

const STATIC_TYPES: Record<string, Codec> = { '0': 'PCMU', '8': 'PCMA' };
const MIRROR: Record<Direction, Direction> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** Reads an offer or answer; null when it holds no audio that G.711 can carry. */
export function readSound(sdp: string): (RemoteSound & { direction: Direction }) | null {
  const lines = sdp.split(/\r?\n/);
  const media =
    lines
      .find((line) => line.startsWith('m=audio '))
      ?.slice('m=audio '.length)
      .split(' ') ?? [];
  const [port, , ...types] = media;
  const codec = types.map((type) => STATIC_TYPES[type]).find((known) => known !== undefined);
  const address = lines
    .findLast((line) => line.startsWith('c=IN IP4 '))
    ?.slice('c=IN IP4 '.length)
    .trim();
  if (codec === undefined || port === undefined || address === undefined) return null;
  const direction = DIRECTIONS.find((word) => lines.includes(`a=${word}`)) ?? 'sendrecv';
  const digits = lines.find((line) => /^a=rtpmap:[0-9]+ telephone-event\/8000/.test(line));
  return {
    address,
    port: Number(port),
    codec,
    direction,
    listens: direction === 'sendrecv' || direction === 'recvonly',
    digitsType: digits?.slice('a=rtpmap:'.length).split(' ')[0] ?? null,
  };
}

/** The answer to an offer: its codec alone, its direction seen from this side. */
export function answerSound(
  at: { address: string; port: number; version: number },
  offer: { codec: Codec; direction: Direction; digitsType: string | null },
): string {
  return describe(at, [offer.codec], MIRROR[offer.direction], offer.digitsType);
}

/** An offer of both laws and of digits as events. */
export function offerSound(at: { address: string; port: number; version: number }): string {
  return describe(at, CODECS, 'sendrecv', '101');
}

function describe(
  at: { address: string; port: number; version: number },
  codecs: readonly Codec[],
  direction: Direction,
  digitsType: string | null,
): string {
  const types = codecs.map((codec) => (codec === 'PCMU' ? '0' : '8'));
  const digits = digitsType === null ? [] : [`a=rtpmap:${digitsType} telephone-event/8000`, `a=fmtp:${digitsType} 0-15`];
  return [
    'v=0',
    `o=robot 1 ${at.version} IN IP4 ${at.address}`,
    's=robot',
    `c=IN IP4 ${at.address}`,
    't=0 0',
    `m=audio ${at.port} RTP/AVP ${[...types, ...(digitsType === null ? [] : [digitsType])].join(' ')}`,
    ...codecs.map((codec, i) => `a=rtpmap:${types[i]} ${codec}/8000`),
    ...digits,
    'a=ptime:20',
    `a=${direction}`,
    '',
  ].join('\r\n');
}
