import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eraseBodies } from '../../../server/kernel/history.ts';
import { exportHeads, readHead, readHeadFiles, signHeads } from '../../../server/kernel/seal/heads.ts';
import { historyFolder, keyName, readHistoryKey, trustedKeys } from '../../../server/kernel/seal/keys.ts';
import { faultOfReceipt, receipt, receiptOf, type Receipt } from '../../../server/kernel/seal/receipt.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { sealAll, testKey, writeEvents } from '../../support/history.ts';

const TODAY = Temporal.Now.plainDateISO('UTC').toString();
const TOMORROW = Temporal.Now.plainDateISO('UTC').add({ days: 1 }).toString();

let fresh: FreshDatabase;
const { key, keys } = testKey();
const receipts: Receipt[] = [];

/** Nineteen events in four batches under a head, and one batch that has none yet. */
beforeAll(async () => {
  fresh = await freshDatabase();
  for (const [index, count] of [1, 3, 8, 7].entries()) {
    await writeEvents(fresh.database, count, `part-${index}`);
    await sealAll(fresh.database);
  }
  expect(await signHeads(fresh.database, key, TODAY)).toBe(0);
  expect(await signHeads(fresh.database, key, TOMORROW)).toBe(1);
  expect(await signHeads(fresh.database, key, TOMORROW)).toBe(0);
  await writeEvents(fresh.database, 2, 'later');
  await sealAll(fresh.database);
  for (let id = 1n; id <= 19n; id += 1n) {
    const found = await receiptOf(fresh.database, id);
    if (found !== null) receipts.push(found);
  }
});
afterAll(() => fresh.drop());

describe('a receipt', () => {
  it('proves its event by itself, with the public key alone', () => {
    expect(receipts).toHaveLength(19);
    for (const given of receipts) {
      const carried = receipt.parse(JSON.parse(JSON.stringify(given)));
      expect(faultOfReceipt(carried, keys)).toBeNull();
    }
  });

  it('proves nothing once anything in it is another', () => {
    const places = receipts.flatMap((given) => leavesOf(given).map((path) => ({ given, path })));
    expect(places.length).toBeGreaterThan(400);
    fc.assert(
      fc.property(fc.constantFrom(...places), ({ given, path }) => {
        const forged = structuredClone(given);
        changeAt(forged, path);
        expect([path.join('.'), faultOfReceipt(forged, keys)]).not.toEqual([path.join('.'), null]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of another key proves nothing', () => {
    for (const given of receipts) expect(faultOfReceipt(given, testKey().keys)).toBe('head');
  });

  it('says that it is not signed before its day is over, and there is none before the event is sealed', async () => {
    const given = await receiptOf(fresh.database, 20n);
    expect(given?.head).toBeNull();
    expect(given && faultOfReceipt(given, keys)).toBe('unsigned');
    const [unsealed = 0n] = await writeEvents(fresh.database, 1, 'unsealed');
    expect(await receiptOf(fresh.database, unsealed)).toBeNull();
    expect(await receiptOf(fresh.database, 999_999n)).toBeNull();
  });

  it('still proves the event when its body is erased', async () => {
    await eraseBodies(fresh.database, [7n], 'test');
    const given = await receiptOf(fresh.database, 7n);
    expect(given?.event).toMatchObject({ body: null, salt: null, leaf: receipts[6]?.event.leaf });
    expect(given && faultOfReceipt(given, keys)).toBeNull();
  });
});

describe('the key of the history', () => {
  it('is made once, for its owner alone, and its public half is kept', () => {
    const folder = historyFolder(mkdtempSync(join(tmpdir(), 'wusul-history-')), null);
    const first = readHistoryKey(folder);
    expect(statSync(folder.keyFile).mode & 0o777).toBe(0o600);
    expect(first.asymmetricKeyType).toBe('ed25519');
    expect(keyName(readHistoryKey(folder))).toBe(keyName(first));
    expect(readdirSync(folder.keysFolder)).toEqual([`${keyName(first)}.pem`]);
    rmSync(folder.keyFile);
    const second = readHistoryKey(folder);
    expect(new Set(trustedKeys(folder).keys())).toEqual(new Set([keyName(first), keyName(second)]));
    rmSync(join(folder.headsFolder, '..'), { recursive: true });
  });

  it('may be that of the settings, and no other kind', () => {
    const home = mkdtempSync(join(tmpdir(), 'wusul-history-'));
    const file = join(home, 'own.pem');
    writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }));
    const folder = historyFolder(join(home, 'data'), file);
    expect(keyName(readHistoryKey(folder))).toBe(keyName(key));
    expect(existsSync(join(home, 'data', 'history', 'key.pem'))).toBe(false);
    writeFileSync(file, 'not a key');
    expect(() => readHistoryKey(folder)).toThrow('holds no Ed25519 private key');
    rmSync(home, { recursive: true });
  });
});

describe('the heads', () => {
  it('are exported as files, once, and a file that is there is left as it is', async () => {
    const home = mkdtempSync(join(tmpdir(), 'wusul-heads-'));
    await exportHeads(fresh.database, home);
    const [found] = readHeadFiles(home);
    expect(found?.head && readHead(found.head, keys)).toMatchObject({
      firstBatch: '1',
      lastBatch: '4',
      total: '19',
      previous: null,
    });
    const file = join(home, found?.file ?? '');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, 'scratched');
    await exportHeads(fresh.database, home);
    expect(readFileSync(file, 'utf8')).toBe('scratched');
    expect(readHeadFiles(home)).toEqual([{ file: found?.file, head: null }]);
    rmSync(home, { recursive: true });
  });

  it('leave out a day on which nothing was sealed, and go on where they were', async () => {
    await fresh.database.updateTable('history_head').set({ day: '2026-01-01' }).execute();
    expect(await signHeads(fresh.database, key, TOMORROW)).toBe(1);
    const rows = await fresh.database.selectFrom('history_head').select(['first_batch', 'last_batch']).orderBy('day').execute();
    expect(rows[1]?.first_batch).toBe(5n);
  });
});

/** The places of a receipt at which something stands. */
function leavesOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (value === null || typeof value !== 'object') return [path];
  return Object.entries(value).flatMap(([name, item]) => leavesOf(item, [...path, Array.isArray(value) ? Number(name) : name]));
}

function changeAt(value: unknown, path: readonly (string | number)[]): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], value);
  const name = path.at(-1) ?? '';
  (parent as Record<string, unknown>)[name] = another((parent as Record<string, unknown>)[name]);
}

/** Another value of the same form. */
function another(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value !== 'string') return 'something';
  if (/^\d+$/.test(value)) return String(BigInt(value) + 1n);
  const first = value.codePointAt(0) === 0x62 ? 'c' : 'b';
  return `${first}${value.slice(1)}`;
}
