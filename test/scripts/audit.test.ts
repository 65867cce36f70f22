import { spawn } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { environmentWith } from '../../server/config.ts';
import { exportHeads, signHeads } from '../../server/kernel/seal/heads.ts';
import { historyFolder, readHistoryKey } from '../../server/kernel/seal/keys.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { sealAll, testKey, writeEvents } from '../support/history.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/audit.ts');
const dataDir = mkdtempSync(join(tmpdir(), 'wusul-audit-'));
let fresh: FreshDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  await writeEvents(fresh.database, 20, 'seen');
  await sealAll(fresh.database);
  const folder = historyFolder(dataDir, null);
  await signHeads(fresh.database, readHistoryKey(folder), Temporal.Now.plainDateISO('UTC').add({ days: 1 }).toString());
  await exportHeads(fresh.database, folder.headsFolder);
});
afterAll(async () => {
  await fresh.drop();
  rmSync(dataDir, { recursive: true });
});

function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = environmentWith({ DATABASE_URL: fresh.url, DATA_DIR: dataDir, HISTORY_KEY_FILE: null });
    const child = spawn(process.execPath, [SCRIPT, ...args], { env });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

test('a sound history passes, with one JSON object as the last line', async () => {
  const { code, out } = await run('--json');
  expect(code).toBe(0);
  expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toMatchObject({
    name: 'audit',
    checks: [{ name: 'audit_faults', value: 0, limit: 0, ok: true }],
    figures: { events: 20, unsealed: 0, batches: 1, heads: 1, first_fault: 'none', faults: [] },
  });
  const thisMonth = Temporal.Now.plainDateISO('UTC').toString().slice(0, 7);
  expect(JSON.parse((await run('--json', '--month', thisMonth)).out)).toMatchObject({ figures: { events: 20, months: 1 } });
});

test('a key may be trusted alone, and another one tells what it did not sign', async () => {
  const file = join(dataDir, 'other.pem');
  const { key } = testKey();
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  writeFileSync(file, createPublicKey(pem).export({ type: 'spki', format: 'pem' }));
  expect(await run('--key', file)).toMatchObject({ code: 1, err: expect.stringContaining('key_unknown') });
});

test('what is wrong is named, and the exit code is 1', async () => {
  await sql`update event set body = body || '{"step": 99}' where id = 7`.execute(fresh.database);
  const { code, out, err } = await run('--json');
  expect(code).toBe(1);
  expect(err).toContain('event 7, batch 1');
  expect(JSON.parse(out)).toMatchObject({
    checks: [{ name: 'audit_faults', value: 1, ok: false }],
    figures: { first_fault: expect.stringContaining('event 7'), faults: [{ kind: 'body_changed', eventId: '7', batch: '1' }] },
  });
});

test('what it does not know is said in one line, with exit code 2', async () => {
  for (const [args, fault] of [
    [['--month', '2026-13'], '2026-13'],
    [['--key', join(dataDir, 'none.pem')], 'there is no file'],
    [['--key', SCRIPT], 'no Ed25519 key'],
    [['--loud'], "'--loud'"],
    [['all'], "'all'"],
  ] as const) {
    const { code, out, err } = await run(...args);
    expect([code, out, err.trim().split('\n').length]).toEqual([2, '', 1]);
    expect(err).toContain(fault);
  }
});
