import type { Kysely } from 'kysely';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { refuseReal, type Actor } from './lifecycle.ts';
import { lockCampaign, readAgents, readAssignees, readAssignments, writeAgents, writeCampaignsOf } from './store.ts';

/**
 * Makes exactly these users the agents of a campaign; resolves to those whom it concerns, come or gone. Throws
 * `unknown_campaign`, `unknown_user`, `not_an_agent`, `demo_and_real`.
 */
export async function setAgents(
  database: Database,
  campaignId: string,
  userIds: readonly string[],
  actor: Actor,
): Promise<string[]> {
  return database.transaction().execute(async (transaction) => {
    const campaign = await lockCampaign(transaction, campaignId);
    if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'id', status: 404 });
    refuseReal(actor, campaign);
    const before = new Set(await readAgents(transaction, campaignId));
    const after = new Set(userIds);
    const known = new Map((await readAssignees(transaction, userIds)).map((user) => [user.id, user]));
    userIds.forEach((id, index) => {
      const user = known.get(id);
      const field = `userIds.${index}`;
      if (!user || user.disabled_at !== null) throw new Refusal('unknown_user', 'There is no such user.', { field, status: 422 });
      if (user.role !== 'agent') throw new Refusal('not_an_agent', 'Only agents take calls.', { field, status: 422 });
      if (user.demo && !campaign.demo) throw demoServesReal(field);
    });
    await writeAgents(transaction, campaignId, [...after]);
    await record(transaction, [
      {
        kind: 'campaign.agents',
        subject: 'campaign',
        subjectId: campaignId,
        actor: actor.userId,
        body: { userIds: [...userIds] },
      },
    ]);
    return [...before.symmetricDifference(after)];
  });
}

/** Makes exactly these campaigns the ones a user may serve, in the caller's transaction. Throws as `setAgents` does. */
export async function setCampaignsOf(
  transaction: Kysely<Schema>,
  user: { id: string; role: string; demo: boolean },
  campaignIds: readonly string[],
  actor: string,
): Promise<void> {
  if (campaignIds.length > 0 && user.role !== 'agent') {
    throw new Refusal('not_an_agent', 'Only agents take calls.', { field: 'campaignIds', status: 422 });
  }
  const known = new Map((await readAssignments(transaction, campaignIds)).map((campaign) => [campaign.id, campaign]));
  campaignIds.forEach((id, index) => {
    const campaign = known.get(id);
    const field = `campaignIds.${index}`;
    if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field, status: 422 });
    if (user.demo && !campaign.demo) throw demoServesReal(field);
  });
  await writeCampaignsOf(transaction, user.id, [...new Set(campaignIds)]);
  await record(transaction, [
    { kind: 'user.campaigns', subject: 'user', subjectId: user.id, actor, body: { campaignIds: [...campaignIds] } },
  ]);
}

function demoServesReal(field: string): Refusal {
  return new Refusal('demo_and_real', 'An account of the demo cannot take real calls.', { field, status: 422 });
}
