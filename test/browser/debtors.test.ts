import { randomUUIDv7 } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rulePackSchema } from '../../server/compliance/packs.ts';
import { DEMO } from '../../server/compliance/packs/demo.ts';
import { insertPack } from '../../server/compliance/store.ts';
import { answerRuleOf } from '../../server/compliance/ledger/rules.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { LANGUAGES, type Language } from '../../server/contract/people.ts';
import { eventually } from '../support/conditions.ts';
import { accessFaults, CHROMIUM, DIGITS, expectSound, openAs, openStage, type Stage } from './support.ts';

const LIMIT_MS = 120_000;
const LIST = [
  'account,name,mobile,amount,due date,address',
  'B-1,Salma Nabil,+201012345601,1500,01/02/2026,Cairo',
  'B-2,Omar Adel,+201012345602,not a number,01/02/2026,Cairo',
  ',Hana Samir,+201012345603,800,01/02/2026,Giza',
  '',
].join('\n');

/** Egyptian mobiles as a tracer would type them, one for each walk. */
const NEXT_NUMBERS: Readonly<Record<Language, string>> = { en: '01012345601', ar: '٠١٠١٢٣٤٥٦٠٢', fa: '۰۱۰۱۲۳۴۵۶۰۳' };

/** As if the debtor of an account had been called and taken for a machine. */
async function layScreenedCall({ floor, campaignId }: Stage, account: string): Promise<void> {
  const id = randomUUIDv7();
  await sql`
    insert into contact_attempt (id, campaign_id, floor_id, epoch, party_id, phone_id, number, state, result, ending, counts, verdict,
      inputs_digest, permit_until, ring_timeout_ms, reserved_at, answered_at, ended_at)
    select ${id}::uuid, ${campaignId}::uuid, 'main', 1, party_id, phone_id, '-', 'ended', 'screened', 'machine', false, '{}', '-', now(), 15000,
      now(), now(), now()
    from debt join debt_party on debt_id = debt.id join party_phone using (party_id) where account = ${account} limit 1`.execute(
    floor.database,
  );
  await floor.database
    .insertInto('abandonment_ledger')
    .values({
      attempt_id: id,
      campaign_id: campaignId,
      answered_at: new Date().toISOString(),
      deadline_at: new Date().toISOString(),
      rule: JSON.stringify(answerRuleOf(DEFAULT_CAMPAIGN_SETTINGS, [])),
      cause: 'machine',
      answered: false,
      abandoned: false,
    })
    .execute();
}

