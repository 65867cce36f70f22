import { z } from 'zod';
import { abandonmentSettings, DEFAULT_ABANDONMENT } from './abandonment.ts';
import { normaliseDigits } from './digits.ts';
import { unverifiedReasons } from './guidance.ts';
import { DEFAULT_INBOUND, inboundSettings } from './inbound.ts';
import { recycling } from './recycling.ts';
import { skillNames } from './skills.ts';

const time = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$/, 'a time of day as HH:MM');

/** Local calling hours, [from, to), of the debtor's own place. Weekday 1 is Monday, 7 Sunday. They can only tighten the law. */
export const callingHours = z
  .object({ days: z.array(z.number().int().min(1).max(7)).min(1), from: time, to: time })
  .refine((window) => window.from < window.to, { message: 'the window ends before it begins', path: ['to'] });
export type CallingHours = z.infer<typeof callingHours>;

const weeklyHours = z
  .array(callingHours)
  .min(1, 'a campaign needs calling hours')
  .superRefine((windows, context) => {
    windows.forEach((a, i) => {
      windows.slice(i + 1).forEach((b, j) => {
        const day = a.days.find((d) => b.days.includes(d));
        if (day !== undefined && a.from < b.to && b.from < a.to) {
          context.addIssue({
            code: 'custom',
            path: [i + 1 + j],
            message: `overlaps ${a.from}–${a.to} on weekday ${day}`,
          });
        }
      });
    });
  });

/** A number in E.164; digits of every script are folded. */
export const e164 = z
  .string()
  .overwrite(normaliseDigits)
  .regex(/^\+[1-9][0-9]{5,14}$/, 'a number in E.164 form, like +966501234567');

export const PACING_MODES = ['progressive', 'ratio', 'predictive'] as const;

/** Everything an admin sets about a campaign. Durations in milliseconds, weights 0–100. */
export const campaignSettings = z
  .object({
    /** Shown to the debtor. Only a demo campaign may do without. */
    callerId: e164.nullable(),
    trunk: z.string().min(1),
    /** ISO 3166 countries that may be called. */
    countries: z.array(z.string().length(2)).min(1, 'name at least one country'),
    hours: weeklyHours,
    caps: z.object({
      personPerDay: z.number().int().min(1),
      personPerWeek: z.number().int().min(1),
      debtPerWeek: z.number().int().min(1),
      minutesBetween: z.number().int().min(1),
    }),
    screening: z.object({ enabled: z.boolean(), machine: z.enum(['hang_up', 'neutral_message']) }),
    ringTimeoutMs: z.number().int().min(5_000).max(120_000),
    minRingMs: z.number().int().min(5_000).max(60_000),
    connectWithinMs: z.number().int().min(500).max(10_000),
    pacing: z.object({
      mode: z.enum(PACING_MODES),
      /** Lines for each idle agent, in mode `ratio`. */
      ratio: z.number().min(1, 'a ratio is at least 1 line').max(15, 'a ratio is at most 15 lines'),
      /** Greatest share of answered calls that may be abandoned. */
      abandonCap: z.number().gt(0, 'an abandonment cap is above 0 %').max(0.05, 'an abandonment cap is at most 5 %'),
      maxLinesPerAgent: z.number().int().min(1).max(15),
      /** With fewer agents on duty, predictive pacing keeps one line for each. */
      minAgentsForPredictive: z.number().int().min(1).max(1_000).default(5),
      agentHoldback: z.number().int().min(0).max(100),
    }),
    /** What is counted of calls that people answer, and how; see `contract/abandonment.ts`. */
    abandonment: abandonmentSettings.default(DEFAULT_ABANDONMENT),
    /** How those are answered who call the caller id; see `contract/inbound.ts`. */
    inbound: inboundSettings.default(DEFAULT_INBOUND),
    wrapUpLimitMs: z.number().int().min(5_000).max(900_000),
    /** For so long after its time a callback promised in person waits for that agent; then anybody may take it. */
    callbackMineMinutes: z.number().int().min(0).max(1_440).default(15),
    /** Agents without all of these cannot log in to it. */
    skills: skillNames.default([]),
    /** When a debtor is tried again, by how the last attempt ended; see `contract/recycling.ts`. */
    recycling,
    /** Share of the trunk when several campaigns compete. */
    weight: z.number().int().min(1).max(100),
  })
  .refine((settings) => settings.ringTimeoutMs >= settings.minRingMs, {
    message: 'the ring time-out is shorter than the minimum ring time',
    path: ['ringTimeoutMs'],
  })
  .refine((settings) => (settings.abandonment.target ?? 0) <= settings.pacing.abandonCap, {
    message: 'the share aimed at is above the cap',
    path: ['abandonment', 'target'],
  });
