import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { choosePort } from '../../server/machine/ports.ts';
import { endProcess, identify, isAlive } from '../../server/machine/process.ts';
import type { Ready } from '../../server/machine/ready.ts';
import { eventually } from '../support/conditions.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');

describe('the program', () => {
  let runtime: string;
  let environment: Record<string, string>;
  let started: ChildProcess[];

  beforeEach(async () => {
    runtime = mkdtempSync(join(inject('runFolder'), 'main-'));
    symlinkSync(inject('treeFolder'), join(runtime, 'tree'));
    started = [];
    const [http, sip] = [await choosePort(null, 'tcp'), await choosePort(null, 'both')];
    environment = { RUNTIME_DIR: runtime, DATA_DIR: join(runtime, 'data'), HTTP_PORT: String(http), SIP_PORT: String(sip) };
  });
  afterEach(async () => {
    for (const child of started) {
      const identity = child.exitCode === null && child.pid !== undefined ? identify(child.pid) : null;
      if (identity !== null) await endProcess(identity, 'SIGTERM', 12_000);
    }
    rmSync(runtime, { recursive: true, force: true });
  });

  function run(args: string[], change: Record<string, string> = {}): { child: ChildProcess; said: () => string } {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...environment, ...change }, stdio: 'pipe' });
    started.push(child);
    let text = '';
    child.stdout.on('data', (part: Buffer) => (text += part.toString()));
    child.stderr.on('data', (part: Buffer) => (text += part.toString()));
    return { child, said: () => text };
  }

  it('starts the demo floor from nothing, lets its accounts in, and is gone within ten seconds of Ctrl-C', async () => {
    const { child, said } = run([]);
    await eventually('it is ready', () => said().includes('Wusul runs at') || child.exitCode !== null, 50_000);
    const ready = JSON.parse(readFileSync(join(runtime, 'ready.json'), 'utf8')) as Ready;
    expect(said()).toContain(ready.url);
    expect((await fetch(`${ready.url}/healthz`)).status).toBe(200);
    expect(ready.accounts.map(({ role }) => role).toSorted()).toEqual(['admin', 'agent', 'supervisor']);
    for (const { user } of ready.accounts) expect(said()).toContain(user);

    const processes = Object.values(ready.pids).flatMap((pid) => identify(pid) ?? []);
    expect(processes.length).toBe(7);
    const began = performance.now();
    // The terminal sends the one, npm passes on the other.
    child.kill('SIGINT');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(child.exitCode).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(existsSync(join(runtime, 'ready.json'))).toBe(false);
  }, 90_000);

  it('names every fault of its settings and starts nothing', async () => {
    const { child, said } = run([], { HTTP_PORT: 'many', TRUNK_KIND: 'unreal' });
    await once(child, 'close');
    expect(child.exitCode).toBe(2);
    expect(said()).toContain('HTTP_PORT');
    expect(said()).toContain('TRUNK_KIND');
    expect(existsSync(join(runtime, 'supervisor.json'))).toBe(false);
  });

  it('knows its options and refuses others', async () => {
    const { child, said } = run(['--fast']);
    await once(child, 'close');
    expect(child.exitCode).toBe(2);
    expect(said()).toContain('--no-demo');
  });

  it('ends a role in the middle of its start when its supervisor is gone', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    const connected = once(silent, 'connection');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const settings = {
      DATABASE_URL: `postgres://wusul@127.0.0.1:${port}/wusul`,
      REDIS_URL: `redis://127.0.0.1:${port}`,
      ARI_URL: `http://127.0.0.1:${port}`,
      ARI_USER: 'wusul',
      ARI_PASSWORD: 'wusul',
      STATION_SECRET: 'stations'.repeat(4),
    };
    const child = spawn(process.execPath, [MAIN, '--role', 'dialer'], {
      env: { ...process.env, ...environment, ...settings },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    started.push(child);
    await Promise.race([connected, once(child, 'exit')]);
    expect(child.exitCode).toBeNull();
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([1, null]);
    silent.close();
  });

  it('says what a role on its own lacks', async () => {
    const { child, said } = run(['--role', 'worker'], { REDIS_URL: 'redis://127.0.0.1:6379' });
    await once(child, 'close');
    expect(child.exitCode).not.toBe(0);
    expect(said()).toMatch(/needs these settings: DATABASE_URL, ARI_URL/);
    expect(said()).not.toContain('REDIS_URL,');
  });
});
