import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import { rulesFor } from '../compliance/catalogue.ts';
import { currentCatalogue } from '../compliance/store.ts';
import type { CampaignSettings } from '../contract/campaigns.ts';
import { pacedSettingsOf } from '../contract/pacing-trial.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import { enqueue } from '../kernel/outbox.ts';
import type { Schema } from '../kernel/schema.ts';
import { afterMove, faultsOfSettings, faultsOfStart, type CampaignMove, type Fault, type TrunkFacts } from './rules.ts';
import { insertCampaign, lockCampaign, readCampaign, updateCampaign, writeState, type Campaign } from './store.ts';
import { trialOfSettings } from './trials.ts';
import { readTrunk } from './trunks/store.ts';

/** Who asks: accounts of the demo touch nothing real. */
export interface Actor {
  userId: string;
  demo: boolean;
}

/** Makes a campaign in draft; it is a demo campaign if its trunk is a demo trunk. Throws the first fault of its settings, or `name_taken`. */
export async function createCampaign(
  database: Database,
  campaign: { name: string; settings: CampaignSettings; floorId: string },
  actor: Actor,
): Promise<Campaign> {
  return database.transaction().execute(async (transaction) => {
    const trunk = await readTrunk(transaction, campaign.settings.trunk);
    const demo = trunk?.kind === 'demo';
    refuseMixing(actor, trunk);
    refuseFirst(await faultsOf(transaction, { ...campaign, id: null, creditorId: null, demo }, trunk));
    const id = await insertCampaign(transaction, { ...campaign, creditorId: null, demo });
    if (id === null) throw nameTaken();
    await record(transaction, [
      {
        kind: 'campaign.created',
        subject: 'campaign',
        subjectId: id,
        actor: actor.userId,
        body: { settings: campaign.settings },
      },
    ]);
    return orUnknown(await readCampaign(transaction, id));
  });
}

/**
 * Changes a campaign's name and settings. Throws `stale_version` when somebody changed it since the editor was opened,
 * `campaign_ended`, `name_taken`, `cap_broken_in_trial` (settings that abandoned too many on the simulated floor, without a reason), or the first fault of the settings; a running campaign must stay fit to run.
 */
export async function changeCampaign(
  database: Database,
  id: string,
  change: { name: string; settings: CampaignSettings; version: number; reason?: string | undefined },
  actor: Actor,
): Promise<Campaign> {
  return database.transaction().execute(async (transaction) => {
    const before = orUnknown(await lockCampaign(transaction, id));
    refuseReal(actor, before);
    if (before.state === 'ended') throw new Refusal('campaign_ended', 'This campaign has ended.', { status: 409 });
    if (before.version !== change.version) {
      throw new Refusal('stale_version', 'Somebody else changed this campaign meanwhile: look at it anew.', {
        field: 'version',
        status: 409,
        details: { version: before.version },
      });
    }
    const trunk = await readTrunk(transaction, change.settings.trunk);
    refuseMixing(actor, trunk);
    refuseFirst([
      ...(await faultsOf(transaction, { ...before, settings: change.settings }, trunk)),
      ...(before.state === 'running' ? faultsOfStart(change.settings, { demo: before.demo, trunk }) : []),
    ]);
    const overCap = await overCapOf(transaction, before, change);
    if (!(await updateCampaign(transaction, id, change))) throw nameTaken();
    await record(transaction, [
      ...(overCap === null
        ? []
        : [{ kind: 'campaign.over_cap', subject: 'campaign', subjectId: id, actor: actor.userId, body: overCap }]),
      { kind: 'campaign.changed', subject: 'campaign', subjectId: id, actor: actor.userId, body: { settings: change.settings } },
    ]);
    const after = orUnknown(await readCampaign(transaction, id));
    await enqueue(transaction, 'campaign.requeue', `campaign.requeue:${id}:${after.version}`, { campaignId: id });
    return after;
  });
}

