import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANGE_ACTIONS } from '../../server/contract/imports.ts';
import { effectOf, type Change, type Standing } from '../../server/debtors/import/changes/rules.ts';
import { createImport } from '../../server/debtors/import/imports.ts';
import { runImport } from '../../server/debtors/import/run.ts';
import type { ListOptions } from '../../server/debtors/import/profiles.ts';
import type { Merged } from '../../server/debtors/import/merge.ts';
import { openDesk, type Desk } from './import-desk.ts';
import { importFile } from './lists.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const ACCOUNTS = [
  { account: 'A', phones: '0501111111' },
  { account: 'B', phones: '0501111112' },
  { account: 'C', phones: '0501111113' },
];

async function creditorWithDebts(): Promise<string> {
  const id = await desk.creditor();
  await importFile(desk.fresh, ...desk.list(ACCOUNTS, id));
  return id;
}

function changes(text: string, creditorId: string, options: ListOptions = {}, run = {}) {
  const request = {
    profile: 'sa-bank',
    options: { calendar: 'gregorian', kind: 'changes', ...options } as const,
    creditorId,
    errorsPath: desk.errorsPath,
  };
  return importFile(desk.fresh, desk.file(text), request, run);
}

async function standing(creditorId: string): Promise<[string, bigint, string][]> {
  return (await desk.debtorsOf(creditorId)).map(({ account, balance, state }) => [account, balance, state]);
}

describe('a file of changes', () => {
  test('pays, corrects, recalls and closes accounts, in words of three languages', async () => {
    const id = await creditorWithDebts();
    const text = 'Account,Action,Amount,Date\nA,Payment,40.00,2025/02/01\nB,رصيد,٨٠٫٠٠,\nC,عودت,,\nA,closed,,\n';
    const result = await changes(text, id);
    expect(result).toMatchObject({
      rows: 4,
      updated: 4,
      duplicate: 0,
      rejected: 0,
      actions: { payment: 1, balance: 1, recall: 1, closed: 1 },
    });
    expect(await standing(id)).toEqual([
      ['A', 6_000n, 'closed'],
      ['B', 8_000n, 'open'],
      ['C', 10_000n, 'recalled'],
    ]);
  });

  test('sent twice pays once, two equal payments of a day are two, and a reference is believed before the date', async () => {
    const id = await creditorWithDebts();
    const text =
      'Account,Action,Amount,Date,Receipt\nA,payment,10,2025/02/01,\nA,payment,10,2025/02/01,\nB,payment,5,2025/02/01,R1\n';
    expect(await changes(text, id)).toMatchObject({ updated: 3, duplicate: 0 });
    expect(await changes(text, id)).toMatchObject({ updated: 0, duplicate: 3 });
    expect(await changes('Account,Action,Amount,Date,Receipt\nB,payment,5,2025/02/02,R1\n', id)).toMatchObject({ duplicate: 1 });
    expect(await standing(id)).toMatchObject([
      ['A', 8_000n, 'open'],
      ['B', 9_500n, 'open'],
      ['C', 10_000n, 'open'],
    ]);
  });

  test('that pays all makes the debt paid, and tells at once whom it concerns', async () => {
    const id = await creditorWithDebts();
    const told: Merged[] = [];
    const afterMerge = async (merged: Merged): Promise<void> => void told.push(merged);
    await changes('Account,Amount,Date\nA,100,2025/02/01\n', id, { action: 'payment' }, { afterMerge });
    const [a] = await desk.debtorsOf(id);
    expect([a?.state, told.map(({ kind, partyIds }) => [kind, partyIds])]).toEqual(['paid', [['changed', [a?.party]]]]);
  });

  test('names each fault of its rows, unknown accounts among them', async () => {
    const id = await creditorWithDebts();
    const text =
      'Account,Action,Amount,Date\nZ,payment,1,2025/02/01\nA,gift,1,\n,recall,,\nA,payment,0,2025/02/01\nA,payment,5,\nA,balance,5,soon\n';
    expect(await changes(text, id)).toMatchObject({
      rows: 6,
      rejected: 6,
      updated: 0,
      reasons: { unknown_account: 1, unknown_action: 1, missing_account: 1, bad_amount: 1, bad_date: 2 },
    });
    expect(readFileSync(desk.errorsPath, 'utf8').split('\r\n')[1]).toMatch(/^2,Account,unknown_account,row rejected,/);
  });

  test('tried first counts all and leaves nothing', async () => {
    const id = await creditorWithDebts();
    const path = desk.file('Account,Action\nA,recall\nB,recall\n');
    const request = { profile: 'sa-bank', options: { kind: 'changes' } as const, creditorId: id, errorsPath: desk.errorsPath };
    await expect(importFile(desk.fresh, path, request)).rejects.toMatchObject({
      code: 'import_column_unmapped',
      field: 'amount',
    });
    const recall = { ...request, options: { kind: 'changes', action: 'recall' } as const, dryRun: true };
    const plain = desk.file('Account\nA\nB\n');
    expect(await importFile(desk.fresh, plain, recall)).toMatchObject({ updated: 2, actions: { recall: 2 }, debtors: 2 });
    expect((await standing(id)).map(([, , state]) => state)).toEqual(['open', 'open', 'open']);
  });

  test('that dies between two batches goes on, and counts as if nothing had happened', async () => {
    const id = await creditorWithDebts();
    const text = `Account,Amount,Date\n${['A', 'B', 'C', 'A'].map((account, day) => `${account},1,2025/03/0${day + 1}`).join('\n')}\n`;
    let calls = 0;
    const afterMerge = async (): Promise<void> => {
      calls += 1;
      if (calls === 3) throw new Error('died');
    };
    const importId = await createImport(desk.fresh.database, {
      filePath: desk.file(text),
      fileName: 'changes',
      profile: 'sa-bank',
      options: { kind: 'changes', action: 'payment', calendar: 'gregorian' },
      creditorId: id,
      campaignId: null,
      dryRun: false,
      errorsPath: desk.errorsPath,
    });
    await expect(runImport({ ...desk.fresh, importId, batchRows: 1, afterMerge })).rejects.toThrow('died');
    expect(await runImport({ ...desk.fresh, importId, batchRows: 1 })).toMatchObject({ updated: 4, duplicate: 0, rows: 4 });
    expect((await standing(id)).map(([, balance]) => balance)).toEqual([9_800n, 9_900n, 9_900n]);
  });
});

