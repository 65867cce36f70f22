import { randomUUIDv7 } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readCampaign } from '../../campaigns/store.ts';
import { importFields, importPreview, importRow } from '../../contract/imports.ts';
import { createImport } from '../../debtors/import/imports.ts';
import { listImportRows, readErrorsPath, readImportRow } from '../../debtors/import/overview.ts';
import { previewList } from '../../debtors/import/list.ts';
import { PROFILES, readOptions } from '../../debtors/import/profiles.ts';
import { creditorOf, findOwnProfile, previewByOwn, profileOfHeader, withOptions } from '../../debtors/import/own-profiles.ts';
import { readUndoable } from '../../debtors/import/undo.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import { enqueue } from '../../kernel/outbox.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';
import { receiveFile } from '../upload.ts';

/** Ten million rows of a wide list. */
export const LONGEST_FILE_BYTES = 4 * 1_024 ** 3;

const byId = z.object({ id: z.uuid() });
const previewFields = importFields.pick({ profile: true, profileId: true, options: true });

/** Imports of debtor lists: the upload, how far each is, and the file of rejected rows. */
export function importRoutes(app: App, services: WebServices): void {
  const { database } = services;
  const folder = join(services.dataDir, 'imports');
  const read = { permission: 'imports.read' } as const;

  app.get('/api/v1/imports', { config: read, schema: { response: { 200: z.array(importRow) } } }, (request) =>
    listImportRows(database, signedIn(request)),
  );

  app.get('/api/v1/imports/:id', { config: read, schema: { params: byId, response: { 200: importRow } } }, async (request) => {
    const row = await readImportRow(database, request.params.id, signedIn(request));
    if (!row) throw unknownImport();
    return row;
  });

  app.get('/api/v1/imports/:id/errors', { config: read, schema: { params: byId } }, async (request, reply) => {
    const { id } = request.params;
    if (!(await readImportRow(database, id, signedIn(request)))) throw unknownImport();
    const path = await readErrorsPath(database, id);
    const file = path === null ? null : await stat(path).catch(() => null);
    if (path === null || !file) {
      throw new Refusal('no_error_file', 'This import has no file of rejected rows.', { field: 'id', status: 404 });
    }
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="import-${id}-errors.csv"`)
      .header('content-length', file.size)
      .send(createReadStream(path));
  });

  app.post(
    '/api/v1/imports/preview',
    {
      config: { permission: 'imports.start' },
      schema: { consumes: ['multipart/form-data'], response: { 200: importPreview } },
    },
    async (request) => {
      const filePath = join(folder, `preview-${randomUUIDv7()}`);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        const { fields } = await receiveFile(request, filePath);
        const { profile, profileId, options } = previewFields.parse(fields);
        const said = readOptions(options);
        const own = profileId === undefined ? null : await findOwnProfile(database, { id: profileId });
        if (own !== null) return { ...(await previewByOwn(filePath, withOptions(own, said))), proposed: null };
        const preview = await previewList(filePath, { ...(profile && PROFILES[profile]), ...said, columns: said.columns ?? {} });
        return {
          ...preview,
          absent: [],
          proposed: profile === undefined ? await profileOfHeader(database, preview.header) : null,
        };
      } finally {
        await rm(filePath, { force: true });
      }
    },
  );

  app.post(
    '/api/v1/imports/:id/undo',
    { config: { permission: 'imports.start' }, schema: { params: byId, response: { 202: importRow } } },
    async (request, reply) => {
      const who = signedIn(request);
      const { id } = request.params;
      const row = await readImportRow(database, id, who);
      if (!row) throw unknownImport();
      await readUndoable(database, id);
      await enqueue(database, 'import.undo', `import.undo:${id}`, { importId: id, userId: who.userId });
      return reply.status(202).send(row);
    },
  );

  app.post(
    '/api/v1/imports',
    { config: { permission: 'imports.start' }, schema: { consumes: ['multipart/form-data'], response: { 202: importRow } } },
    async (request, reply) => {
      const who = signedIn(request);
      const filePath = join(folder, randomUUIDv7());
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        const { fileName, fields } = await receiveFile(request, filePath);
        const { campaignId, profile = null, profileId, dryRun, options: text } = importFields.parse(fields);
        const own = profileId === undefined ? null : await findOwnProfile(database, { id: profileId });
        const options = own === null ? readOptions(text) : withOptions(own, readOptions(text));
        const campaign = await readCampaign(database, campaignId);
        if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'campaignId', status: 422 });
        if (campaign.state === 'ended') {
          throw new Refusal('campaign_ended', 'This campaign has ended.', { field: 'campaignId', status: 409 });
        }
        if (who.demo && !campaign.demo) {
          throw new Refusal('demo_and_real', 'Accounts of the demo cannot import real debtors.', {
            field: 'campaignId',
            status: 403,
          });
        }
        const row = await database.transaction().execute(async (transaction) => {
          const id = await createImport(transaction, {
            filePath,
            fileName,
            profile: own === null ? profile : null,
            ownProfile: own,
            options,
            campaignId,
            creditorId: own === null ? null : await creditorOf(transaction, own, campaignId),
            dryRun,
            createdBy: who.userId,
          });
          await enqueue(transaction, 'import.run', `import.run:${id}`, { importId: id });
          await record(transaction, [
            { kind: 'import.queued', subject: 'import', subjectId: id, actor: who.userId, body: { campaignId, dryRun } },
          ]);
          return readImportRow(transaction, id);
        });
        if (!row) throw unknownImport();
        return await reply.status(202).send(row);
      } catch (error) {
        await rm(filePath, { force: true });
        throw error;
      }
    },
  );
}

function unknownImport(): Refusal {
  return new Refusal('unknown_import', 'There is no such import.', { field: 'id', status: 404 });
}
