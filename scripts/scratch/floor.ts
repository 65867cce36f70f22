import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createUser } from '../../server/access/users.ts';
import { readSettings } from '../../server/config.ts';
import { createDatabase, createPool, type Database } from '../../server/kernel/database.ts';
import { migrateToLatest } from '../../server/kernel/migrate.ts';
import { ROLE_NAMES, type RoleName } from '../../server/kernel/role.ts';
import { choosePort } from '../../server/machine/ports.ts';
import { endProcess, identify, type RunningProcess } from '../../server/machine/process.ts';
import { publicUrl, roleEnvironment, serverRole, startRole } from '../../server/machine/role.ts';
import { readSecrets } from '../../server/machine/secrets.ts';
import { startServices, type Services, type SwitchFacts } from '../../server/machine/services.ts';
import { recordTrunk } from '../../server/machine/trunk.ts';
import { signIn, type Client } from '../robots/client.ts';

const RUNTIME = join(import.meta.dirname, '../../.runtime');
const ROLE_STOP_LIMIT_MS = 5_000;

/** A whole Wusul on servers, data and ports of its own, beside whatever else runs on the machine; nothing of it is left by `stop`. */
export interface ScratchFloor {
  url: string;
  database: Database;
  services: Services;
  /** The embedded switch, on the demo carrier. */
  telephone: SwitchFacts & { recordFile: string };
  roles: Record<RoleName, RunningProcess>;
  /** An admin's sign-in. */
  admin: Client;
  logFolder: string;
  /** Where its roles keep what they write. */
  dataFolder: string;
  stop(): Promise<void>;
}

/**
 * Starts servers and roles for one measurement, with the demo carrier (or the far end at `trunkUri`) and no debtors. `name` goes into
 * the folder's name, `lines` and `callsPerSecond` limit the trunk. Everything ends with this process, however it ends.
 */
export async function startScratchFloor(options: {
  name: string;
  lines: number;
  callsPerSecond: number;
  trunkUri?: string;
}): Promise<ScratchFloor> {
  const folder = freshFolder(options.name);
  const logFolder = join(folder, 'logs');
  const endings: (() => Promise<unknown>)[] = [];
  async function end(): Promise<void> {
    for (const ending of endings.splice(0).toReversed()) await ending();
  }
  async function stop(): Promise<void> {
    await end();
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    const httpPort = await choosePort(null, 'tcp');
    const settings = readSettings(
      {
        RUNTIME_DIR: folder,
        DATA_DIR: join(folder, 'data'),
        HTTP_PORT: String(httpPort),
        TRUNK_CHANNELS: String(options.lines),
        TRUNK_CALLS_PER_SECOND: String(options.callsPerSecond),
      },
      null,
    );
    const secrets = readSecrets(join(folder, 'data', 'secrets.json'));
    const services = await startServices({
      treeFolder: join(RUNTIME, 'tree'),
      dataFolder: settings.DATA_DIR,
      logFolder,
      secrets,
      durable: false,
      diesWithUs: true,
      databaseUrl: null,
      redisUrl: null,
      switch: null,
      trunk: { kind: 'demo', uri: options.trunkUri ?? null },
      mediaAddress: '127.0.0.1',
      language: 'en',
      preferredPorts: { postgres: null, redis: null, asterisk: null },
      // Two ports for each leg, the far ends' among them, and as many again for legs that are just ending.
      rtpPorts: 16 * options.lines,
    });
    endings.push(() => services.stop());
    const telephone = services.switch;
    if (telephone === null || telephone.recordFile === null) throw new Error('the switch of a scratch floor is always its own');

    const database = createDatabase(createPool(services.databaseUrl, { max: 4, applicationName: 'wusul scratch' }));
    endings.push(() => database.destroy());
    await migrateToLatest(database);
    await recordTrunk(database, settings, telephone.trunkUri);
    const password = randomBytes(18).toString('base64url');
    await createUser(
      database,
      { login: 'scratch', displayName: 'Scratch', password, role: 'admin', language: 'en', stationKind: 'browser', demo: true },
      'scratch',
    );

    const url = publicUrl(settings, httpPort);
    const environment = {
      ...roleEnvironment(settings, services, httpPort, secrets.station),
      HTTP_BIND: '127.0.0.1',
      PUBLIC_URL: url,
      LOG_LEVEL: 'warn',
      NODE_COMPILE_CACHE: join(RUNTIME, 'cache', 'node'),
    };
    const started = await Promise.all(
      ROLE_NAMES.map(async (name) => {
        const running = await startRole(serverRole(name), environment, join(logFolder, `${name}.log`));
        endings.push(() => endProcess(running.identity, 'SIGTERM', ROLE_STOP_LIMIT_MS));
        return [name, running] as const;
      }),
    );
    const roles = Object.fromEntries(started) as Record<RoleName, RunningProcess>;
    const admin = await signIn(url, 'scratch', password);
    return {
      url,
      database,
      services,
      telephone: { ...telephone, recordFile: telephone.recordFile },
      roles,
      admin,
      logFolder,
      dataFolder: settings.DATA_DIR,
      stop,
    };
  } catch (fault) {
    // The logs stay until the next run, so that somebody may read what went wrong.
    await end();
    throw fault;
  }
}

/** An empty folder for this process; those of processes that are gone are removed. */
function freshFolder(name: string): string {
  const home = join(RUNTIME, 'scratch');
  mkdirSync(home, { recursive: true });
  for (const known of readdirSync(home)) {
    const pid = Number(known.split('-').at(-1));
    // What has lost it may be writing its last words yet.
    if (identify(pid) === null) rmSync(join(home, known), { recursive: true, force: true, maxRetries: 5 });
  }
  const folder = join(home, `${name}-${process.pid}`);
  mkdirSync(join(folder, 'data'), { recursive: true, mode: 0o700 });
  return folder;
}