describe.skipIf(CHROMIUM === null)('debtors’ files, and lists of them, in a real browser', () => {
  let stage: Stage;
  let folder: string;
  let account: string;
  let number: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wusul-lists-'));
    stage = await openStage({ debtors: 5 });
    const { database } = stage.floor;
    const debt = await database.selectFrom('debt').select('account').orderBy('account').executeTakeFirstOrThrow();
    account = debt.account;
    const phone = await database.selectFrom('phone').select('e164').orderBy('e164').executeTakeFirstOrThrow();
    number = phone.e164;
    await layScreenedCall(stage, account);
    // A pack that asks for more than the demo's, and forbids nothing that happens here.
    const more = {
      version: 2,
      holds: [{ flag: 'club_rule', blocks: 'workplace', note: 'The club asks so', evidence: 'V0' }],
      disclosures: [{ when: 'call start', text: 'the call is recorded', evidence: 'V0' }],
      forbiddenWords: { items: ['police'], evidence: 'V0' },
      cooloffs: [
        { id: 'rest', after: 'dispute', days: 1, dayOneIsEventDay: true, scope: 'person', severity: 'warn', evidence: 'V0' },
      ],
    };
    await insertPack(database, rulePackSchema.parse({ ...DEMO, ...more }), 'test');
  });
  afterAll(async () => {
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (role: 'admin' | 'supervisor', language: Language, path: string): Promise<Page> =>
    openAs(stage, role, language, path);

  it.each(LANGUAGES)(
    'in %s are found without their numbers in any address, shown whole, held and released, heard, and traced',
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

      const attempts = page.getByTestId('record-attempts');
      await attempts.locator('tbody button').first().click();
      await attempts.locator('.badge.info').waitFor();
      // A toast may lie over a button for a moment.
      await page.reload();
      await attempts.locator('.badge.info').waitFor();
      await expectSound(page, 'a person taken for a machine');
      await attempts.locator('tbody button').first().click();
      await attempts.locator('.badge.info').waitFor({ state: 'detached' });
      await page.reload();

      await page.getByTestId('record-holds').locator('button').first().click();
      await page.getByTestId('hold-form').waitFor();
      // What only a pack names is said in its own words, with what it stops and how well that is known.
      await page.getByTestId('hold-form').locator('select').first().selectOption('club_rule');
      await page.getByTestId('hold-stops').locator('[data-evidence="V0"]').waitFor();
      await record.getByTestId('guidance').getByText('police').waitFor();
      await expectSound(page, 'hold form');
      await page.getByTestId('hold-form').locator('select').first().selectOption('attorney');
      await page.getByTestId('hold-form').locator('button[type="submit"]').click();
      const held = page.getByTestId('record-holds').locator('[data-hold="open"]');
      await held.waitFor();
      await page.getByTestId('record-queues').locator('[data-queue="waiting"]').waitFor();
      await held.locator('button').click();
      await page.getByTestId('record-queues').locator('[data-queue="ready"]').waitFor();
      expect(await held.count()).toBe(0);
      // Without the toasts.
      const file = page.url();
      await page.goto(file);
      const formIn = (card: string) => page.getByTestId(card).getByTestId('by-hand-form');
      const send = async (writing: ReturnType<typeof formIn>): Promise<void> => {
        await writing.locator('input').last().fill('Said so');
        await writing.locator('button[type="submit"]').click();
        await writing.waitFor({ state: 'detached' });
      };
      await page.getByTestId('retire-number').first().click();
      await page.getByTestId('record-consent').click();
      await page.getByTestId('add-preference').click();
      await page.getByTestId('override-warning').click();
      await expectSound(page, 'after the hold, written by hand');
      await formIn('record-numbers').locator('button[type="submit"]').click();
      await formIn('record-numbers').locator('.field-error').waitFor();
      await send(formIn('record-consents'));
      await page.getByTestId('record-queues').locator('[data-queue="waiting"]').waitFor();
      await page.getByTestId('record-consent').click();
      await formIn('record-consents').locator('select').first().selectOption('granted');
      await send(formIn('record-consents'));
      await page.getByTestId('record-queues').locator('[data-queue="ready"]').waitFor();
      await formIn('record-preferences').locator('[role="group"] button').first().click();
      await send(formIn('record-preferences'));
      const wish = page.getByTestId('record-preferences').locator('[data-preference="open"]');
      await wish.locator('button').click();
      await send(formIn('record-preferences'));
      await wish.waitFor({ state: 'detached' });
      await send(formIn('record-numbers'));
      await page.getByTestId('record-queues').locator('[data-queue="done"]').waitFor();

      await page.goto(`/admin/stuck?campaign=${stage.campaignId}`);
      await page.getByTestId('stuck-no_number_left').locator('bdi', { hasText: DIGITS[language] }).waitFor();
      const found = page.getByTestId('stuck-list').locator('tbody tr');
      await found.first().locator('button').click();
      await expectSound(page, 'the tracing list and another number');
      await page.getByTestId('by-hand-form').locator('input').first().fill(NEXT_NUMBERS[language]);
      await send(page.getByTestId('by-hand-form'));
      await expect.poll(() => found.count()).toBe(0);
      await page.goto(file);
      await page.getByTestId('record-queues').locator('[data-queue="ready"]').waitFor();
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

  it('tries a list out, brings it in, and hands the rejected rows back as a file', async () => {
    const file = join(folder, 'list.csv');
    writeFileSync(file, LIST);
    const page = await open('admin', 'en', '/admin/imports');
    await page.getByRole('button', { name: 'Try it out first' }).click();
    await page.locator('.field-error', { hasText: 'Choose a file.' }).waitFor();
    await page.getByLabel('For the campaign').selectOption(stage.campaignId);
    await page.getByLabel('Kind of list').selectOption('eg-telecom');
    await page.locator('#import-file').setInputFiles(file);
    const mapping = page.getByTestId('mapping');
    await mapping.waitFor();
    expect(await mapping.getByLabel('Amount', { exact: true }).inputValue()).toBe('amount');
    await page.getByRole('button', { name: 'Try it out first' }).click();
    const tried = page.getByTestId('import').first();
    await tried.getByText('This is what would happen. Nothing was changed.').waitFor({ timeout: 20_000 });
    expect(await tried.locator('.count', { hasText: 'Rejected' }).innerText()).toContain('2');

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
    await page.context().close();
  }, 90_000);

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
