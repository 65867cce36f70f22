import { z } from 'zod';

/** Over what the share of abandoned calls is counted, the loosest first. `campaign30d`: the campaign, in periods of thirty days. */
export const ABANDON_WINDOWS = ['campaign30d', 'day', 'rolling24h'] as const;
export type AbandonWindow = (typeof ABANDON_WINDOWS)[number];

/** From when a person may wait for an agent, the loosest first. */
export const CLOCK_STARTS = ['greeting_end', 'greeting_start', 'connect'] as const;
export type ClockStart = (typeof CLOCK_STARTS)[number];

/** What a campaign says about abandoned calls beside cap, time to connect and minimum ring time. */
export const abandonmentSettings = z.object({
  window: z.enum(ABANDON_WINDOWS),
  clockStart: z.enum(CLOCK_STARTS),
  /** The share that pacing aims at; null: its own choice below the cap. */
  target: z.number().gt(0).max(0.05).nullable(),
  /** For so long a number that was abandoned is dialed only with an agent held for it. */
  redialBlockHours: z.number().int().min(0).max(720),
  /** A person taken for a machine and hung up on is a nuisance call: whether it counts as abandoned. */
  countPeopleTakenForMachines: z.boolean(),
  /** A key ends all calls to the number while the safe-harbour message speaks, also where no law asks for it. */
  offerOptOutKey: z.boolean().default(false),
});

export const DEFAULT_ABANDONMENT: z.infer<typeof abandonmentSettings> = {
  window: 'rolling24h',
  clockStart: 'greeting_end',
  target: null,
  redialBlockHours: 72,
  countPeopleTakenForMachines: true,
  offerOptOutKey: false,
};

/** The rule that an answered call is held against: the campaign's, tightened by the law of every country it calls. */
export const answerRule = z.object({
  window: z.enum(ABANDON_WINDOWS),
  cap: z.number(),
  clockStart: z.enum(CLOCK_STARTS),
  connectWithinMs: z.number(),
  minRingMs: z.number(),
  redialBlockHours: z.number(),
  countPeopleTakenForMachines: z.boolean(),
  optOutKey: z.boolean().default(false),
});
export type AnswerRule = z.infer<typeof answerRule>;

/** What became of an answered call, in one word. */
export const LEDGER_CAUSES = [
  'agent',
  'agent_late',
  'left_early',
  'left_late',
  'machine',
  'no_agent_in_time',
  'agent_leg_failed',
  'no_application',
  'hung_up_unserved',
  'cut_without_message',
  'switch_lost',
  'inbound',
] as const;
export type LedgerCause = (typeof LEDGER_CAUSES)[number];

/** How a campaign stands in its window: what counts, how many may be abandoned for as many as answered, and when that is used up. */
export const abandonBudget = z.object({
  window: z.enum(ABANDON_WINDOWS),
  cap: z.number(),
  answered: z.number().int(),
  abandoned: z.number().int(),
  allowed: z.number().int(),
  /** When the allowance is used up at the rate of the last hour; null: not in sight. */
  reachedAt: z.iso.datetime().nullable(),
});
export type AbandonBudget = z.infer<typeof abandonBudget>;
