import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { amplitude, decode, frame, FRAME_MS, FRAME_SAMPLES, KEY_TONES, type Codec, type Key, type Tone } from './sound.ts';

/** Where sound goes. `digitsType`: the payload type of digits as events (RFC 4733), where both ends know it. */
interface Target {
  address: string;
  port: number;
  codec: Codec;
  send: boolean;
  digitsType: number | null;
}

/** One end of an RTP stream: sends a tone or silence without pause, and keeps what it last heard. */
export interface Media {
  readonly port: number;
  /** Starts sending, or goes on to another far end or codec after a re-INVITE. `send` false: hold, nothing is sent. */
  direct(to: Target): void;
  say(tone: Tone): void;
  /** Holds down a key for a third of a second: as events where the far end takes them, else as sound. */
  press(key: Key): void;
  /** Amplitude (0–1 of full scale) of a tone over the last 200 ms that arrived; 0 before that much has. */
  heard(hertz: number): number;
  /** Resolves once what arrives from now on satisfies `condition`, which is asked again with each frame. */
  hears(condition: (heard: (hertz: number) => number) => boolean, withinMs: number): Promise<void>;
  packets(): { sent: number; received: number };
  close(): Promise<void>;
}

const REMEMBERED_FRAMES = 10;
const KEY_FRAMES = 16;
/** The end of an event is said three times: the only packets that must arrive. */
const KEY_END_FRAMES = 3;
const PAYLOAD_TYPES: Record<Codec, number> = { PCMU: 0, PCMA: 8 };
const FRAMES: Record<Codec, Map<Tone, Buffer>> = { PCMU: new Map(), PCMA: new Map() };

/** In a quiet stream every 50th frame is sent: one a second, so that the far end does not take it for dead. */
const QUIET_EVERY = 50;

/**
 * Opens an RTP socket on a free port of `address`; the caller closes it. A quiet one sends next to nothing and listens to nothing: for
 * measurements in which sound would only be load.
 */
