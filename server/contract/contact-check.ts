import { z } from 'zod';
import { CAMPAIGN_STATES } from './campaigns.ts';
import { normaliseDigits } from './digits.ts';
import { EVIDENCE_LEVELS } from './rule-terms.ts';

/** "May we call, if not why, and when?", asked of the gate that judges every call. */

/** A telephone number as people write it, with its country code, in E.164 form: any script's digits, `00` for `+`, any separators. */
export const writtenNumber = z
  .string()
  .max(60)
  .overwrite((text) =>
    normaliseDigits(text)
      .replaceAll(/[^0-9+]/g, '')
      .replace(/^00/, '+'),
  )
  .regex(/^\+[1-9][0-9]{5,14}$/, 'a number with its country code, like +966501234567');

/** POST /api/v1/contact-check: one of a debtor's id, a telephone's id, a number. `at`: any moment; left out, now. */
export const contactCheckBody = z
  .object({
    partyId: z.uuid().optional(),
    phoneId: z.uuid().optional(),
    number: writtenNumber.optional(),
    at: z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })]).optional(),
    campaignId: z.uuid().optional(),
  })
  .refine((body) => [body.partyId, body.phoneId, body.number].filter((each) => each !== undefined).length === 1, {
    message: 'name one: a debtor, a telephone or a number',
    path: ['number'],
  });
export type ContactCheckBody = z.input<typeof contactCheckBody>;

/** One thing that forbids the call. `retryAt`: when it alone would no longer stand; null: not by waiting. */
export const checkReason = z.object({
  id: z.string(),
  severity: z.enum(['block', 'warn']),
  pack: z.string(),
  version: z.number().int(),
  evidence: z.enum(EVIDENCE_LEVELS),
  source: z.string(),
  retryAt: z.string().nullable(),
});
export type CheckReason = z.infer<typeof checkReason>;

/** What the gate says of one number. `retryAt`: the earliest lawful moment if nothing changes; null: waiting does not help. */
const numberVerdict = z.object({
  phoneId: z.uuid(),
  number: z.string(),
  type: z.string(),
  verdict: z.enum(['allow', 'deny']),
  reasons: z.array(checkReason),
  /** Warnings that would forbid it too, had they not been overridden for this person. */
  overridden: z.array(checkReason),
  binding: z.string().nullable(),
  retryAt: z.string().nullable(),
  closesAt: z.string().nullable(),
  recordedSound: z.boolean(),
});

/** Why there is nothing to judge: no number in use, nothing owed, or a number that has left. */
export const NOTHING_TO_JUDGE = ['no_number_left', 'no_open_debt', 'number_left'] as const;

/** For one campaign, or (null) by the law alone. `answer`: the number that would be called, or the one that may be soonest. */
const judgement = z.object({
  campaign: z.object({ id: z.uuid(), name: z.string(), state: z.enum(CAMPAIGN_STATES) }).nullable(),
  nothing: z.enum(NOTHING_TO_JUDGE).nullable(),
  answer: z.object({ mayCall: z.boolean(), phoneId: z.uuid().nullable(), retryAt: z.string().nullable() }),
  numbers: z.array(numberVerdict),
  packs: z.record(z.string(), z.number().int()),
  /** Where the debtor stands in the campaign's queue now, whatever moment was asked about. */
  queue: z
    .object({ state: z.string(), reason: z.string().nullable(), notBefore: z.string().nullable(), score: z.number().int() })
    .nullable(),
});
export type CheckJudgement = z.infer<typeof judgement>;

/**
 * What a moment of the past is judged by as it is now, because it is not known as it was then: the campaign's settings, numbers that have left
 * since, debts paid or listed since; and always address, zones and where numbers ring.
 */
export const NOT_RESTORED = ['settings', 'numbers', 'debts', 'place'] as const;
export type NotRestored = (typeof NOT_RESTORED)[number];

export const contactCheck = z.object({
  at: z.string(),
  people: z.array(
    z.object({
      partyId: z.uuid(),
      displayName: z.string(),
      country: z.string(),
      timeZones: z.array(z.string()),
      judgements: z.array(judgement),
      notRestored: z.array(z.enum(NOT_RESTORED)),
    }),
  ),
});
export type ContactCheck = z.infer<typeof contactCheck>;
