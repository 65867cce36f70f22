import { closingOf } from '../campaigns/closing.ts';
import { soundOf } from '../campaigns/messages/files.ts';
import { readMessagesInForce } from '../campaigns/messages/store.ts';
import { readAgent } from '../agents/store.ts';
import { takeShare } from '../campaigns/trunks/share.ts';
import { readCampaign, listCampaigns, type Campaign as StoredCampaign } from '../campaigns/store.ts';
import { pacingConfigOf, ruleOf } from '../campaigns/pacing.ts';
import { currentCatalogue } from '../compliance/store.ts';
import type { AnswerRule } from '../contract/abandonment.ts';
import type { PacingConfig } from '../pacing/index.ts';
import { changed, move } from './desks.ts';
import { floorNowMs, tellPacer, type Campaign, type Floor } from './floor.ts';
import { leaving } from './leave.ts';
import { lacking } from './stations.ts';
import { emptyCount, ledgerChanged } from './ledger.ts';
import { openFloorPacer } from './pacer.ts';
import { readPacingMemory } from './pacing-memory.ts';
import { noteRule } from './rule-in-force.ts';
import { createTrunkGate, type TrunkLimits } from './trunk.ts';

/** Reads every campaign of the floor: at the start and every few seconds, since a hint of a change may get lost. */
export async function loadCampaigns(floor: Floor): Promise<void> {
  const stored = await listCampaigns(floor.database);
  const { catalogue } = await currentCatalogue(floor.database);
  for (const campaign of stored) {
    if (campaign.floorId === floor.floorId && (campaign.state !== 'ended' || floor.campaigns.has(campaign.id)))
      await put(floor, campaign, ruleOf(campaign, catalogue));
  }
  await loadMessages(floor);
}

/** Reads one campaign anew; its settings take effect at the next tick. */
export async function reloadCampaign(floor: Floor, id: string): Promise<void> {
  const stored = await readCampaign(floor.database, id);
  if (stored?.floorId === floor.floorId) {
    const { catalogue } = await currentCatalogue(floor.database);
    await put(floor, stored, ruleOf(stored, catalogue));
    await loadMessages(floor);
  }
  for (const desk of floor.desks.values()) {
    for (const served of desk.profile.campaigns) if (served.id === id && stored) served.state = stored.state;
  }
}

/** Reads which recordings of their own campaigns play. */
async function loadMessages(floor: Floor): Promise<void> {
  const inForce = Map.groupBy(await readMessagesInForce(floor.database), (message) => message.campaign_id);
  for (const campaign of floor.campaigns.values()) {
    const own = inForce.get(campaign.id) ?? [];
    campaign.messages = new Map(own.map(({ language, id }) => [language, soundOf(floor.dataDir, id)]));
  }
}

async function put(floor: Floor, stored: StoredCampaign, rule: AnswerRule): Promise<void> {
  const closing = (): number | null => closingOf(stored.settings, floorNowMs(floor));
  const configOf = (closesAt: number | null): PacingConfig => ({
    ...pacingConfigOf(stored.settings, rule),
    // Without hours that end the pacer has a horizon of its own.
    ...(closesAt === null ? {} : { closesAt }),
  });
  const memory = floor.campaigns.has(stored.id) ? null : await readPacingMemory(floor.database, stored.id);
  const known = floor.campaigns.get(stored.id);
  if (known) {
    const sameRule = JSON.stringify(known.rule) === JSON.stringify(rule);
    const isOpen = known.closesAtMs !== null && floorNowMs(floor) < known.closesAtMs;
    const closesAtMs = isOpen && known.version === stored.version ? known.closesAtMs : closing();
    if (known.version === stored.version && known.state === stored.state && sameRule && closesAtMs === known.closesAtMs) return;
    known.closesAtMs = closesAtMs;
    known.version = stored.version;
    known.name = stored.name;
    known.state = stored.state;
    known.settings = stored.settings;
    known.startedAt = stored.startedAt;
    if (!sameRule) {
      // Written first: whatever is dialed from here on is judged by it, also by a successor.
      await noteRule(floor.database, known.id, rule);
      known.rule = rule;
      ledgerChanged(floor, known.id);
    }
    known.dryUntilMs = 0;
    tellPacer(floor, known.id, { type: 'config', config: configOf(closesAtMs) });
    return;
  }
  const closesAtMs = closing();
  await noteRule(floor.database, stored.id, rule);
  floor.campaigns.set(stored.id, {
    id: stored.id,
    version: stored.version,
    name: stored.name,
    state: stored.state,
    demo: stored.demo,
    settings: stored.settings,
    pacer: openFloorPacer(floor, stored.id, configOf(closesAtMs), memory),
    turn: 0,
    launching: false,
    dryUntilMs: 0,
    lacksSpeakers: false,
    spoken: new Set(),
    databaseLost: false,
    why: { rule: 'paused', dial: 0, figures: {} },
    rule,
    closesAtMs,
    startedAt: stored.startedAt,
    messages: new Map(),
    count: emptyCount(),
    ahead: null,
    line: [],
    inboundLine: [],
    reserves: false,
  } satisfies Campaign);
}

