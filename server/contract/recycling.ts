import { z } from 'zod';

/** When and how a debtor is tried again, by how the last attempt ended. The law's gate judges the next call all the same. */

/** Ends of calls that no agent speaks for. */
export const RECYCLED_RESULTS = ['no_answer', 'busy', 'failed', 'screened', 'abandoned', 'cancelled', 'lost'] as const;
export type RecycledResult = (typeof RECYCLED_RESULTS)[number];

/** Outcomes that only make the debtor wait. */
export const RECYCLED_OUTCOMES = ['refused', 'no_contact', 'answering_machine', 'wrap_up_expired', 'agent_lost'] as const;
export type RecycledOutcome = (typeof RECYCLED_OUTCOMES)[number];

export const RECYCLED_ENDINGS = [...RECYCLED_RESULTS, ...RECYCLED_OUTCOMES] as const;
export type RecycledEnding = (typeof RECYCLED_ENDINGS)[number];

/** Which number is next: the one just tried, another one, or the likeliest to be answered, whichever that is. */
export const NEXT_NUMBERS = ['same', 'other', 'best'] as const;
export type NextNumber = (typeof NEXT_NUMBERS)[number];

/** What a campaign asks after one kind of ending; what it leaves out is as usual. */
const recyclingRule = z.object({
  /** How long the debtor waits; after an abandoned call never less than the redial block. */
  minutes: z.number().int().min(1).max(43_200).optional(),
  /** The debtor leaves the queue once so many attempts have ended so. */
  most: z.number().int().min(1).max(50).optional(),
  number: z.enum(NEXT_NUMBERS).optional(),
});

export const recycling = z
  .object({
    /** Attempts in all, however they end. */
    maxTries: z.number().int().min(1).max(50),
    /** The usual wait. */
    retryMinutes: z.number().int().min(1).max(10_080),
    after: z.partialRecord(z.enum(RECYCLED_ENDINGS), recyclingRule).optional(),
  })
  .superRefine(({ maxTries, after = {} }, context) => {
    for (const [ending, { most }] of Object.entries(after)) {
      if (most === undefined || most <= maxTries) continue;
      const message = `no attempt is made after ${maxTries} in all`;
      context.addIssue({ code: 'custom', path: ['after', ending, 'most'], message });
    }
  });
export type Recycling = z.infer<typeof recycling>;

/** How one kind of ending is followed up: `most` null is as many as the campaign makes at all. */
export interface RecyclingRule {
  minutes: number;
  most: number | null;
  number: NextNumber;
}

/** What follows where a campaign says nothing. A busy line and a fault of the network pass soon; who refused is left in peace. */
const USUAL: Readonly<Record<RecycledEnding, { minutes?: number; atMost?: number; number: NextNumber }>> = {
  no_answer: { number: 'other' },
  busy: { atMost: 15, number: 'same' },
  failed: { atMost: 30, number: 'other' },
  screened: { number: 'best' },
  abandoned: { number: 'best' },
  cancelled: { number: 'best' },
  lost: { number: 'best' },
  refused: { minutes: 72 * 60, number: 'best' },
  no_contact: { minutes: 4 * 60, number: 'best' },
  answering_machine: { minutes: 4 * 60, number: 'best' },
  wrap_up_expired: { minutes: 24 * 60, number: 'best' },
  agent_lost: { minutes: 24 * 60, number: 'best' },
};

/** How a campaign follows up an ending: its own words, and as usual where it has none. */
export function recyclingAfter({ retryMinutes, after = {} }: Recycling, ending: RecycledEnding): RecyclingRule {
  const own = after[ending] ?? {};
  const { minutes = retryMinutes, atMost = Infinity, number } = USUAL[ending];
  return { minutes: own.minutes ?? Math.min(minutes, atMost), most: own.most ?? null, number: own.number ?? number };
}
