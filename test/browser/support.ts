import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { z } from 'zod';
import { Phone } from '../../scripts/robots/phone.ts';
import { layCampaign, moveCampaign, scratchSettings } from '../../scripts/scratch/campaign.ts';
import { startScratchFloor, type ScratchFloor } from '../../scripts/scratch/floor.ts';
import { inventList } from '../../scripts/scratch/list.ts';
import { userRow, type Language, type Role } from '../../server/contract/people.ts';
import type { CampaignSettings } from '../../server/contract/campaigns.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PASSWORD = 'browser-test-password';

/** What Chromium needs to be a softphone on loopback without a person in front of it. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
];

/** The machine's Chromium, or null where there is none. */
export const CHROMIUM: string | null = findChromium();

function findChromium(): string | null {
  for (const name of NAMES) {
    try {
      return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // Not under this name.
    }
  }
  return null;
}

/** A whole Wusul with a browser before it. The debtors' end of every call is one telephone in the test's hands. */
export interface Stage {
  floor: ScratchFloor;
  farEnd: Phone;
  browser: Browser;
  campaignId: string;
  /** Makes a person and returns the name they sign in with. */
  addPerson(role: Role, language: Language): Promise<{ id: string; login: string; displayName: string }>;
  /** A fresh browser of its own cookies and storage, its size that of a usual screen. */
  openContext(): Promise<BrowserContext>;
  /** The browser of a person of this role and language who has signed in, the same for everybody who asks. */
  signedIn(role: Role, language: Language): Promise<BrowserContext>;
  close(): Promise<void>;
}

let people = 0;

/** Starts servers, roles, a far end that speaks 400 Hz, a campaign with debtors, and Chromium whose microphone gives 700 Hz. */
export async function openStage(options: { debtors: number; settings?: Partial<CampaignSettings> }): Promise<Stage> {
  const farEnd = await Phone.open(null);
  farEnd.onCall((call) => call.say(400));
  const trunkUri = `sip:${farEnd.uri.split('@')[1]}`;
  const floor = await startScratchFloor({ name: 'browser', lines: 20, callsPerSecond: 5, trunkUri }).catch(
    async (fault: unknown) => {
      await farEnd.close();
      throw fault;
    },
  );
  const folder = mkdtempSync(join(tmpdir(), 'wusul-browser-'));
  const microphone = join(folder, 'microphone.wav');
  writeFileSync(microphone, pulses(700));
  const browser = await chromium.launch({
    executablePath: CHROMIUM ?? '',
    args: [...FLAGS, `--use-file-for-fake-audio-capture=${microphone}`],
  });
  const campaign = await layCampaign(
    floor.admin,
    'Browser',
    scratchSettings({ screening: { enabled: false, machine: 'hang_up' }, wrapUpLimitMs: 300_000, ...options.settings }),
    inventList(['00'], options.debtors, () => 0.5),
  );
  await moveCampaign(floor.admin, campaign.id, 'start');
  const signedIn = new Map<string, Promise<BrowserContext>>();
  const stage: Stage = {
    floor,
    farEnd,
    browser,
    campaignId: campaign.id,
    async addPerson(role, language) {
      people += 1;
      const login = `${role}-${language}-${people}`;
      const displayName = { en: 'Sam Reed', ar: 'نورة سالم', fa: 'مریم راد' }[language];
      const person = await floor.admin.send(
        'POST',
        '/api/v1/users',
        { login, displayName, password: PASSWORD, role, language, campaignIds: role === 'agent' ? [campaign.id] : [] },
        userRow,
      );
      return { id: person.id, login, displayName };
    },
    openContext: () => browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: floor.url }),
    signedIn(role, language) {
      const key = `${role} ${language}`;
      const context = signedIn.get(key) ?? signInAs(stage, role, language);
      signedIn.set(key, context);
      return context;
    },
    async close() {
      await browser.close();
      await floor.stop();
      await farEnd.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return stage;
}

async function signInAs(stage: Stage, role: Role, language: Language): Promise<BrowserContext> {
  const person = await stage.addPerson(role, language);
  const context = await stage.openContext();
  const page = await context.newPage();
  await signIn(page, person.login);
  await page.close();
  return context;
}

/** Signs a person in through the page, as they would. */
export async function signIn(page: Page, login: string): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.locator('form button[type="submit"]').click();
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
}

