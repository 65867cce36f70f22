import { connect } from 'node:net';
import { dirname } from 'node:path';
import { environmentWith } from '../config.ts';
import { endProcess, startProcess, type StartWatch } from './process.ts';
import { whenReady, type Service } from './service.ts';
import type { Tree } from './tree.ts';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 1_500;

/** What an embedded Asterisk needs. */
export interface AsteriskSettings extends StartWatch {
  tree: Tree;
  /** Absolute path of the written `asterisk.conf`. */
  configurationFile: string;
  /** ARI and AMI's port tell when it is up. */
  ports: { http: number; ami: number };
  ari: { user: string; password: string };
  logFile: string;
  diesWithUs?: boolean;
}

/** Starts Asterisk in the foreground and resolves when ARI and AMI take connections and the dialplan is loaded. */
export async function startAsterisk(settings: AsteriskSettings): Promise<Service> {
  // -f: stays in the foreground; -g is left out, a core dump would hold personal data.
  const command = settings.tree.command('asterisk', ['-C', settings.configurationFile, '-f']);
  const running = await startProcess({
    name: 'asterisk',
    ...command,
    folder: dirname(settings.configurationFile),
    logFile: settings.logFile,
    // One arena per core would hold on to hundreds of megabytes after a busy hour.
    environment: environmentWith({ MALLOC_ARENA_MAX: '2' }),
    ...(settings.diesWithUs && { diesWithUs: true }),
    onSpawn: settings.onSpawn,
    signal: settings.signal,
  });
  try {
    await whenReady(running, settings.logFile, START_LIMIT_MS, () => isBooted(settings), settings.signal);
  } catch (error) {
    await endProcess(running.identity, 'SIGKILL', STOP_LIMIT_MS);
    throw error;
  }
  return {
    name: 'asterisk',
    process: running,
    async stop() {
      await endProcess(running.identity, 'SIGTERM', STOP_LIMIT_MS);
    },
  };
}

/** ARI refuses with 503 until every module is in, but only those who know the password. */
async function isBooted({ ports, ari }: AsteriskSettings): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${ports.http}/ari/asterisk/info`, {
    headers: { authorization: `Basic ${Buffer.from(`${ari.user}:${ari.password}`).toString('base64')}` },
    signal: AbortSignal.timeout(1_000),
  }).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status === 200 && (await takesConnections(ports.ami));
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
