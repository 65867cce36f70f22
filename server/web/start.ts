import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { demoAccountsExist } from '../access/store.ts';
import { systemClock } from '../kernel/clock.ts';
import { createDatabase, createPool, type Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { isLoopback } from '../kernel/loopback.ts';
import { NEWS } from '../kernel/news.ts';
import { createRedis } from '../kernel/redis.ts';
import type { RoleContext, RunningRole } from '../kernel/role.ts';
import { follow, publish } from '../kernel/streams.ts';
import { buildApp } from './app.ts';
import { Connections } from './connections.ts';
import { FloorLine } from './floor-line.ts';
import { Origins } from './origins.ts';
import type { WebServices } from './services.ts';
import { proxySip } from './sip-proxy.ts';
import { openSockets } from './sockets.ts';

const CONSOLES = join(import.meta.dirname, '../../agent-ui/dist');

const LINES_LIMIT_MS = 2_000;

/** The web role, listening. */
export interface RunningWeb extends RunningRole {
  /** The port it got, where 0 was asked for. */
  port: number;
}

/** Starts the web role. Throws a Refusal naming the setting when it may not listen there, or when the port is taken. */
export async function startWeb(context: RoleContext): Promise<RunningWeb> {
  const { http, log } = context;
  const database = createDatabase(createPool(context.databaseUrl, { max: 10, applicationName: 'wusul web' }));
  const redis = createRedis(context.redisUrl);
  const origins = new Origins(http.publicUrl);
  const tls = http.tls && { cert: await readFile(http.tls.certPath), key: await readFile(http.tls.keyPath) };
  const services: WebServices = {
    database,
    redis,
    clock: systemClock,
    log,
    version: context.version,
    dataDir: context.dataDir,
    consolesDir: CONSOLES,
    origins,
    secure: tls !== null || http.publicUrl.startsWith('https:'),
    tls,
    trustedProxies: http.trustedProxies,
    floor: new FloorLine(redis, context.floorId, log),
    sip: context.sip,
    stationKey: context.secrets.station,
    async announce(message) {
      try {
        await publish(redis, NEWS, message);
      } catch {
        log.warn({ type: message.type }, 'the other web processes could not be told');
      }
    },
  };
  try {
    await refuseOpenBind(context, database);
    const app = await buildApp(services);
    const connections = new Connections(services, app.metrics.sessionChecksFailed);
    const sockets = openSockets(app, services, connections);
    const sip = proxySip(app, services, connections);
    const reader = follow(redis, NEWS, {
      log,
      onMessage(message) {
        if (message.type === 'sessions') return connections.check();
        if (message.type === 'import') return sockets.showImport(message.id);
        return sockets.desks.taken(message.agentId, message.tab);
      },
    });
    // Without Redis the start goes on: desks are refused by name until it is there.
    const lines = Promise.all([services.floor.start(), reader.ready]);
    await Promise.race([lines, new Promise((resolve) => setTimeout(resolve, LINES_LIMIT_MS).unref())]);
    await app.listen({ host: http.bind, port: http.port });
    const { port } = app.server.address() as AddressInfo;
    if (isLoopback(http.bind)) origins.allowLoopback(tls ? 'https' : 'http', port);
    return {
      port,
      async stop() {
        connections.stop();
        sip.stop();
        await Promise.all([reader.stop(), services.floor.stop()]);
        await sockets.stop();
        await app.close();
        await database.destroy();
        redis.disconnect();
      },
    };
  } catch (error) {
    await database.destroy();
    redis.disconnect();
    throw error;
  }
}

/** Beyond this machine only with TLS, since browsers give a microphone to secure pages alone, and never with accounts of the demo. */
async function refuseOpenBind(context: RoleContext, database: Database): Promise<void> {
  const { bind, tls } = context.http;
  if (isLoopback(bind)) return;
  if (tls === null) {
    throw new Refusal(
      'bind_needs_tls',
      `HTTP_BIND=${bind} needs TLS_CERT and TLS_KEY: browsers give a microphone to secure pages only`,
      {
        field: 'HTTP_BIND',
      },
    );
  }
  if (context.demo || (await demoAccountsExist(database))) {
    throw new Refusal(
      'bind_with_demo',
      `HTTP_BIND=${bind} is refused while accounts of the demo can sign in: start with --no-demo and disable them`,
      {
        field: 'HTTP_BIND',
      },
    );
  }
}
