import { z } from 'zod';
import { changeCampaign, createCampaign, moveCampaign, type Actor } from '../../campaigns/lifecycle.ts';
import type { CampaignMove } from '../../campaigns/rules.ts';
import { setAgents } from '../../campaigns/serve.ts';
import { listCampaigns, readAgents, readCampaign, type Campaign } from '../../campaigns/store.ts';
import { campaignRow, changeCampaignBody, createCampaignBody, type CampaignRow } from '../../contract/campaigns.ts';
import { NOBODY_CALLABLE, readCallable } from '../../insight/callable.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';
import type { Permission } from '../../access/rules.ts';

const byId = z.object({ id: z.uuid() });
const MOVES = {
  start: 'campaigns.start',
  pause: 'campaigns.pause',
  end: 'campaigns.end',
} as const satisfies Record<CampaignMove, Permission>;

/** Campaigns: their settings, their agents, and whether they run. */
export function campaignRoutes(app: App, services: WebServices): void {
  const { database, floor } = services;

  async function rowOf(campaign: Campaign): Promise<CampaignRow> {
    const [agents, callable] = await Promise.all([readAgents(database, campaign.id), readCallable(database, [campaign.id])]);
    return toRow(campaign, agents.length, callable.get(campaign.id) ?? NOBODY_CALLABLE);
  }

  async function changed(campaign: Campaign): Promise<CampaignRow> {
    await floor.tell({ type: 'changed', what: 'campaign', id: campaign.id });
    return rowOf(campaign);
  }

  app.get(
    '/api/v1/campaigns',
    { config: { permission: 'campaigns.read' }, schema: { response: { 200: z.array(campaignRow) } } },
    async () => {
      const campaigns = await listCampaigns(database, (campaignId) =>
        services.log.warn({ campaignId }, 'settings of a campaign cannot be read'),
      );
      const callable = await readCallable(
        database,
        campaigns.map((campaign) => campaign.id),
      );
      return campaigns.map((campaign) => toRow(campaign, campaign.agents, callable.get(campaign.id) ?? NOBODY_CALLABLE));
    },
  );

  app.get(
    '/api/v1/campaigns/:id',
    { config: { permission: 'campaigns.read' }, schema: { params: byId, response: { 200: campaignRow } } },
    async (request) => {
      const campaign = await readCampaign(database, request.params.id);
      if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'id', status: 404 });
      return rowOf(campaign);
    },
  );

  app.post(
    '/api/v1/campaigns',
    { config: { permission: 'campaigns.change' }, schema: { body: createCampaignBody, response: { 201: campaignRow } } },
    async (request, reply) => {
      const campaign = await createCampaign(database, { ...request.body, floorId: floor.floorId }, actorOf(request));
      return reply.status(201).send(await changed(campaign));
    },
  );

  app.put(
    '/api/v1/campaigns/:id',
    {
      config: { permission: 'campaigns.change' },
      schema: { params: byId, body: changeCampaignBody, response: { 200: campaignRow } },
    },
    async (request) => changed(await changeCampaign(database, request.params.id, request.body, actorOf(request))),
  );

  for (const move of ['start', 'pause', 'end'] as const) {
    app.post(
      `/api/v1/campaigns/:id/${move}`,
      { config: { permission: MOVES[move] }, schema: { params: byId, response: { 200: campaignRow } } },
      async (request) => changed(await moveCampaign(database, request.params.id, move, actorOf(request))),
    );
  }

  app.put(
    '/api/v1/campaigns/:id/agents',
    {
      config: { permission: 'campaigns.agents' },
      schema: { params: byId, body: z.object({ userIds: z.array(z.uuid()).max(5_000) }), response: { 200: campaignRow } },
    },
    async (request) => {
      const { id } = request.params;
      const concerned = await setAgents(database, id, request.body.userIds, actorOf(request));
      await Promise.all(concerned.map((userId) => floor.tell({ type: 'changed', what: 'user', id: userId })));
      const campaign = await readCampaign(database, id);
      if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'id', status: 404 });
      return changed(campaign);
    },
  );
}

function actorOf(request: Parameters<typeof signedIn>[0]): Actor {
  const who = signedIn(request);
  return { userId: who.userId, demo: who.demo };
}

function toRow(campaign: Campaign, agents: number, callable: CampaignRow['callable']): CampaignRow {
  const { id, name, state, demo, version, settings } = campaign;
  return { id, name, state, demo, version, settings, agents, callable };
}
