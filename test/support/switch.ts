import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { startAsterisk } from '../../server/machine/asterisk.ts';
import { chooseAsteriskPorts, type AsteriskPorts } from '../../server/machine/ports.ts';
import type { ProcessIdentity } from '../../server/machine/process.ts';
import { openTree } from '../../server/machine/tree.ts';
import { writeAsteriskConfiguration, type AsteriskOptions } from '../../server/telephony/asterisk/configuration.ts';
import { trunkSettings } from '../../server/telephony/trunk.ts';

const DIALPLANS = join(import.meta.dirname, '../../dialplans');
let count = 0;

/** An Asterisk of its own with the product's dialplan and the demo carrier behind the trunk `demo`. */
export interface TestSwitch {
  ariUrl: string;
  ari: { user: string; password: string };
  ami: { user: string; secret: string; port: number };
  ports: AsteriskPorts;
  /** CEL as the switch writes it, one event per line. */
  recordFile: string;
  logFile: string;
  identity(): ProcessIdentity;
  /** A command of Asterisk's own command line, as `module unload x`; what it answers. */
  command(line: string): string;
  /** `kill -9`, as a fault; `start` brings it back on the same ports and configuration. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts an Asterisk on free ports of loopback; the file calls `stop` when it is done (`afterAll`). It dies with the test run. `names`: its
 * trunks to the demo carrier, where no others are given; `main` is that of the settings. With one alone it is known over which a call came in.
 */
export async function startSwitch(
  change: Partial<AsteriskOptions> = {},
  names: readonly string[] = ['demo', 'main'],
): Promise<TestSwitch> {
  const tree = openTree(inject('treeFolder'));
  count += 1;
  const folder = join(inject('runFolder'), `switch-${process.pid}-${count}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ports = await chooseAsteriskPorts(null, 200);
  const ari = { user: 'wusul', password: 'ari-of-a-test' };
  const ami = { user: 'wusul', secret: 'ami-of-a-test' };
  const trunks = names.map((name) => trunkSettings.parse({ name, kind: 'demo', uri: `sip:127.0.0.1:${ports.carrier}` }));
  const configuration = await writeAsteriskConfiguration({
    folder,
    modules: tree.modules,
    share: tree.share,
    sbin: tree.programs,
    dialplans: DIALPLANS,
    bind: '127.0.0.1',
    ports,
    ari,
    ami,
    mediaAddress: '127.0.0.1',
    trunks,
    carrier: true,
    language: 'en',
    ...change,
  });
  const logFile = join(folder, 'output.log');
  const settings = { tree, configurationFile: configuration.file, ports, ari, logFile, diesWithUs: true };
  let service = await startAsterisk(settings);
  return {
    ariUrl: configuration.ariUrl,
    ari,
    ami: { ...ami, port: ports.ami },
    ports,
    recordFile: configuration.recordFile,
    logFile,
    identity: () => service.process.identity,
    command(line) {
      const { file, args } = tree.command('asterisk', ['-C', configuration.file, '-rx', line]);
      return execFileSync(file, args, { encoding: 'utf8' });
    },
    async kill() {
      process.kill(service.process.identity.pid, 'SIGKILL');
      await service.process.exited;
    },
    async start() {
      service = await startAsterisk(settings);
    },
    async stop() {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
