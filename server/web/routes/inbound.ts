import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { inboundList } from '../../contract/inbound.ts';
import { deleteVoicemail, handleInbound, openVoicemail, readInboundCalls } from '../../insight/inbound-calls.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byId = z.object({ id: z.uuid() });

/** Calls that came in: who gave up waiting, who wants to be called back, and what callers said who left a message. */
export function inboundRoutes(app: App, { database, dataDir }: WebServices): void {
  const config = { permission: 'inbound.handle' } as const;

  app.get(
    '/api/v1/floors/:floorId/inbound-calls',
    { config, schema: { params: z.object({ floorId: z.string().min(1).max(64) }), response: { 200: inboundList } } },
    (request) => readInboundCalls(database, request.params.floorId),
  );

  app.post('/api/v1/inbound-calls/:id/handled', { config, schema: { params: byId } }, async (request, reply) => {
    await handleInbound(database, request.params.id, signedIn(request).userId);
    return reply.status(204).send();
  });

  app.get('/api/v1/inbound-calls/:id/voicemail', { config, schema: { params: byId } }, async (request, reply) => {
    const file = await openVoicemail(database, { callId: request.params.id, userId: signedIn(request).userId, dataDir });
    return reply.header('content-type', 'audio/wav').header('cache-control', 'no-store').send(createReadStream(file));
  });

  app.delete('/api/v1/inbound-calls/:id/voicemail', { config, schema: { params: byId } }, async (request, reply) => {
    await deleteVoicemail(database, { callId: request.params.id, userId: signedIn(request).userId, dataDir });
    return reply.status(204).send();
  });
}
