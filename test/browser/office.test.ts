import { sql } from 'kysely';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../server/contract/people.ts';
import { wavOf } from '../../server/telephony/recording.ts';
import { eventually } from '../support/conditions.ts';
import { pressOne } from '../support/hearing.ts';
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
      await page.context().close();
    }, 60_000);

    it('shows what other weights would change before they are saved, and every version with its reason', async () => {
      const page = await open('admin', language, `/admin/campaigns/${stage.campaignId}/scorecard`);
      const effect = page.getByTestId('score-effect');
      await effect.locator('.spread-steps li').first().waitFor();
      expect(await effect.innerText()).toMatch(DIGITS[language]);
      expect(await effect.innerText()).not.toMatch(OTHER_DIGITS[language]);
      const before = await effect.innerText();
      const weight = page.locator('.form-grid input').first();
      const known = await weight.inputValue();
      await weight.fill('0');
      await eventually('another spread', async () => (await effect.innerText()) !== before);
      expect(await accessFaults(page)).toEqual([]);
      expect(await widthNeeded(page, 320)).toBe(320);
      const note = `Trial ${language}`;
      await page.locator('.score-save input').fill(note);
      await page.locator('.score-save button[type="submit"]').click();
      await page.getByTestId('scorecard-versions').getByText(note).waitFor();
      await page.getByTestId('rescored').waitFor();
      // As it was, for the next language.
      await weight.fill(known);
      await page.locator('.score-save input').fill('Back');
      await page.locator('.score-save button[type="submit"]').click();
      await page.getByTestId('scorecard-versions').getByText('Back').first().waitFor();
      await page.context().close();
    }, 60_000);

    it('tries pacing settings on a simulated floor, and saves what was not tried or broke the cap there with a reason only', async () => {
      const page = await open('admin', language, `/admin/campaigns/${stage.campaignId}`);
      const recycling = page.getByTestId('recycling');
      await recycling.locator('summary').click();
      const trial = page.getByTestId('pacing-trial');
      await page.locator('input[name="pacing"]').nth(1).check();
      await page.locator('input[name="ratio"]').fill('8');
      await page.locator('input[name="maxLinesPerAgent"]').fill('8');
      const save = page.locator('.save-bar button[type="submit"]');
      const unexplained = page.locator('.save-bar [aria-invalid="true"]');
      // Not without a trial either.
      await save.click();
      await unexplained.waitFor();
      await trial.locator('button').first().click();
      await page.locator('[data-testid="pacing-trial"][data-state="done"]').waitFor({ timeout: 90_000 });
      const result = page.getByTestId('trial-result');
      expect(await result.getAttribute('data-breaks-cap')).toBe('true');
      // The floor's own name is a code; digits stand in the figures.
      const cells = (await result.locator('td').allInnerTexts()).join(' ');
      expect(cells).toMatch(DIGITS[language]);
      expect(cells).not.toMatch(OTHER_DIGITS[language]);
      expect(await accessFaults(page)).toEqual([]);
      expect(await widthNeeded(page, 320)).toBe(320);
      const reason = page.locator('.save-bar input');
      await save.click();
      await unexplained.waitFor();
      await reason.fill(`Tried in ${language}`);
      await save.click();
      await reason.waitFor({ state: 'detached' });
      // As it was, for the next language.
      await page.locator('input[name="pacing"]').nth(0).check();
      await save.click();
      await page.locator('.save-bar button[type="submit"]:disabled').waitFor();

      // A wait of its own after a busy line, and more attempts of a kind than there are in all.
      const [minutes, most] = [page.locator('input[name="busy.minutes"]'), page.locator('input[name="busy.most"]')];
      expect(await recycling.innerText()).toMatch(DIGITS[language]);
      expect(await recycling.innerText()).not.toMatch(OTHER_DIGITS[language]);
      await minutes.fill('7');
      await most.fill('50');
      await page.locator('input[name="maxTries"]').fill('9');
      await save.click();
      await recycling.locator('[aria-invalid="true"][name="busy.most"]').waitFor();
      await most.fill('');
      await save.click();
      await page.locator('.save-bar button[type="submit"]:disabled').waitFor();
      await page.reload();
      await recycling.locator('summary').click();
      expect(await minutes.inputValue()).toMatch(DIGITS[language]);
      await minutes.fill('');
      await save.click();
      await page.locator('.save-bar button[type="submit"]:disabled').waitFor();
      await page.context().close();
    }, 120_000);

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
      await Promise.all([desk.context().close(), page.context().close()]);
    }, 90_000);
  });

  it('makes a campaign: each fault stands at its field, and it starts only once its trunk is armed', async () => {
    const page = await open('admin', 'en', '/admin/campaigns/new');
    await page.getByTestId('campaign-form').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('July');
    await page.getByLabel('Caller id').fill('0501234567');
    await page.getByLabel('Calls to a person a day').fill('0');
    await page.getByRole('button', { name: 'Add a window' }).click();
    await page.getByRole('button', { name: 'Create campaign' }).click();
    await page.getByText('Enter the number with its country code').waitFor();
    await page.getByText(/^At least/).waitFor();
    await page.getByText('Choose at least one day.').waitFor();
    expect(await page.getByLabel('Caller id').getAttribute('aria-invalid')).toBe('true');
    expect(await accessFaults(page)).toEqual([]);

    await page.getByLabel('Caller id').fill('+966 50 123 4567');
    await page.getByLabel('Calls to a person a day').fill('2');
    // On a day that the first window has already.
    const second = page.locator('fieldset.hours-window').nth(1);
    await second.getByRole('button', { name: 'Monday' }).click();
    await page.getByRole('button', { name: 'Create campaign' }).click();
    await page.getByText('This window overlaps another on the same day.').waitFor();
    await second.getByRole('button', { name: 'Remove window 2' }).click();
    await page.getByRole('button', { name: 'Create campaign' }).click();
    await page.locator('[data-testid="campaign-state"][data-state="draft"]').waitFor();

    await page.goto('/admin/trunks');
    await page.getByRole('button', { name: 'Disarm' }).click();
    await page.getByText('Not armed').waitFor();
    await page.goto('/admin/campaigns');
    await page.getByRole('link', { name: 'July' }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page
      .locator('.field', { has: page.getByLabel('Trunk') })
      .getByText('The trunk is not armed')
      .waitFor();

    await page.goto('/admin/trunks');
    await page.getByRole('button', { name: 'Arm', exact: true }).click();
    await page.getByText('is armed').waitFor();
    await page.goto('/admin/campaigns');
    const row = page.getByRole('row').filter({ hasText: 'July' });
    await row.getByRole('button', { name: 'Start' }).click();
    await row.locator('[data-state="running"]').waitFor();
    await row.getByRole('button', { name: 'Pause' }).click();
    await row.locator('[data-state="paused"]').waitFor();
    await row.getByRole('button', { name: 'End' }).click();
    await page.getByRole('button', { name: 'End it for good' }).click();
    await row.locator('[data-state="ended"]').waitFor();
    await page.context().close();
  }, 90_000);

  it('takes a recording of one’s own for callers: listened to before it is saved, refused in words, taken back', async () => {
    const page = await open('admin', 'en', `/admin/campaigns/${stage.campaignId}`);
    const message = page.getByTestId('message-en');
    const choose = (name: string, buffer: Buffer): Promise<void> =>
      message.locator('input[type="file"]').setInputFiles({ name, mimeType: 'audio/wav', buffer });
    await choose('noise.wav', Buffer.from('no recording'));
    await page.getByTestId('message-save').click();
    await message.getByText('This is not a WAV file.').waitFor();
    expect(await accessFaults(page)).toEqual([]);
    // Five seconds of a hum.
    await choose('ours.wav', wavOf(Uint8Array.from({ length: 40_000 }, (_, index) => (index % 20 < 10 ? 0x20 : 0xa0))));
    const lengthOf = (player: Locator): Promise<number> =>
      player.evaluate(async (audio: HTMLAudioElement) => {
        audio.load();
        if (Number.isNaN(audio.duration)) {
          audio.preload = 'metadata';
          await new Promise((resolve) => audio.addEventListener('loadedmetadata', resolve, { once: true }));
        }
        return audio.duration;
      });
    expect(await lengthOf(message.locator('audio').last())).toBe(5);
    await page.getByTestId('message-save').click();
    await message.getByText('Version 1: ours.wav, 0:05').waitFor();
    expect(await lengthOf(message.locator('audio').first())).toBe(5);
    await message.getByRole('button', { name: 'Use the one that comes with Wusul' }).click();
    await message.getByText('Earlier recordings').click();
    await message.getByRole('button', { name: 'Use this one again' }).waitFor();
    await page.context().close();
  }, 60_000);

  it('tells an editor that somebody else has changed the campaign, and loses neither side', async () => {
    const page = await open('admin', 'en', `/admin/campaigns/${stage.campaignId}`);
    const other = await open('admin', 'en', `/admin/campaigns/${stage.campaignId}`);
    await page.getByLabel('Share of the trunk').fill('20');
    await other.getByLabel('Share of the trunk').fill('30');
    await other.getByRole('button', { name: 'Save', exact: true }).click();
    await other.getByText('The settings are saved.').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Somebody else changed this meanwhile').first().waitFor();
    expect(await page.getByLabel('Share of the trunk').inputValue()).toBe('20');
    await Promise.all([page.context().close(), other.context().close()]);
  }, 60_000);

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
    await Promise.all([page.context().close(), theirs.context().close()]);
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
    await page.context().close();
    const other = await open('admin', 'en', '/agent');
    await other.waitForURL((address) => address.pathname === '/admin/campaigns');
    expect(await other.getByTestId('agent-state').count()).toBe(0);
    await other.context().close();
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
    await page.context().close();
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
