import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { readSettings, type Settings } from '../../server/config.ts';
import { choosePort } from '../../server/machine/ports.ts';
import { identify, isAlive, type ProcessIdentity } from '../../server/machine/process.ts';
import type { Ready } from '../../server/machine/ready.ts';
import { AlreadyRunning, Machine } from '../../server/machine/supervisor.ts';
import { eventually } from '../support/conditions.ts';
import { startMachineProcess } from '../support/machine.ts';

const IDLE = join(import.meta.dirname, '../support/programs/idle.ts');
const ROLES = ['web', 'dialer', 'worker'].map((name) => ({ name, program: [IDLE], saysReady: true }));

describe('npm start', () => {
  let runtime: string;
  let settings: Settings;
  let said: string[];
  let machine: Machine | null;

  beforeEach(async () => {
    mkdirSync(inject('runFolder'), { recursive: true });
    runtime = mkdtempSync(join(inject('runFolder'), 'machine-'));
    symlinkSync(inject('treeFolder'), join(runtime, 'tree'));
    settings = readSettings(await environment(), null);
    said = [];
    machine = null;
  });
  afterEach(async () => {
    await machine?.stop();
    rmSync(runtime, { recursive: true, force: true });
  });

  async function environment(): Promise<Record<string, string>> {
    const [http, sip] = [await choosePort(null, 'tcp'), await choosePort(null, 'both')];
    return { RUNTIME_DIR: runtime, DATA_DIR: join(runtime, 'data'), DEMO: 'off', HTTP_PORT: String(http), SIP_PORT: String(sip) };
  }

  function create(roles = ROLES): Machine {
    machine = new Machine(settings, (line) => said.push(line), roles);
    return machine;
  }

  function ready(): Ready {
    return JSON.parse(readFileSync(join(runtime, 'ready.json'), 'utf8')) as Ready;
  }

  it('tells in ready.json, for its owner alone, where everything is', async () => {
    await create().start();
    const { url, ports, pids, databaseUrl } = ready();
    expect(url).toBe(`http://127.0.0.1:${settings.HTTP_PORT}`);
    expect(Object.keys(ports).toSorted()).toEqual(['ami', 'ari', 'http', 'postgres', 'redis', 'sip']);
    expect(Object.keys(pids).toSorted()).toEqual(['asterisk', 'dialer', 'postgres', 'redis', 'web', 'worker']);
    expect(await greeting(databaseUrl)).toBe('main');
    expect(statSync(join(runtime, 'ready.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(runtime, 'data/secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('ends every process within ten seconds and takes ready.json away, however stubborn a role is', async () => {
    const stubborn = ROLES.map((role) => ({ ...role, program: [IDLE, '--stubborn'] }));
    const own = create(stubborn);
    await own.start();
    const processes = identities();
    const began = performance.now();
    await own.stop();
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(() => ready()).toThrow('ENOENT');
  });

  it('takes another port when one is taken, and says so', async () => {
    const server = createServer().listen(settings.HTTP_PORT, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await create().start();
    expect(ready().ports.http).not.toBe(port);
    expect(said).toContainEqual(expect.stringContaining(`port ${port} is taken`));
    server.close();
  });

  it('says that one is running when it is started a second time', async () => {
    await create().start();
    const second = (): Machine => new Machine(settings, () => undefined, ROLES);
    expect(second).toThrow(AlreadyRunning);
    expect(second).toThrow(ready().url);
  });

  it('starts again what dies, role or server, and tells the new process', async () => {
    await create().start();
    const before = ready().pids;
    for (const name of ['dialer', 'redis', 'postgres', 'asterisk']) process.kill(before[name] ?? 0, 'SIGKILL');
    await eventually(
      'everything runs again',
      () => Object.entries(before).every(([name, pid]) => runs(ready().pids[name], pid, name)),
      20_000,
    );
    await eventually('the database answers', () =>
      greeting(ready().databaseUrl)
        .then((floor) => floor === 'main')
        .catch(() => false),
    );
    expect(said).toContainEqual(expect.stringContaining('dialer ended (SIGKILL) and is started again'));
  });

  it('keeps the database from one start to the next', async () => {
    const first = create();
    await first.start();
    await query(ready().databaseUrl, "insert into floor (id) values ('north')");
    await first.stop();
    await create().start();
    expect(await query(ready().databaseUrl, 'select id from floor order by id')).toEqual([{ id: 'main' }, { id: 'north' }]);
  });

  it('cleans up after one that was killed, and touches no other process', async () => {
    const killed = await startMachineProcess(settings);
    const left = identities();
    process.kill(killed.pid, 'SIGKILL');
    await eventually('it is dead', () => !isAlive(killed));
    expect(left.filter(isAlive).length).toBeGreaterThan(2);
    await create().start();
    expect(left.filter(isAlive)).toEqual([]);
    expect(said).toContainEqual(expect.stringContaining('ended what an earlier start left running'));
  });

  function identities(): ProcessIdentity[] {
    return Object.values(ready().pids).flatMap((pid) => identify(pid) ?? []);
  }
});

function runs(pid: number | undefined, before: number, name: string): boolean {
  if (pid === undefined || identify(pid) === null) return false;
  return ['dialer', 'redis', 'postgres', 'asterisk'].includes(name) ? pid !== before : pid === before;
}

async function greeting(databaseUrl: string): Promise<unknown> {
  const rows = await query(databaseUrl, "select id from floor where id = 'main'");
  return rows[0]?.id;
}

async function query(databaseUrl: string, statement: string): Promise<{ id: string }[]> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<{ id: string }>(statement)).rows;
  } finally {
    await client.end();
  }
}
