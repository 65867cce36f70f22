import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImportRow } from '../../server/contract/imports.ts';
import { environmentWith } from '../../server/config.ts';
import { startProcess, type RunningProcess } from '../../server/machine/process.ts';
import { startWeb, type RunningWeb } from '../../server/web/start.ts';
import { startWorker } from '../../server/worker/start.ts';
import type { Tx } from '../../server/kernel/database.ts';
import type { RunningRole } from '../../server/kernel/role.ts';
import { eventually } from '../support/conditions.ts';
import { connect, webContext, type TestSocket } from '../support/console.ts';
import { openWeb, PASSWORD, realSettings, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let server: RunningWeb;
let worker: RunningRole | null = null;
let admin: string;
let campaignId: string;
let socket: TestSocket;
const news: ImportRow[] = [];

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('root', 'admin');
  await web.addTrunk('real', 'real', true);
  server = await startWeb(contextOf());
  const signedIn = await fetch(`${url()}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: 'root', password: PASSWORD }),
  });
  admin = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const made = await fetch(`${url()}/campaigns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: admin },
    body: JSON.stringify({ name: 'Cards', settings: realSettings({ countries: ['US'] }) }),
  });
  campaignId = ((await made.json()) as { id: string }).id;
  socket = await connect(server.port, admin);
  socket.on('import', (row) => news.push(row));
});
afterAll(async () => {
  socket.disconnect();
  await worker?.stop();
  await server.stop();
  await web.close();
});

const url = (): string => `http://127.0.0.1:${server.port}/api/v1`;
const contextOf = () => webContext({ databaseUrl: web.databaseUrl, redisUrl: web.redisUrl, dataDir: web.dataDir });

async function send(file: string | Uint8Array<ArrayBuffer> | null, fields: Record<string, string>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== null) form.append('file', new Blob([file]), 'C:\\lists\\list.csv');
  const response = await fetch(`${url()}/imports`, { method: 'POST', headers: { cookie: admin }, body: form });
  return { status: response.status, body: (await response.json()) as ImportRow & { code: string; field: string | null } };
}

async function rowOf(id: string): Promise<ImportRow> {
  return (await (await fetch(`${url()}/imports/${id}`, { headers: { cookie: admin } })).json()) as ImportRow;
}

function list(rows: number, from = 0): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const n = from + index;
    const phone = `212555${String(1_000 + (n % 9_000)).padStart(4, '0')}`;
    return `ACC-${n},Person ${n},${phone},${100 + (n % 900)}.50,01/15/2025,"${n} Main St, New York, NY 10001"`;
  });
  return `account,name,phone,amount,due date,address\n${lines.join('\n')}\n`;
}

