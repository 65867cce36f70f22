import { join } from 'node:path';
import { environmentWith, type SettingName, type Settings } from '../config.ts';
import type { RoleContext, RoleName } from '../kernel/role.ts';
import { createLogger } from '../kernel/log.ts';
import { endProcess, startProcess, type RunningProcess, type StartWatch } from './process.ts';
import { numberFormatOf } from './plan.ts';
import { TRUNK_NAME, type Services } from './services.ts';

const MAIN = join(import.meta.dirname, '../main.ts');
/**
 * V8's young space, in MiB. A list of a million rows makes garbage faster than it is collected: a small one keeps the worker small. What
 * a call leaves behind dies young: a large one spares the dialer most of the copying.
 */
const YOUNG_SPACE: Record<RoleName, number> = { web: 16, dialer: 64, worker: 8 };
/**
 * By how many hundredths the worker's old space may grow before it is collected again. Left to itself V8 lets it grow threefold in the midst of a list:
 * 280 MB instead of 215, and no list is read sooner for it.
 */
const WORKER_GROWS_BY = 40;
const READY_LIMIT_MS = 60_000;
const KILL_LIMIT_MS = 1_000;

/** A program of ours that the supervisor starts: a role of the server, or the robots. */
export interface RoleProcess {
  name: string;
  /** What Node runs, with its arguments. */
  program: readonly string[];
  /** Whether it says `ready` over its channel; one that does not counts as ready once started. */
  saysReady: boolean;
}

/** What Node is told before the program of a role. */
export function nodeOptions(name: RoleName): readonly string[] {
  const young = `--max-semi-space-size=${YOUNG_SPACE[name]}`;
  return name === 'worker' ? [young, `--heap-growing-percent=${WORKER_GROWS_BY}`] : [young];
}

/** The process of one role of the server. */
export function serverRole(name: RoleName): RoleProcess {
  return { name, program: [...nodeOptions(name), MAIN, '--role', name], saysReady: true };
}

/** Starts a program of ours and waits until it says that it is ready. One that does not, or is broken off, is ended. */
export async function startRole(
  role: RoleProcess,
  environment: NodeJS.ProcessEnv,
  logFile: string,
  watch: StartWatch = {},
): Promise<RunningProcess> {
  const { promise: ready, resolve } = Promise.withResolvers<'ready'>();
  const running = await startProcess({
    name: role.name,
    file: process.execPath,
    args: role.program,
    environment,
    logFile,
    ...watch,
    onMessage(message) {
      if (message === 'ready') resolve('ready');
    },
  });
  if (!role.saysReady) return running;
  const limit = AbortSignal.timeout(READY_LIMIT_MS);
  const signal = watch.signal === undefined ? limit : AbortSignal.any([limit, watch.signal]);
  const givenUp = new Promise<'given up'>((giveUp) => {
    if (signal.aborted) giveUp('given up');
    signal.addEventListener('abort', () => giveUp('given up'), { once: true });
  });
  const first = await Promise.race([ready, running.exited, givenUp]);
  if (first === 'ready') return running;
  if (first === 'given up') {
    await endProcess(running.identity, 'SIGKILL', KILL_LIMIT_MS);
    watch.signal?.throwIfAborted();
    throw new Error(`${role.name} was not ready within ${READY_LIMIT_MS / 1_000} s; see ${logFile}`);
  }
  throw new Error(`${role.name} ended while starting; see ${logFile}`);
}

