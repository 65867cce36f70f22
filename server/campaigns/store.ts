import { sql, type Kysely } from 'kysely';
import { campaignSettings, type CampaignSettings, type CampaignState } from '../contract/campaigns.ts';
import type { Schema } from '../kernel/schema.ts';

type Store = Kysely<Schema>;

/** A campaign as stored. */
export interface Campaign {
  id: string;
  name: string;
  floorId: string;
  creditorId: string | null;
  state: CampaignState;
  settings: CampaignSettings;
  version: number;
  demo: boolean;
  /** Its first start; until then, when it was made. */
  startedAt: Temporal.Instant;
}

const COLUMNS = [
  'id',
  'name',
  'floor_id',
  'creditor_id',
  'state',
  'settings',
  'version',
  'demo',
  'created_at',
  'started_at',
] as const;

interface CampaignColumns {
  id: string;
  name: string;
  floor_id: string;
  creditor_id: string | null;
  state: CampaignState;
  settings: unknown;
  version: number;
  demo: boolean;
  created_at: Temporal.Instant;
  started_at: Temporal.Instant | null;
}

function campaignOf(row: CampaignColumns): Campaign {
  return {
    id: row.id,
    name: row.name,
    floorId: row.floor_id,
    creditorId: row.creditor_id,
    state: row.state,
    settings: campaignSettings.parse(row.settings),
    version: row.version,
    demo: row.demo,
    startedAt: row.started_at ?? row.created_at,
  };
}

/**
 * Every campaign: running first, then by name; each with the number of agents who may serve it. One whose settings cannot be read
 * is left out and told to `onUnreadable`: it must not take the others with it.
 */
export async function listCampaigns(
  database: Store,
  onUnreadable: (campaignId: string) => void = () => undefined,
): Promise<(Campaign & { agents: number })[]> {
  const rows = await database
    .selectFrom('campaign')
    .select(COLUMNS)
    .select((eb) =>
      eb
        .selectFrom('campaign_agent')
        .whereRef('campaign_agent.campaign_id', '=', 'campaign.id')
        .select(sql<number>`count(*)::int`.as('count'))
        .as('agents'),
    )
    .orderBy(sql`array_position(array['running', 'paused', 'draft', 'ended'], state)`)
    .orderBy('name')
    .execute();
  return rows.flatMap((row) => {
    if (campaignSettings.safeParse(row.settings).success) return [{ ...campaignOf(row), agents: row.agents ?? 0 }];
    onUnreadable(row.id);
    return [];
  });
}

/** One campaign, or null. */
export async function readCampaign(database: Store, id: string): Promise<Campaign | null> {
  const row = await database.selectFrom('campaign').select(COLUMNS).where('id', '=', id).executeTakeFirst();
  return row ? campaignOf(row) : null;
}

/** One campaign with its row locked until the transaction ends, or null. */
export async function lockCampaign(transaction: Store, id: string): Promise<Campaign | null> {
  const row = await transaction.selectFrom('campaign').select(COLUMNS).where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? campaignOf(row) : null;
}

/** Finds a campaign by its name, or null. */
export async function findCampaign(database: Store, name: string): Promise<Campaign | null> {
  const row = await database.selectFrom('campaign').select(COLUMNS).where('name', '=', name).executeTakeFirst();
  return row ? campaignOf(row) : null;
}

/** Writes a new campaign in draft and returns its id, or null when the name is taken. */
export async function insertCampaign(
  database: Store,
  campaign: { name: string; floorId: string; creditorId: string | null; settings: CampaignSettings; demo: boolean },
): Promise<string | null> {
  const row = await database
    .insertInto('campaign')
    .values({
      name: campaign.name,
      floor_id: campaign.floorId,
      creditor_id: campaign.creditorId,
      settings: JSON.stringify(campaign.settings),
      demo: campaign.demo,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Writes name and settings and raises the version. False when another campaign has the name. */
export async function updateCampaign(
  database: Store,
  id: string,
  change: { name: string; settings: CampaignSettings },
): Promise<boolean> {
  const taken = await database
    .selectFrom('campaign')
    .select('id')
    .where('name', '=', change.name)
    .where('id', '!=', id)
    .executeTakeFirst();
  if (taken) return false;
  await database
    .updateTable('campaign')
    .set((eb) => ({ name: change.name, settings: JSON.stringify(change.settings), version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .execute();
  return true;
}

/** Writes a campaign's state and raises the version; the first start is kept. */
export async function writeState(database: Store, id: string, state: CampaignState): Promise<void> {
  await database
    .updateTable('campaign')
    .set((eb) => ({
      state,
      version: eb('version', '+', 1),
      ...(state === 'running' ? { started_at: sql<string>`coalesce(started_at, clock_timestamp())` } : {}),
    }))
    .where('id', '=', id)
    .execute();
}

/** Which users may serve a campaign, by display name. */
export async function readAgents(database: Store, campaignId: string): Promise<string[]> {
  const rows = await database
    .selectFrom('campaign_agent')
    .innerJoin('app_user', 'app_user.id', 'campaign_agent.user_id')
    .select('campaign_agent.user_id')
    .where('campaign_agent.campaign_id', '=', campaignId)
    .orderBy('app_user.display_name')
    .execute();
  return rows.map((row) => row.user_id);
}

/** Makes exactly these users the agents of a campaign. */
export async function writeAgents(database: Store, campaignId: string, userIds: readonly string[]): Promise<void> {
  await database.deleteFrom('campaign_agent').where('campaign_id', '=', campaignId).execute();
  if (userIds.length === 0) return;
  await database
    .insertInto('campaign_agent')
    .values(userIds.map((user_id) => ({ campaign_id: campaignId, user_id })))
    .execute();
}

/** Makes exactly these campaigns the ones a user may serve. */
export async function writeCampaignsOf(database: Store, userId: string, campaignIds: readonly string[]): Promise<void> {
  await database.deleteFrom('campaign_agent').where('user_id', '=', userId).execute();
  if (campaignIds.length === 0) return;
  await database
    .insertInto('campaign_agent')
    .values(campaignIds.map((campaign_id) => ({ campaign_id, user_id: userId })))
    .execute();
}

/** Lets debts be worked in a campaign; those that are stay. */
export async function addDebts(database: Store, campaignId: string, debtIds: readonly string[]): Promise<void> {
  await sql`insert into campaign_debt (campaign_id, debt_id)
    select ${campaignId}, id from unnest(${debtIds}::uuid[]) as given (id)
    on conflict do nothing`.execute(database);
}

/** What an assignment needs to know of users: role, whether disabled, whether of the demo. */
export function readAssignees(
  database: Store,
  userIds: readonly string[],
): Promise<{ id: string; role: string; disabled_at: Temporal.Instant | null; demo: boolean }[]> {
  if (userIds.length === 0) return Promise.resolve([]);
  return database.selectFrom('app_user').select(['id', 'role', 'disabled_at', 'demo']).where('id', 'in', userIds).execute();
}

/** What an assignment needs to know of campaigns. */
export function readAssignments(
  database: Store,
  campaignIds: readonly string[],
): Promise<{ id: string; state: CampaignState; demo: boolean }[]> {
  if (campaignIds.length === 0) return Promise.resolve([]);
  return database.selectFrom('campaign').select(['id', 'state', 'demo']).where('id', 'in', campaignIds).execute();
}