/** A digit as each language writes it, and those that have no place on its pages. */
export const DIGITS: Record<Language, RegExp> = { en: /[0-9]/, ar: /[٠-٩]/, fa: /[۰-۹]/ };
export const OTHER_DIGITS: Record<Language, RegExp> = { en: /[٠-٩۰-۹]/, ar: /[0-9۰-۹]/, fa: /[0-9٠-٩]/ };

/** A page of a person of this role, signed in, in their language, at this path. Whoever is done with it closes the page alone. */
export async function openAs(stage: Stage, role: Role, language: Language, path: string): Promise<Page> {
  const page = await (await stage.signedIn(role, language)).newPage();
  await page.goto(path);
  return page;
}

/** Expects no hindrance on a page, and that it needs no more width than a telephone has; `path` names it where it fails. */
export async function expectSound(page: Page, path: string): Promise<void> {
  // From the top: of what has been scrolled halfway under the bar there is no whole target.
  await page.evaluate(() => scrollTo(0, 0));
  expect({ path, faults: await accessFaults(page) }).toEqual({ path, faults: [] });
  expect({ path, width: await widthNeeded(page, 320) }).toEqual({ path, width: 320 });
}

/** Starts the shift of an agent whose page is open, and waits until their leg is up. */
export async function startShift(page: Page): Promise<void> {
  await page.locator('[data-testid="registration"][data-state="registered"]').waitFor();
  await page.getByTestId('start-shift').click();
  await untilState(page, 'paused');
}

/** Waits until the agent's page shows a state. */
export async function untilState(page: Page, state: string, timeout = 20_000): Promise<void> {
  await page.locator(`[data-testid="agent-state"][data-state="${state}"]`).waitFor({ timeout });
}

const axeResult = z.object({
  violations: z.array(
    z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ target: z.array(z.unknown()), html: z.string() })) }),
  ),
});

/** What axe finds against WCAG 2.2 A and AA on the page as it stands: one line for each fault. */
export async function accessFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(async () => {
    const there = globalThis as unknown as { axe: { run: (context: Document, options: object) => Promise<unknown> } };
    // What moves is judged when it stands: a half-faded ink has no contrast of its own. Some breathe for ever.
    const moving = document
      .getAnimations()
      .filter((animation) => animation.effect?.getTiming().iterations !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(moving.map((animation) => animation.finished));
    return there.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      resultTypes: ['violations'],
    });
  });
  return axeResult
    .parse(found)
    .violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`));
}

/** How wide the page wants to be in a window of a width: more than the window means scrolling sideways (WCAG 1.4.10). */
export async function widthNeeded(page: Page, width: number): Promise<number> {
  const before = page.viewportSize();
  await page.setViewportSize({ width, height: 800 });
  const needed = await page.evaluate(() => document.documentElement.scrollWidth);
  if (before) await page.setViewportSize(before);
  return needed;
}

/** Loudness (0–1) of a tone in what the page's loudspeaker plays right now. */
export function heardInPage(page: Page, hertz: number): Promise<number> {
  return page.evaluate((wanted) => {
    const ears = globalThis as unknown as { wusulEars?: { stream: MediaStream; analyser: AnalyserNode; context: AudioContext } };
    const speaker = document.querySelector<HTMLAudioElement>('[data-testid="loudspeaker"]');
    if (!(speaker?.srcObject instanceof MediaStream)) return 0;
    if (ears.wusulEars?.stream !== speaker.srcObject) {
      const context = new AudioContext();
      const analyser = context.createAnalyser();
      analyser.fftSize = 4096;
      context.createMediaStreamSource(speaker.srcObject).connect(analyser);
      ears.wusulEars = { stream: speaker.srcObject, analyser, context };
    }
    const { analyser, context } = ears.wusulEars;
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const bin = Math.round((wanted * analyser.fftSize) / context.sampleRate);
    return 10 ** (Math.max(...bins.slice(bin - 1, bin + 2)) / 20);
  }, hertz);
}

/** Two seconds of a tone in pulses of 300 ms, as a WAV file: a steady tone would be taken for noise and removed. */
function pulses(hertz: number): Buffer {
  const rate = 48_000;
  const samples = Buffer.alloc(rate * 2 * 2);
  for (let index = 0; index < rate * 2; index++) {
    const on = Math.floor(index / (rate * 0.3)) % 2 === 0;
    samples.writeInt16LE(on ? Math.round(12_000 * Math.sin((2 * Math.PI * hertz * index) / rate)) : 0, index * 2);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
