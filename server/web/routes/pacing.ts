import { z } from 'zod';
import { askForTrial, cancelTrial, readTrial } from '../../campaigns/trials.ts';
import { pacingTrial, pacingTrialBody } from '../../contract/pacing-trial.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byId = z.object({ id: z.uuid() });
const byTrial = z.object({ trialId: z.uuid() });
const byBoth = byId.extend(byTrial.shape);

/** Pacing settings tried on a simulated floor before they are saved, or before there is a campaign; the worker plays, nobody waits here. */
export function pacingRoutes(app: App, { database }: WebServices): void {
  app.post(
    '/api/v1/campaigns/:id/pacing/trials',
    {
      config: { permission: 'campaigns.change' },
      schema: { params: byId, body: pacingTrialBody, response: { 201: pacingTrial } },
    },
    async (request, reply) => {
      const { userId, demo } = signedIn(request);
      return reply.status(201).send(await askForTrial(database, request.params.id, request.body.settings, { userId, demo }));
    },
  );

  app.get(
    '/api/v1/campaigns/:id/pacing/trials/:trialId',
    { config: { permission: 'campaigns.change' }, schema: { params: byBoth, response: { 200: pacingTrial } } },
    (request) => readTrial(database, request.params.id, request.params.trialId),
  );

  app.post(
    '/api/v1/campaigns/:id/pacing/trials/:trialId/cancel',
    { config: { permission: 'campaigns.change' }, schema: { params: byBoth, response: { 200: pacingTrial } } },
    (request) => cancelTrial(database, request.params.id, request.params.trialId),
  );

  app.post(
    '/api/v1/pacing/trials',
    { config: { permission: 'campaigns.change' }, schema: { body: pacingTrialBody, response: { 201: pacingTrial } } },
    async (request, reply) => {
      const { userId, demo } = signedIn(request);
      return reply.status(201).send(await askForTrial(database, null, request.body.settings, { userId, demo }));
    },
  );

  app.get(
    '/api/v1/pacing/trials/:trialId',
    { config: { permission: 'campaigns.change' }, schema: { params: byTrial, response: { 200: pacingTrial } } },
    (request) => readTrial(database, null, request.params.trialId),
  );

  app.post(
    '/api/v1/pacing/trials/:trialId/cancel',
    { config: { permission: 'campaigns.change' }, schema: { params: byTrial, response: { 200: pacingTrial } } },
    (request) => cancelTrial(database, null, request.params.trialId),
  );
}
