import { z } from 'zod';
import { incidents } from '../../contract/incidents.ts';
import { readIncidents } from '../../insight/incidents.ts';
import type { App } from '../app.ts';
import type { WebServices } from '../services.ts';

/** What went wrong on a floor and asks for a person. */
export function incidentRoutes(app: App, { database, clock }: WebServices): void {
  app.get(
    '/api/v1/floors/:floorId/incidents',
    {
      config: { permission: 'wallboard.watch' },
      schema: { params: z.object({ floorId: z.string().min(1).max(64) }), response: { 200: incidents } },
    },
    (request) => readIncidents(database, request.params.floorId, clock.now()),
  );
}
