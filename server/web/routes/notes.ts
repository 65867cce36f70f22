import { z } from 'zod';
import { hadCall, readNote, saveNote } from '../../agents/notes.ts';
import { noteBody, noteRow } from '../../contract/desk.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byAttempt = z.object({ attemptId: z.uuid() });

/** An agent's note of a call, which saves itself as they type. */
export function noteRoutes(app: App, { database }: WebServices): void {
  const config = { permission: 'notes.own' } as const;

  async function refuseOthers(attemptId: string, agentId: string): Promise<void> {
    if (await hadCall(database, attemptId, agentId)) return;
    throw new Refusal('not_your_call', 'This call is not yours.', { field: 'attemptId', status: 403 });
  }

  app.get('/api/v1/notes/:attemptId', { config, schema: { params: byAttempt, response: { 200: noteRow } } }, async (request) => {
    const { attemptId } = request.params;
    await refuseOthers(attemptId, signedIn(request).userId);
    return (await readNote(database, attemptId)) ?? { attemptId, body: '', version: 0 };
  });

  app.put(
    '/api/v1/notes/:attemptId',
    { config, schema: { params: byAttempt, body: noteBody, response: { 200: noteRow } } },
    async (request) => {
      const { attemptId } = request.params;
      const agentId = signedIn(request).userId;
      await refuseOthers(attemptId, agentId);
      const saved = await saveNote(database, { attemptId, agentId, ...request.body });
      if (saved) return saved;
      const current = await readNote(database, attemptId);
      throw new Refusal('stale_version', 'This note was changed elsewhere meanwhile.', {
        field: 'version',
        status: 409,
        details: { version: current?.version ?? 0 },
      });
    },
  );
}
