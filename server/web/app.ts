import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from 'fastify';
import {
  createJsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { Refusal } from '../kernel/errors.ts';
import { handleError } from './errors.ts';
import { guardRoutes } from './guard.ts';
import { measureRequests } from './metrics.ts';
import { campaignRoutes } from './routes/campaigns.ts';
import { pacingRoutes } from './routes/pacing.ts';
import { consoleRoutes } from './routes/consoles.ts';
import { contactCheckRoutes } from './routes/contact-check.ts';
import { byHandRoutes } from './routes/by-hand.ts';
import { debtorRoutes } from './routes/debtors.ts';
import { healthRoutes } from './routes/health.ts';
import { historyRoutes } from './routes/history.ts';
import { inboundRoutes } from './routes/inbound.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { doNotCallRoutes } from './routes/do-not-call.ts';
import { importProfileRoutes } from './routes/import-profiles.ts';
import { importRoutes, LONGEST_FILE_BYTES } from './routes/imports.ts';
import { matchRoutes } from './routes/matches.ts';
import { messageRoutes } from './routes/messages.ts';
import { noteRoutes } from './routes/notes.ts';
import { packRoutes } from './routes/packs.ts';
import { scoringRoutes } from './routes/scoring.ts';
import { segmentRoutes } from './routes/segments.ts';
import { sessionRoutes } from './routes/session.ts';
import { stationRoutes } from './routes/station.ts';
import { trunkRoutes } from './routes/trunks.ts';
import { userRoutes } from './routes/users.ts';
import type { WebServices } from './services.ts';

/** The HTTP application; it does not listen until told to. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

/** Builds the application with every route behind the guard. The caller closes it. */
export async function buildApp(services: WebServices): Promise<App> {
  const { tls } = services;
  const loggerInstance: FastifyBaseLogger = services.log;
  const app: App = fastify({
    loggerInstance,
    // A request's address would put ids beside network addresses; the metrics count requests.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1_048_576,
    trustProxy: services.trustedProxies.length > 0 && [...services.trustedProxies],
    forceCloseConnections: true,
    serverFactory: (handler) =>
      tls ? (createHttpsServer(tls, handler) as unknown as RawServerDefault) : createHttpServer(handler),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(() => {
    throw new Refusal('not_found', 'There is nothing here.', { status: 404 });
  });

  await app.register(cookie);
  await app.register(helmet, securityHeaders(services));
  await app.register(rateLimit, { global: false });
  await app.register(multipart, { limits: { files: 1, fields: 10, fileSize: LONGEST_FILE_BYTES } });
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Wusul', version: services.version } },
    transform: createJsonSchemaTransform({ skipList: ['/*'] }),
  });
  guardRoutes(app, services);
  measureRequests(app);
  for (const routes of [
    healthRoutes,
    sessionRoutes,
    userRoutes,
    campaignRoutes,
    messageRoutes,
    pacingRoutes,
    scoringRoutes,
    trunkRoutes,
    importRoutes,
    doNotCallRoutes,
    importProfileRoutes,
    matchRoutes,
    stationRoutes,
    noteRoutes,
    packRoutes,
    contactCheckRoutes,
    debtorRoutes,
    byHandRoutes,
    segmentRoutes,
    historyRoutes,
    incidentRoutes,
    inboundRoutes,
  ]) {
    routes(app, services);
  }
  await consoleRoutes(app, services);
  await app.ready();
  return app;
}

/** Headers that keep other sites out of the consoles. Mantine writes style elements, hence inline styles; scripts are files. */
function securityHeaders(services: WebServices) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        mediaSrc: ["'self'", 'data:', 'blob:', 'mediastream:'],
        connectSrc: ["'self'", ...services.origins.sockets()],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: services.secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' as const },
    xFrameOptions: { action: 'deny' as const },
  };
}
