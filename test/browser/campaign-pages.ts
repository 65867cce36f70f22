import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../server/contract/people.ts';
import { wavOf } from '../../server/telephony/recording.ts';
import { eventually } from '../support/conditions.ts';
import { accessFaults, DIGITS, openAs, OTHER_DIGITS, widthNeeded, type Stage } from './support.ts';

/** What the office is told of a campaign's pages, on the stage that the office's other sentences use. */
export function campaignPages(stageOf: () => Stage): void {
  describe.each(LANGUAGES)('a campaign in %s', (language) => {
    it('shows what other weights would change before they are saved, and every version with its reason', async () => {
      const page = await openAs(stageOf(), 'admin', language, `/admin/campaigns/${stageOf().campaignId}/scorecard`);
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
      await page.close();
    }, 60_000);

    it('tries pacing settings on a simulated floor, and saves what was not tried or broke the cap there with a reason only', async () => {
      const page = await openAs(stageOf(), 'admin', language, `/admin/campaigns/${stageOf().campaignId}`);
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
      await page.close();
    }, 120_000);
  });

  it('makes a campaign: each fault stands at its field, and it starts only once its trunk is armed', async () => {
    const page = await openAs(stageOf(), 'admin', 'en', '/admin/campaigns/new');
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
    await page.close();
  }, 90_000);

  it('takes a recording of one’s own for callers: listened to before it is saved, refused in words, taken back', async () => {
    const page = await openAs(stageOf(), 'admin', 'en', `/admin/campaigns/${stageOf().campaignId}`);
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
    await page.close();
  }, 60_000);

  it('tells an editor that somebody else has changed the campaign, and loses neither side', async () => {
    const page = await openAs(stageOf(), 'admin', 'en', `/admin/campaigns/${stageOf().campaignId}`);
    const other = await openAs(stageOf(), 'admin', 'en', `/admin/campaigns/${stageOf().campaignId}`);
    await page.getByLabel('Share of the trunk').fill('20');
    await other.getByLabel('Share of the trunk').fill('30');
    await other.getByRole('button', { name: 'Save', exact: true }).click();
    await other.getByText('The settings are saved.').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Somebody else changed this meanwhile').first().waitFor();
    expect(await page.getByLabel('Share of the trunk').inputValue()).toBe('20');
    await Promise.all([page.close(), other.close()]);
  }, 60_000);
}
