import { z } from 'zod';
import { normaliseDigits } from './digits.ts';

/** A part of a campaign's debtors, described by what is known of them, of their debts there and of their place in the queue. */

/** What a condition may look at, and of what kind it is. An amount is in whole units of the debt's own currency, 100 for 100 SAR. */
export const SEGMENT_FIELDS = {
  country: 'text',
  language: 'text',
  product: 'text',
  currency: 'text',
  balance: 'figure',
  daysOverdue: 'figure',
  score: 'figure',
  tries: 'figure',
  queueState: 'text',
  reason: 'text',
} as const;
export type SegmentField = keyof typeof SEGMENT_FIELDS;

export const TEXT_TESTS = ['is', 'is_not'] as const;
export const FIGURE_TESTS = ['at_least', 'at_most'] as const;
export const MATCHES = ['all', 'any'] as const;

const value = z
  .string()
  .max(80)
  .overwrite((text) => normaliseDigits(text).trim())
  .min(1, 'say what to compare with');

const condition = z
  .object({
    field: z.enum(Object.keys(SEGMENT_FIELDS) as [SegmentField, ...SegmentField[]]),
    test: z.enum([...TEXT_TESTS, ...FIGURE_TESTS]),
    value,
  })
  .superRefine(({ field, test, value: given }, context) => {
    const figure = SEGMENT_FIELDS[field] === 'figure';
    if (figure !== FIGURE_TESTS.some((each) => each === test)) {
      context.addIssue({ code: 'custom', path: ['test'], message: 'this field cannot be tested so' });
    } else if (figure && !/^[0-9]{1,15}$/.test(given)) {
      context.addIssue({ code: 'custom', path: ['value'], message: 'a whole number' });
    }
  });
export type SegmentCondition = z.infer<typeof condition>;

const group = z.object({ match: z.enum(MATCHES), conditions: z.array(condition).min(1).max(20) });

/** Groups of conditions: all or any of the groups, each of them all or any of its conditions. */
export const segment = z.object({ match: z.enum(MATCHES), groups: z.array(group).min(1).max(10) });
export type Segment = z.infer<typeof segment>;

/** POST /api/v1/campaigns/:id/segment: how many of the campaign's debtors it holds, and the first of them by score. */
export const segmentCount = z.object({
  total: z.number().int(),
  count: z.number().int(),
  sample: z.array(
    z.object({
      partyId: z.uuid(),
      displayName: z.string(),
      country: z.string(),
      state: z.string(),
      reason: z.string().nullable(),
      score: z.number().int(),
    }),
  ),
});
export type SegmentCount = z.infer<typeof segmentCount>;

/** Bands of the queue: 0 is everybody's, 9 comes first (after callbacks). */
export const GREATEST_PRIORITY = 9;
const priority = z.number().int().min(0).max(GREATEST_PRIORITY);

/** One row of GET /api/v1/campaigns/:id/segments: a segment that people keep under a name. */
export const savedSegment = z.object({
  id: z.uuid(),
  name: z.string(),
  segment,
  /** Whom it holds goes before others in the queue, the greatest first; 0: in the order of the scores. */
  priority,
  version: z.number().int(),
  by: z.string().nullable(),
  at: z.string(),
});
export type SavedSegment = z.infer<typeof savedSegment>;

/** POST /api/v1/campaigns/:id/segments */
export const saveSegmentBody = z.object({
  name: z.string().trim().min(1, 'give it a name').max(80),
  segment,
  priority: priority.default(0),
});

/** PUT /api/v1/campaigns/:id/segments/:segmentId: `version` is the one the editor was opened with; a stale one is refused. A priority left out stays. */
export const changeSegmentBody = saveSegmentBody.extend({ priority: priority.optional(), version: z.number().int() });
