import { z } from 'zod';
import { SignInLimits } from '../../access/limits.ts';
import { LONGEST_HOURS, SESSION_COOKIE } from '../../access/sessions.ts';
import { signIn } from '../../access/sign-in.ts';
import { revokeSession, updateUser, type SignedIn } from '../../access/store.ts';
import { me, preferencesBody, signInBody, type Me } from '../../contract/people.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

/** Sign-ins a minute from one address, right or wrong: each costs 19 MiB for 30 ms. */
const SIGN_INS_PER_MINUTE = 300;

/** Signing in and out, and a person's own preferences. */
export function sessionRoutes(app: App, services: WebServices): void {
  const limits = new SignInLimits();
  const { floorId } = services.floor;
  const cookie = { path: '/', httpOnly: true, sameSite: 'lax', secure: services.secure } as const;
  const own = { permission: 'session.own' } as const;

  app.post(
    '/api/v1/session',
    {
      config: {
        permission: 'public',
        rateLimit: {
          max: SIGN_INS_PER_MINUTE,
          timeWindow: 60_000,
          errorResponseBuilder: (_request, { ttl }) => tooMany(Math.ceil(ttl / 1_000)),
        },
      },
      schema: { body: signInBody, response: { 200: me } },
    },
    async (request, reply) => {
      const { login } = request.body;
      const wait = limits.waitSeconds(login, request.ip, services.clock.monotonicMs());
      if (wait > 0) {
        reply.header('retry-after', wait);
        throw tooMany(wait);
      }
      limits.begin(login, services.clock.monotonicMs());
      try {
        const { token, session } = await signIn(services.database, services.clock, request.body);
        limits.succeeded(login);
        reply.setCookie(SESSION_COOKIE, token, { ...cookie, maxAge: LONGEST_HOURS * 3_600 });
        return meOf(session, floorId);
      } catch (error) {
        if (error instanceof Refusal) limits.failed(request.ip, services.clock.monotonicMs());
        else limits.takeBack(login);
        throw error;
      }
    },
  );

  app.get('/api/v1/session', { config: own, schema: { response: { 200: me } } }, (request) => meOf(signedIn(request), floorId));

  app.patch('/api/v1/session', { config: own, schema: { body: preferencesBody, response: { 200: me } } }, async (request) => {
    const who = signedIn(request);
    await updateUser(services.database, who.userId, { language: request.body.language });
    return meOf({ ...who, language: request.body.language }, floorId);
  });

  app.delete('/api/v1/session', { config: own, schema: { response: { 204: z.null() } } }, async (request, reply) => {
    const who = signedIn(request);
    await services.database.transaction().execute(async (transaction) => {
      await revokeSession(transaction, who.tokenHash);
      await record(transaction, [
        { kind: 'user.signed_out', subject: 'user', subjectId: who.userId, actor: who.userId, body: {} },
      ]);
    });
    await services.announce({ type: 'sessions', userId: who.userId });
    return reply.clearCookie(SESSION_COOKIE, cookie).status(204).send(null);
  });
}

function meOf(who: SignedIn, floorId: string): Me {
  return {
    id: who.userId,
    login: who.login,
    displayName: who.displayName,
    role: who.role,
    language: who.language,
    stationKind: who.stationKind,
    demo: who.demo,
    floorId,
  };
}

function tooMany(seconds: number): Refusal {
  return new Refusal('too_many_sign_ins', `Too many sign-ins: try again in ${seconds} s.`, {
    field: 'login',
    status: 429,
    details: { seconds },
  });
}
