import { z } from 'zod';
import { e164 } from './campaigns.ts';

/**
 * Whether a test call speaks for a trunk as it is set now: none is needed (demo), none ever passed, the settings have changed since, it
 * was too long ago, or one has passed.
 */
export const TRUNK_PROOFS = ['not_needed', 'never', 'changed', 'expired', 'passed'] as const;
export type TrunkProof = (typeof TRUNK_PROOFS)[number];

/** One row of GET /api/v1/trunks; POST /api/v1/trunks/:name/arm and /disarm answer with it. */
export const trunkRow = z.object({
  name: z.string(),
  kind: z.enum(['demo', 'real']),
  armed: z.boolean(),
  channelLimit: z.number().int(),
  callsPerSecond: z.number(),
  proof: z.enum(TRUNK_PROOFS),
  /** Until when it may be armed by the last test call that passed. */
  provenUntil: z.string().nullable(),
});
export type TrunkRow = z.infer<typeof trunkRow>;

/** How far a test call has come. */
export const TEST_CALL_STATES = ['asked', 'dialing', 'ringing', 'answered', 'ended'] as const;
export type TestCallState = (typeof TEST_CALL_STATES)[number];

/**
 * What a test call came to. `passed`: somebody heard the prompt and pressed 1; `no_key`: answered, and no 1 came back; `not_sent`: never
 * reached the trunk; `unknown`: lost sight of (the dialer or the switch went away). The others as the trunk's far end says.
 */
export const TEST_CALL_RESULTS = [
  'passed',
  'no_key',
  'no_answer',
  'busy',
  'declined',
  'dead_number',
  'congestion',
  'trunk_fault',
  'failed',
  'not_sent',
  'unknown',
] as const;
export type TestCallResult = (typeof TEST_CALL_RESULTS)[number];

/** POST /api/v1/trunks/:name/test-call: a telephone of one's own, and what it shows; without the latter nothing may be shown. */
export const testCallBody = z.object({ number: e164, callerId: e164.nullable().default(null) });
export type TestCallBody = z.infer<typeof testCallBody>;

/** A test call as the pages see it. Moments are ISO text. */
export const testCall = z.object({
  id: z.uuid(),
  state: z.enum(TEST_CALL_STATES),
  result: z.enum(TEST_CALL_RESULTS).nullable(),
  /** Q.850 cause and SIP status of the end, where there was one. */
  cause: z.number().int().nullable(),
  sipStatus: z.string().nullable(),
  /** The last digits of the number called. */
  numberEnd: z.string(),
  /** Display name of who asked for it. */
  askedBy: z.string(),
  askedAt: z.string(),
  endedAt: z.string().nullable(),
  /** Made with the settings that the trunk has now. */
  sameSettings: z.boolean(),
});
export type TestCall = z.infer<typeof testCall>;

/** GET /api/v1/trunks/:name/test-call: the last one, and what it means for arming. */
export const testCallReport = z.object({ trunk: trunkRow, test: testCall.nullable() });
export type TestCallReport = z.infer<typeof testCallReport>;
