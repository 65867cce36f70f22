import type { Kysely } from 'kysely';
import { rulesFor } from '../compliance/catalogue.ts';
import { currentCatalogue } from '../compliance/store.ts';
import type { CampaignSettings } from '../contract/campaigns.ts';
import { asksForTrial, breaksCap } from '../contract/pacing-trial.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record, type HistoryEvent } from '../kernel/history.ts';
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

/**
 * Makes a campaign in draft; it is a demo campaign if its trunk is a demo trunk. Throws the first fault of its settings, `name_taken`,
 * or what stands against its pacing (see `caveatOf`).
 */
export async function createCampaign(
  database: Database,
  campaign: { name: string; settings: CampaignSettings; floorId: string; reason?: string | undefined },
  actor: Actor,
): Promise<Campaign> {
  return database.transaction().execute(async (transaction) => {
    const trunk = await readTrunk(transaction, campaign.settings.trunk);
    const demo = trunk?.kind === 'demo';
    refuseMixing(actor, trunk);
    refuseFirst(await faultsOf(transaction, { ...campaign, id: null, creditorId: null, demo }, trunk));
    const caveat = await caveatOf(transaction, null, campaign);
    const id = await insertCampaign(transaction, { ...campaign, creditorId: null, demo });
    if (id === null) throw nameTaken();
    await record(transaction, [
      ...caveatEvent(caveat, id, actor),
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
 * `campaign_ended`, `name_taken`, what stands against its pacing (see `caveatOf`), or the first fault of the settings; a running
 * campaign must stay fit to run.
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
    const caveat = await caveatOf(transaction, before, change);
    if (!(await updateCampaign(transaction, id, change))) throw nameTaken();
    await record(transaction, [
      ...caveatEvent(caveat, id, actor),
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

/** What the history keeps of pacing that was saved although it broke the cap when it was tried, or although it never was. */
type Caveat =
  | { kind: 'campaign.over_cap'; body: { trialId: string; reason: string; abandonment: string; worstDay: string; cap: string } }
  | { kind: 'campaign.untried'; body: { reason: string } };

/**
 * What is to be said of saving pacing settings; null where they kept the cap in a trial, or need none. Without a reason throws
 * `pacing_not_tried` or `cap_broken_in_trial`.
 */
async function caveatOf(
  transaction: Kysely<Schema>,
  before: Campaign | null,
  { settings, reason = '' }: { settings: CampaignSettings; reason?: string | undefined },
): Promise<Caveat | null> {
  if (!asksForTrial(before?.settings ?? null, settings)) return null;
  const tried = await trialOfSettings(transaction, before?.id ?? null, settings);
  if (tried === null) {
    if (reason !== '') return { kind: 'campaign.untried', body: { reason } };
    throw new Refusal(
      'pacing_not_tried',
      'These pacing settings were not tried: have them tried on a simulated floor, or say why they are saved untried.',
      { field: 'reason', status: 422 },
    );
  }
  if (!breaksCap(tried.result.proposed)) return null;
  const { abandonment, worstDay, cap } = tried.result.proposed;
  if (reason === '') {
    throw new Refusal(
      'cap_broken_in_trial',
      'On the simulated floor these settings abandon more than the cap: say why they are saved.',
      { field: 'reason', status: 422, details: { trialId: tried.id, abandonment, worstDay, cap } },
    );
  }
  const shares = { abandonment: abandonment.toFixed(4), worstDay: worstDay.toFixed(4), cap: cap.toFixed(4) };
  return { kind: 'campaign.over_cap', body: { trialId: tried.id, reason, ...shares } };
}

function caveatEvent(caveat: Caveat | null, campaignId: string, actor: Actor): HistoryEvent[] {
  return caveat === null ? [] : [{ ...caveat, subject: 'campaign', subjectId: campaignId, actor: actor.userId }];
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
