/** What Asterisk says, checked by schema and put into the port's words (no I/O). */
import { z } from 'zod';

import type { LegEvent, LegPurpose } from '../port.ts';
import { LEG_PURPOSES } from '../port.ts';
import { readScreening, verdictStamp } from '../screening.ts';

const stamp = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  context.addIssue('not a time');
  return z.NEVER;
});
const channel = z.object({ id: z.string(), state: z.string() });
const bridge = z.object({ id: z.string() });

const ariEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ChannelStateChange'), timestamp: stamp, channel }),
  z.object({ type: z.literal('StasisStart'), timestamp: stamp, channel, args: z.array(z.string()) }),
  z.object({ type: z.literal('StasisEnd'), timestamp: stamp, channel }),
  z.object({ type: z.literal('ChannelEnteredBridge'), timestamp: stamp, channel, bridge }),
  z.object({ type: z.literal('ChannelLeftBridge'), timestamp: stamp, channel, bridge }),
  z.object({ type: z.literal('ChannelDtmfReceived'), timestamp: stamp, channel, digit: z.string() }),
  z.object({
    type: z.literal('PlaybackFinished'),
    timestamp: stamp,
    playback: z.object({ id: z.string(), target_uri: z.string() }),
  }),
  z.object({
    type: z.literal('ChannelUserevent'),
    timestamp: stamp,
    channel,
    eventname: z.enum(['wusul-machine', 'wusul-do-not-call']),
    userevent: z.object({ status: z.string().default(''), cause: z.string().default('') }),
  }),
  z.object({
    type: z.literal('ChannelDestroyed'),
    timestamp: stamp,
    channel,
    cause: z.number().int(),
    tech_cause: z.union([z.number(), z.string()]).optional(),
  }),
  z.object({ type: z.literal('ApplicationReplaced') }),
]);
export type AriEvent = z.infer<typeof ariEvent>;

/** The only kinds the application asks for: a bridge join alone would bring about twenty others. */
export const WANTED_EVENTS: readonly AriEvent['type'][] = [
  'ChannelStateChange',
  'StasisStart',
  'StasisEnd',
  'ChannelEnteredBridge',
  'ChannelLeftBridge',
  'ChannelDtmfReceived',
  'PlaybackFinished',
  'ChannelUserevent',
  'ChannelDestroyed',
  'ApplicationReplaced',
];

/** One message of the event socket, or null for anything we do not know: to be ignored and counted. */
export function readEvent(message: unknown): AriEvent | null {
  const read = ariEvent.safeParse(message);
  return read.success ? read.data : null;
}

/** The port's word for an event, or null where it has none. */
export function legEvent(event: AriEvent): LegEvent | null {
  switch (event.type) {
    case 'ApplicationReplaced':
      return null;
    case 'PlaybackFinished': {
      const legId = /^channel:(.+)$/.exec(event.playback.target_uri)?.[1];
      return legId === undefined ? null : { type: 'leg.played', legId, playbackId: event.playback.id, stampMs: event.timestamp };
    }
    default:
      return channelEvent(event, { legId: event.channel.id, stampMs: event.timestamp });
  }
}

type ChannelEvent = Exclude<AriEvent, { type: 'ApplicationReplaced' | 'PlaybackFinished' }>;

function channelEvent(event: ChannelEvent, common: { legId: string; stampMs: number }): LegEvent | null {
  switch (event.type) {
    case 'ChannelStateChange':
      if (event.channel.state === 'Ringing') return { type: 'leg.ringing', ...common };
      if (event.channel.state === 'Up') return { type: 'leg.answered', ...common };
      return null;
    case 'StasisStart':
      return { type: 'leg.entered', ...common, ...readArguments(event.args) };
    case 'StasisEnd':
      return { type: 'leg.left', ...common };
    case 'ChannelEnteredBridge':
      return { type: 'leg.joined', ...common, bridgeId: event.bridge.id };
    case 'ChannelLeftBridge':
      return { type: 'leg.parted', ...common, bridgeId: event.bridge.id };
    case 'ChannelDtmfReceived':
      return { type: 'leg.digit', ...common, digit: event.digit };
    case 'ChannelUserevent':
      if (event.eventname === 'wusul-do-not-call') return { type: 'leg.opted_out', ...common };
      return {
        type: 'leg.entered',
        ...common,
        purpose: 'debtor',
        screening: readScreening(event.userevent.status, event.userevent.cause),
      };
    case 'ChannelDestroyed':
      break;
  }
  const techCause = event.tech_cause === undefined ? null : String(event.tech_cause);
  return { type: 'leg.ended', ...common, cause: event.cause, techCause };
}

/** What an inbound leg says of itself, its numbers as the carrier wrote them: `leg.called` is made of it. */
export interface CalledIn {
  legId: string;
  stampMs: number;
  endpoint: string;
  number: string;
  called: string;
}

/** `Stasis(app,inbound,endpoint,caller,called)`, as dialplans/inbound.conf writes it. */
export function readCalledIn(event: AriEvent): CalledIn | null {
  if (event.type !== 'StasisStart' || event.args[0] !== 'inbound') return null;
  const [, endpoint = '', number = '', called = ''] = event.args;
  return { legId: event.channel.id, stampMs: event.timestamp, endpoint, number, called };
}

type Entered = Extract<LegEvent, { type: 'leg.entered' }>;

/** `Stasis(app,purpose,screened|not_screened,AMDSTATUS,AMDCAUSE,MILLISECONDS)`, as dialplans/debtor.conf writes it: a leg that was screened enters at its verdict. */
function readArguments(args: readonly string[]): Pick<Entered, 'purpose' | 'screening'> & Partial<Pick<Entered, 'stampMs'>> {
  const [word, screened, status = '', cause = '', at = ''] = args;
  const purpose: LegPurpose = LEG_PURPOSES.find((known) => known === word) ?? 'unknown';
  if (purpose !== 'debtor') return { purpose, screening: null };
  if (screened !== 'screened') return { purpose, screening: { verdict: 'not_screened', status: '', cause: '' } };
  return { purpose, screening: readScreening(status, cause), ...verdictStamp(at) };
}

/**
 * What tells two events apart. An application that is subscribed to a leg twice (by its endpoint and by having called it)
 * is told everything twice.
 */
export function eventKey(event: LegEvent): string {
  const about =
    'bridgeId' in event ? event.bridgeId : 'digit' in event ? event.digit : 'playbackId' in event ? event.playbackId : '';
  return `${event.type}|${event.legId}|${event.stampMs}|${about}`;
}

/** Remembers the last keys, `size` to twice as many, in two generations. */
export function createRecentKeys(size = 4_096): { seen(key: string): boolean } {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    seen(key) {
      if (young.has(key) || old.has(key)) return true;
      young.add(key);
      if (young.size >= size) {
        old = young;
        young = new Set();
      }
      return false;
    },
  };
}