/** The environment by which a role learns the servers that run now; `--role` reads it like any operator's settings. */
export function roleEnvironment(
  settings: Settings,
  services: Services,
  httpPort: number,
  stationSecret: string,
): NodeJS.ProcessEnv {
  const { switch: facts } = services;
  const values: Partial<Record<SettingName, string | null>> = {
    DATABASE_URL: services.local.databaseUrl,
    REDIS_URL: services.local.redisUrl,
    HTTP_PORT: String(httpPort),
    DATA_DIR: settings.DATA_DIR,
    RUNTIME_DIR: settings.RUNTIME_DIR,
    PACING_RECORD_DAYS: String(settings.PACING_RECORD_DAYS),
    DEMO: settings.DEMO,
    STATION_SECRET: stationSecret,
    HISTORY_KEY_FILE: settings.HISTORY_KEY_FILE ?? null,
    ARI_URL: facts?.ari.url ?? null,
    ARI_USER: facts?.ari.user ?? null,
    ARI_PASSWORD: facts?.ari.password ?? null,
    AMI_URL: facts?.ami?.url ?? null,
    AMI_USER: facts?.ami?.user ?? null,
    AMI_SECRET: facts?.ami?.secret ?? null,
    SIP_WS_URL: facts?.sipWsUrl ?? null,
    SIP_PORT: facts === null ? null : String(facts.sipPort),
    MEDIA_ADDRESS: settings.MEDIA_ADDRESS,
    CEL_FILE: facts?.recordFile ?? null,
    RECORD_KEEP_DAYS: String(settings.RECORD_KEEP_DAYS),
    RECORD_KEEP_MB: String(settings.RECORD_KEEP_MB),
    TRUNK_NUMBER_FORM: settings.TRUNK_NUMBER_FORM,
    TRUNK_COUNTRY_CODE: settings.TRUNK_COUNTRY_CODE ?? null,
  };
  // Compiled code is kept between starts: it halves the time that a role needs to load.
  return environmentWith({ ...values, NODE_COMPILE_CACHE: join(settings.RUNTIME_DIR, 'cache', 'node') });
}

/** The plain values a role is started with, from settings that name every server; throws naming those that are missing. */
export function roleContext(role: RoleName, settings: Settings, version: string): RoleContext {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, ARI_URL: ariUrl, ARI_USER: user, ARI_PASSWORD: password } = settings;
  const { STATION_SECRET: station } = settings;
  if (!databaseUrl || !redisUrl || !ariUrl || !user || !password || !station) {
    const names = ['DATABASE_URL', 'REDIS_URL', 'ARI_URL', 'ARI_USER', 'ARI_PASSWORD', 'STATION_SECRET'] as const;
    const missing = names.filter((name) => settings[name] === undefined);
    throw new Error(`The role ${role} on its own needs these settings: ${missing.join(', ')}`);
  }
  const ari = new URL(ariUrl);
  const tls = settings.TLS_CERT && settings.TLS_KEY ? { certPath: settings.TLS_CERT, keyPath: settings.TLS_KEY } : null;
  return {
    role,
    version,
    databaseUrl,
    redisUrl,
    floorId: settings.FLOOR_ID,
    dataDir: settings.DATA_DIR,
    historyKeyFile: settings.HISTORY_KEY_FILE ?? null,
    pacingRecordDays: settings.PACING_RECORD_DAYS,
    runtimeDir: settings.RUNTIME_DIR,
    demo: settings.DEMO === 'on',
    http: {
      bind: settings.HTTP_BIND,
      port: settings.HTTP_PORT,
      publicUrl: publicUrl(settings, settings.HTTP_PORT),
      tls,
      trustedProxies: settings.TRUST_PROXY ?? [],
    },
    sip: {
      wsUrl: settings.SIP_WS_URL ?? `${ari.protocol === 'https:' ? 'wss' : 'ws'}://${ari.host}/ws`,
      host: ari.hostname,
      port: settings.SIP_PORT,
    },
    mediaAddress: settings.MEDIA_ADDRESS,
    ari: { url: ariUrl, user, password },
    ami: amiOf(settings),
    trunks: [{ name: TRUNK_NAME, number: numberFormatOf(settings) }],
    recordFile: settings.CEL_FILE ?? null,
    recordKeep: { days: settings.RECORD_KEEP_DAYS, megabytes: settings.RECORD_KEEP_MB },
    secrets: { station },
    log: createLogger(role, settings.LOG_LEVEL),
  };
}

/** The origin that browsers see: `PUBLIC_URL`, else made of bind and port. */
export function publicUrl(settings: Settings, httpPort: number): string {
  if (settings.PUBLIC_URL !== undefined) return new URL(settings.PUBLIC_URL).origin;
  const host = settings.HTTP_BIND === '0.0.0.0' || settings.HTTP_BIND === '::' ? 'localhost' : settings.HTTP_BIND;
  return `${settings.TLS_CERT === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${httpPort}`;
}

function amiOf(settings: Settings): RoleContext['ami'] {
  const { AMI_URL: url, AMI_USER: user, AMI_SECRET: secret } = settings;
  if (!url || !user || !secret) return null;
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 5038), user, secret };
}
