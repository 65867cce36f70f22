import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveCampaign } from '../../scripts/scratch/campaign.ts';
import { LANGUAGES, type Language } from '../../server/contract/people.ts';
import { eventually } from '../support/conditions.ts';
import {
  accessFaults,
  CHROMIUM,
  DIGITS,
  heardInPage,
  openStage,
  OTHER_DIGITS,
  signIn,
  startShift,
  untilState,
  widthNeeded,
  type Stage,
} from './support.ts';

/** Fifty pounds, as each language's digits have them. */
const FIFTY: Record<Language, string> = { en: '50', ar: '٥٠', fa: '۵۰' };
const CALENDAR: Record<Language, RegExp> = { en: /20\d\d/, ar: /١٤[٤٥][٠-٩]/, fa: /۱۴[۰۱][۰-۹]/ };
const OWN_NUMBER = '+99970000001';
const HOUSE: Record<Language, RegExp> = { en: /^ltr en$/, ar: /^rtl ar$/, fa: /^rtl fa$/ };

/** As if everybody had said what they do not want: text messages on their number, calls at work and on a day that is not near. */
async function layWishes({ floor: { database } }: Stage): Promise<void> {
  const far = Temporal.Now.plainDateISO('Africa/Cairo').add({ days: 3 }).dayOfWeek;
  await sql`
    insert into consent (party_id, phone_id, channel, kind, granted)
    select party_id, phone_id, channel, kind, granted from party_phone,
      (values ('sms', 'contact', false), ('call', 'recorded_sound', true)) as said (channel, kind, granted)`.execute(database);
  await sql`
    insert into preference (party_id, days, from_time, to_time, place, source, reason)
    select party_id, days, from_time, to_time, said.place, 'call', '-' from party_phone,
      (values (array[${far}::int], '10:00', '11:30', null), (null, null, null, 'work')) as said (days, from_time, to_time, place)`.execute(
    database,
  );
}

