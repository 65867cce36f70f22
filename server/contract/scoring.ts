import { z } from 'zod';

/** What a scorecard looks at, in the order in which reasons are told. */
export const FACTORS = ['amount', 'age', 'payments', 'contacts', 'debtType', 'promises'] as const;
export type Factor = (typeof FACTORS)[number];

/** What the queue is ordered by: the score alone, or the score times what is owed. */
export const QUEUE_ORDERS = ['score', 'expected_value'] as const;
export type QueueOrder = (typeof QUEUE_ORDERS)[number];

/** Types of debt a scorecard may tell apart. */
export const MOST_DEBT_TYPES = 200;

const share = z.number().int().min(0).max(100);

/**
 * A scorecard: how much each thing weighs (0–100; only the proportions matter), how readily each type of debt is paid (0–100; a type not
 * listed counts as 50), and what the queue is ordered by.
 */
export const scorecard = z.object({
  order: z.enum(QUEUE_ORDERS),
  weights: z.object({ amount: share, age: share, payments: share, contacts: share, debtType: share, promises: share }),
  debtTypes: z
    .record(z.string().min(1).max(200), share)
    .refine((types) => Object.keys(types).length <= MOST_DEBT_TYPES, { message: `at most ${MOST_DEBT_TYPES} types of debt` }),
});
export type Scorecard = z.infer<typeof scorecard>;
export type ScoreWeights = Readonly<Scorecard['weights']>;

/** What a campaign scores by until somebody changes it: version 0. */
export const DEFAULT_SCORECARD: Scorecard = {
  order: 'score',
  weights: { amount: 35, age: 20, payments: 15, contacts: 15, debtType: 5, promises: 10 },
  debtTypes: {},
};

/** What one factor adds to a score. `value` 0–1000, high = likelier to pay; the points of all reasons add up to the score. */
export const scoreReason = z.object({
  factor: z.enum(FACTORS),
  value: z.number().int(),
  weight: z.number().int(),
  points: z.number().int(),
});
export type ScoreReason = z.infer<typeof scoreReason>;

/** One version of a campaign's scorecard. `author`: null for the house's own. */
export const scorecardVersion = z.object({
  version: z.number().int(),
  scorecard,
  note: z.string(),
  author: z.string().nullable(),
  at: z.iso.datetime().nullable(),
});
export type ScorecardVersion = z.infer<typeof scorecardVersion>;

/** How far the debtors of a campaign have been scored by a version. */
export const rescoreProgress = z.object({
  version: z.number().int(),
  state: z.enum(['queued', 'running', 'done']),
  total: z.number().int(),
  done: z.number().int(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
});
export type RescoreProgress = z.infer<typeof rescoreProgress>;

/** GET /api/v1/campaigns/:id/scorecard */
export const scorecardState = z.object({
  current: scorecardVersion,
  /** Newest first. */
  versions: z.array(scorecardVersion),
  rescore: rescoreProgress.nullable(),
  /** Types of debt in the campaign, the most frequent first. */
  debtTypes: z.array(z.string()),
});
export type ScorecardState = z.infer<typeof scorecardState>;

/** POST /api/v1/campaigns/:id/scorecard/preview */
export const previewBody = z.object({ scorecard });

/** How scores are spread: `counts` of debtors in equal steps from 0 to 1000. */
export const spread = z.object({ counts: z.array(z.number().int()), median: z.number().int() });
export type Spread = z.infer<typeof spread>;

/** A debtor whose place in the queue would change; places count from 1 among those looked at. */
export const mover = z.object({
  partyId: z.uuid(),
  name: z.string(),
  scoreBefore: z.number().int(),
  scoreAfter: z.number().int(),
  placeBefore: z.number().int(),
  placeAfter: z.number().int(),
  reasons: z.array(scoreReason),
});
export type Mover = z.infer<typeof mover>;

/** What a scorecard would change. `looked` of `total` debtors were scored: all, or an even sample where there are many. */
export const scorePreview = z.object({
  total: z.number().int(),
  looked: z.number().int(),
  before: spread,
  after: spread,
  up: z.array(mover),
  down: z.array(mover),
});
export type ScorePreview = z.infer<typeof scorePreview>;

/** PUT /api/v1/campaigns/:id/scorecard: `version` is the one the editor was opened with; a stale one is refused. */
export const saveScorecardBody = z.object({
  scorecard,
  note: z.string().trim().min(1, 'say why').max(500),
  version: z.number().int(),
});
export type SaveScorecardBody = z.infer<typeof saveScorecardBody>;