/**
 * Reads anew whom agents on duty may serve, what they speak and can do. Who was taken off their campaign, lacks a skill that it asks for by
 * now, was disabled, or whose campaign has ended, is logged out once the call at hand is done.
 */
export async function refreshDesks(floor: Floor): Promise<void> {
  await refreshStandBys(floor);
  const onDuty = [...floor.desks.values()].filter((desk) => desk.work.state !== 'offline' && !desk.profile.standsBy);
  if (onDuty.length === 0) return;
  const rows = await floor.database
    .selectFrom('campaign_agent')
    .innerJoin('campaign', 'campaign.id', 'campaign_agent.campaign_id')
    .innerJoin('app_user', 'app_user.id', 'campaign_agent.user_id')
    .select(['app_user.id as agentId', 'app_user.languages', 'app_user.skills'])
    .select(['campaign.id', 'campaign.name', 'campaign.state'])
    .where(
      'app_user.id',
      'in',
      onDuty.map((desk) => desk.agentId),
    )
    .where('app_user.disabled_at', 'is', null)
    .where('campaign.state', '!=', 'ended')
    .orderBy('campaign.name')
    .execute();
  for (const desk of onDuty) {
    if (desk.work.state === 'offline') continue;
    const own = rows.filter((row) => row.agentId === desk.agentId);
    const served = own.map(({ id, name, state }) => ({ id, name, state }));
    const isNew = JSON.stringify(served) !== JSON.stringify(desk.profile.campaigns);
    const { languages, skills } = own[0] ?? desk.profile;
    desk.profile = { ...desk.profile, languages, skills, campaigns: served };
    const fits = desk.campaignId === null || lacking(floor, desk, desk.campaignId).length === 0;
    const serves = fits && served.some((campaign) => campaign.id === desk.campaignId);
    const leaves = !serves && !desk.work.logOutAfterCall && move(floor, desk, leaving(floor, desk, { type: 'log_out' }));
    if (isNew || leaves) changed(floor, desk);
  }
}

/** Supervisors who stand by serve no campaign, and are few: whether they still are supervisors is asked for each. */
async function refreshStandBys(floor: Floor): Promise<void> {
  for (const desk of floor.desks.values()) {
    if (!desk.profile.standsBy || desk.work.state === 'offline' || desk.work.logOutAfterCall) continue;
    const profile = await readAgent(floor.database, desk.agentId);
    if (profile?.standsBy !== true && move(floor, desk, { type: 'log_out' })) changed(floor, desk);
  }
}

/** Reads the trunks and whether they are armed, and takes this floor's part of each. */
export async function reloadTrunks(floor: Floor): Promise<void> {
  const rows = await floor.database
    .selectFrom('trunk')
    .select(['name', 'kind', 'armed', 'channel_limit', 'calls_per_second'])
    .execute();
  for (const row of rows) {
    const { name, kind, armed } = row;
    const known = floor.trunks.get(name);
    // Switched off before anything is waited for.
    if (known) known.limits = { ...known.limits, kind, armed };
    const whole = { channels: row.channel_limit, callsPerSecond: Number(row.calls_per_second) };
    const asking = { floorId: floor.floorId, wants: armed && isDialedOn(floor, name), inUse: known?.inUse() ?? 0 };
    const share = await takeShare(floor.database, { name, ...whole }, asking);
    const limits: TrunkLimits = {
      name,
      kind,
      armed,
      // Calls without a rate of their own are none.
      channelLimit: share.callsPerSecond > 0 ? share.channels : 0,
      callsPerSecond: share.callsPerSecond > 0 ? share.callsPerSecond : whole.callsPerSecond,
    };
    if (known) known.limits = limits;
    else floor.trunks.set(row.name, createTrunkGate(limits, floor.clock));
  }
}

/** Whether a campaign that runs here dials on this trunk. */
function isDialedOn(floor: Floor, trunk: string): boolean {
  return [...floor.campaigns.values()].some(({ state, settings }) => state === 'running' && settings.trunk === trunk);
}

/** Writes down what each pacer has learnt. Whom it knows by number is told to be gone when a successor goes on from there. */
export function rememberPacing(floor: Floor): void {
  for (const campaign of floor.campaigns.values()) {
    // Only predictive pacing learns.
    if (campaign.state !== 'running' || campaign.settings.pacing.mode !== 'predictive') continue;
    const calls = [...floor.calls.values()].filter((call) => call.campaignId === campaign.id).map((call) => call.pacingId);
    const agents = [...floor.desks.values()]
      .filter((desk) => desk.inLineFor === campaign.id || desk.busyFor === campaign.id)
      .map((desk) => desk.pacingId);
    campaign.pacer.remember({ calls, agents });
  }
}
