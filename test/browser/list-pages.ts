import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LANGUAGES } from '../../server/contract/people.ts';
import { eventually } from '../support/conditions.ts';
import { accessFaults, expectSound, openAs, type Stage } from './support.ts';

const LIMIT_MS = 60_000;
const LIST = [
  'account,name,mobile,amount,due date,address,guarantor,guarantor mobile,lawyer',
  'B-1,Salma Nabil,+201012345601,1500,01/02/2026,Cairo,Adel Nabil,12,The bank’s own',
  'B-2,Omar Adel,+201012345602,not a number,01/02/2026,Cairo,,,',
  ',Hana Samir,+201012345603,800,01/02/2026,Giza,,,',
  'B-4,Laila Samir,+201012345604,800,01/02/2026,Giza,Adel Samir,01012345605,',
  '',
].join('\n');

/** What the debtors' pages are told of lists, on the stage that their other sentences use; `number` is one of its debtors'. */
export function listPages(given: () => { stage: Stage; number: string }): void {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wusul-lists-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(LANGUAGES)(
    'in %s are read by a profile that an admin keeps, and left alone while a list says so',
    async (language) => {
      const list = join(folder, `list-${language}.csv`);
      writeFileSync(list, LIST);
      const page = await openAs(given().stage, 'admin', language, '/admin/imports');
      const form = page.getByTestId('upload');
      await page.locator('#import-file').setInputFiles(list);
      const keep = page.getByTestId('save-profile');
      await keep.locator('summary').click();
      const name = `Club ${language}`;
      await keep.locator('input').first().fill(name);
      await keep.locator('button').click();
      // Nobody has said how it is to be read; what was typed stays when they do.
      await keep.locator('.field-error').waitFor();
      await form.locator('select').nth(2).selectOption('eg-telecom');
      await keep.locator('button').click();
      const kept = page.getByTestId('import-profile').filter({ hasText: name });
      await kept.waitFor();
      expect(await form.locator('select').nth(2).locator('option:checked').innerText()).toBe(name);
      await expectSound(page, 'a kept profile');
      await kept.locator('button').click();
      await kept.locator('button.danger').click();
      await kept.waitFor({ state: 'detached' });

      await page.goto('/admin/do-not-call');
      const upload = page.locator('form[data-testid="do-not-call-upload"]');
      writeFileSync(list, `phone\n${given().number}\nnothing\n`);
      await page.locator('#do-not-call-file').setInputFiles(list);
      await upload.locator('button[type="submit"]').click();
      await upload.locator('.field-error').first().waitFor();
      await upload.locator('input.input').nth(0).fill(name);
      await upload.locator('input.input').nth(1).fill('eg');
      await upload.locator('button[type="submit"]').click();
      const lists = (state: string) => page.locator(`[data-testid="do-not-call-list"][data-state="${state}"]`, { hasText: name });
      await lists('done').waitFor();
      // Tried out, it has changed nothing, and there is nothing to take back.
      expect(await lists('done').locator('button').count()).toBe(0);
      expect(await stateOf(given().number)).toBe('active');
      await upload.locator('button').last().click();
      await lists('done').locator('button').click();
      expect(await stateOf(given().number)).toBe('revoked');
      await expectSound(page, 'a list of numbers');
      await lists('done').locator('button.danger').click();
      await lists('lifted').waitFor();
      expect(await stateOf(given().number)).toBe('active');
      await page.close();
    },
    LIMIT_MS,
  );

  it('tries a list out, brings it in, and hands the rejected rows back as a file', async () => {
    const file = join(folder, 'list.csv');
    writeFileSync(file, LIST);
    const page = await openAs(given().stage, 'admin', 'en', '/admin/imports');
    await page.getByRole('button', { name: 'Try it out first' }).click();
    await page.locator('.field-error', { hasText: 'Choose a file.' }).waitFor();
    await page.getByLabel('For the campaign').selectOption(given().stage.campaignId);
    await page.getByLabel('Kind of list').selectOption('eg-telecom');
    await page.locator('#import-file').setInputFiles(file);
    const mapping = page.getByTestId('mapping');
    await mapping.waitFor();
    expect(await mapping.getByLabel('Amount', { exact: true }).inputValue()).toBe('amount');
    expect(await mapping.getByLabel('Guarantor’s phone').inputValue()).toBe('guarantor mobile');
    // A column that was taken for something else than it is.
    await mapping.getByLabel('Attorney', { exact: true }).selectOption('');
    await page.getByRole('button', { name: 'Try it out first' }).click();
    const tried = page.getByTestId('import').first();
    await tried.getByText('This is what would happen. Nothing was changed.').waitFor({ timeout: 20_000 });
    expect(await tried.locator('.count', { hasText: 'Rejected' }).innerText()).toContain('2');
    expect(await tried.locator('.count', { hasText: 'Guarantors, co-debtors, attorneys: new' }).innerText()).toMatch(/\b1$/);
    await tried.getByText('Number of a guarantor, co-debtor or attorney is not valid').waitFor();

    await page.getByRole('button', { name: 'Bring it in' }).click();
    await eventually(
      'it is brought in',
      async () => {
        const cards = await page.getByTestId('import').all();
        const first = cards[0];
        return (
          first !== undefined &&
          (await first.getAttribute('data-state')) === 'done' &&
          !(await first.innerText()).includes('Try-out')
        );
      },
      20_000,
    );
    const brought = page.getByTestId('import').first();
    expect(await brought.locator('.import-reasons').first().innerText()).toMatch(
      /No account number\s+1[\s\S]*Amount not readable\s+1/,
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      brought.getByText('Download the rejected rows').click(),
    ]);
    const rejected = readFileSync(await download.path(), 'utf8');
    expect(rejected).toContain('3,amount,bad_amount');
    expect(await accessFaults(page)).toEqual([]);

    await brought.getByRole('button', { name: 'Take it back' }).click();
    await brought.getByRole('button', { name: 'Yes, take it back' }).click();
    await brought.getByText('Taken back', { exact: true }).waitFor({ timeout: 20_000 });

    writeFileSync(file, '');
    await page.locator('#import-file').setInputFiles(file);
    await page.getByRole('button', { name: 'Bring it in' }).click();
    await page.getByText('The file is empty.').waitFor();
    await page.close();
  }, 90_000);

  async function stateOf(e164: string): Promise<string> {
    const { database } = given().stage.floor;
    const query = database.selectFrom('party_phone').innerJoin('phone', 'phone.id', 'phone_id').select('state');
    return (await query.where('e164', '=', e164).executeTakeFirstOrThrow()).state;
  }
}
