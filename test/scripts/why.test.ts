import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { environmentWith } from '../../server/config.ts';
import { mobile, openScene, type Scene } from '../queue/scene.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/why.ts');
const number = mobile();
let scene: Scene;
let partyId: string;
let campaign: string;

beforeAll(async () => {
  scene = await openScene();
  const campaignId = await scene.addCampaign();
  [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [number] }]);
  const row = await scene.database.selectFrom('campaign').select('name').where('id', '=', campaignId).executeTakeFirstOrThrow();
  campaign = row.name;
});
afterAll(() => scene.fresh.drop());

function run(args: string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [SCRIPT, ...args], { env: environmentWith({ DATABASE_URL: scene.fresh.url }) });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

test('a refusal is explained in one line with its rule, its source and the moment it ends; nobody is named', async () => {
  const { code, out } = await run([partyId, '--at', '2026-04-19T23:30+03:00', '--campaign', campaign]);
  expect(code).toBe(0);
  expect(out).toMatch(/may not be called\n.*refused: hours \(SA v1, .+\).*lawful from 2026-04-20 \d\d:\d\d Asia\/Riyadh/);
  expect(out).toContain('in the queue: ready');
  expect(out).not.toContain('Person');
  expect(out).not.toContain(number);
});

test('a number is read from standard input and gives one JSON object', async () => {
  const { code, out } = await run(['--json', '--at', '2026-04-19T11:00+03:00'], `${number}\n`);
  expect(code).toBe(0);
  expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toMatchObject({
    name: 'why',
    people: [{ partyId, judgements: [{ answer: { mayCall: true } }] }],
  });
});

test('what is wrong is said in one line, with exit code 2', async () => {
  for (const [args, input, fault] of [
    [[number], '', 'never from the command line'],
    [[], '', 'on standard input'],
    [['019aa000-0000-7000-8000-000000000000'], '', 'no debtor and no telephone'],
    [[partyId, '--at', 'tomorrow'], '', '--at takes a moment'],
    [[partyId, '--campaign', 'Nowhere'], '', 'no campaign named Nowhere'],
    [[partyId, '--loud'], '', "'--loud'"],
  ] as const) {
    const { code, out, err } = await run([...args], input);
    expect([code, out, err.trim().split('\n').length]).toEqual([2, '', 1]);
    expect(err).toContain(fault);
    expect(err).not.toContain(number);
  }
});
