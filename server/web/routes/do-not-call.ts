import { randomUUIDv7 } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { doNotCallFields, doNotCallList, type DoNotCallList } from '../../contract/do-not-call.ts';
import { Refusal } from '../../kernel/errors.ts';
import { enqueue } from '../../kernel/outbox.ts';
import { requireLiftable } from '../../queue/do-not-call/lift.ts';
import { createList, readList, readLists, unknownList } from '../../queue/do-not-call/store.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';
import { receiveFile } from '../upload.ts';

const byId = z.object({ id: z.uuid() });

/** Lists of numbers that are not to be called: the upload, how far each is, the file of what was no number, and taking one back. */
export function doNotCallRoutes(app: App, services: WebServices): void {
  const { database } = services;
  const folder = join(services.dataDir, 'imports');
  const read = { permission: 'imports.read' } as const;
  const start = { permission: 'imports.start' } as const;

  async function visible(id: string, viewer: { demo: boolean }): Promise<DoNotCallList> {
    const [list] = await readLists(database, viewer, id);
    if (!list) throw unknownList();
    return list;
  }

  app.get('/api/v1/do-not-call-lists', { config: read, schema: { response: { 200: z.array(doNotCallList) } } }, (request) =>
    readLists(database, signedIn(request)),
  );

  app.get('/api/v1/do-not-call-lists/:id/errors', { config: read, schema: { params: byId } }, async (request, reply) => {
    const { id } = request.params;
    await visible(id, signedIn(request));
    const { errorsPath } = await readList(database, id);
    const file = await stat(errorsPath).catch(() => null);
    if (!file) throw new Refusal('no_error_file', 'This list has no file of rejected rows.', { field: 'id', status: 404 });
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="do-not-call-${id}-errors.csv"`)
      .header('content-length', file.size)
      .send(createReadStream(errorsPath));
  });

  app.post(
    '/api/v1/do-not-call-lists',
    { config: start, schema: { consumes: ['multipart/form-data'], response: { 202: doNotCallList } } },
    async (request, reply) => {
      const who = signedIn(request);
      const filePath = join(folder, randomUUIDv7());
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        const { fileName, fields } = await receiveFile(request, filePath);
        const { until = null, ...asked } = doNotCallFields.parse(fields);
        const id = await database.transaction().execute(async (transaction) => {
          const errorsPath = `${filePath}.errors.csv`;
          const list = { ...asked, until, fileName, filePath, errorsPath, demo: who.demo, createdBy: who.userId };
          const listId = await createList(transaction, list);
          await enqueue(transaction, 'do_not_call.take', `do_not_call.take:${listId}`, { listId });
          return listId;
        });
        return await reply.status(202).send(await visible(id, who));
      } catch (error) {
        await rm(filePath, { force: true });
        throw error;
      }
    },
  );

  app.post(
    '/api/v1/do-not-call-lists/:id/undo',
    { config: start, schema: { params: byId, response: { 202: doNotCallList } } },
    async (request, reply) => {
      const who = signedIn(request);
      const { id } = request.params;
      const list = await visible(id, who);
      await requireLiftable(database, id);
      await enqueue(database, 'do_not_call.lift', `do_not_call.lift:${id}`, { listId: id, userId: who.userId });
      return reply.status(202).send(list);
    },
  );
}
