import { existsSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import fastifyStatic from '@fastify/static';
import { Refusal } from '../../kernel/errors.ts';
import type { App } from '../app.ts';
import type { WebServices } from '../services.ts';

const YEAR = '365d';

/** The built consoles: files as they are, and their one page for every other address, which the browser's router reads. */
export async function consoleRoutes(app: App, { consolesDir }: WebServices): Promise<void> {
  await app.register(fastifyStatic, { root: consolesDir, serve: false });

  app.get<{ Params: { '*': string } }>('/*', { config: { permission: 'public' }, schema: { hide: true } }, (request, reply) => {
    const path = normalize(`/${request.params['*']}`);
    const inAssets = path.startsWith('/assets/');
    // Files under assets/ carry a digest in their name; the page that names them must always be fresh.
    if (isFile(join(consolesDir, path))) return reply.sendFile(path, { maxAge: inAssets ? YEAR : 0, immutable: inAssets });
    if (inAssets || path.startsWith('/api/')) throw new Refusal('not_found', 'There is nothing here.', { status: 404 });
    if (!existsSync(join(consolesDir, 'index.html'))) {
      throw new Refusal('consoles_not_built', 'The consoles are not built: run `npm run build`.', { status: 503 });
    }
    return reply.sendFile('index.html', { maxAge: 0 });
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