/** Starts, pauses or ends a campaign. Throws `not_allowed_now`, or by name what keeps it from starting. */
export async function moveCampaign(database: Database, id: string, move: CampaignMove, actor: Actor): Promise<Campaign> {
  return database.transaction().execute(async (transaction) => {
    const before = orUnknown(await lockCampaign(transaction, id));
    const state = afterMove(before.state, move);
    if (state === null) {
      throw new Refusal('not_allowed_now', `A campaign that is ${before.state} cannot ${move}.`, {
        field: 'state',
        status: 409,
        details: { state: before.state },
      });
    }
    // Anybody who oversees may stop dialing.
    if (move !== 'pause') refuseReal(actor, before);
    if (move === 'start') await refuseUnfit(transaction, before);
    await writeState(transaction, id, state);
    await record(transaction, [
      { kind: `campaign.${state}`, subject: 'campaign', subjectId: id, actor: actor.userId, body: { from: before.state } },
    ]);
    return orUnknown(await readCampaign(transaction, id));
  });
}

/** What the history keeps of saving settings that broke the cap when they were tried; null where they did not, or were there before. */
async function overCapOf(
  transaction: Kysely<Schema>,
  before: Campaign,
  { settings, reason = '' }: { settings: CampaignSettings; reason?: string | undefined },
): Promise<{ trialId: string; reason: string; abandonment: string; cap: string } | null> {
  if (isDeepStrictEqual(pacedSettingsOf(before.settings), pacedSettingsOf(settings))) return null;
  const tried = await trialOfSettings(transaction, before.id, settings);
  if (!tried?.result.breaksCap) return null;
  const { abandonment, cap } = tried.result.proposed;
  if (reason === '') {
    throw new Refusal(
      'cap_broken_in_trial',
      'On the simulated floor these settings abandon more than the cap: say why they are saved.',
      {
        field: 'reason',
        status: 422,
        details: { trialId: tried.id, abandonment, cap },
      },
    );
  }
  return { trialId: tried.id, reason, abandonment: abandonment.toFixed(4), cap: cap.toFixed(4) };
}

async function refuseUnfit(transaction: Kysely<Schema>, campaign: Campaign): Promise<void> {
  const trunk = await readTrunk(transaction, campaign.settings.trunk);
  refuseFirst([
    ...(await faultsOf(transaction, campaign, trunk)),
    ...faultsOfStart(campaign.settings, { demo: campaign.demo, trunk }),
  ]);
}

async function faultsOf(
  transaction: Kysely<Schema>,
  campaign: { id: string | null; creditorId: string | null; settings: CampaignSettings; demo: boolean },
  trunk: TrunkFacts | null,
): Promise<Fault[]> {
  const { catalogue } = await currentCatalogue(transaction);
  const { id, creditorId, settings, demo } = campaign;
  const behalf = { creditorIds: creditorId === null ? [] : [creditorId], campaignId: id };
  return faultsOfSettings(settings, { demo, trunk, rulesOf: (country) => rulesFor(catalogue, [country], [], behalf) });
}

/** Throws `demo_and_real` when an account of the demo reaches for a real trunk. */
export function refuseMixing(actor: Actor, trunk: TrunkFacts | null): void {
  if (actor.demo && trunk?.kind === 'real') throw demoAndReal();
}

/** Throws `demo_and_real` when an account of the demo reaches for a real campaign. */
export function refuseReal(actor: Actor, campaign: { demo: boolean }): void {
  if (actor.demo && !campaign.demo) throw demoAndReal();
}

function demoAndReal(): Refusal {
  return new Refusal('demo_and_real', 'Accounts of the demo touch nothing real: sign in with an account of your own.', {
    field: 'settings.trunk',
    status: 403,
  });
}

function refuseFirst(faults: readonly Fault[]): void {
  const first = faults[0];
  if (first) throw new Refusal(first.code, first.message, { field: first.field, status: 422, details: { faults } });
}

function orUnknown(campaign: Campaign | null): Campaign {
  if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'id', status: 404 });
  return campaign;
}

function nameTaken(): Refusal {
  return new Refusal('name_taken', 'Another campaign has this name.', { field: 'name', status: 409 });
}
