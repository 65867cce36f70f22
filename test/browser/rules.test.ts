import { randomUUIDv7 } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contactCheck } from '../../server/contract/contact-check.ts';
import { LANGUAGES, type Language } from '../../server/contract/people.ts';
import { accessFaults, CHROMIUM, DIGITS, expectSound, openAs, openStage, OTHER_DIGITS, type Stage } from './support.ts';

const LIMIT_MS = 60_000;

describe.skipIf(CHROMIUM === null)('the pages of rules, and of what was done by them, in a real browser', () => {
  let stage: Stage;
  let partyId: string;
  beforeAll(async () => {
    stage = await openStage({ debtors: 5 });
    const row = await stage.floor.database.selectFrom('dial_queue').select('party_id').limit(1).executeTakeFirstOrThrow();
    partyId = row.party_id;
  });
  afterAll(() => stage?.close());

  const open = (role: 'admin' | 'supervisor', language: Language, path: string): Promise<Page> =>
    openAs(stage, role, language, path);

  describe.each(LANGUAGES)('in %s', (language) => {
    it(
      'shows each pack with how well it is known, its week and who is callable when',
      async () => {
        const page = await open('supervisor', language, '/admin/packs');
        await page.getByTestId('packs').locator('[data-evidence="V0"]').first().waitFor();
        await expectSound(page, 'packs');
        await page.getByRole('link', { name: 'SA', exact: true }).click();
        await page.getByTestId('unverified').waitFor();
        expect(await page.getByTestId('pack-week').locator('.week-day .unverified').count()).toBe(5);
        await page.getByTestId('pack-callable').waitFor();
        const week = await page.getByTestId('pack-week').locator('tbody').innerText();
        expect(week).toMatch(DIGITS[language]);
        expect(week).not.toMatch(OTHER_DIGITS[language]);
        // Supervisors look, and change nothing.
        expect(await page.locator('.save-bar').count()).toBe(0);
        await expectSound(page, 'pack');
        await page.close();
      },
      LIMIT_MS,
    );

    it(
      'keeps holidays in three calendars, proposes what the moon decides, and takes what a person adds',
      async () => {
        const page = await open('admin', language, '/admin/holidays');
        const fields = page.locator('.card.panel select');
        await fields.first().selectOption({ en: 'SA', ar: 'AE', fa: 'EG' }[language]);
        await page.locator('.card.panel button').first().click();
        const table = page.getByTestId('holidays');
        await table.locator('[data-state="proposed"]').first().waitFor();
        const cells = await table.locator('tbody td').allInnerTexts();
        expect(cells.join(' ')).toMatch(DIGITS[language]);
        expect(cells.join(' ')).not.toMatch(OTHER_DIGITS[language]);
        await expectSound(page, 'holidays');
        const proposed = await table.locator('[data-state="proposed"]').count();
        const row = table.locator('tr', { has: page.locator('[data-state="proposed"]') }).first();
        await row.locator('button').first().click();
        await expect.poll(() => table.locator('[data-state="proposed"]').count()).toBe(proposed - 1);
        await table.locator('[data-state="confirmed"]').first().waitFor();
        await table
          .locator('tr', { has: page.locator('[data-state="confirmed"]') })
          .first()
          .locator('button')
          .last()
          .click();
        await table.locator('[data-state="removed"]').waitFor();
        await page.getByTestId('holiday-form').locator('button[type="submit"]').click();
        await page.getByTestId('holiday-form').locator('.field-error').first().waitFor();
        expect(await page.getByTestId('holiday-form').locator('.field-error').count()).toBe(2);
        await expectSound(page, 'holiday form');
        await page.close();
      },
      LIMIT_MS,
    );

    it(
      'says whether a debtor may be called, why not and when, and keeps whom it is about out of the address',
      async () => {
        const page = await open('supervisor', language, '/admin/check');
        const subject = page.getByTestId('check-form').locator('input').first();
        await subject.fill('nobody');
        await page.locator('form button[type="submit"]').click();
        await page.locator('.field-error').waitFor();
        await expectSound(page, 'check, a fault');
        await subject.fill(partyId);
        await page.locator('form button[type="submit"]').click();
        const judged = page.getByTestId('judgement');
        await judged.waitFor();
        expect(await judged.getAttribute('data-verdict')).toMatch(/allow|deny/);
        expect(await judged.innerText()).toMatch(DIGITS[language]);
        expect(page.url()).not.toContain(partyId);
        await expectSound(page, 'check, an answer');
        await page.close();
      },
      LIMIT_MS,
    );

    it(
      'shows the sealed history with who did what and why, one subject of it, the state of the seal, and receipts',
      async () => {
        const page = await open('admin', language, `/admin/campaigns/${stage.campaignId}`);
        await page.getByTestId('standing').waitFor();
        await page.goto(`/admin/history?subject=campaign&subjectId=${stage.campaignId}`);
        const events = page.getByTestId('history-events');
        await events.locator('[data-kind="campaign.created"]').waitFor();
        expect(await events.locator('[data-kind="user.created"]').count()).toBe(0);
        expect(await events.innerText()).toMatch(DIGITS[language]);
        await page.getByTestId('seal').waitFor();
        await page.getByTestId('history').locator('.badge.info + button').click();
        await events.locator('[data-kind="user.created"]').first().waitFor();
        await page.getByTestId('history').locator('select').first().selectOption('campaign.created');
        await expect.poll(() => events.locator('[data-kind="user.created"]').count()).toBe(0);
        await events.locator('summary').first().click();
        await expectSound(page, 'history');
        await events.locator('[data-kind="campaign.created"] button').first().click();
        await page.getByTestId('receipt').locator('dl').waitFor();
        expect(await accessFaults(page)).toEqual([]);
        await page.close();
      },
      LIMIT_MS,
    );
  });

  it.each(LANGUAGES)(
    'in %s tightens the rules of a campaign: what applies, what a change would do, and a warning where it blocks everybody',
    async (language) => {
      const page = await open('admin', language, `/admin/overrides?campaign=${stage.campaignId}`);
      const choice = page.getByTestId('choose-override');
      await choice.locator('button[type="submit"]').click();
      await choice.locator('.field-error').waitFor();
      await expectSound(page, 'tightened rules');
      const pack = { en: 'SA', ar: 'AE', fa: 'IR' }[language];
      await choice.locator('select').last().selectOption(pack);
      await choice.locator('button[type="submit"]').click();
      const editor = page.getByTestId('override-editor');
      await page.getByTestId('override-effect').waitFor();
      expect(await page.getByTestId('week-now').locator('tbody').innerText()).toMatch(DIGITS[language]);
      await expectSound(page, 'an override');

      await editor.getByTestId('pack-hours').locator('button').last().click();
      const ramadan = editor.locator('[data-rule="ramadanHours"]');
      await ramadan.locator('input').first().fill('23:00');
      await ramadan.locator('.field-error').waitFor();
      await page.getByTestId('pack-faults').waitFor();
      await expectSound(page, 'a fault before it is saved');
      await ramadan.locator('button').last().click();
      await editor.getByTestId('pack-reach').locator('button').first().click();
      await editor.locator('[data-rule="channels"] input[type="checkbox"]').first().check();
      await page.getByTestId('rule-difference').locator('[data-evidence="V0"]').waitFor();
      await page.getByTestId('override-effect').waitFor();
      await page.locator('.save-bar input').first().fill('asked by the bank');
      await typeDay(page, { en: '01012027', ar: '23071448', fa: '11101405' }[language]);
      await page.locator('.save-bar button[type="submit"]').click();
      await page.getByTestId('blocks-everybody').waitFor();
      await expectSound(page, 'a warning');
      await page.getByTestId('blocks-everybody').locator('button').click();
      await page.getByTestId('override-versions').getByText('asked by the bank').waitFor();
      await page.goto('/admin/overrides');
      await page.getByTestId('overrides-table').getByText('asked by the bank').first().waitFor();

      await page.goto('/admin/new-pack?as=copy&of=US-REGF');
      await page.locator('[data-rule="caps.1"]').waitFor();
      const said = await page.locator('.rule-said').allInnerTexts();
      expect(said.join(' ')).toMatch(DIGITS[language]);
      expect(said.join(' ').replaceAll(/\p{Script=Latin}[\w-]*/gu, '')).not.toMatch(OTHER_DIGITS[language]);
      await expectSound(page, 'a new pack');
      await page.close();
    },
    LIMIT_MS,
  );

  it(
    'saves a pack as a new version with its reason, names what is wrong beside the field, and warns where it would block everybody',
    async () => {
      const page = await open('admin', 'en', '/admin/packs/KW');
      const editor = page.getByTestId('pack-editor');
      await editor.getByLabel('From', { exact: true }).first().fill('22:00');
      const note = page.locator('.save-bar input').first();
      await page.getByRole('button', { name: 'Save as the next version' }).click();
      await page.locator('.save-bar .field-error').first().waitFor();
      expect(await page.locator('.save-bar .field-error').count()).toBe(2);
      await note.fill('a decree');
      await typeDay(page, '01012027');
      await page.getByRole('button', { name: 'Save as the next version' }).click();
      await editor.locator('[data-rule="hours.0"]').getByText('These hours end before they begin.').waitFor();
      expect(await accessFaults(page)).toEqual([]);

      // Nobody of the place could ever be called: said before it is saved, and asked when it is.
      await editor
        .locator('[data-rule="hours.0"]')
        .getByRole('button', { name: /^Remove/ })
        .click();
      await page.getByTestId('would-block').waitFor();
      await page.getByRole('button', { name: 'Save as the next version' }).click();
      await page.getByTestId('blocks-everybody').waitFor();
      expect(await accessFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Discard' }).click();

      await editor.getByLabel('From', { exact: true }).first().fill('10:30');
      await page.getByRole('button', { name: 'Save as the next version' }).click();
      await page.getByText('Version 2 is saved.').waitFor();
      await page.getByTestId('pack-versions').getByText('a decree').waitFor();
      await page.close();
    },
    LIMIT_MS,
  );

  it(
    'makes a pack of a place that had none, with hours and a cap of its own, which the gate obeys from then on',
    async () => {
      const { partyId, phoneId } = await layJordanian();
      const ask = async (at: Temporal.Instant): Promise<string[]> => {
        const body = { partyId, at: at.toString() };
        const { people } = await stage.floor.admin.send('POST', '/api/v1/contact-check', body, contactCheck);
        return people.flatMap((person) =>
          person.judgements.flatMap((each) => each.numbers.flatMap((number) => number.reasons.map((reason) => reason.id))),
        );
      };
      const tomorrow = Temporal.Now.zonedDateTimeISO('Asia/Amman').add({ days: 1 }).withPlainTime('10:00');
      expect(await ask(tomorrow.toInstant())).toContain('unknown_pack');

      const page = await open('admin', 'ar', '/admin/packs');
      await page.locator('a[href^="/admin/new-pack"]').click();
      const editor = page.getByTestId('pack-editor');
      const id = editor.getByTestId('new-pack-what').locator('input');
      await id.fill('sa');
      await editor.getByTestId('new-pack-what').locator('.field-error').waitFor();
      await id.fill('JO');
      const country = editor.getByTestId('pack-places').locator('.items-add').first();
      for (const code of ['zz', 'jo']) {
        await country.locator('input').fill(code);
        await country.locator('button').click();
      }
      const places = editor.getByTestId('pack-places').locator('.chip');
      await places.locator('.field-error').waitFor();
      await places.first().locator('button').click();
      await editor.getByTestId('pack-hours').locator('button').first().click();
      const hours = editor.locator('[data-rule="hours.0"]');
      for (let day = 0; day < 7; day++) await hours.locator('[aria-pressed]').nth(day).click();
      await hours.locator('.clock-input').first().fill('٠٨:٠٠');
      await hours.locator('.clock-input').last().fill('٢٠:٠٠');
      await editor.getByTestId('pack-caps').locator('button').last().click();
      const cap = editor.locator('[data-rule="caps.0"]');
      await cap.locator('.figure').nth(1).fill('٣٠');
      await page.getByTestId('pack-effect').waitFor();
      await page.locator('.save-bar input').first().fill('قانون جديد');
      await typeDay(page, '01011445');
      await page.locator('.save-bar button[type="submit"]').click();
      await page.waitForURL('**/admin/packs/JO');
      await page.getByTestId('pack-versions').getByText('قانون جديد').waitFor();
      await page.getByTestId('pack-callable').waitFor();

      expect(await ask(tomorrow.toInstant())).toEqual([]);
      expect(await ask(tomorrow.withPlainTime('21:00').toInstant())).toEqual(['hours']);
      const at = Temporal.Now.instant().toString();
      await stage.floor.database
        .insertInto('contact_attempt')
        .values({
          id: randomUUIDv7(),
          campaign_id: stage.campaignId,
          floor_id: 'main',
          epoch: 1n,
          party_id: partyId,
          phone_id: phoneId,
          number: '+962790000001',
          state: 'ended',
          result: 'no_answer',
          verdict: '{}',
          inputs_digest: '-',
          permit_until: at,
          ring_timeout_ms: 15_000,
          reserved_at: at,
          dialing_at: at,
          ended_at: at,
        })
        .execute();
      expect(await ask(tomorrow.toInstant())).toEqual(['1in30']);
      expect(await ask(tomorrow.add({ days: 30 }).toInstant())).toEqual([]);
      await page.close();
    },
    LIMIT_MS,
  );

  /** A debtor in a country without a pack. */
  async function layJordanian(): Promise<{ partyId: string; phoneId: string }> {
    const { database } = stage.floor;
    const zone = 'Asia/Amman';
    const party = await database
      .insertInto('party')
      .values({ display_name: 'Rana', folded_name: 'rana', country: 'JO', time_zones: [zone] })
      .returning('id')
      .executeTakeFirstOrThrow();
    const phone = await database
      .insertInto('phone')
      .values({ e164: '+962790000001', country: 'JO', number_type: 'mobile', time_zones: [zone] })
      .returning('id')
      .executeTakeFirstOrThrow();
    await database.insertInto('party_phone').values({ party_id: party.id, phone_id: phone.id, rank: 0 }).execute();
    const creditor = await database.insertInto('creditor').values({ name: 'Bank' }).returning('id').executeTakeFirstOrThrow();
    const debt = await database
      .insertInto('debt')
      .values({ creditor_id: creditor.id, account: 'J-1', currency: 'JOD', balance_minor: 10_000n })
      .returning('id')
      .executeTakeFirstOrThrow();
    await database.insertInto('debt_party').values({ debt_id: debt.id, party_id: party.id }).execute();
    return { partyId: party.id, phoneId: phone.id };
  }
});

/** Types into a day field part by part, as its segments stand in English: day, month, year. */
async function typeDay(page: Page, digits: string): Promise<void> {
  await page.locator('.save-bar .date-segment[role="spinbutton"]').first().click();
  await page.keyboard.type(digits);
}
