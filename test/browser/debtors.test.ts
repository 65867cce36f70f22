import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../server/contract/people.ts';
import { CHROMIUM, DIGITS, expectSound, openAs, openStage, type Stage } from './support.ts';

const LIMIT_MS = 60_000;

describe.skipIf(CHROMIUM === null)('the debtors’ files in a real browser', () => {
  let stage: Stage;
  let account: string;
  let number: string;
  beforeAll(async () => {
    stage = await openStage({ debtors: 5 });
    const { database } = stage.floor;
    const debt = await database.selectFrom('debt').select('account').orderBy('account').executeTakeFirstOrThrow();
    account = debt.account;
    const phone = await database.selectFrom('phone').select('e164').orderBy('e164').executeTakeFirstOrThrow();
    number = phone.e164;
  });
  afterAll(() => stage?.close());

  const open = (role: 'admin' | 'supervisor', language: Language, path: string): Promise<Page> =>
    openAs(stage, role, language, path);

  it.each(LANGUAGES)(
    'in %s are found without their numbers in any address, shown whole, and held and released',
    async (language) => {
      const page = await open('supervisor', language, '/admin/debtors');
      const addresses: string[] = [];
      page.on('request', (request) => addresses.push(request.url()));
      const form = page.getByTestId('debtor-search');
      await form.locator('button[type="submit"]').click();
      await form.locator('.field-error').waitFor();
      await form.locator('select').selectOption('number');
      await form.locator('input').fill(number);
      await form.locator('button[type="submit"]').click();
      await page.getByTestId('debtors-found').locator('a').first().waitFor();
      await form.locator('select').selectOption('account');
      await form.locator('input').fill(account);
      await form.locator('button[type="submit"]').click();
      await page.getByTestId('debtors-found').locator('a').first().waitFor();
      await expectSound(page, 'search');
      await page.getByTestId('debtors-found').locator('a').first().click();
      const record = page.getByTestId('record');
      await record.waitFor();
      expect(await page.getByTestId('record-debts').innerText()).toMatch(DIGITS[language]);
      await page.getByTestId('record-queues').locator('[data-queue="ready"]').waitFor();
      await expectSound(page, 'record');

      await page.getByTestId('record-holds').locator('button').first().click();
      await page.getByTestId('hold-form').waitFor();
      await expectSound(page, 'hold form');
      await page.getByTestId('hold-form').locator('select').first().selectOption('attorney');
      await page.getByTestId('hold-form').locator('button[type="submit"]').click();
      const held = page.getByTestId('record-holds').locator('[data-hold="open"]');
      await held.waitFor();
      await page.getByTestId('record-queues').locator('[data-queue="waiting"]').waitFor();
      await held.locator('button').click();
      await page.getByTestId('record-queues').locator('[data-queue="ready"]').waitFor();
      expect(await held.count()).toBe(0);
      await expectSound(page, 'after the hold');
      expect(addresses.filter((address) => address.includes(number.slice(1)) || address.includes(account))).toEqual([]);
      await page.context().close();
    },
    LIMIT_MS,
  );

  it.each(LANGUAGES)(
    'in %s are counted live in segments of AND and OR',
    async (language) => {
      const page = await open('supervisor', language, `/admin/campaigns/${stage.campaignId}/segment`);
      const conditions = page.getByTestId('condition');
      await conditions.first().waitFor();
      await expectSound(page, 'an unfinished segment');
      const zero = { en: '0', ar: '٠', fa: '۰' }[language];
      await conditions.first().locator('input').fill(zero);
      const counted = page.getByTestId('segment-count');
      await counted.locator('li').first().waitFor();
      expect(await counted.locator('li').count()).toBe(5);
      await page.locator('fieldset.hours-window > div > button').last().click();
      await conditions.nth(1).locator('select').first().selectOption('country');
      await conditions.nth(1).locator('input').fill('SA');
      await expect.poll(() => counted.locator('li').count()).toBe(0);
      // Either of the two is enough.
      await page.locator('fieldset.hours-window > .field select').selectOption('any');
      await expect.poll(() => counted.locator('li').count()).toBe(5);
      await expectSound(page, 'a segment');

      const form = page.getByTestId('save-segment');
      await form.locator('button[type="submit"]').click();
      await form.locator('.field-error').waitFor();
      await form.locator('input').fill(`Segment ${language}`);
      await form.locator('button[type="submit"]').click();
      const kept = page.getByTestId('saved-segments').locator('li', { hasText: `Segment ${language}` });
      await kept.locator('[aria-pressed="true"]').waitFor();
      await expectSound(page, 'a kept segment');
      await page.goto(`/admin/campaigns/${stage.campaignId}/segment`);
      await kept.locator('[aria-pressed="false"]').click();
      await expect.poll(() => conditions.count()).toBe(2);
      await kept.locator('button').last().click();
      await kept.locator('button.danger').click();
      await kept.waitFor({ state: 'detached' });
      await page.context().close();
    },
    LIMIT_MS,
  );

  it.each(LANGUAGES)(
    'in %s are compared in pairs who may be one: merged and made two again, or kept apart for good',
    async (language) => {
      const { database } = stage.floor;
      const [a, b, c, d] = [await addPerson('A'), await addPerson('B'), await addPerson('C'), await addPerson('D')];
      await database
        .insertInto('match_proposal')
        .values([
          { party_a: a, party_b: b, reason: 'same_name_and_phone' },
          { party_a: c, party_b: d, reason: 'same_iban' },
        ])
        .execute();
      const page = await open('supervisor', language, '/admin/matches');
      const pairs = page.getByTestId('pair');
      await pairs.nth(1).waitFor();
      expect(await pairs.first().locator('[data-agreement="agrees"]').count()).toBeGreaterThan(0);
      expect(await page.getByTestId('match-counts').innerText()).toMatch(DIGITS[language]);
      await expectSound(page, 'pairs');
      await pairs.first().locator('button').first().click();
      await expect.poll(() => pairs.count()).toBe(1);
      const merged = page.getByTestId('merges').locator('[data-merge="done"]');
      await merged.first().locator('button').click();
      await merged.first().locator('button.danger').click();
      await page.getByTestId('merges').locator('[data-merge="undone"]').first().waitFor();
      await pairs.first().locator('button').last().click();
      await page.getByTestId('no-matches').waitFor();
      await expectSound(page, 'no pairs');
      await page.context().close();
    },
    LIMIT_MS,
  );

  /** Somebody of whom lists know little; ids go up, as the pairs' must. */
  async function addPerson(name: string): Promise<string> {
    const row = await stage.floor.database
      .insertInto('party')
      .values({ display_name: `Person ${name}`, folded_name: 'person', country: 'SA', demo: true })
      .returning('id')
      .executeTakeFirstOrThrow();
    return row.id;
  }
});