export type CampaignSettings = z.infer<typeof campaignSettings>;

/** Sensible first values; an admin changes them, the law's packs stay stricter. */
export const DEFAULT_CAMPAIGN_SETTINGS: CampaignSettings = {
  callerId: null,
  trunk: 'main',
  countries: ['SA'],
  hours: [{ days: [1, 2, 3, 4, 7], from: '09:00', to: '18:00' }],
  caps: { personPerDay: 2, personPerWeek: 7, debtPerWeek: 7, minutesBetween: 60 },
  screening: { enabled: true, machine: 'hang_up' },
  ringTimeoutMs: 25_000,
  minRingMs: 15_000,
  connectWithinMs: 2_000,
  pacing: {
    mode: 'progressive',
    ratio: 1.5,
    abandonCap: 0.03,
    maxLinesPerAgent: 5,
    minAgentsForPredictive: 5,
    agentHoldback: 0,
  },
  abandonment: DEFAULT_ABANDONMENT,
  inbound: DEFAULT_INBOUND,
  wrapUpLimitMs: 120_000,
  callbackMineMinutes: 15,
  skills: [],
  recycling: { maxTries: 10, retryMinutes: 240 },
  weight: 10,
};

export const CAMPAIGN_STATES = ['draft', 'running', 'paused', 'ended'] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

const campaignName = z.string().trim().min(1).max(80);

/** Why pacing settings are saved although they broke the abandonment cap on the simulated floor, or were never tried on it. */
const reason = z.string().trim().max(500).optional();

/** POST /api/v1/campaigns */
export const createCampaignBody = z.object({ name: campaignName, settings: campaignSettings, reason });
export type CreateCampaignBody = z.infer<typeof createCampaignBody>;

/** PUT /api/v1/campaigns/:id: `version` is the one the editor was opened with; a stale one is refused. */
export const changeCampaignBody = z.object({
  name: campaignName,
  settings: campaignSettings,
  version: z.number().int(),
  reason,
});
export type ChangeCampaignBody = z.infer<typeof changeCampaignBody>;

const byReason = z.record(z.string(), z.number().int());

/**
 * How a campaign's debtors stood when they were last counted. `now`, `laterToday`, `blocked`, `inFlight` and `done` add up to `total`.
 * Today ends by the clock that most of the debtors live by.
 */
export const callable = z.object({
  total: z.number().int(),
  now: z.number().int(),
  /** Their time comes before the day is over. */
  laterToday: z.number().int(),
  /** Their time comes on another day, or never by itself. */
  blocked: z.number().int(),
  inFlight: z.number().int(),
  done: z.number().int(),
  /** Penetration, of `total`: people tried at least once, those with whom an agent spoke (whoever it was), and right-party contacts. */
  tried: z.number().int().default(0),
  contacted: z.number().int().default(0),
  rightParty: z.number().int().default(0),
  /** The blocked by the reason that binds them, adding up to `blocked`. */
  reasons: byReason,
  /** The finished by what finished them, adding up to `done`. */
  endings: byReason,
  /** Reasons behind which rules of the campaign's places stand that nobody has verified. */
  unverified: unverifiedReasons.default({}),
  /** The time zone of most debtors. */
  zone: z.string(),
  /** Null while nobody has counted. */
  countedAt: z.string().nullable(),
});
export type Callable = z.infer<typeof callable>;

/** One row of GET /api/v1/campaigns, and the answer of its create, change, start and pause. */
export const campaignRow = z.object({
  id: z.uuid(),
  name: z.string(),
  state: z.enum(CAMPAIGN_STATES),
  demo: z.boolean(),
  version: z.number().int(),
  settings: campaignSettings,
  agents: z.number().int(),
  callable,
});
export type CampaignRow = z.infer<typeof campaignRow>;
