/**
 * The composition root. Without arguments it starts Wusul on this machine: servers, roles, demo. With `--role` it is one
 * role, which finds its servers in the settings.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadSettings, SettingsError, type Settings } from './config.ts';
import { ROLE_NAMES, type RoleContext, type RoleName, type RunningRole } from './kernel/role.ts';
import { roleContext } from './machine/role.ts';
import { AlreadyRunning, Machine } from './machine/supervisor.ts';

const USAGE = `Usage: npm start -- [--no-demo]
       node server/main.ts --role ${ROLE_NAMES.join('|')}`;

const ALIVE_EVERY_MS = 1_000;
/** One Ctrl-C may come as several signals: the terminal sends its own, npm passes on another. */
const ONE_REQUEST_MS = 1_000;
/** For so long a role whose supervisor is gone tries to end in order. */
const ORPHAN_LIMIT_MS = 10_000;

await main();

async function main(): Promise<void> {
  const options = readArguments();
  if (options === null) return end(2, USAGE);
  let settings: Settings;
  try {
    settings = loadSettings(options.noDemo ? { DEMO: 'off' } : {});
  } catch (error) {
    if (error instanceof SettingsError) return end(2, error.message);
    throw error;
  }
  await (options.role === null ? runMachine(settings) : runRole(options.role, settings));
}

async function runMachine(settings: Settings): Promise<void> {
  // What is written here may concern people: nobody else may read it.
  process.umask(0o077);
  process.stdout.on('error', () => {
    // The terminal is gone; the machine goes on until it is told to stop.
  });
  process.stdout.write(`Wusul ${version()}\n`);
  let machine: Machine;
  try {
    machine = new Machine(settings, (line) => process.stdout.write(`${line}\n`));
  } catch (error) {
    if (error instanceof AlreadyRunning) return end(1, error.message);
    throw error;
  }
  let stopping = false;
  const stop = (code: number): void => {
    if (!stopping) void machine.stop().then(() => end(code, 'Stopped.'));
    stopping = true;
  };
  onStopSignal(
    () => {
      process.stdout.write('Stopping …\n');
      stop(0);
    },
    () => {
      machine.kill();
      end(1, 'Killed.');
    },
  );
  // A fault of the supervisor's own must not leave its processes behind.
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    stop(1);
  });
  try {
    await machine.start();
  } catch (error) {
    if (stopping) return;
    await machine.stop();
    end(1, `Wusul could not be started: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function runRole(role: RoleName, settings: Settings): Promise<void> {
  const context = roleContext(role, settings, version());
  // The supervisor is gone: nobody would start again what dies, or stop what lives. A start is broken off where it is.
  let onOrphaned = (): void => process.exit(1);
  process.once('disconnect', () => onOrphaned());
  if (process.send !== undefined && !process.connected) onOrphaned();
  const running = await start(context);
  const stop = (): void => {
    void running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        context.log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  onStopSignal(stop, () => process.exit(1));
  onOrphaned = () => {
    stop();
    // The servers may have gone with it, and whoever waits for them would stay for ever.
    setTimeout(() => process.exit(1), ORPHAN_LIMIT_MS).unref();
  };
  sayAlive(join(settings.RUNTIME_DIR, `alive-${role}`));
  process.send?.('ready');
}

/** Touches a file each second while the event loop turns: a container's health check looks at its age. */
function sayAlive(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const touch = (): void => {
    try {
      writeFileSync(file, '');
    } catch {
      // A full disk is told by the file's age; it must not end calls.
    }
  };
  touch();
  setInterval(touch, ALIVE_EVERY_MS).unref();
}

/** Each role loads its own rooms only, so that a dialer does not carry the web. */
async function start(context: RoleContext): Promise<RunningRole> {
  if (context.role === 'web') return (await import('./web/start.ts')).startWeb(context);
  if (context.role === 'dialer') return (await import('./dialer/start.ts')).startDialer(context);
  return (await import('./worker/start.ts')).startWorker(context);
}

/** The first request stops in order, a second one, over a second later, ends everything at once. */
function onStopSignal(stop: () => void, endAtOnce: () => void): void {
  let askedAt: number | null = null;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (askedAt === null) {
        askedAt = now;
        stop();
      } else if (now - askedAt > ONE_REQUEST_MS) endAtOnce();
    });
  }
}

function readArguments(): { role: RoleName | null; noDemo: boolean } | null {
  try {
    const { values } = parseArgs({ options: { role: { type: 'string' }, 'no-demo': { type: 'boolean' } } });
    const role = ROLE_NAMES.find((name) => name === values.role) ?? null;
    if (values.role !== undefined && role === null) return null;
    return { role, noDemo: values['no-demo'] ?? false };
  } catch {
    return null;
  }
}

function version(): string {
  const text = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function end(code: number, line: string): void {
  (code === 0 ? process.stdout : process.stderr).write(`${line}\n`);
  process.exit(code);
}
