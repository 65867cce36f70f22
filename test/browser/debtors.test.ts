import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rulePackSchema } from '../../server/compliance/packs.ts';
import { DEMO } from '../../server/compliance/packs/demo.ts';
import { insertPack } from '../../server/compliance/store.ts';
import { answerRuleOf } from '../../server/compliance/ledger/rules.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { LANGUAGES, type Language } from '../../server/contract/people.ts';
import { listPages } from './list-pages.ts';
import { CHROMIUM, DIGITS, expectSound, openAs, openStage, type Stage } from './support.ts';

const LIMIT_MS = 120_000;

/** Egyptian mobiles as a tracer would type them, one for each walk. */
const NEXT_NUMBERS: Readonly<Record<Language, string>> = { en: '01012345601', ar: '٠١٠١٢٣٤٥٦٠٢', fa: '۰۱۰۱۲۳۴۵۶۰۳' };
/** Who else stands for the debt, one kind for each walk. */
const OTHERS: Readonly<Record<Language, 'guarantor' | 'co_debtor' | 'attorney'>> = {
  en: 'guarantor',
  ar: 'co_debtor',
  fa: 'attorney',
};

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
  let account: string;
  let number: string;
  /** Of somebody whose file is left alone. */
  let otherNumber: string;
  beforeAll(async () => {
    stage = await openStage({ debtors: 5 });
    const { database } = stage.floor;
    const debt = await database.selectFrom('debt').select('account').orderBy('account').executeTakeFirstOrThrow();
    account = debt.account;
    const phones = await database.selectFrom('phone').select('e164').orderBy('e164').execute();
    [number, otherNumber] = [phones.at(0)?.e164 ?? '', phones.at(-1)?.e164 ?? ''];
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
  afterAll(() => stage?.close());

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
      await page.getByTestId('add-relation').click();
      await formIn('record-debts').locator('input').last().fill('Signed for it');
      await formIn('record-debts').locator('button[type="submit"]').click();
      await formIn('record-debts').locator('.field-error').waitFor();
      await expectSound(page, 'after the hold, written by hand');
      await formIn('record-debts').locator('select').selectOption(OTHERS[language]);
      await formIn('record-debts').locator('input').first().fill('Kareem Adel');
      await formIn('record-debts').locator('input').nth(1).fill(NEXT_NUMBERS[language]);
      await send(formIn('record-debts'));
      const other = page.getByTestId('record-debts').locator(`[data-relation="${OTHERS[language]}"]`);
      await other.locator('button').click();
      await send(formIn('record-debts'));
      await other.waitFor({ state: 'detached' });
      // A week from today: the calendar opens on today.
      await formIn('record-overridden').locator('.date-button').click();
      await page.locator('.calendar-cell[data-focused], .calendar-cell:focus').first().waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await send(formIn('record-overridden'));
      const overridden = page.getByTestId('record-overridden').locator('[data-overridden="open"]');
      expect(await overridden.innerText()).toMatch(DIGITS[language]);
      await overridden.locator('button').click();
      await send(formIn('record-overridden'));
      await overridden.waitFor({ state: 'detached' });
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
      await page.close();
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
      await page.close();
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
      await page.close();
    },
    LIMIT_MS,
  );

  listPages(() => ({ stage, number: otherNumber }));

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
