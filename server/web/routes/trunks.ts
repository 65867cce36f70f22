import { z } from 'zod';
import { armTrunk, orUnknownTrunk } from '../../campaigns/trunks/arm.ts';
import { listTrunks, readTrunk } from '../../campaigns/trunks/store.ts';
import { askTestCall, endTestCall, lastTestCall } from '../../campaigns/trunks/test-call.ts';
import { testCallBody, testCallReport, trunkRow, type TestCallReport } from '../../contract/trunks.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byName = z.object({ name: z.string().min(1).max(80) });

/** Trunks: which there are, what their test calls say, and whether they may be dialed over. */
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

  app.get(
    '/api/v1/trunks/:name/test-call',
    { config: { permission: 'trunks.read' }, schema: { params: byName, response: { 200: testCallReport } } },
    (request) => reportOf(services, request.params.name),
  );

  app.post(
    '/api/v1/trunks/:name/test-call',
    {
      config: { permission: 'trunks.test' },
      schema: { params: byName, body: testCallBody, response: { 202: testCallReport } },
    },
    async (request, reply) => {
      const who = signedIn(request);
      const { floor, database } = services;
      const asked = { ...request.body, trunk: request.params.name };
      const testId = await askTestCall(database, { ...asked, floorId: floor.floorId }, { userId: who.userId, demo: who.demo });
      if (!(await floor.tell({ type: 'test_trunk', testId, ...asked, language: who.language }))) {
        await endTestCall(database, testId, { result: 'not_sent', cause: null, techCause: null });
        throw new Refusal('messages_away', 'The line to the dialer is down: try again in a moment.', { status: 503 });
      }
      return reply.status(202).send(await reportOf(services, asked.trunk));
    },
  );
}

async function reportOf({ database }: WebServices, name: string): Promise<TestCallReport> {
  return { trunk: orUnknownTrunk(await readTrunk(database, name), name), test: await lastTestCall(database, name) };
}
