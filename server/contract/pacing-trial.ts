import { z } from 'zod';
import { campaignSettings, type CampaignSettings } from './campaigns.ts';

/** POST /api/v1/campaigns/:id/pacing/trials, and /api/v1/pacing/trials for a campaign still to be made: the settings as they would be saved. */
export const pacingTrialBody = z.object({ settings: campaignSettings });

/** What of a campaign's settings decides how it is paced: its own, the law of its countries, and the lines of its trunk. */
export type PacedSettings = Pick<
  CampaignSettings,
  'pacing' | 'abandonment' | 'screening' | 'connectWithinMs' | 'minRingMs' | 'ringTimeoutMs' | 'countries' | 'trunk'
>;

/** Picks what decides the pacing, in an order of its own, so that equal settings are equal. */
export function pacedSettingsOf(settings: CampaignSettings): PacedSettings {
  const { pacing, abandonment, screening, connectWithinMs, minRingMs, ringTimeoutMs, countries, trunk } = settings;
  return { pacing, abandonment, screening, connectWithinMs, minRingMs, ringTimeoutMs, countries, trunk };
}

/**
 * Whether saving settings asks for a trial of them first: their pacing is not as it was (`before` null: a new campaign), and it dials
 * for more than the agents who are free. One line for each free agent leaves nobody waiting, on a simulated floor or a real one.
 */
export function asksForTrial(before: CampaignSettings | null, settings: CampaignSettings): boolean {
  if (settings.pacing.mode === 'progressive') return false;
  return before === null || JSON.stringify(pacedSettingsOf(before)) !== JSON.stringify(pacedSettingsOf(settings));
}

/** Whether settings abandoned more than their cap allows, on all days together or on the worst of them. */
export function breaksCap({ abandonment, worstDay, cap }: TrialOutcome): boolean {
  return Math.max(abandonment, worstDay) > cap;
}

/** What settings come to on the simulated floor; shares 0–1. */
export const trialOutcome = z.object({
  utilisation: z.number(),
  /** Of all days together. */
  abandonment: z.number(),
  worstDay: z.number(),
  worstHour: z.number(),
  dialsPerConversation: z.number(),
  cap: z.number(),
});
export type TrialOutcome = z.infer<typeof trialOutcome>;

/** The floor that both were tried on: fitted to the campaign's own calls, or the public one most like it. */
export const trialFloor = z.object({
  kind: z.enum(['own', 'public']),
  /** The public floor's name. */
  name: z.string().nullable(),
  agents: z.number().int(),
  /** Chance that a dial reaches a person, of a floor where it changes the mean. */
  answerProbability: z.number(),
  /** Of the campaign's own calls, how many were looked at. */
  calls: z.number().int(),
  days: z.number().int(),
  hours: z.number(),
});
export type TrialFloor = z.infer<typeof trialFloor>;

export const trialResult = z.object({
  floor: trialFloor,
  present: trialOutcome,
  proposed: trialOutcome,
  /** The proposed settings abandon more than their own cap, on the worst day at the latest: saving them needs a reason. */
  breaksCap: z.boolean(),
});
export type TrialResult = z.infer<typeof trialResult>;

export const TRIAL_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

/** GET /api/v1/campaigns/:id/pacing/trials/:trialId (or without the campaign), and the answer of asking for a trial and of cancelling it. */
export const pacingTrial = z.object({
  id: z.uuid(),
  state: z.enum(TRIAL_STATES),
  /** The share that is played, 0–1. */
  progress: z.number(),
  result: trialResult.nullable(),
});
export type PacingTrial = z.infer<typeof pacingTrial>;
