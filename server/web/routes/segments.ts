import { z } from 'zod';
import { changeSegmentBody, savedSegment, saveSegmentBody, segment, segmentCount } from '../../contract/segments.ts';
import { changeSegment, deleteSegment, listSegments, saveSegment } from '../../insight/saved-segments.ts';
import { countSegment } from '../../insight/segment.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byId = z.object({ id: z.uuid() });
const ofSegment = z.object({ id: z.uuid(), segmentId: z.uuid() });

/** Segments: how many of a campaign's debtors fulfil what one asks, and those that are kept under a name. */
export function segmentRoutes(app: App, { database }: WebServices): void {
  const read = { permission: 'debtors.read' } as const;
  const change = { permission: 'segments.change' } as const;

  app.post(
    '/api/v1/campaigns/:id/segment',
    { config: read, schema: { params: byId, body: segment, response: { 200: segmentCount } } },
    (request) => countSegment(database, request.params.id, request.body),
  );

  app.get(
    '/api/v1/campaigns/:id/segments',
    { config: read, schema: { params: byId, response: { 200: z.array(savedSegment) } } },
    (request) => listSegments(database, request.params.id),
  );

  app.post(
    '/api/v1/campaigns/:id/segments',
    { config: change, schema: { params: byId, body: saveSegmentBody, response: { 201: savedSegment } } },
    async (request, reply) =>
      reply.status(201).send(await saveSegment(database, request.params.id, request.body, signedIn(request).userId)),
  );

  app.put(
    '/api/v1/campaigns/:id/segments/:segmentId',
    { config: change, schema: { params: ofSegment, body: changeSegmentBody, response: { 200: savedSegment } } },
    (request) => {
      const { id, segmentId } = request.params;
      return changeSegment(database, { campaignId: id, id: segmentId }, request.body, signedIn(request).userId);
    },
  );

  app.delete(
    '/api/v1/campaigns/:id/segments/:segmentId',
    { config: change, schema: { params: ofSegment } },
    async (request, reply) => {
      const { id, segmentId } = request.params;
      await deleteSegment(database, { campaignId: id, id: segmentId }, signedIn(request).userId);
      return reply.status(204).send();
    },
  );
}
