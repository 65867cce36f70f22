import { z } from 'zod';
import { abandonBudget } from './abandonment.ts';
import { callable, CAMPAIGN_STATES } from './campaigns.ts';
import { AGENT_STATES, pauseReason } from './desk.ts';

/** Why the pacer says what it says, in one rule. */
export const PACING_RULES = [
  'predictive',
  'ratio',
  'progressive',
  'progressive_floor',
  'cold_start',
  'guard',
  'no_lines',
  'no_leads',
  'no_agents',
  'stale_input',
  'off',
] as const;
export type PacingRule = (typeof PACING_RULES)[number];

/** Why a campaign dials or does not, in one rule and its numbers; the words are the console's. */
export const WHY_RULES = [
  ...PACING_RULES,
  // the host's
  'paused',
  'switch_lost',
  'lease_lost',
  'clock_skew',
  'database_lost',
  'trunk_disarmed',
  'trunk_limit',
  'trunk_full',
  'outside_hours',
] as const;
export type WhyRule = (typeof WHY_RULES)[number];
export const why = z.object({ rule: z.enum(WHY_RULES), dial: z.number().int(), figures: z.record(z.string(), z.number()) });
export type Why = z.infer<typeof why>;

/** One agent on the wallboard. */
export const boardAgent = z.object({
  agentId: z.uuid(),
  displayName: z.string(),
  state: z.enum(AGENT_STATES),
  reason: pauseReason.nullable(),
  since: z.string(),
  able: z.boolean(),
  /** A supervisor, on whom no campaign counts. */
  standsBy: z.boolean(),
  campaignId: z.uuid().nullable(),
});
export type BoardAgent = z.infer<typeof boardAgent>;

/** One campaign on the wallboard. Counts of today are by the database's day in UTC-independent rolling 24 hours. */
export const boardCampaign = z.object({
  id: z.uuid(),
  name: z.string(),
  state: z.enum(CAMPAIGN_STATES),
  inFlight: z.object({
    dialing: z.number().int(),
    ringing: z.number().int(),
    screening: z.number().int(),
    waiting: z.number().int(),
    connected: z.number().int(),
  }),
  day: z.object({
    dialed: z.number().int(),
    answered: z.number().int(),
    connected: z.number().int(),
    abandoned: z.number().int(),
    screened: z.number().int(),
    /** Answered calls that detection judged, and those of them that it left undecided: they count as people. */
    judged: z.number().int(),
    undecided: z.number().int(),
    noAnswer: z.number().int(),
    busy: z.number().int(),
    failed: z.number().int(),
  }),
  /** Callers on the campaign's number: how many wait, since when the first of them, and how many talk with an agent. */
  inbound: z.object({ waiting: z.number().int(), since: z.string().nullable(), talking: z.number().int() }),
  /** Abandoned calls against their cap, by the ledger. */
  budget: abandonBudget,
  /** What is expected of the next 30 s: people who will want an agent, and agents who will be free; null while it does not run, or nobody looked a moment ago. */
  outlook: z.object({ answers: z.number(), agents: z.number() }).nullable(),
  /** Share of the agents' time of the last hour, 0–1, that was talk or wrap-up; null while nobody was at work. */
  utilisation: z.number().nullable(),
  callable,
  why,
});
export type BoardCampaign = z.infer<typeof boardCampaign>;

/** All of a floor's wallboard; sent whole at most once a second. */
export const wallboard = z.object({
  floorId: z.string(),
  at: z.string(),
  switchUp: z.boolean(),
  /** False while no dialer holds the floor. */
  dialerUp: z.boolean(),
  agents: z.array(boardAgent),
  campaigns: z.array(boardCampaign),
});
export type Wallboard = z.infer<typeof wallboard>;
