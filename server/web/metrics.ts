import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { App } from './app.ts';

/** This process's figures, in Prometheus' form. */
export interface WebMetrics {
  registry: Registry;
  sockets: Gauge;
  silentDialer: Counter;
  sessionChecksFailed: Counter;
}

declare module 'fastify' {
  interface FastifyInstance {
    metrics: WebMetrics;
  }
}

/** Counts every answer by route pattern (never by address) and keeps the process's own figures. */
export function measureRequests(app: App): void {
  const registry = new Registry();
  registry.setDefaultLabels({ role: 'web' });
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'wusul_http_request_seconds',
    help: 'Time to answer HTTP requests',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  app.decorate('metrics', {
    registry,
    sockets: new Gauge({ name: 'wusul_sockets', help: 'Open console sockets', registers: [registry] }),
    silentDialer: new Counter({
      name: 'wusul_desk_commands_unanswered_total',
      help: 'Desk commands that the dialer did not answer in time',
      registers: [registry],
    }),
    sessionChecksFailed: new Counter({
      name: 'wusul_session_checks_failed_total',
      help: 'Times that the sessions of open sockets could not be checked',
      registers: [registry],
    }),
  });
  app.addHook('onResponse', async (request, reply) => {
    durations.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) },
      reply.elapsedTime / 1_000,
    );
  });
}
