import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { disableDemoAccounts } from '../access/store.ts';
import { seedRulePacks } from '../compliance/store.ts';
import { environmentWith, type Settings } from '../config.ts';
import { createDatabase, createPool } from '../kernel/database.ts';
import { migrateToLatest } from '../kernel/migrate.ts';
import { ROLE_NAMES } from '../kernel/role.ts';
import { keepAlive, type Kept } from './keeper.ts';
import { takeLock, type Lock } from './lock.ts';
import { keepLogsShort } from './logs.ts';
import { choosePort } from './ports.ts';
import { endProcess, type ProcessIdentity, type RunningProcess } from './process.ts';
import { removeReady, writeReady, type Account, type Ready } from './ready.ts';
import { openProcessRecord } from './record.ts';
import { publicUrl, roleEnvironment, serverRole, startRole, type RoleProcess } from './role.ts';
import { readSecrets } from './secrets.ts';
import { startServices, type ServiceName, type Services } from './services.ts';
import { planOf } from './plan.ts';
import { createSteps } from './steps.ts';
import { recordTrunk } from './trunk.ts';

const ROBOTS = join(import.meta.dirname, '../../scripts/robots.ts');
const DEMO_ROBOTS = 8;
/** Together with the servers' own limits these stay under the ten seconds in which everything has ended. */
const DRAIN_LIMIT_MS = 4_000;
const ROLE_LIMIT_MS = 1_500;
const BREAK_OFF_LIMIT_MS = 3_000;

/** A second start: another supervisor lives. */
export class AlreadyRunning extends Error {
  readonly code = 'already_running';
}

/** The file by which a second start and `npm stop` find the supervisor of a runtime folder. */
export function lockFile(runtimeFolder: string): string {
  return join(runtimeFolder, 'supervisor.json');
}

/**
 * Wusul on one machine: starts servers, roles and the demo, keeps them alive, tells the world in `ready.json`, and owns
 * every one of these processes until `stop`. Throws AlreadyRunning when the runtime folder has a living supervisor.
 */
export class Machine {
  private readonly settings: Settings;
  private readonly lock: Lock;
  private readonly roles: readonly RoleProcess[];
  private readonly print: (line: string) => void;
  private readonly logFolder: string;
  private readonly readyFile: string;
  private readonly record;
  private readonly kept = new Map<string, Kept>();
  private readonly pids: Record<string, number> = {};
  private services: Services | null = null;
  private ready: Ready | null = null;
  private readonly breakOff = new AbortController();
  private logs: { stop(): void } | null = null;
  private starting: Promise<void> | null = null;
  private stopping: Promise<void> | null = null;

  /** `roles`: the programs to keep alive, the server's own unless told otherwise. */
  constructor(settings: Settings, print: (line: string) => void, roles: readonly RoleProcess[] = ROLE_NAMES.map(serverRole)) {
    mkdirSync(settings.RUNTIME_DIR, { recursive: true });
    const lock = takeLock(lockFile(settings.RUNTIME_DIR));
    if ('identity' in lock) {
      const where = lock.url === null ? 'and is still starting' : `at ${lock.url}`;
      throw new AlreadyRunning(`Wusul is already running ${where} (process ${lock.identity.pid}). Stop it with \`npm stop\`.`);
    }
    this.lock = lock;
    this.roles = roles;
    this.settings = settings;
    this.print = print;
    this.logFolder = join(settings.RUNTIME_DIR, 'logs');
    this.readyFile = join(settings.RUNTIME_DIR, 'ready.json');
    this.record = openProcessRecord(join(settings.RUNTIME_DIR, 'processes.json'));
  }

  /** Starts everything; resolves when it is ready. What was started before a fault is the caller's to stop. */
  start(): Promise<void> {
    this.starting ??= this.startAll();
    return this.starting;
  }

  /** Ends everything in order, within ten seconds; a start under way is broken off. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  /** Kills everything and waits for nothing: for somebody who does not want to wait for `stop`. */
  kill(): void {
    removeReady(this.readyFile);
    this.record.killAll();
    this.lock.release();
  }