export async function openMedia(address: string, quiet: boolean): Promise<Media> {
  const socket = createSocket('udp4');
  socket.on('error', () => {
    // A far end that is gone shows as silence.
  });
  socket.bind(0, address);
  await once(socket, 'listening');

  let target: Target | null = null;
  let tone: Tone = null;
  /** The key that is down, and for how many frames; null: none is. */
  let held: { key: Key; frames: number } | null = null;
  let sequence = randomBytes(2).readUInt16BE();
  let timestamp = randomBytes(4).readUInt32BE();
  const source = randomBytes(4).readUInt32BE();
  let sent = 0;
  let received = 0;
  let beats = 0;
  const memory: Float64Array[] = [];
  const waiting = new Map<() => void, () => void>();

  function sendFrame(): void {
    if (target === null || !target.send) return;
    beats++;
    if (quiet && beats % QUIET_EVERY !== 1) return;
    let packet: Buffer = Buffer.allocUnsafe(12 + FRAME_SAMPLES);
    packet[0] = 0x80;
    packet[1] = PAYLOAD_TYPES[target.codec] | (sent === 0 ? 0x80 : 0);
    packet.writeUInt16BE(sequence, 2);
    packet.writeUInt32BE(timestamp, 4);
    packet.writeUInt32BE(source, 8);
    frameOf(target.codec, held === null ? tone : KEY_TONES[held.key]).copy(packet, 12);
    if (held !== null) packet = keyPressed(packet, held, target.digitsType);
    sequence = (sequence + 1) & 0xffff;
    timestamp = (timestamp + FRAME_SAMPLES) >>> 0;
    sent++;
    if (held !== null) held = held.frames + 1 < KEY_FRAMES ? { ...held, frames: held.frames + 1 } : null;
    socket.send(packet, target.port, target.address);
  }

  function heard(hertz: number): number {
    if (memory.length < REMEMBERED_FRAMES) return 0;
    return memory.reduce((sum, samples) => sum + amplitude(samples, hertz), 0) / memory.length;
  }

  socket.on('message', (packet) => {
    const payload = readPacket(packet);
    if (payload === null) return;
    received++;
    if (quiet) return;
    memory.push(decode(payload.codec, payload.bytes));
    if (memory.length > REMEMBERED_FRAMES) memory.shift();
    for (const ask of waiting.keys()) ask();
  });

  beat.add(sendFrame);

  return {
    port: socket.address().port,
    direct(to) {
      target = to;
    },
    say(next) {
      tone = next;
    },
    press(key) {
      held = { key, frames: 0 };
    },
    heard,
    hears(condition, withinMs) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const deadline = setTimeout(() => end(() => reject(new Error(`not heard within ${withinMs} ms`))), withinMs);
      function end(settle: () => void): void {
        clearTimeout(deadline);
        waiting.delete(ask);
        settle();
      }
      function ask(): void {
        if (received - before >= REMEMBERED_FRAMES && condition(heard)) end(resolve);
      }
      const before = received;
      waiting.set(ask, () => end(() => reject(new Error('the call has ended'))));
      return promise;
    },
    packets: () => ({ sent, received }),
    async close() {
      beat.delete(sendFrame);
      for (const giveUp of waiting.values()) giveUp();
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** The packet of a frame in which a key is down; `frames`: for how long already. Without a type for events its sound stays. */
function keyPressed(packet: Buffer, { key, frames }: { key: Key; frames: number }, digitsType: number | null): Buffer {
  if (digitsType === null) return packet;
  const event = Buffer.from(packet.subarray(0, 16));
  event[1] = digitsType | (frames === 0 ? 0x80 : 0);
  // All packets of an event bear the moment of its beginning (RFC 4733, section 2.2.1).
  event.writeUInt32BE((packet.readUInt32BE(4) - frames * FRAME_SAMPLES) >>> 0, 4);
  event[12] = key;
  event[13] = (frames >= KEY_FRAMES - KEY_END_FRAMES ? 0x80 : 0) | 10;
  event.writeUInt16BE((Math.min(frames, KEY_FRAMES - KEY_END_FRAMES) + 1) * FRAME_SAMPLES, 14);
  return event;
}

/** One timer for all streams of the process: every 20 ms by the monotonic clock, late ticks made up for, but never more than 100 ms of them. */
const beat = {
  senders: new Set<() => void>(),
  timer: undefined as NodeJS.Timeout | undefined,
  due: 0,
  add(sender: () => void): void {
    this.senders.add(sender);
    if (this.timer !== undefined) return;
    this.due = performance.now();
    this.timer = setInterval(() => this.tick(), FRAME_MS);
  },
  delete(sender: () => void): void {
    this.senders.delete(sender);
    if (this.senders.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  },
  tick(): void {
    const now = performance.now();
    this.due = Math.max(this.due, now - 5 * FRAME_MS);
    for (; this.due <= now; this.due += FRAME_MS) {
      for (const send of this.senders) send();
    }
  },
};

function frameOf(codec: Codec, tone: Tone): Buffer {
  const known = FRAMES[codec].get(tone);
  if (known !== undefined) return known;
  const made = frame(codec, tone);
  FRAMES[codec].set(tone, made);
  return made;
}

/** The sound of an RTP packet (RFC 3550, section 5.1), or null for anything else: comfort noise, digits, RTCP. */
function readPacket(packet: Buffer): { codec: Codec; bytes: Uint8Array } | null {
  const [first, second] = packet;
  if (first === undefined || second === undefined || first >> 6 !== 2) return null;
  const type = second & 0x7f;
  const codec = type === PAYLOAD_TYPES.PCMU ? 'PCMU' : type === PAYLOAD_TYPES.PCMA ? 'PCMA' : null;
  const start = 12 + 4 * (first & 0x0f);
  if (codec === null || packet.length <= start) return null;
  return { codec, bytes: packet.subarray(start) };
}
