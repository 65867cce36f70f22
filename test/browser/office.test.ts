import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../server/contract/people.ts';
import { eventually } from '../support/conditions.ts';
import { pressOne } from '../support/hearing.ts';
import { campaignPages } from './campaign-pages.ts';
import {
  accessFaults,
  CHROMIUM,
  DIGITS,
  openAs,
  openStage,
  OTHER_DIGITS,
  signIn,
  startShift,
  untilState,
  widthNeeded,
  type Stage,
} from './support.ts';

/** 18 of 27 abandoned calls are used, and a moment is foretold at which all are. */
const BUDGET: Record<Language, RegExp> = {
  en: /18 of 27 used; at this rate reached at \d{2}:\d{2}/,
  ar: /١٨\D+٢٧.+[٠-٩]{1,2}:[٠-٩]{2}/,
  fa: /۱۸\D+۲۷.+[۰-۹]{1,2}:[۰-۹]{2}/,
};

/** As if 900 people had answered today, 18 of whom nobody took in time, most of them in the last hour. */
async function layAbandonedCalls({ floor, campaignId }: Stage): Promise<void> {
  await sql`
    insert into abandonment_ledger (attempt_id, campaign_id, answered_at, deadline_at, rule, cause, answered, abandoned)
    select gen_random_uuid(), ${campaignId}::uuid, clock_timestamp() - case when n <= 12 then interval '1 minute' else interval '5 hours' end,
      clock_timestamp(), '{}', case when n <= 18 then 'no_agent_in_time' else 'agent' end, true, n <= 18
    from generate_series(1, 900) n`.execute(floor.database);
}

/** Somebody left a voice message, and somebody gave up waiting. */
async function layCallers({ floor, campaignId }: Stage): Promise<void> {
  await sql`
    insert into inbound_call (id, leg_id, floor_id, campaign_id, called, number, trunk, entered_at, ended_at, result, voicemail_seconds)
    select gen_random_uuid(), result, 'main', ${campaignId}::uuid, '+99970000001', '+99971234567', 'main', clock_timestamp() - interval '1 minute',
      clock_timestamp(), result, seconds
    from (values ('voicemail', 12), ('hung_up', null::int)) as given (result, seconds)`.execute(floor.database);
}