describe.skipIf(CHROMIUM === null)('an agent in a real browser', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ debtors: 60, settings: { callerId: OWN_NUMBER } });
    await layWishes(stage);
  });
  afterAll(async () => {
    await stage?.close();
  });

  async function openDesk(language: Language): Promise<{ page: Page; agentId: string; errors: string[] }> {
    const agent = await stage.addPerson('agent', language);
    const page = await (await stage.openContext()).newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await signIn(page, agent.login);
    return { page, agentId: agent.id, errors };
  }

  async function takeCall(page: Page): Promise<void> {
    await page.keyboard.press('Control+Shift+KeyY');
    await untilState(page, 'talking', 30_000);
    await page.getByTestId('debtor-file').waitFor();
  }

  async function refuse(page: Page): Promise<void> {
    // By mouse: the shortcut is deaf for a second after its last use, and calls follow fast here.
    await page.getByTestId('hang-up').click();
    await untilState(page, 'wrap_up');
    await page.keyboard.press('Digit3');
    await page.locator('.outcome-save button').nth(1).click();
    await untilState(page, 'paused');
  }

  async function endShift(page: Page): Promise<void> {
    await page.getByTestId('account-menu').click();
    await page.getByRole('menuitem').first().click();
    await page.getByTestId('start-shift').waitFor();
    await page.context().close();
  }

  describe.each(LANGUAGES)('in %s', (language) => {
    it('tries the station, takes a call, hears and is heard, promises and saves; nothing on the way is a hindrance', async () => {
      const { page, agentId, errors } = await openDesk(language);
      expect(await page.evaluate(() => `${document.documentElement.dir} ${document.documentElement.lang}`)).toMatch(
        HOUSE[language],
      );
      await page.locator('[data-testid="registration"][data-state="registered"]').waitFor();
      expect(await accessFaults(page)).toEqual([]);

      // The echo: what the microphone gives comes back from the switch.
      await page.getByTestId('test-station').click();
      await page.getByTestId('end-test').waitFor();
      await eventually('the echo brings the microphone back', async () => (await heardInPage(page, 700)) > 0.002, 15_000);
      expect(await accessFaults(page)).toEqual([]);
      await page.getByTestId('end-test').click();
      await page.getByTestId('test-station').waitFor();

      await startShift(page);
      expect(await accessFaults(page)).toEqual([]);
      const call = stage.farEnd.nextCall();
      await takeCall(page);
      const debtor = await call;
      const wishes = page.getByTestId('wishes').locator('li');
      expect(await wishes.count()).toBe(4);
      expect(await wishes.nth(2).innerText()).toMatch(DIGITS[language]);
      expect(await wishes.nth(2).innerText()).not.toMatch(OTHER_DIGITS[language]);

      // Sound both ways.
      await eventually('the agent hears the debtor', async () => (await heardInPage(page, 400)) > 0.01, 15_000);
      await debtor.hears((heard) => heard(700) > 0.02, 15_000);
      await page.keyboard.press('Control+Shift+KeyU');
      await debtor.hears((heard) => heard(700) < 0.002, 10_000);
      await page.keyboard.press('Control+Shift+KeyU');
      await debtor.hears((heard) => heard(700) > 0.02, 15_000);
      expect(await accessFaults(page)).toEqual([]);
      expect(await widthNeeded(page, 320)).toBeLessThanOrEqual(320);

      // The note saves itself while the agent types.
      await page.keyboard.press('Control+Shift+KeyL');
      await page.keyboard.type('after the salary');
      await page.locator('[data-testid="note-state"][data-state="saved"]').waitFor();
      await page.keyboard.press('Control+Shift+KeyO');
      await page.keyboard.press('Digit1');
      const amount = page.locator('.outcome-fields input[inputmode="decimal"]');
      await amount.fill(FIFTY[language]);
      await page.getByTestId('quick-days').getByRole('button').first().click();
      expect(await page.getByTestId('effect-before').innerText()).toMatch(CALENDAR[language]);
      expect(await accessFaults(page)).toEqual([]);

      await page.keyboard.press('Control+Shift+KeyX');
      await untilState(page, 'wrap_up');
      await page.locator('.outcome-save button').nth(1).click();
      await page.getByTestId('last-effect').waitFor();
      expect(await page.getByTestId('last-effect').innerText()).toMatch(CALENDAR[language]);
      expect(await accessFaults(page)).toEqual([]);

      const promise = await stage.floor.database
        .selectFrom('promise')
        .selectAll()
        .where('agent_id', '=', agentId)
        .executeTakeFirstOrThrow();
      expect(promise).toMatchObject({ amount_minor: 5_000n, currency: 'EGP', state: 'open' });
      const saved = await stage.floor.database
        .selectFrom('outcome')
        .select(['code', 'note'])
        .where('agent_id', '=', agentId)
        .executeTakeFirstOrThrow();
      expect(saved).toEqual({ code: 'promise', note: 'after the salary' });
      expect(errors).toEqual([]);
      await endShift(page);
    }, 120_000);
  });

  it('sees the file soon after the debtor is on the line', async () => {
    const { page } = await openDesk('en');
    await startShift(page);
    const delays: number[] = [];
    for (let calls = 0; calls < 4; calls++) {
      await takeCall(page);
      await eventually('the file is painted', async () => (await painted(page)).length > calls);
      delays.push((await painted(page)).at(-1) ?? Number.NaN);
      await refuse(page);
    }
    // The aim is 150 ms; a machine that does other things besides is slower, but not every time.
    expect(Math.min(...delays)).toBeLessThan(1_000);
    await endShift(page);
  }, 120_000);

  it('goes on with the same call after the page is loaded anew, and keeps the note', async () => {
    const { page } = await openDesk('fa');
    await startShift(page);
    const call = stage.farEnd.nextCall();
    await takeCall(page);
    const debtor = await call;
    const attempt = await page.getByTestId('debtor-file').getAttribute('data-attempt');
    await page.getByTestId('note').fill('نیمه‌کاره');
    await page.locator('[data-testid="note-state"][data-state="saved"]').waitFor();

    await page.reload();
    await page.getByTestId('debtor-file').waitFor();
    expect(await page.getByTestId('debtor-file').getAttribute('data-attempt')).toBe(attempt);
    await eventually('the note is back', async () => (await page.getByTestId('note').inputValue()) === 'نیمه‌کاره');
    await eventually('the agent hears the debtor again', async () => (await heardInPage(page, 400)) > 0.01, 20_000);
    await debtor.hears((heard) => heard(700) > 0.02, 15_000);
    expect(debtor.state).toBe('up');
    await refuse(page);
    await endShift(page);
  }, 90_000);

  it('puts the debtor on hold, sends tones, and is told when the caller hangs up', async () => {
    const { page } = await openDesk('ar');
    await startShift(page);
    const call = stage.farEnd.nextCall();
    await takeCall(page);
    const debtor = await call;
    await eventually('the agent hears the debtor', async () => (await heardInPage(page, 400)) > 0.01, 15_000);
    await page.keyboard.press('Control+Shift+KeyH');
    await eventually('the debtor is not heard on hold', async () => (await heardInPage(page, 400)) < 0.002);
    await page.keyboard.press('Control+Shift+KeyH');
    await eventually('the agent hears the debtor again', async () => (await heardInPage(page, 400)) > 0.01, 15_000);
    await page.keyboard.press('Control+Shift+KeyK');
    await page.keyboard.press('5');
    expect(await page.locator('.keypad-sent').innerText()).toBe('٥');
    expect(await accessFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await debtor.hangUp();
    await untilState(page, 'wrap_up');
    await page.keyboard.press('Digit8');
    await page.locator('.outcome-save button').nth(1).click();
    await untilState(page, 'paused');
    await endShift(page);
  }, 90_000);

  it('is called from a number that nobody has, looks for the caller by what they say, and confirms who it is', async () => {
    const { database, telephone, admin } = stage.floor;
    await moveCampaign(admin, stage.campaignId, 'pause');
    const { page } = await openDesk('ar');
    await startShift(page);
    await page.keyboard.press('Control+Shift+KeyY');
    await untilState(page, 'ready');
    const line = await stage.farEnd.call(`sip:${OWN_NUMBER}@127.0.0.1:${telephone.sipPort}`, '+99978888888');
    await untilState(page, 'talking', 30_000);
    const caller = page.getByTestId('caller');
    await caller.getByText('+99978888888').waitFor();
    expect(await accessFaults(page)).toEqual([]);
    expect(await widthNeeded(page, 320)).toBe(320);
    const { account } = await database.selectFrom('debt').select('account').limit(1).executeTakeFirstOrThrow();
    const search = page.getByTestId('find-caller');
    await search.locator('input').fill(account);
    await search.locator('button').click();
    await caller.locator('li button').click();
    await page.getByTestId('debtor-file').waitFor();
    await line.hangUp();
    await untilState(page, 'wrap_up');
    await page.keyboard.press('Digit3');
    await page.locator('.outcome-save button').nth(1).click();
    await untilState(page, 'paused');
    await endShift(page);
    await moveCampaign(admin, stage.campaignId, 'start');
  }, 90_000);

  it('has a pause after this call that can be taken back, and one that holds', async () => {
    const { page } = await openDesk('en');
    await startShift(page);
    await takeCall(page);
    await page.keyboard.press('Control+Shift+KeyE');
    await page.getByRole('menuitem', { name: 'Prayer' }).click();
    expect(await page.getByTestId('pause-pending').innerText()).toContain('Prayer');
    await page.getByTestId('pause-pending').getByRole('button').click();
    await page.getByTestId('pause-pending').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+Shift+KeyE');
    await page.getByRole('menuitem', { name: 'Lunch' }).click();
    await page.getByTestId('pause-pending').waitFor();
    await page.keyboard.press('Control+Shift+KeyX');
    await untilState(page, 'wrap_up');
    await page.keyboard.press('Digit3');
    // "Next call" was wished for, and the pause asked for before wins.
    await page.keyboard.press('Control+Shift+KeyS');
    await untilState(page, 'paused');
    expect(await page.getByTestId('agent-state').innerText()).toContain('Lunch');
    await endShift(page);
  }, 90_000);

  it('agrees a callback in the Persian calendar and on the debtor’s clock', async () => {
    const { page, agentId } = await openDesk('fa');
    await startShift(page);
    await takeCall(page);
    await page.keyboard.press('Digit5');
    // A week from today: the calendar opens on today.
    await page.locator('.date-button').click();
    await page.locator('.calendar-cell[data-focused], .calendar-cell:focus').first().waitFor();
    expect(await page.locator('.date-dialog').innerText()).toMatch(/۱۴۰[۰-۹]/);
    expect(await accessFaults(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.outcome-pair .date-input').nth(1).locator('[role="spinbutton"]').first().click();
    await page.keyboard.type('1430');
    await page.getByTestId('effect-before').getByText('۱۴:۳۰').waitFor();
    await page.getByTestId('hang-up').click();
    await untilState(page, 'wrap_up');
    await page.locator('.outcome-save button').nth(1).click();
    await page.getByTestId('last-effect').getByText('۱۴:۳۰').waitFor();
    const { at } = await stage.floor.database
      .selectFrom('callback')
      .innerJoin('outcome', 'outcome.attempt_id', 'callback.attempt_id')
      .select('callback.at')
      .where('outcome.agent_id', '=', agentId)
      .executeTakeFirstOrThrow();
    const wall = at.toZonedDateTimeISO('Africa/Cairo');
    const inAWeek = Temporal.Now.zonedDateTimeISO('Africa/Cairo').add({ days: 7 });
    expect([wall.toPlainTime().toString(), wall.toPlainDate().until(inAWeek.toPlainDate()).days]).toEqual(['14:30:00', 0]);
    await endShift(page);
  }, 60_000);

  it('names what an outcome lacks, and saves nothing until it is there', async () => {
    const { page, agentId } = await openDesk('en');
    await startShift(page);
    await takeCall(page);
    await page.keyboard.press('Control+Shift+KeyX');
    await untilState(page, 'wrap_up');
    await page.keyboard.press('Digit1');
    await page.getByTestId('quick-days').waitFor();
    await page.keyboard.press('Control+Shift+KeyS');
    await page.getByText('Enter the amount.').waitFor();
    await page.getByText('Choose a day.').waitFor();
    const outcomes = await stage.floor.database.selectFrom('outcome').select('code').where('agent_id', '=', agentId).execute();
    expect(outcomes).toEqual([]);
    await page.locator('input[value="refused"]').check();
    await page.locator('.outcome-save button').nth(1).click();
    await untilState(page, 'paused');
    await endShift(page);
  }, 90_000);

  it('has one desk: a second tab asks before it takes it over, and the first then shows nothing', async () => {
    const { page } = await openDesk('en');
    await startShift(page);
    const second = await page.context().newPage();
    await second.goto('/agent');
    await second.getByTestId('open-elsewhere').waitFor();
    expect(await accessFaults(second)).toEqual([]);
    expect(await page.getByTestId('agent-state').count()).toBe(1);
    await second.getByRole('button', { name: 'Take it over here' }).click();
    await untilState(second, 'paused');
    await page.getByTestId('open-elsewhere').waitFor();
    await endShift(second);
  }, 60_000);

  it('is told after two seconds that the line is lost, and finds the desk whole when it is back', async () => {
    const { page } = await openDesk('fa');
    await startShift(page);
    await page.context().setOffline(true);
    await page.evaluate(() => dispatchEvent(new Event('offline')));
    await page.getByTestId('offline-banner').waitFor();
    expect(await page.getByTestId('agent-state').count()).toBe(1);
    await page.context().setOffline(false);
    await page.getByTestId('offline-banner').waitFor({ state: 'detached' });
    await untilState(page, 'paused');
    await endShift(page);
  }, 60_000);
});

/** Milliseconds from each desk that brought a file to its paint, in order. */
function painted(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const marks = performance.getEntriesByType('mark') as PerformanceMark[];
    const attemptOf = (mark: PerformanceMark): unknown => (mark.detail as { attemptId: unknown }).attemptId;
    return marks
      .filter((mark) => mark.name === 'wusul:file-painted')
      .map((mark) => {
        const news = marks.filter(
          (one) => one.name === 'wusul:desk-event' && attemptOf(one) === attemptOf(mark) && one.startTime < mark.startTime,
        );
        // The call is offered first; its file comes with the bridge.
        return mark.startTime - (news.at(-1)?.startTime ?? Number.NaN);
      });
  });
}
