import { z } from 'zod';
import { segment, segmentCount } from '../../contract/segments.ts';
import { countSegment } from '../../insight/segment.ts';
import type { App } from '../app.ts';
import type { WebServices } from '../services.ts';

/** Segments: how many of a campaign's debtors fulfil what one asks. */
export function segmentRoutes(app: App, { database }: WebServices): void {
  app.post(
    '/api/v1/campaigns/:id/segment',
    {
      config: { permission: 'debtors.read' },
      schema: { params: z.object({ id: z.uuid() }), body: segment, response: { 200: segmentCount } },
    },
    (request) => countSegment(database, request.params.id, request.body),
  );
}