  private async startAll(): Promise<void> {
    const { settings } = this;
    const steps = createSteps(this.print);
    removeReady(this.readyFile);
    this.logs = keepLogsShort(this.logFolder, (what) => this.print(`  ${what}`));
    const left = await this.record.endAll();
    if (left.length > 0) steps.say(`  ended what an earlier start left running: ${left.join(', ')}`);
    const secrets = readSecrets(join(settings.DATA_DIR, 'secrets.json'));
    const httpPort = await choosePort(settings.HTTP_PORT, 'tcp');

    const watch = {
      signal: this.breakOff.signal,
      onSpawn: (name: ServiceName, identity: ProcessIdentity) => this.record.add(name, identity),
    };
    const services = await steps.run('PostgreSQL, Redis, Asterisk', () => startServices(planOf(settings, secrets), watch));
    this.services = services;
    for (const name of services.running.keys()) this.keepService(services, name);
    if (httpPort !== settings.HTTP_PORT) services.moved.push(`HTTP: port ${settings.HTTP_PORT} is taken, using ${httpPort}`);
    for (const line of services.moved) steps.say(`  ${line}`);

    this.goOn();
    const accounts = await steps.run('database', () => this.prepareDatabase(services, secrets.demo));
    this.goOn();
    const environment = roleEnvironment(settings, services, httpPort, settings.STATION_SECRET ?? secrets.station);
    const names = this.roles.map(({ name }) => name).join(', ');
    await steps.run(names, () => Promise.all(this.roles.map((role) => this.keepRole(role, environment))));

    this.goOn();
    const url = publicUrl(settings, httpPort);
    this.ready = {
      url,
      ports: { http: httpPort, ...services.ports },
      pids: this.pids,
      databaseUrl: services.databaseUrl,
      accounts,
    };
    writeReady(this.readyFile, this.ready);
    this.lock.tell(url);
    if (settings.DEMO === 'on' && existsSync(ROBOTS)) {
      const program = [ROBOTS, '--agents', String(DEMO_ROBOTS), '--ready', this.readyFile];
      await steps.run(`${DEMO_ROBOTS} robot agents`, () =>
        this.keepRole({ name: 'robots', program, saysReady: false }, environmentWith({})),
      );
    }
    steps.say(`\nWusul runs at ${url} (${steps.seconds()} s)`);
    for (const { role, user, password } of accounts) steps.say(`  ${role.padEnd(11)} ${user.padEnd(18)} ${password}`);
    steps.say('Stop it with Ctrl-C or `npm stop`.');
  }

  private async stopAll(): Promise<void> {
    removeReady(this.readyFile);
    this.logs?.stop();
    this.breakOff.abort();
    await Promise.race([this.starting?.catch(() => undefined), pause(BREAK_OFF_LIMIT_MS)]);
    // Whoever places or takes calls drains first; who serves them follows; the servers all stood on come last.
    await Promise.all([this.end('robots', DRAIN_LIMIT_MS), this.end('dialer', DRAIN_LIMIT_MS)]);
    await Promise.all([this.end('web', ROLE_LIMIT_MS), this.end('worker', ROLE_LIMIT_MS)]);
    await Promise.all([...this.kept.values()].map((kept) => kept.release()));
    await this.services?.stop();
    await this.record.endAll();
    this.lock.release();
  }

  private goOn(): void {
    this.breakOff.signal.throwIfAborted();
  }

  private async end(name: string, limitMs: number): Promise<void> {
    const kept = this.kept.get(name);
    await kept?.release();
    const running = kept?.running();
    if (running) await endProcess(running.identity, 'SIGTERM', limitMs);
  }

  private async prepareDatabase(services: Services, demoPassword: string): Promise<Account[]> {
    const database = createDatabase(createPool(services.databaseUrl, { max: 4, applicationName: 'wusul start' }));
    try {
      await migrateToLatest(database);
      await seedRulePacks(database);
      await recordTrunk(database, this.settings, services.switch?.trunkUri ?? '');
      if (this.settings.DEMO === 'off') {
        await disableDemoAccounts(database);
        return [];
      }
      const { seedDemo } = await import('./demo.ts');
      return await seedDemo({ database, password: demoPassword });
    } finally {
      await database.destroy();
    }
  }

  private keepService(services: Services, name: ServiceName): void {
    const first = services.running.get(name)?.process;
    if (first === undefined) return;
    this.keep(name, first, async (signal) => {
      await services.restart(name, signal);
      const again = services.running.get(name)?.process;
      if (again === undefined) throw new Error(`${name} is not ours to start`);
      return again;
    });
  }

  private async keepRole(role: RoleProcess, environment: NodeJS.ProcessEnv): Promise<void> {
    const start = (signal: AbortSignal): Promise<RunningProcess> =>
      startRole(role, environment, join(this.logFolder, `${role.name}.log`), {
        signal,
        onSpawn: (identity) => this.record.add(role.name, identity),
      });
    this.keep(role.name, await start(this.breakOff.signal), start);
  }

  private keep(name: string, first: RunningProcess, start: (signal: AbortSignal) => Promise<RunningProcess>): void {
    this.note(name, first);
    const kept = keepAlive({
      name,
      first,
      start,
      onChange: (running) => this.note(name, running),
      onTrouble: (what) => this.print(`  ${what}`),
    });
    this.kept.set(name, kept);
  }

  private note(name: string, running: RunningProcess | null): void {
    if (running === null) {
      delete this.pids[name];
      this.record.remove(name);
    } else {
      this.pids[name] = running.identity.pid;
      this.record.add(name, running.identity);
    }
    if (this.ready !== null && this.stopping === null) writeReady(this.readyFile, this.ready);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
