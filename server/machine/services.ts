import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { isLoopback } from '../kernel/loopback.ts';
import { writeAsteriskConfiguration } from '../telephony/asterisk/configuration.ts';
import { trunkSettings } from '../telephony/trunk.ts';
import { startAsterisk } from './asterisk.ts';
import { chooseAsteriskPorts, choosePort, type AsteriskPorts } from './ports.ts';
import { ensureDatabase, localPostgresUrl, postgresUrl, startPostgres } from './postgres.ts';
import { localRedisUrl, redisUrl, startRedis } from './redis.ts';
import type { ProcessIdentity, StartWatch } from './process.ts';
import type { Secrets } from './secrets.ts';
import type { Service } from './service.ts';
import { openTree } from './tree.ts';

export const SERVICE_NAMES = ['postgres', 'redis', 'asterisk'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

const DIALPLANS = join(import.meta.dirname, '../../dialplans');
const DATABASE = 'wusul';
/** The name of the one trunk that the settings describe. */
export const TRUNK_NAME = 'main';

/** What is to run, where, and with which values; an address given stands for a server of the operator's own. */
export interface ServicesPlan {
  treeFolder: string;
  /** Kept between starts: the databases and the switch's record. */
  dataFolder: string;
  logFolder: string;
  secrets: Secrets;
  /** False trades safety against a crash for speed: for data that is thrown away. */
  durable: boolean;
  diesWithUs: boolean;
  databaseUrl: string | null;
  redisUrl: string | null;
  /** The operator's own Asterisk; null starts one; 'none' does without. */
  switch: SwitchFacts | null | 'none';
  /** `uri` null: the demo carrier of our own Asterisk. */
  trunk: Omit<z.input<typeof trunkSettings>, 'name' | 'uri'> & { uri: string | null };
  mediaAddress: string;
  language: 'ar' | 'fa' | 'en';
  preferredPorts: { postgres: number | null; redis: number | null; asterisk: Partial<AsteriskPorts> | null };
  rtpPorts: number;
}

/** How to reach a switch. */
export interface SwitchFacts {
  ari: { url: string; user: string; password: string };
  ami: { url: string; user: string; secret: string } | null;
  /** SIP over WebSocket. */
  sipWsUrl: string;
  sipHost: string;
  sipPort: number;
  /** The switch's event record, where it lies on this machine. */
  recordFile: string | null;
  trunkUri: string;
}

/** Servers that run now. Those not started by us are in no list of processes, and are never stopped. */
export interface Services {
  databaseUrl: string;
  redisUrl: string;
  /** The shortest way to both for the roles on this machine. */
  local: { databaseUrl: string; redisUrl: string };
  switch: SwitchFacts | null;
  ports: Partial<Record<'postgres' | 'redis' | 'sip' | 'ari' | 'ami', number>>;
  /** Preferred ports that were taken, in words for a person. */
  moved: string[];
  running: ReadonlyMap<ServiceName, Service>;
  /** Starts a server that died anew, on the same ports and data, unless `signal` breaks it off. */
  restart(name: ServiceName, signal?: AbortSignal): Promise<void>;
  /** Stops what we started: first the switch, then both databases. */
  stop(): Promise<void>;
}

/** Starts all servers side by side. When one cannot be started, those that were are stopped and the reason is thrown. */
export async function startServices(
  plan: ServicesPlan,
  watch: { onSpawn?: (name: ServiceName, identity: ProcessIdentity) => void; signal?: AbortSignal } = {},
): Promise<Services> {
  mkdirSync(plan.logFolder, { recursive: true, mode: 0o700 });
  mkdirSync(plan.dataFolder, { recursive: true });
  // PostgreSQL may run as another user, who must pass through; everything in the folder is closed by itself.
  chmodSync(plan.dataFolder, 0o711);
  const moved: string[] = [];
  const postgresPort = await portOf('PostgreSQL', plan.preferredPorts.postgres, moved);
  const redisPort = await portOf('Redis', plan.preferredPorts.redis, moved);
  const postgres = { port: postgresPort, password: plan.secrets.postgres, dataFolder: join(plan.dataFolder, 'postgres') };
  const redis = { port: redisPort, password: plan.secrets.redis, dataFolder: join(plan.dataFolder, 'redis') };
  const asterisk = plan.switch === null ? await prepareAsterisk(plan, moved) : null;
  const running = new Map<ServiceName, Service>();

  const starts: Record<ServiceName, ((given: StartWatch) => Promise<Service>) | null> = {
    postgres:
      plan.databaseUrl === null
        ? (given) =>
            startPostgres({
              ...postgres,
              tree: openTree(plan.treeFolder),
              logFile: logFile('postgres'),
              ...common(plan),
              ...given,
            })
        : null,
    redis:
      plan.redisUrl === null
        ? (given) =>
            startRedis({
              ...redis,
              tree: openTree(plan.treeFolder),
              logFile: logFile('redis'),
              ...common(plan),
              ...given,
            })
        : null,
    asterisk:
      asterisk &&
      ((given) => startAsterisk({ ...asterisk.settings, logFile: logFile('asterisk'), diesWithUs: plan.diesWithUs, ...given })),
  };
  function logFile(name: ServiceName): string {
    return join(plan.logFolder, `${name}.log`);
  }
  async function start(name: ServiceName, signal?: AbortSignal): Promise<void> {
    const service = await starts[name]?.({ signal, onSpawn: (identity) => watch.onSpawn?.(name, identity) });
    if (service === undefined) return;
    running.set(name, service);
    if (name === 'postgres') await ensureDatabase(postgres, DATABASE);
  }
  async function stop(): Promise<void> {
    await running.get('asterisk')?.stop();
    await Promise.all([running.get('redis')?.stop(), running.get('postgres')?.stop()]);
  }

  const results = await Promise.allSettled(SERVICE_NAMES.map((name) => start(name, watch.signal)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    databaseUrl: plan.databaseUrl ?? postgresUrl(postgres, DATABASE),
    redisUrl: plan.redisUrl ?? redisUrl(redis),
    local: {
      databaseUrl: plan.databaseUrl ?? localPostgresUrl(postgres, DATABASE),
      redisUrl: plan.redisUrl ?? localRedisUrl(redis),
    },
    switch: asterisk?.facts ?? (plan.switch === 'none' ? null : plan.switch),
    ports: {
      ...portOfUrl('postgres', plan.databaseUrl ?? postgresUrl(postgres, DATABASE), 5432),
      ...portOfUrl('redis', plan.redisUrl ?? redisUrl(redis), 6379),
      ...asterisk?.shownPorts,
    },
    moved,
    running,
    restart: start,
    stop,
  };
}

async function prepareAsterisk(plan: ServicesPlan, moved: string[]) {
  const tree = openTree(plan.treeFolder);
  const preferred = plan.preferredPorts.asterisk;
  const ports = await chooseAsteriskPorts(preferred, plan.rtpPorts);
  for (const name of ['sip', 'http', 'ami', 'carrier', 'rtpFrom'] as const) {
    const wanted = preferred?.[name];
    if (wanted !== undefined && wanted !== ports[name])
      moved.push(`${ASTERISK_PORT_NAMES[name]}: port ${wanted} is taken, using ${ports[name]}`);
  }
  const ari = { user: 'wusul', password: plan.secrets.ari };
  const ami = { user: 'wusul', secret: plan.secrets.ami };
  const trunkUri = plan.trunk.uri ?? `sip:127.0.0.1:${ports.carrier}`;
  const configuration = await writeAsteriskConfiguration({
    folder: join(plan.dataFolder, 'asterisk'),
    modules: tree.modules,
    share: tree.share,
    sbin: tree.programs,
    dialplans: DIALPLANS,
    bind: '127.0.0.1',
    // Carriers and phones that are not on this machine must reach it.
    sipBind: isLoopback(plan.mediaAddress) ? '127.0.0.1' : '0.0.0.0',
    ports,
    ari,
    ami,
    mediaAddress: plan.mediaAddress,
    trunks: [trunkSettings.parse({ ...plan.trunk, name: TRUNK_NAME, uri: trunkUri })],
    carrier: plan.trunk.uri === null,
    language: plan.language,
  });
  const facts: SwitchFacts = {
    ari: { url: configuration.ariUrl, ...ari },
    ami: { url: `tcp://127.0.0.1:${ports.ami}`, ...ami },
    sipWsUrl: `ws://127.0.0.1:${ports.http}/ws`,
    sipHost: plan.mediaAddress,
    sipPort: ports.sip,
    recordFile: configuration.recordFile,
    trunkUri,
  };
  return {
    settings: { tree, configurationFile: configuration.file, ports, ari },
    facts,
    shownPorts: { sip: ports.sip, ari: ports.http, ami: ports.ami },
  };
}

const ASTERISK_PORT_NAMES = { sip: 'SIP', http: 'ARI', ami: 'AMI', carrier: 'demo carrier', rtpFrom: 'voice' } as const;

function common(plan: ServicesPlan): { durable: boolean; diesWithUs: boolean } {
  return { durable: plan.durable, diesWithUs: plan.diesWithUs };
}

async function portOf(name: string, preferred: number | null, moved: string[]): Promise<number> {
  const port = await choosePort(preferred, 'tcp');
  if (preferred !== null && port !== preferred) moved.push(`${name}: port ${preferred} is taken, using ${port}`);
  return port;
}

function portOfUrl<Name extends string>(name: Name, url: string, standard: number): Record<Name, number> {
  return { [name]: Number(URL.parse(url)?.port || standard) } as Record<Name, number>;
}