describe.skipIf(CHROMIUM === null)('the office in a real browser', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ debtors: 20 });
    await layAbandonedCalls(stage);
    await layCallers(stage);
  });
  afterAll(() => stage?.close());

  const open = (role: 'admin' | 'supervisor', language: Language, path: string): Promise<Page> =>
    openAs(stage, role, language, path);

  describe.each(LANGUAGES)('in %s', (language) => {
    it('shows every page of an admin in the language’s direction and digits, and nothing on it is a hindrance', async () => {
      const page = await open('admin', language, '/admin/campaigns');
      for (const [path, testId] of [
        ['/admin/campaigns', 'campaigns'],
        ['/admin/campaigns/new', 'campaign-form'],
        [`/admin/campaigns/${stage.campaignId}`, 'campaign-form'],
        [`/admin/campaigns/${stage.campaignId}/scorecard`, 'scorecard'],
        ['/admin/imports', 'import'],
        ['/admin/do-not-call', 'do-not-call-upload'],
        ['/admin/users', 'users'],
        ['/admin/inbound', 'inbound-calls'],
        ['/admin/trunks', 'trunks'],
      ] as const) {
        await page.goto(path);
        await page.getByTestId(testId).first().waitFor();
        expect({ path, faults: await accessFaults(page) }).toEqual({ path, faults: [] });
        expect({ path, width: await widthNeeded(page, 320) }).toEqual({ path, width: 320 });
      }
      const cells = await page.locator('[data-testid="trunks"] .figure-cell.figure').allInnerTexts();
      expect(cells.join(' ')).toMatch(DIGITS[language]);
      expect(cells.join(' ')).not.toMatch(OTHER_DIGITS[language]);
      await page.close();
    }, 60_000);

    it('shows the wallboard live, says why a campaign dials or not, and names nobody on the wall', async () => {
      const agent = await stage.addPerson('agent', language);
      const desk = await (await stage.openContext()).newPage();
      await signIn(desk, agent.login);
      const page = await open('supervisor', language, '/supervisor');
      await page.getByTestId('board-campaign').waitFor();
      await page.locator('[data-testid="why"][data-rule="no_agents"]').waitFor();
      await startShift(desk);
      await page.getByTestId('board-agents').getByText(agent.displayName).waitFor();
      await expect.poll(() => page.getByTestId('tile-abandoned').innerText()).toMatch(BUDGET[language]);
      await expect.poll(() => page.getByTestId('budget').innerText()).toMatch(BUDGET[language]);
      await page.getByTestId('outlook').waitFor();
      const onDuty = await page.getByTestId('tile-agents').innerText();
      expect(onDuty).toMatch(DIGITS[language]);
      expect(onDuty).not.toMatch(OTHER_DIGITS[language]);
      expect(await accessFaults(page)).toEqual([]);

      await desk.keyboard.press('Control+Shift+KeyY');
      await untilState(desk, 'talking', 30_000);
      await page.locator('[data-testid="why"][data-rule="no_agents"]').waitFor();
      await desk.getByTestId('hang-up').click();
      await untilState(desk, 'wrap_up');
      await desk.keyboard.press('Digit3');
      await desk.locator('.outcome-save button').nth(1).click();
      await untilState(desk, 'paused');

      // As if that call had been cut without a word: told with what to do, and where the debtor's file is.
      const cut = stage.floor.database
        .updateTable('contact_attempt')
        .set({ result: 'abandoned', ending: 'cut_without_message' })
        .where('campaign_id', '=', stage.campaignId)
        .where('state', '=', 'ended');
      await eventually('the end of the call is written', async () => (await cut.executeTakeFirst()).numUpdatedRows > 0n);
      await page.reload();
      const incidents = page.getByTestId('incidents');
      await incidents.locator('li a').first().waitFor();
      expect(await incidents.locator('h2').innerText()).toMatch(/\S/);
      expect(await incidents.locator('li').first().innerText()).toMatch(DIGITS[language]);
      expect(await incidents.locator('li').first().innerText()).not.toMatch(OTHER_DIGITS[language]);
      expect(await accessFaults(page)).toEqual([]);

      await page.goto('/supervisor?kiosk=true');
      await page.getByTestId('tile-agents').waitFor();
      await incidents.waitFor();
      expect(await incidents.locator('li').count()).toBe(0);
      expect(await page.locator('body').innerText()).not.toContain(agent.displayName);
      expect(await accessFaults(page)).toEqual([]);
      await desk.getByTestId('account-menu').click();
      await desk.getByRole('menuitem').first().click();
      await desk.getByTestId('start-shift').waitFor();
      await Promise.all([desk.context().close(), page.close()]);
    }, 90_000);
  });

  campaignPages(() => stage);

  it('adds a person, who signs in, in their language, and is out at once when they are disabled', async () => {
    const page = await open('admin', 'en', '/admin/users');
    await page.getByRole('button', { name: 'Add a person' }).click();
    const form = page.getByTestId('user-form');
    await form.getByLabel('Sign-in name').fill('نورا');
    await form.getByLabel('Name on screen').fill('نورا سامي');
    await form.getByLabel('Password').fill('short');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('2 to 40 of').waitFor();
    expect(await form.locator('.field-error').count()).toBe(2);
    expect(await accessFaults(page)).toEqual([]);
    await form.getByLabel('Sign-in name').fill('nora');
    await form.getByLabel('Password').fill('browser-test-password');
    await form.getByLabel('Role').selectOption('supervisor');
    await form.getByLabel('Language').selectOption('ar');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('was added.').waitFor();

    const theirs = await (await stage.openContext()).newPage();
    await signIn(theirs, 'nora');
    await theirs.getByTestId('wallboard').waitFor();
    expect(await theirs.evaluate(() => document.documentElement.dir)).toBe('rtl');
    await page.getByRole('row').filter({ hasText: 'nora' }).getByRole('button', { name: 'More for' }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByText('can no longer sign in').waitFor();
    await theirs.waitForURL((address) => address.pathname === '/sign-in');
    await Promise.all([page.close(), theirs.context().close()]);
  }, 60_000);

  it('arms a real trunk only after a test call, which it shows in every language with what to do next', async () => {
    const { database } = stage.floor;
    await database.updateTable('trunk').set({ kind: 'real', armed: false }).execute();
    for (const language of LANGUAGES) {
      const person = await stage.addPerson('admin', language);
      await database.updateTable('app_user').set({ demo: false }).where('id', '=', person.id).execute();
      const page = await (await stage.openContext()).newPage();
      await signIn(page, person.login);
      await page.goto('/admin/trunks');
      const row = page.getByTestId('trunks').getByRole('row').nth(1);
      await row.locator('[data-testid="trunk-proof"][data-proof="never"]').waitFor();
      // Arming leads to the test call.
      await row.getByRole('button').nth(1).click();
      await page.getByRole('dialog').locator('button.primary').click();
      const form = page.getByTestId('test-call-form');
      const call = form.locator('button[type="submit"]');
      await call.click();
      await form.locator('.field-error').waitFor();
      await form.locator('input').nth(0).fill('+966 50 123 45 67');
      await form.locator('input').nth(1).fill('');
      const called = stage.farEnd.nextCall();
      await call.click();
      const shown = (state: string) => form.locator(`[data-testid="test-call"][data-state="${state}"]`);
      if (language === 'en') {
        await pressOne(await called);
        await form.locator('[data-testid="test-call"][data-result="passed"]').waitFor({ timeout: 20_000 });
        await form.getByText('The trunk may be armed now.').waitFor();
      } else {
        const ringing = await called;
        await shown('answered').waitFor();
        await ringing.hangUp();
        await form.locator('[data-testid="test-call"][data-result="no_key"]').waitFor({ timeout: 20_000 });
      }
      expect(await accessFaults(page)).toEqual([]);
      expect(await widthNeeded(page, 320)).toBe(320);
      if (language === 'en') {
        await page.keyboard.press('Escape');
        await row.locator('[data-testid="trunk-proof"][data-proof="passed"]').waitFor();
        await row.getByRole('button', { name: 'Arm' }).click();
        await page.getByRole('button', { name: 'Yes, arm it' }).click();
        await page.getByText('is armed').waitFor();
        // As it was, for the next language.
        await database.deleteFrom('trunk_test').execute();
        await database.updateTable('trunk').set({ armed: false }).execute();
      }
      await page.context().close();
    }
    await database.updateTable('trunk').set({ kind: 'demo', armed: true }).execute();
  }, 120_000);

  it('lets nobody into a page of another role', async () => {
    const page = await open('supervisor', 'en', '/admin/imports');
    await page.waitForURL((address) => address.pathname === '/supervisor');
    await page.close();
    const other = await open('admin', 'en', '/agent');
    await other.waitForURL((address) => address.pathname === '/admin/campaigns');
    expect(await other.getByTestId('agent-state').count()).toBe(0);
    await other.close();
  }, 30_000);

  it('has a supervisor stand by for calls that would be cut without a word, in a tab of its own', async () => {
    const page = await open('supervisor', 'en', '/supervisor');
    await page.getByTestId('stand-by').waitFor();
    const [desk] = await Promise.all([page.context().waitForEvent('page'), page.getByTestId('stand-by').click()]);
    await startShift(desk);
    expect(await accessFaults(desk)).toEqual([]);
    await desk.keyboard.press('Control+Shift+KeyY');
    await desk.getByText('You stand by.').waitFor();
    await page.getByTestId('board-agents').getByText('stands by').waitFor();
    await Promise.all([desk.close(), page.close()]);
  }, 60_000);

  it.each(LANGUAGES)(
    'speaks %s on the sign-in page before anybody is known, says what is wrong, and keeps nothing personal in its address or title',
    async (language) => {
      const person = await stage.addPerson('supervisor', language);
      const page = await (await stage.openContext()).newPage();
      await page.goto('/sign-in');
      await page.locator(`.sign-in-languages button[lang="${language}"]`).click();
      await page.locator(`html[lang="${language}"]`).waitFor();
      expect(await accessFaults(page)).toEqual([]);
      await page.locator('form button[type="submit"]').click();
      expect(await page.locator('.field-error').count()).toBe(2);
      expect(await accessFaults(page)).toEqual([]);
      await page.locator('input[name="login"]').fill(person.login);
      await page.locator('input[name="password"]').fill('not the password');
      await page.keyboard.press('Enter');
      await page.locator('form [role="alert"].notice').waitFor();
      await signIn(page, person.login);
      const shown = `${page.url()} ${await page.title()}`;
      expect(shown).not.toContain(person.login);
      expect(shown).not.toContain(person.displayName);
      await page.context().close();
    },
    30_000,
  );
});
