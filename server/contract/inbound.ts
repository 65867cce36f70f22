import { z } from 'zod';

/** How a campaign answers those who call its number. Durations in milliseconds. */
export const inboundSettings = z.object({
  /** Off: callers hear that nobody can take the call, and may leave a message where that is on. */
  answer: z.boolean(),
  /** After so long in the line, or at once while nobody is on duty, a caller is offered a callback and a voice message. */
  offerAfterMs: z.number().int().min(10_000).max(600_000),
  /** After so long nobody is kept waiting any more. */
  longestWaitMs: z.number().int().min(30_000).max(3_600_000),
  callback: z.boolean(),
  voicemail: z.boolean(),
  /** For so many days a voice message is kept. */
  voicemailDays: z.number().int().min(1).max(365),
});
export type InboundSettings = z.infer<typeof inboundSettings>;

export const DEFAULT_INBOUND: InboundSettings = {
  answer: true,
  offerAfterMs: 60_000,
  longestWaitMs: 600_000,
  callback: true,
  voicemail: true,
  voicemailDays: 30,
};

/**
 * What an inbound call came to. `hung_up`: the caller gave up, a missed call. `callback`: they asked to be called back. `unserved`: nobody
 * came and they left no message.
 */
export const INBOUND_RESULTS = ['talked', 'hung_up', 'callback', 'voicemail', 'closed', 'unserved', 'lost'] as const;
export type InboundResult = (typeof INBOUND_RESULTS)[number];

/** Somebody who may be calling, as much as an agent needs to ask for them: never their name, never a debt. */
export const callerCandidate = z.object({
  partyId: z.uuid(),
  /** The first letter of each part of the name. */
  initials: z.string(),
  kind: z.enum(['person', 'company']),
  language: z.string().nullable(),
});
export type CallerCandidate = z.infer<typeof callerCandidate>;

/** The inbound side of the call on a desk. */
export const deskInbound = z.object({
  /** E.164: the number called. */
  called: z.string(),
  waitedMs: z.number().int(),
  /** By their number, and then those whom the agent has looked for. */
  candidates: z.array(callerCandidate),
  /** `open`: nobody has said yet who it is. `confirmed`: it is the person of the file. `nobody`: none of the candidates. */
  caller: z.enum(['open', 'confirmed', 'nobody']),
});
export type DeskInbound = z.infer<typeof deskInbound>;

/** One call that came in, as overseers see it. */
export const inboundRow = z.object({
  id: z.uuid(),
  floorId: z.string(),
  campaignName: z.string().nullable(),
  /** E.164, where the carrier told it. */
  number: z.string().nullable(),
  enteredAt: z.string(),
  /** How long the caller waited for an agent, or for nobody. */
  waitedMs: z.number().int(),
  /** Null while it lasts. */
  result: z.enum(INBOUND_RESULTS).nullable(),
  agentName: z.string().nullable(),
  /** Who it was, where an agent has confirmed it. */
  partyId: z.uuid().nullable(),
  partyName: z.string().nullable(),
  candidates: z.number().int(),
  /** Null without a message, or after its deletion. */
  voicemailSeconds: z.number().int().nullable(),
  /** When the message is deleted by itself. */
  voicemailUntil: z.string().nullable(),
  handledAt: z.string().nullable(),
  handledBy: z.string().nullable(),
});
export type InboundRow = z.infer<typeof inboundRow>;

/** GET /api/v1/inbound-calls, of every floor, newest first. `todo`: how many of them somebody should still see to. */
export const inboundList = z.object({ todo: z.number().int(), calls: z.array(inboundRow) });
export type InboundList = z.infer<typeof inboundList>;
