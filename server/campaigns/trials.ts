import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import type { CampaignSettings } from '../contract/campaigns.ts';
import {
  pacedSettingsOf,
  trialResult,
  type PacedSettings,
  type PacingTrial,
  type TrialResult,
} from '../contract/pacing-trial.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { enqueue } from '../kernel/outbox.ts';
import type { Schema } from '../kernel/schema.ts';
import { refuseMixing, refuseReal, type Actor } from './lifecycle.ts';
import { readCampaign } from './store.ts';
import { readTrunk } from './trunks/store.ts';

const COLUMNS = ['id', 'state', 'progress', 'result'] as const;

function trialOf(row: { id: string; state: PacingTrial['state']; progress: number; result: unknown }): PacingTrial {
  const { id, state, progress, result } = row;
  return { id, state, progress, result: result === null ? null : trialResult.parse(result) };
}

/** Trials are of the campaign's last days: after so many more they say little of its floor. */
const COUNTS_FOR_DAYS = 7;

/**
 * Asks for a trial of settings beside the present ones, or beside one line for each agent where the campaign is still to be made
 * (`campaignId` null); the worker plays it. An earlier one of the same person is cancelled.
 */
export async function askForTrial(
  database: Database,
  campaignId: string | null,
  settings: CampaignSettings,
  actor: Actor,
): Promise<PacingTrial> {
  return database.transaction().execute(async (transaction) => {
    const present = await presentOf(transaction, campaignId, { settings, actor });
    await transaction
      .updateTable('pacing_trial')
      .set({ state: 'cancelled', ended_at: Temporal.Now.instant().toString() })
      .where('campaign_id', 'is not distinct from', campaignId)
      .where('asked_by', '=', actor.userId)
      .where('state', 'in', ['queued', 'running'])
      .execute();
    const row = await transaction
      .insertInto('pacing_trial')
      .values({
        campaign_id: campaignId,
        asked_by: actor.userId,
        present: JSON.stringify(pacedSettingsOf(present)),
        proposed: JSON.stringify(pacedSettingsOf(settings)),
      })
      .returning(COLUMNS)
      .executeTakeFirstOrThrow();
    await enqueue(transaction, 'pacing.trial', `pacing.trial:${row.id}`, { trialId: row.id });
    return trialOf(row);
  });
}

/** The settings that proposed ones are played beside. Throws `unknown_campaign`, or `demo_and_real`. */
async function presentOf(
  transaction: Kysely<Schema>,
  campaignId: string | null,
  { settings, actor }: { settings: CampaignSettings; actor: Actor },
): Promise<CampaignSettings> {
  if (campaignId === null) {
    refuseMixing(actor, await readTrunk(transaction, settings.trunk));
    return { ...settings, pacing: { ...settings.pacing, mode: 'progressive' } };
  }
  const campaign = await readCampaign(transaction, campaignId);
  if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'id', status: 404 });
  refuseReal(actor, campaign);
  return campaign.settings;
}

/** A trial of a campaign, or (null) of one still to be made; throws `unknown_trial`. */
export async function readTrial(database: Database, campaignId: string | null, trialId: string): Promise<PacingTrial> {
  const row = await database
    .selectFrom('pacing_trial')
    .select(COLUMNS)
    .where('id', '=', trialId)
    .where('campaign_id', 'is not distinct from', campaignId)
    .executeTakeFirst();
  if (!row) throw new Refusal('unknown_trial', 'There is no such trial.', { field: 'trialId', status: 404 });
  return trialOf(row);
}

/** Ends a trial that is not over; one that is stays as it is. */
export async function cancelTrial(database: Database, campaignId: string | null, trialId: string): Promise<PacingTrial> {
  await database
    .updateTable('pacing_trial')
    .set({ state: 'cancelled', ended_at: Temporal.Now.instant().toString() })
    .where('id', '=', trialId)
    .where('campaign_id', 'is not distinct from', campaignId)
    .where('state', 'in', ['queued', 'running'])
    .execute();
  return readTrial(database, campaignId, trialId);
}

const pacedSettings: z.ZodType<PacedSettings> = z.custom<PacedSettings>((value) => typeof value === 'object' && value !== null);

/** What the worker plays, marked as running; null when it is over or was cancelled. */
export async function takeTrial(
  database: Database,
  trialId: string,
): Promise<{ campaignId: string | null; present: PacedSettings; proposed: PacedSettings } | null> {
  const row = await database
    .updateTable('pacing_trial')
    .set({ state: 'running', progress: 0 })
    .where('id', '=', trialId)
    .where('state', 'in', ['queued', 'running'])
    .returning(['campaign_id', 'present', 'proposed'])
    .executeTakeFirst();
  if (!row) return null;
  const { campaign_id: campaignId, present, proposed } = row;
  return { campaignId, present: pacedSettings.parse(present), proposed: pacedSettings.parse(proposed) };
}

/** Notes how far a trial is; false once it was cancelled. */
export async function noteTrial(database: Database, trialId: string, progress: number): Promise<boolean> {
  const row = await database
    .updateTable('pacing_trial')
    .set({ progress })
    .where('id', '=', trialId)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return row.numUpdatedRows > 0n;
}

/** Writes what a trial came to, or with null that it failed. */
export async function endTrial(database: Database, trialId: string, result: TrialResult | null): Promise<void> {
  await database
    .updateTable('pacing_trial')
    .set({
      state: result === null ? 'failed' : 'done',
      progress: 1,
      result: result === null ? null : JSON.stringify(result),
      ended_at: Temporal.Now.instant().toString(),
    })
    .where('id', '=', trialId)
    .where('state', 'in', ['queued', 'running'])
    .execute();
}

/**
 * The newest finished trial of exactly these settings in the last days, whoever asked for it; null when they were not tried on this
 * campaign (null: before it was made).
 */
export async function trialOfSettings(
  transaction: Kysely<Schema>,
  campaignId: string | null,
  settings: CampaignSettings,
): Promise<{ id: string; result: TrialResult } | null> {
  const row = await transaction
    .selectFrom('pacing_trial')
    .select(['id', 'result'])
    .where('campaign_id', 'is not distinct from', campaignId)
    .where('state', '=', 'done')
    .where('asked_at', '>', sql<Temporal.Instant>`clock_timestamp() - make_interval(days => ${COUNTS_FOR_DAYS})`)
    .where('proposed', '=', JSON.stringify(pacedSettingsOf(settings)))
    .orderBy('asked_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? { id: row.id, result: trialResult.parse(row.result) } : null;
}
