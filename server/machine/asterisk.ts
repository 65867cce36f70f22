import { connect } from 'node:net';
import { join } from 'node:path';
import { endProcess, startProcess } from './process.ts';
import { whenReady, type Service } from './service.ts';
import type { Tree } from './tree.ts';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 3_000;

/** The ports one Asterisk listens on, all on loopback unless the media address says otherwise. */
export interface AsteriskPorts {
  sip: number;
  /** ARI, and SIP over WebSocket at `/ws`. */
  http: number;
  ami: number;
  rtpFrom: number;
  rtpTo: number;
}

/** What an embedded Asterisk needs; `etcFolder` holds the written configuration with `asterisk.conf`. */
export interface AsteriskSettings {
  tree: Tree;
  etcFolder: string;
  ports: AsteriskPorts;
  logFile: string;
  diesWithUs?: boolean;
}

/** Starts Asterisk in the foreground and resolves when ARI and AMI take connections and the dialplan is loaded. */
export async function startAsterisk(settings: AsteriskSettings): Promise<Service> {
  // -f: stays in the foreground; -g is left out, a core dump would hold personal data.
  const command = settings.tree.command('asterisk', ['-C', join(settings.etcFolder, 'asterisk.conf'), '-f']);
  const running = await startProcess({
    name: 'asterisk',
    ...command,
    folder: settings.etcFolder,
    logFile: settings.logFile,
    // One arena per core would hold on to hundreds of megabytes after a busy hour.
    environment: { ...process.env, MALLOC_ARENA_MAX: '2' },
    ...(settings.diesWithUs && { diesWithUs: true }),
  });
  try {
    await whenReady(running, settings.logFile, START_LIMIT_MS, () => isBooted(settings.ports));
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

/** AMI greets before all modules are in; ARI answers 401 only once its own are, and 404 or nothing before. */
async function isBooted(ports: AsteriskPorts): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${ports.http}/ari/asterisk/info`, { signal: AbortSignal.timeout(1_000) }).catch(
    () => null,
  );
  await answer?.body?.cancel();
  return answer?.status === 401 && (await takesConnections(ports.ami));
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
