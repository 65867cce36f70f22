import { z } from 'zod';
import { changeProfileBody, importProfile, saveProfileBody } from '../../contract/import-profiles.ts';
import { deleteOwnProfile, listOwnProfiles, saveOwnProfile } from '../../debtors/import/own-profiles.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byId = z.object({ id: z.uuid() });
const answers = { response: { 200: z.array(importProfile) } };

/** Profiles that admins keep of how files are read; every change answers with all of them. */
export function importProfileRoutes(app: App, { database }: WebServices): void {
  const start = { permission: 'imports.start' } as const;

  app.get('/api/v1/import-profiles', { config: { permission: 'imports.read' }, schema: answers }, () =>
    listOwnProfiles(database),
  );

  app.post('/api/v1/import-profiles', { config: start, schema: { body: saveProfileBody, ...answers } }, async (request) => {
    await saveOwnProfile(database, { ...request.body, userId: signedIn(request).userId });
    return listOwnProfiles(database);
  });

  app.put(
    '/api/v1/import-profiles/:id',
    { config: start, schema: { params: byId, body: changeProfileBody, ...answers } },
    async (request) => {
      const { version, ...profile } = request.body;
      const { id } = request.params;
      await saveOwnProfile(database, { ...profile, userId: signedIn(request).userId }, { id, version });
      return listOwnProfiles(database);
    },
  );

  app.delete('/api/v1/import-profiles/:id', { config: start, schema: { params: byId, ...answers } }, async (request) => {
    await deleteOwnProfile(database, request.params.id, signedIn(request).userId);
    return listOwnProfiles(database);
  });
}