describe('a full list whose absent accounts are recalled', () => {
  const full = (rows: Parameters<Desk['list']>[0], creditorId: string, options: ListOptions, dryRun = false) => {
    const [path, request] = desk.list(rows, creditorId);
    return importFile(desk.fresh, path, { ...request, options: { ...request.options, ...options }, dryRun });
  };

  test('says in a dry run how many, and recalls them only when told that number', async () => {
    const id = await creditorWithDebts();
    const rest = ACCOUNTS.slice(0, 1);
    expect(await full(rest, id, { absent: 'recalled' }, true)).toMatchObject({ recalled: 2 });
    await expect(full(rest, id, { absent: 'recalled' })).rejects.toMatchObject({ code: 'import_recalls_unconfirmed' });
    await expect(full(rest, id, { absent: 'recalled', recalls: 1 })).rejects.toMatchObject({ code: 'import_recalls_differ' });
    expect((await standing(id)).map(([, , state]) => state)).toEqual(['open', 'open', 'open']);
    expect(await full(rest, id, { absent: 'recalled', recalls: 2 })).toMatchObject({ recalled: 2, duplicate: 1 });
    expect((await standing(id)).map(([, , state]) => state)).toEqual(['open', 'recalled', 'recalled']);
  });

  test('does not recall an account whose row was rejected, and is refused where a rejected row has no account', async () => {
    const id = await creditorWithDebts();
    const rows = [
      { account: 'A', phones: '0501111111' },
      { account: 'B', phones: '12' },
    ];
    expect(await full(rows, id, { absent: 'recalled', recalls: 1 })).toMatchObject({ rejected: 1, recalled: 1 });
    expect((await standing(id)).map(([, , state]) => state)).toEqual(['open', 'open', 'recalled']);
    await expect(full([{ account: '' }, { account: 'A' }], id, { absent: 'recalled' }, true)).rejects.toMatchObject({
      code: 'import_recalls_unsafe',
    });
  });

  test('keeps them where the profile does not say so', async () => {
    const id = await creditorWithDebts();
    expect(await full(ACCOUNTS.slice(0, 1), id, {})).not.toHaveProperty('recalled');
    expect((await standing(id)).map(([, , state]) => state)).toEqual(['open', 'open', 'open']);
  });
});

test('whatever the order of changes, the balance is what was owed plus all postings, and repeated payments post nothing', () => {
  const change = fc.record({
    account: fc.constant('A'),
    action: fc.constantFrom(...CHANGE_ACTIONS),
    amountMinor: fc.bigInt({ min: 1n, max: 500n }),
    reference: fc.constantFrom('1', '2', '3', null),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (all: Change[]) => {
      let debt: Standing = { balanceMinor: 1_000n, state: 'open', paid: new Set() };
      let posted = 1_000n;
      for (const one of all) {
        const effect = effectOf(one, debt);
        if (effect === null) continue;
        posted += effect.posting?.amountMinor ?? 0n;
        const paid = one.reference === null ? debt.paid : new Set([...debt.paid, one.reference]);
        debt = { balanceMinor: effect.balanceMinor, state: effect.state, paid: one.action === 'payment' ? paid : debt.paid };
        expect(effectOf(one, debt) === null || (one.action === 'payment' && one.reference === null)).toBe(true);
      }
      expect(debt.balanceMinor).toBe(posted);
      expect(debt.state === 'open' ? debt.balanceMinor > 0n : true).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});
