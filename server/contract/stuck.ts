import { z } from 'zod';
import { unverifiedReasons } from './guidance.ts';

/** Debtors whom no waiting brings back to the queue: without a number that is left (to be traced), or refused until somebody mends why. */

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** GET /api/v1/stuck-debtors. `reason`: whose list; `before`: the `next` of the page before. Newest first. */
export const stuckQuery = z.object({
  campaign: z.uuid().optional(),
  reason: z
    .string()
    .regex(/^[a-z0-9_.+-]{1,80}$/i, 'the id of a reason, like no_number_left')
    .default('no_number_left'),
  before: z
    .string()
    .max(120)
    .regex(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,18}Z~${uuid}~${uuid}$`), 'the end of the page before')
    .optional(),
});
export type StuckQuery = z.output<typeof stuckQuery>;

/** A number that was tried, by its last four digits. `last`: what came of the last attempt. */
const triedNumber = z.object({
  phoneId: z.uuid(),
  ending: z.string(),
  type: z.string(),
  state: z.string(),
  tries: z.number().int(),
  lastAt: z.string().nullable(),
  last: z.string().nullable(),
});
export type TriedNumber = z.infer<typeof triedNumber>;

const stuckRow = z.object({
  partyId: z.uuid(),
  displayName: z.string(),
  country: z.string(),
  campaignId: z.uuid(),
  campaign: z.string(),
  score: z.number().int(),
  /** Since when it stands so, or was looked at last. */
  since: z.string(),
  numbers: z.array(triedNumber),
});
export type StuckRow = z.infer<typeof stuckRow>;

/** `counts`: each reason that somebody is stuck for; one that more than `count` are stuck for says so (`more`). */
export const stuckPage = z.object({
  counts: z.array(z.object({ reason: z.string(), count: z.number().int(), more: z.boolean() })),
  /** Reasons behind which rules stand that nobody has verified. */
  unverified: unverifiedReasons,
  rows: z.array(stuckRow),
  next: z.string().nullable(),
});
export type StuckPage = z.infer<typeof stuckPage>;
