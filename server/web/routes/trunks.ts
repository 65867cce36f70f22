import { z } from 'zod';
import { listTrunks } from '../../campaigns/store.ts';
import { armTrunk } from '../../campaigns/trunks.ts';
import { trunkRow } from '../../contract/campaigns.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byName = z.object({ name: z.string().min(1).max(80) });

/** Trunks: which there are, and whether they may be dialed over. */
export function trunkRoutes(app: App, services: WebServices): void {
  app.get('/api/v1/trunks', { config: { permission: 'trunks.read' }, schema: { response: { 200: z.array(trunkRow) } } }, () =>
    listTrunks(services.database),
  );

  for (const [verb, armed] of [
    ['arm', true],
    ['disarm', false],
  ] as const) {
    app.post(
      `/api/v1/trunks/:name/${verb}`,
      { config: { permission: `trunks.${verb}` }, schema: { params: byName, response: { 200: trunkRow } } },
      async (request) => {
        const who = signedIn(request);
        const trunk = await armTrunk(services.database, request.params.name, armed, { userId: who.userId, demo: who.demo });
        await services.floor.tell({ type: 'changed', what: 'trunk', id: trunk.name });
        return trunk;
      },
    );
  }
}
