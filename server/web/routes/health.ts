import { sql } from 'kysely';
import { z } from 'zod';
import { mayDo } from '../../access/rules.ts';
import { isLoopback } from '../../kernel/loopback.ts';
import type { App } from '../app.ts';
import { forbidden, signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const CHECK_LIMIT_MS = 2_000;

const readiness = z.object({
  ready: z.boolean(),
  checks: z.object({ database: z.boolean(), redis: z.boolean(), dialer: z.boolean() }),
});

/** Health for whatever watches the process, its figures, and the description of the API. */
export function healthRoutes(app: App, services: WebServices): void {
  app.get(
    '/healthz',
    { config: { permission: 'public' }, schema: { response: { 200: z.object({ ok: z.literal(true), version: z.string() }) } } },
    () => ({
      ok: true as const,
      version: services.version,
    }),
  );

  app.get(
    '/readyz',
    { config: { permission: 'public' }, schema: { response: { 200: readiness, 503: readiness } } },
    async (_request, reply) => {
      const [database, redis, dialer] = await Promise.all([
        holds(sql`select 1`.execute(services.database).then(() => true)),
        holds(services.redis.ping().then(() => true)),
        holds(floorIsHeld(services)),
      ]);
      const ready = database && redis && dialer;
      return reply.status(ready ? 200 : 503).send({ ready, checks: { database, redis, dialer } });
    },
  );

  // On this machine a collector needs no account; from elsewhere (also through a proxy here) an admin's session.
  app.get('/metrics', { config: { permission: 'checked' } }, async (request, reply) => {
    const local =
      isLoopback(request.ip) && request.headers['x-forwarded-for'] === undefined && request.headers.forwarded === undefined;
    if (!local && !mayDo(signedIn(request).role, 'metrics.read')) throw forbidden();
    return reply.type(app.metrics.registry.contentType).send(await app.metrics.registry.metrics());
  });

  app.get('/api/openapi.json', { config: { permission: 'public' }, schema: { hide: true } }, () => app.swagger());
}

async function floorIsHeld(services: WebServices): Promise<boolean> {
  const row = await services.database
    .selectFrom('floor')
    .select('id')
    .where('id', '=', services.floor.floorId)
    .where('expires_at', '>', sql<Temporal.Instant>`clock_timestamp()`)
    .executeTakeFirst();
  return row !== undefined;
}

async function holds(check: Promise<boolean>): Promise<boolean> {
  const limit = new Promise<boolean>((resolve) => setTimeout(resolve, CHECK_LIMIT_MS, false).unref());
  return Promise.race([check.catch(() => false), limit]);
}
