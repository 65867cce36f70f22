import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { localSocket } from './local-socket.ts';
import { endProcess, identify, serviceUser, startProcess, userFlags, type ServiceUser, type StartWatch } from './process.ts';
import { whenReady, type Service } from './service.ts';
import type { Tree } from './tree.ts';

const USER = 'wusul';
/** Nothing of ours concerns it; PGDATA and its like would mislead it. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
const START_LIMIT_MS = 60_000;
const AGAIN_MS = 250;
const STOP_LIMIT_MS = 2_500;
const LEAST_SHARED_MB = 256;
const MOST_SHARED_MB = 8_192;

/** What an embedded PostgreSQL needs. `durable` false gives up safety against a crash for speed: tests only. */
export interface PostgresSettings extends StartWatch {
  tree: Tree;
  dataFolder: string;
  port: number;
  password: string;
  logFile: string;
  durable: boolean;
  diesWithUs?: boolean;
}

/**
 * Starts PostgreSQL on loopback, creating its data folder the first time; one left running on that folder is stopped first. What is left
 * of one that was killed may hold the folder for a moment longer: then it is started again.
 */
export async function startPostgres(settings: PostgresSettings): Promise<Service> {
  const user = serviceUser(join(settings.tree.postgres, 'postgres'), settings.dataFolder);
  if (!existsSync(join(settings.dataFolder, 'PG_VERSION'))) createCluster(settings, user);
  const begun = performance.now();
  for (;;) {
    await stopStale(settings.dataFolder);
    try {
      return await startOnce(settings, user);
    } catch (error) {
      if (!isStillHeld(error) || performance.now() - begun > START_LIMIT_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

async function startOnce(settings: PostgresSettings, user: ServiceUser | null): Promise<Service> {
  const running = await startProcess({
    name: 'postgres',
    file: join(settings.tree.postgres, 'postgres'),
    args: ['-D', settings.dataFolder, '-h', '127.0.0.1', '-p', String(settings.port), ...serverOptions(settings)],
    folder: settings.dataFolder,
    environment: ENVIRONMENT,
    logFile: settings.logFile,
    ...(user && { user }),
    ...(settings.diesWithUs && { diesWithUs: true }),
    onSpawn: settings.onSpawn,
    signal: settings.signal,
  });
  const url = postgresUrl(settings, 'postgres');
  try {
    await whenReady(running, settings.logFile, START_LIMIT_MS, () => answers(url), settings.signal);
  } catch (error) {
    await endProcess(running.identity, 'SIGQUIT', STOP_LIMIT_MS);
    throw error;
  }
  return {
    name: 'postgres',
    process: running,
    // SIGINT ends open sessions and writes a checkpoint; SIGQUIT leaves that to the next start.
    async stop() {
      await endProcess(running.identity, 'SIGINT', STOP_LIMIT_MS);
    },
  };
}

/** Whether it gave up because processes of a former one, which are about to end, still have the folder. */
function isStillHeld(error: unknown): boolean {
  const last = error instanceof Error ? error.message.split('\n').findLast((line) => line.includes('FATAL:')) : undefined;
  return /postmaster\.pid" already exists|shared memory block .* still in use/.test(last ?? '');
}

/** The address of one database of an embedded PostgreSQL. */
export function postgresUrl(settings: { port: number; password: string }, database: string): string {
  return `postgres://${USER}:${encodeURIComponent(settings.password)}@127.0.0.1:${settings.port}/${database}`;
}

/** The same for whoever runs on this machine: by the socket in the data folder, where there is one. */
export function localPostgresUrl(settings: { port: number; password: string; dataFolder: string }, database: string): string {
  const url = postgresUrl(settings, database);
  return socketOf(settings) === null ? url : `${url}?${new URLSearchParams({ host: settings.dataFolder }).toString()}`;
}

function socketOf({ dataFolder, port }: { dataFolder: string; port: number }): string | null {
  return localSocket(dataFolder, `.s.PGSQL.${port}`);
}

/** Creates a database unless there is one of that name. */
export async function ensureDatabase(settings: { port: number; password: string }, name: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl(settings, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/** Built beside its place and then renamed, so that an interrupted first start leaves no half of a cluster. */
function createCluster(settings: PostgresSettings, user: ServiceUser | null): void {
  const building = `${settings.dataFolder}.new`;
  rmSync(building, { recursive: true, force: true });
  rmSync(settings.dataFolder, { recursive: true, force: true });
  mkdirSync(building, { recursive: true, mode: 0o700 });
  const passwordFile = join(building, '..', `.password-${process.pid}`);
  writeFileSync(passwordFile, settings.password, { mode: 0o600 });
  if (user) {
    chownSync(building, user.uid, user.gid);
    chownSync(passwordFile, user.uid, user.gid);
  }
  const args = ['-D', building, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--no-sync'];
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const made = asUser(join(settings.tree.postgres, 'initdb'), [...args, ...locale], user);
  rmSync(passwordFile, { force: true });
  if (made.status !== 0)
    throw new Error(`PostgreSQL could not create its data folder ${settings.dataFolder}: ${made.stderr || made.error?.message}`);
  renameSync(building, settings.dataFolder);
}

function asUser(file: string, args: string[], user: ServiceUser | null) {
  const options = { encoding: 'utf8', cwd: '/', env: ENVIRONMENT } as const;
  if (!user) return spawnSync(file, args, options);
  return spawnSync('setpriv', [...userFlags(user), '--', file, ...args], options);
}

/** A quarter of the memory, as PostgreSQL's manual advises, taken only as it is needed: the rest serves Node, Asterisk and, as the cache of the file system, PostgreSQL again. */
function sharedMegabytes(): number {
  return Math.max(LEAST_SHARED_MB, Math.min(MOST_SHARED_MB, Math.floor(totalmem() / 4 / 2 ** 20)));
}

function serverOptions(settings: PostgresSettings): string[] {
  const values = [
    `unix_socket_directories=${socketOf(settings) === null ? '' : `"${settings.dataFolder}"`}`,
    'max_connections=200',
    `shared_buffers=${settings.durable ? sharedMegabytes() : LEAST_SHARED_MB}MB`,
    // Statements here are short and many: compiling them costs more than it saves.
    'jit=off',
    'random_page_cost=1.1',
    // Fewer, longer checkpoints: what is written anew after each of them slows reservations down.
    'max_wal_size=4GB',
    'checkpoint_timeout=15min',
    // Files of the log are used again: to make one takes a commit as long as twenty that find one.
    'min_wal_size=1GB',
    // An import fills the usual 16 MB faster than they are written, and each who waits for room writes for all.
    'wal_buffers=64MB',
    // Whoever needs a page should find a clean one to put it in.
    'bgwriter_delay=50ms',
    'bgwriter_lru_maxpages=500',
    'log_min_messages=warning',
    // Statements may hold personal data: they are never logged.
    'log_statement=none',
    'log_min_error_statement=panic',
    'log_parameter_max_length_on_error=0',
    'timezone=UTC',
    ...(settings.durable
      ? []
      : [
          'fsync=off',
          'synchronous_commit=off',
          'full_page_writes=off',
          'wal_level=minimal',
          'max_wal_senders=0',
          'autovacuum_naptime=5s',
        ]),
  ];
  return values.flatMap((value) => ['-c', value]);
}

/** Ends a PostgreSQL that an earlier run left on this folder. Its command line must name the folder: no other process is touched. */
async function stopStale(dataFolder: string): Promise<void> {
  const file = join(dataFolder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const identity = identify(Number(readFileSync(file, 'latin1').split('\n')[0]));
  if (identity === null) return;
  const commandLine = readFileSync(`/proc/${identity.pid}/cmdline`, 'latin1').split('\0');
  if (commandLine.includes(dataFolder)) await endProcess(identity, 'SIGINT', STOP_LIMIT_MS);
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {
    // The server is not up yet.
  });
  try {
    await client.connect();
    return true;
  } catch (error) {
    // A wrong password will not become right by waiting.
    if (error instanceof DatabaseError && error.code === '28P01')
      throw new Error(`The PostgreSQL in ${dirname(url)} does not take the recorded password`, { cause: error });
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
