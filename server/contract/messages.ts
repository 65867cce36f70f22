import { z } from 'zod';
import { LANGUAGES } from './people.ts';

/** Own recordings of the safe-harbour message: bounds of what may be uploaded. */
export const SHORTEST_MESSAGE_MS = 3_000;
export const LONGEST_MESSAGE_MS = 30_000;
export const LARGEST_MESSAGE_BYTES = 12 * 1_024 * 1_024;

/** Why a recording is refused. */
export const RECORDING_FAULTS = [
  'recording_not_wav',
  'recording_broken',
  'recording_encoding',
  'recording_too_short',
  'recording_too_long',
  'recording_too_large',
  'recording_silent',
] as const;
export type RecordingFaultCode = (typeof RECORDING_FAULTS)[number];

const messageVersion = z.object({
  id: z.uuid(),
  version: z.number().int(),
  fileName: z.string(),
  durationMs: z.number().int(),
  uploadedAt: z.string(),
  /** Display name of who uploaded it. */
  by: z.string(),
  inForce: z.boolean(),
  /** Its file is not there any more: the recording that comes with Wusul speaks in its place. */
  missing: z.boolean(),
});
export type MessageVersion = z.infer<typeof messageVersion>;

/** GET /api/v1/campaigns/:id/messages, and the answer of every change: the recordings of each language, newest first. */
export const campaignMessages = z.object({
  /** The key that ends calls to a number, of which callers are told after the message; null: none does. */
  optOutKey: z.string().nullable(),
  languages: z.array(z.object({ language: z.enum(LANGUAGES), versions: z.array(messageVersion) })),
});
export type CampaignMessages = z.infer<typeof campaignMessages>;

/** PUT /api/v1/campaigns/:id/messages/:language: which version speaks; null: the recording that comes with Wusul. */
export const chooseMessageBody = z.object({ messageId: z.uuid().nullable() });
