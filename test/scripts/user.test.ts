import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { environmentWith } from '../../server/config.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/user.ts');
let fresh: FreshDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

function run(args: string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [SCRIPT, ...args], { env: environmentWith({ DATABASE_URL: fresh.url }) });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

test('a first admin is made from the command line, with the password on standard input', async () => {
  expect(await run(['add', 'Root', '--role', 'admin'], 'a long password\n')).toMatchObject({ code: 0 });
  const listed = await run(['list', '--json']);
  expect(JSON.parse(listed.out.trim().split('\n').at(-1) ?? '')).toMatchObject({
    users: [{ login: 'root', role: 'admin', demo: false }],
  });
});

test('an agent’s languages and skills are given with them', async () => {
  expect(
    await run(['add', 'sara', '--role', 'agent', '--speaks', 'ar, fa', '--skills', 'Legal'], 'a long password\n'),
  ).toMatchObject({
    code: 0,
  });
  const { out } = await run(['list', '--json']);
  expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toMatchObject({
    users: [{ login: 'root' }, { login: 'sara', languages: ['ar', 'fa'], skills: ['legal'] }],
  });
});

test('what is wrong is said in one line, with exit code 2', async () => {
  for (const [args, input, fault] of [
    [['add', 'root', '--role', 'admin'], 'a long password\n', 'already signs in'],
    [['add', 'other', '--role', 'king'], 'a long password\n', '--role agent|supervisor|admin'],
    [['add', 'other', '--role', 'agent'], 'short\n', 'at least 10 characters'],
    [['add', 'other', '--role', 'agent'], '', 'at least 10 characters'],
    [['add', 'other', '--role', 'agent', '--speaks', 'Arabic'], 'a long password\n', 'two small letters'],
    [['password', 'nobody'], 'a long password\n', 'nobody named nobody'],
    [['disable', 'root'], '', 'last admin'],
    [['dance'], '', 'add, disable, password, list'],
    [['list', '--loud'], '', "'--loud'"],
  ] as const) {
    const { code, out, err } = await run([...args], input);
    expect([code, out, err.trim().split('\n').length]).toEqual([2, '', 1]);
    expect(err).toContain(fault);
  }
});
