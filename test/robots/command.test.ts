import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Client } from '../../scripts/robots/client.ts';
import { demandDemo } from '../../scripts/robots/fleet.ts';

const folder = mkdtempSync(join(tmpdir(), 'robots-'));
afterAll(() => rmSync(folder, { recursive: true }));

function robots(...argv: string[]): { stderr: string; status: number | null } {
  const program = join(import.meta.dirname, '../../scripts/robots.ts');
  const ended = spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8' });
  return { stderr: ended.stderr, status: ended.status };
}

describe('npm run robots', () => {
  test('says in one line that no server is running', () => {
    const ended = robots('--ready', join(folder, 'nothing.json'));
    expect(ended).toEqual({ status: 2, stderr: 'robots: no server is running here: start one with `npm start`\n' });
  });

  test('refuses a server without demo accounts', () => {
    const ready = join(folder, 'ready.json');
    writeFileSync(ready, JSON.stringify({ url: 'http://127.0.0.1:1', accounts: [] }));
    const ended = robots('--ready', ready);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain('demo floor only');
  });

  test('refuses a number of agents that is none', () => {
    expect(robots('--agents', '0')).toEqual({
      status: 2,
      stderr: "robots: --agents takes a whole number from 1 to 200, not '0'\n",
    });
  });
});

function adminOf(demo: boolean, kind: 'demo' | 'real'): Client {
  const proven = { proof: kind === 'demo' ? 'not_needed' : 'passed', provenUntil: null };
  const trunks = [{ name: 'main', kind, armed: true, channelLimit: 10, callsPerSecond: 5, ...proven }];
  return {
    url: 'http://127.0.0.1:1',
    cookie: '',
    me: {
      id: '01990000-0000-7000-8000-000000000001',
      login: 'admin',
      displayName: 'Admin',
      role: 'admin',
      language: 'en',
      stationKind: 'browser',
      demo,
      floorId: 'main',
    },
    get: <T>(_path: string, answer: z.ZodType<T>) => Promise.resolve(answer.parse(trunks)),
    send: () => Promise.reject(new Error('nothing is to be changed')),
    upload: () => Promise.reject(new Error('nothing is to be changed')),
    signOut: () => Promise.resolve(),
  };
}

describe('the place robots may work in', () => {
  test('is a demo with demo trunks only', async () => {
    await expect(demandDemo(adminOf(true, 'demo'))).resolves.toBeUndefined();
    await expect(demandDemo(adminOf(true, 'real'))).rejects.toThrow(/trunk 'main' is real/);
    await expect(demandDemo(adminOf(false, 'demo'))).rejects.toThrow(/not a demo/);
  });
});
