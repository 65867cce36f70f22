import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { environmentWith } from '../config.ts';

/** A process as it can be told from any later one with the same number: by its start, counted since this boot. */
export const ProcessIdentity = z.object({ pid: z.int().positive(), startTicks: z.string(), bootId: z.string() });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** What may be said of a start under way, and to it. */
export interface StartWatch {
  /** Told as soon as the process lives, long before it is ready, so that it can be found and ended whatever happens. */
  onSpawn?: ((identity: ProcessIdentity) => void) | undefined;
  /** Breaks the start off: what was started is ended and the start fails. */
  signal?: AbortSignal | undefined;
}

/** What to run. Output goes to `logFile`, appended; nothing is inherited from the terminal. */
export interface ProcessSpec extends StartWatch {
  name: string;
  file: string;
  args: readonly string[];
  folder?: string;
  environment?: NodeJS.ProcessEnv;
  logFile: string;
  /** Another user to run as; only root may ask for it. */
  user?: ServiceUser;
  /** The kernel ends the process when ours dies, however it dies: for tests, which leave nothing behind. */
  diesWithUs?: boolean;
  /** Sent to the process's standard input, which is then closed; keeps secrets off command lines. */
  input?: string;
  /** Opens a channel to a Node program of ours and hears what it says over it. */
  onMessage?: (message: unknown) => void;
}

/** An unprivileged user. `throughClosedFolders`: it must be let through folders that only root may enter, as under /root. */
export interface ServiceUser {
  uid: number;
  gid: number;
  throughClosedFolders: boolean;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  name: string;
  identity: ProcessIdentity;
  /** Settles once the process has ended; never rejects. */
  exited: Promise<Exit>;
  hasExited(): boolean;
}

/** Starts a process in a group of its own, so that a Ctrl-C in the terminal reaches only the one that stops the others in order. */
export async function startProcess(spec: ProcessSpec): Promise<RunningProcess> {
  spec.signal?.throwIfAborted();
  const log = openSync(spec.logFile, 'a', 0o600);
  const { file, args } = wrapped(spec);
  let child: ChildProcess;
  try {
    child = spawn(file, args, {
      cwd: spec.folder,
      env: spec.environment ?? environmentWith({}),
      stdio: [spec.input === undefined ? 'ignore' : 'pipe', log, log, ...(spec.onMessage ? (['ipc'] as const) : [])],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
  let ended = false;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = true;
      resolve({ code, signal });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${spec.name} cannot be started: ${error.message}`, { cause: error })));
  });
  if (spec.onMessage) child.on('message', spec.onMessage);
  child.stdin?.on('error', () => {
    // The process ended before it had read everything; its exit tells.
  });
  child.stdin?.end(spec.input);
  const identity = identify(child.pid ?? 0);
  if (identity === null) throw new Error(`${spec.name} ended as soon as it was started; see ${spec.logFile}`);
  spec.onSpawn?.(identity);
  return { name: spec.name, identity, exited, hasExited: () => ended };
}

/** The identity of a live process, or null when there is none with this number (or only its remains). */
export function identify(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets and may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return { pid, startTicks: fields[19] ?? '', bootId: bootId() };
  } catch {
    return null;
  }
}

/** True while that very process lives: a later process that was given its number does not count. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Asks a process to end with `signal`, and after `graceMs` milliseconds makes it. Does nothing to any other process. */
export async function endProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<'ended' | 'killed'> {
  if (!send(identity, signal)) return 'ended';
  if (await goneWithin(identity, graceMs)) return 'ended';
  send(identity, 'SIGKILL');
  await goneWithin(identity, 2_000);
  return 'killed';
}

/** Kills a process without waiting for its end. Does nothing to any other process. */
export function killProcess(identity: ProcessIdentity): void {
  send(identity, 'SIGKILL');
}

/** Waits until `condition` holds, at most `limitMs`; asks every `everyMs`. Resolves to whether it came to hold. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, limitMs: number, everyMs = 20): Promise<boolean> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > limitMs) return false;
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs);
    });
  }
  return true;
}

function goneWithin(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  return waitUntil(() => !isAlive(identity), limitMs);
}

function send(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

let knownBootId: string | undefined;
function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return knownBootId;
}

function wrapped(spec: ProcessSpec): { file: string; args: string[] } {
  const flags: string[] = [];
  if (spec.diesWithUs && hasSetpriv()) flags.push('--pdeathsig', 'KILL');
  if (spec.user) {
    if (!hasSetpriv())
      throw new Error('This machine has no setpriv (package util-linux), by which root starts programs as another user');
    flags.push(...userFlags(spec.user));
  }
  if (flags.length === 0) return { file: spec.file, args: [...spec.args] };
  return { file: 'setpriv', args: [...flags, '--', spec.file, ...spec.args] };
}

/**
 * How `setpriv` becomes that user. Where it must pass folders that are closed to it, it keeps the one capability for that; the
 * secure bit is for access(2), which otherwise answers as if it had none.
 */
export function userFlags(user: ServiceUser): string[] {
  const flags = ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'];
  if (!user.throughClosedFolders) return flags;
  return [...flags, '--inh-caps', '+dac_override', '--ambient-caps', '+dac_override', '--securebits', '+no_setuid_fixup'];
}

function hasSetpriv(): boolean {
  return ['/usr/bin/setpriv', '/bin/setpriv'].some((file) => existsSync(file));
}

/**
 * The user that a program started by root runs as where it refuses root: `postgres`, else `nobody`; null when we are not
 * root. It must be able to run `program` and to reach `folder`, which need not exist yet; where a closed folder bars the
 * way, it is let through.
 */
export function serviceUser(program: string, folder: string): ServiceUser | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const account = ['postgres', 'nobody']
    .map((name) => accounts.find(([found]) => found === name))
    .find((found) => found !== undefined);
  const user = { uid: Number(account?.[2] ?? 65_534), gid: Number(account?.[3] ?? 65_534) };
  const runs = spawnSync(program, ['--version'], { ...user, stdio: 'ignore', cwd: '/' }).status === 0;
  return { ...user, throughClosedFolders: !runs || !isOpenToAll(dirname(folder)) };
}

/** Whether anybody may pass through every folder down to this one. */
function isOpenToAll(folder: string): boolean {
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0o001;
  return (mode & 0o001) !== 0 && (folder === dirname(folder) || isOpenToAll(dirname(folder)));
}
