import { z } from 'zod';
import { inboundList } from '../../contract/inbound.ts';
import { Refusal } from '../../kernel/errors.ts';
import { chooseDemoCaller } from '../../insight/demo-caller.ts';
import { handleInbound, readInboundCalls } from '../../insight/inbound-calls.ts';
import { deleteVoicemail, openVoicemail } from '../../insight/voicemails.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byId = z.object({ id: z.uuid() });

/** Calls that came in: who gave up waiting, who wants to be called back, what callers said who left a message; on the demo also a caller to try it with. */
export function inboundRoutes(app: App, { database, floor, stationKey: secret }: WebServices): void {
  const config = { permission: 'inbound.handle' } as const;

  app.get('/api/v1/inbound-calls', { config, schema: { response: { 200: inboundList } } }, () => readInboundCalls(database));

  app.post('/api/v1/demo/callers', { config: { permission: 'inbound.try' } }, async (_request, reply) => {
    const caller = await chooseDemoCaller(database, floor.floorId);
    if (!(await floor.tell({ type: 'demo_caller', ...caller }))) {
      throw new Refusal('messages_away', 'The line to the dialer is down: try again in a moment.', { status: 503 });
    }
    return reply.status(204).send();
  });

  app.post('/api/v1/inbound-calls/:id/handled', { config, schema: { params: byId } }, async (request, reply) => {
    await handleInbound(database, request.params.id, signedIn(request).userId);
    return reply.status(204).send();
  });

  app.get('/api/v1/inbound-calls/:id/voicemail', { config, schema: { params: byId } }, async (request, reply) => {
    const userId = signedIn(request).userId;
    const sound = await openVoicemail(database, { callId: request.params.id, userId, secret });
    return reply.header('content-type', 'audio/wav').header('cache-control', 'no-store').send(sound);
  });

  app.delete('/api/v1/inbound-calls/:id/voicemail', { config, schema: { params: byId } }, async (request, reply) => {
    await deleteVoicemail(database, request.params.id, signedIn(request).userId);
    return reply.status(204).send();
  });
}