async function queued(): Promise<number> {
  const row = await web.database
    .selectFrom('dial_queue')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

describe('an upload', () => {
  test.each([
    ['without a file', null, {}, 'file_missing', 'file'],
    ['of an empty file', '', {}, 'import_file_empty', 'file'],
    ['into no campaign', list(1), { campaignId: '' }, 'invalid', 'campaignId'],
    [
      'into an unknown campaign',
      list(1),
      { campaignId: '019aa000-0000-7000-8000-000000000000' },
      'unknown_campaign',
      'campaignId',
    ],
    ['with an unknown profile', list(1), { profile: 'moon' }, 'invalid', 'profile'],
  ] as const)('%s is refused by the name of its field and leaves no file', async (_what, file, fields, code, field) => {
    const { status, body } = await send(file, { campaignId, profile: 'us-agency', ...fields });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect([body.code, body.field]).toEqual([code, field]);
    expect(readdirSync(join(web.dataDir, 'imports'))).toEqual([]);
  });
});

test('a list goes from the upload into the queue, its rejected rows into a file, and its progress to the page', async () => {
  worker = await startWorker({ ...contextOf(), role: 'worker' });
  const { status, body } = await send(`${list(300)}ACC-bad,Nobody,not a number,5,01/15/2025,Nowhere\n`, {
    campaignId,
    profile: 'us-agency',
  });
  expect(status).toBe(202);
  expect(body).toMatchObject({ fileName: 'list.csv', state: 'queued', campaignId, profile: 'us-agency', dryRun: false });
  await eventually('the page is told of the end', () => news.at(-1)?.state === 'done', 30_000);
  expect(await rowOf(body.id)).toMatchObject({
    state: 'done',
    error: null,
    result: { rows: 301, new: 300, rejected: 1, reasons: { no_valid_phone: 1 }, currency: 'USD' },
  });
  expect(await queued()).toBe(300);
  const errors = await fetch(`${url()}/imports/${body.id}/errors`, { headers: { cookie: admin } });
  expect(errors.headers.get('content-disposition')).toContain(`import-${body.id}-errors.csv`);
  expect(await errors.text()).toContain('no_valid_phone');
});

test('the same list again changes nothing', async () => {
  const { body } = await send(list(300), { campaignId, profile: 'us-agency' });
  await eventually('it is done', async () => (await rowOf(body.id)).state === 'done', 30_000);
  expect((await rowOf(body.id)).result).toMatchObject({ new: 0, updated: 0, duplicate: 300 });
  expect(await queued()).toBe(300);
});

test('a trial run counts and leaves nothing', async () => {
  const { body } = await send(list(50, 10_000), { campaignId, profile: 'us-agency', dryRun: 'true' });
  await eventually('it is done', async () => (await rowOf(body.id)).state === 'done', 30_000);
  expect((await rowOf(body.id)).result).toMatchObject({ new: 50 });
  expect(await queued()).toBe(300);
});

test('a list that cannot be read says why, and is not tried again', async () => {
  const { body } = await send('a,b,c\n1,2,3\n', { campaignId, profile: 'us-agency' });
  await eventually('it has failed', async () => (await rowOf(body.id)).state === 'failed', 30_000);
  expect((await rowOf(body.id)).error).toMatchObject({ code: 'import_column_unmapped' });
});

test('an import whose worker is killed is finished by another, every debtor once', async () => {
  await worker?.stop();
  worker = null;
  const first = await startProcessOfWorker();
  const { id } = await web.database.transaction().execute(async (holder) => {
    await holdLastAccount(holder, 'ACC-39999');
    const { body } = await send(list(20_000, 20_000), { campaignId, profile: 'us-agency' });
    await eventually('its last account waits to be merged', () => someoneWaits(), 60_000);
    process.kill(first.identity.pid, 'SIGKILL');
    await first.exited;
    expect((await rowOf(body.id)).state).toBe('running');
    return body;
  });
  worker = await startWorker({ ...contextOf(), role: 'worker' });
  await eventually('it is done', async () => (await rowOf(id)).state === 'done', 90_000);
  expect((await rowOf(id)).result).toMatchObject({ rows: 20_000, new: 20_000, duplicate: 0, rejected: 0 });
  expect(await queued()).toBe(20_300);
}, 180_000);

/** Lets no import write this account until the holder's transaction ends: without it a fast import would be done before its worker is killed. */
async function holdLastAccount(holder: Tx, account: string): Promise<void> {
  await sql`create function wait_for_holder() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(1); return new; end $$`.execute(web.database);
  await sql`create trigger held before insert on debt for each row
    when (new.account = ${sql.lit(account)}) execute function wait_for_holder()`.execute(web.database);
  await sql`alter table debt enable always trigger held`.execute(web.database);
  await sql`select pg_advisory_xact_lock(1)`.execute(holder);
}

async function someoneWaits(): Promise<boolean> {
  const waiting = await sql`select from pg_locks where locktype = 'advisory' and objid = 1 and not granted`.execute(web.database);
  return waiting.rows.length > 0;
}

function startProcessOfWorker(): Promise<RunningProcess> {
  return startProcess({
    name: 'worker',
    file: process.execPath,
    args: [join(import.meta.dirname, '../../server/main.ts'), '--role', 'worker'],
    environment: environmentWith({
      DATABASE_URL: web.databaseUrl,
      REDIS_URL: web.redisUrl,
      DATA_DIR: web.dataDir,
      ARI_URL: 'http://127.0.0.1:1/ari',
      ARI_USER: 'none',
      ARI_PASSWORD: 'none',
      STATION_SECRET: 'station-secret-of-a-test-0123456789',
    }),
    logFile: join(web.dataDir, 'worker.log'),
  });
}
