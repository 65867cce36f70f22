import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveOwnProfile } from '../../server/debtors/import/own-profiles.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { expected, LISTS } from './lists.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

describe('npm run import', () => {
  const script = join(import.meta.dirname, '../../scripts/import.ts');
  const run = (...args: string[]): { code: number; out: string; err: string } => {
    try {
      const out = execFileSync(process.execPath, [script, ...args], {
        env: { ...process.env, DATABASE_URL: fresh.url },
        encoding: 'utf8',
        stdio: 'pipe',
      });
      return { code: 0, out, err: '' };
    } catch (error) {
      const failed = error as { status: number; stdout: string; stderr: string };
      return { code: failed.status, out: failed.stdout, err: failed.stderr };
    }
  };

  test('--check prints what was counted as the last line and leaves nothing behind', async () => {
    const files = readdirSync(LISTS);
    const { code, out } = run(join(LISTS, 'ir-leasing.tsv'), '--profile', 'ir-leasing', '--check', '--json');
    expect([code, JSON.parse(out.trim().split('\n').at(-1) ?? '')]).toEqual([0, expected(LISTS, 'ir-leasing.tsv')]);
    const { rows } = await fresh.pool.query(`select datname from pg_database where datname like 'wusul_scratch%'`);
    expect([rows, readdirSync(LISTS)]).toEqual([[], files]);
    expect(existsSync(`${join(LISTS, 'ir-leasing.tsv')}.errors.csv`)).toBe(false);
  });

  test('takes the profiles that admins keep beside those that ship, and names the column of one that a file lacks', async () => {
    const { id: userId } = await fresh.database
      .insertInto('app_user')
      .values({ login: 'root', display_name: 'Root', role: 'admin', password_hash: '-' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const profile = { creditor: null, base: 'ir-leasing', header: ['x'], userId };
    await saveOwnProfile(fresh.database, { ...profile, name: 'Leasing', settings: {} });
    await saveOwnProfile(fresh.database, { ...profile, name: 'Other', settings: { columns: { iban: 'Sheba' } } });
    const list = join(LISTS, 'ir-leasing.tsv');
    const { code, out } = run(list, '--profile', 'leasing', '--check', '--json');
    expect([code, JSON.parse(out.trim().split('\n').at(-1) ?? '')]).toEqual([0, expected(LISTS, 'ir-leasing.tsv')]);
    expect(run(list, '--profile', 'Other', '--check')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no column "Sheba"'),
    });
    const known = 'there are sa-bank, eg-telecom, ir-leasing, us-agency, Leasing, Other';
    expect(run(list, '--profile', 'Third', '--check')).toMatchObject({ code: 2, err: expect.stringContaining(known) });
  });

  test.each([
    [['--profile', 'sa-bank', '--check'], /name a file/],
    [['nowhere.csv', '--check'], /no file nowhere\.csv/],
    [[join(LISTS, 'sa-bank.csv'), '--profile', 'sa-bank'], /--campaign/],
    [[join(LISTS, 'sa-bank.csv'), '--profile', 'sa-bank', '--campaign', 'Nope'], /no campaign "Nope"/],
    [[join(LISTS, 'sa-bank.csv'), '--profile', 'nope', '--check'], /Unknown profile "nope"/],
    [[join(LISTS, 'sa-bank.csv'), '--check'], /country.*currency.*calendar/],
    [[join(LISTS, 'sa-bank.csv'), '--chek'], /chek/],
  ])('%j is answered with one line and exit code 2', (args, message) => {
    const { code, err } = run(...args);
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(message);
  });
});
