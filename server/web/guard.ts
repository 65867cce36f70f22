import { mayDo, type Permission } from '../access/rules.ts';
import { SESSION_COOKIE } from '../access/sessions.ts';
import { whoIs } from '../access/sign-in.ts';
import type { SignedIn } from '../access/store.ts';
import { Refusal } from '../kernel/errors.ts';
import type { App } from './app.ts';
import type { WebServices } from './services.ts';

/** `public` needs no sign-in; `checked` decides for itself, inside the route. */
export type RoutePermission = Permission | 'public' | 'checked';

/** A route as the guard saw it. */
export interface GuardedRoute {
  method: string;
  url: string;
  permission: RoutePermission;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: RoutePermission;
  }
  interface FastifyRequest {
    who: SignedIn | null;
  }
  interface FastifyInstance {
    /** Every route with its permission, in the order of registration. */
    guardedRoutes: GuardedRoute[];
  }
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Puts the guard before every route that is registered afterwards: a route without a permission keeps the program from starting;
 * whoever lacks it gets `not_signed_in` (401) or `forbidden` (403); a change asked for by another site `foreign_origin` (403).
 */
export function guardRoutes(app: App, services: WebServices): void {
  app.decorate('guardedRoutes', []);
  app.decorateRequest('who', null);
  app.addHook('onRoute', (route) => {
    const permission = route.config?.permission;
    if (permission === undefined) throw new Error(`The route ${String(route.method)} ${route.url} names no permission`);
    for (const method of [route.method].flat()) app.guardedRoutes.push({ method, url: route.url, permission });
  });
  app.addHook('onRequest', async (request) => {
    if (!SAFE_METHODS.has(request.method) && !services.origins.accepts(request.headers)) {
      throw new Refusal('foreign_origin', 'This request comes from another site.', { status: 403 });
    }
    const permission = request.routeOptions.config.permission ?? 'public';
    if (permission === 'public') return;
    const token = request.cookies[SESSION_COOKIE];
    request.who = token === undefined ? null : await whoIs(services.database, services.clock, token);
    if (permission === 'checked') return;
    const who = signedIn(request);
    if (!mayDo(who.role, permission)) throw forbidden();
  });
}

/** Who asks. Throws `not_signed_in`. */
export function signedIn(request: { who: SignedIn | null }): SignedIn {
  if (!request.who) throw new Refusal('not_signed_in', 'Sign in first.', { status: 401 });
  return request.who;
}

/** The refusal for a role without the right. */
export function forbidden(): Refusal {
  return new Refusal('forbidden', 'Your role may not do this.', { status: 403 });
}
