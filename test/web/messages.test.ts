import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { campaignMessages, type CampaignMessages } from '../../server/contract/messages.ts';
import { wavOf } from '../../server/telephony/recording.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let admin: string;
let campaignId: string;

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('chief', 'admin');
  await web.addUser('over', 'supervisor');
  admin = await web.cookieOf('chief');
  const settings = { ...DEFAULT_CAMPAIGN_SETTINGS, countries: ['US'] };
  const row = web.database
    .insertInto('campaign')
    .values({ name: 'Cards', settings: JSON.stringify(settings) })
    .returning('id');
  campaignId = (await row.executeTakeFirstOrThrow()).id;
});
afterAll(() => web.close());

/** A recording of a hum, at 8 kHz. */
function hum(seconds: number): Buffer {
  return wavOf(Uint8Array.from({ length: 8_000 * seconds }, (_, index) => (index % 20 < 10 ? 0x20 : 0xa0)));
}

async function upload(cookie: string, file: Buffer, language = 'ar', name = 'ours.wav') {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(file)]), name);
  const encoded = new Response(form);
  const reply = await web.app.inject({
    method: 'POST',
    url: `/api/v1/campaigns/${campaignId}/messages/${language}`,
    headers: { cookie, 'content-type': encoded.headers.get('content-type') ?? '' },
    payload: Buffer.from(await encoded.arrayBuffer()),
  });
  return { status: reply.statusCode, body: reply.json<{ code?: string; field?: string }>() };
}

async function state(): Promise<CampaignMessages> {
  return campaignMessages.parse((await web.ask(admin, 'GET', `/api/v1/campaigns/${campaignId}/messages`)).body);
}

const versionsOf = (messages: CampaignMessages, language = 'ar') =>
  messages.languages.find((each) => each.language === language)?.versions ?? [];

test('an admin’s recording speaks in its language, every version is kept and heard again, and the history tells of each change', async () => {
  expect((await state()).optOutKey).toBe('9');
  expect(versionsOf(await state())).toEqual([]);
  for (const seconds of [4, 5])
    expect((await upload(admin, hum(seconds), 'ar', `/home/me/take ${seconds}.wav`)).status).toBe(200);
  const [second, first] = versionsOf(await state());
  expect(second).toMatchObject({ version: 2, fileName: 'take 5.wav', durationMs: 5_000, inForce: true, missing: false });
  expect(first).toMatchObject({ version: 1, inForce: false });
  expect(versionsOf(await state(), 'en')).toEqual([]);

  const heard = await web.app.inject({
    url: `/api/v1/campaigns/${campaignId}/messages/sounds/${first?.id}`,
    headers: { cookie: admin },
  });
  expect(heard.headers['content-type']).toBe('audio/wav');
  expect(heard.rawPayload.length).toBe(44 + 2 * 4 * 8_000);

  const url = `/api/v1/campaigns/${campaignId}/messages/ar`;
  expect((await web.ask(admin, 'PUT', url, { messageId: first?.id })).status).toBe(200);
  expect(versionsOf(await state()).map((each) => each.inForce)).toEqual([false, true]);
  expect((await web.ask(admin, 'PUT', url, { messageId: null })).status).toBe(200);
  expect(versionsOf(await state()).map((each) => each.inForce)).toEqual([false, false]);
  const told = await web.database.selectFrom('event').select('kind').where('subject_id', '=', campaignId).orderBy('id').execute();
  expect(told.map((event) => event.kind.replace('campaign.message_', ''))).toEqual(['kept', 'kept', 'chosen', 'chosen']);
});

test('a recording whose file is gone is shown as missing, and cannot be heard', async () => {
  await upload(admin, hum(3), 'fa');
  const [only] = versionsOf(await state(), 'fa');
  rmSync(join(web.dataDir, 'messages', `${only?.id}.ulaw`));
  expect(versionsOf(await state(), 'fa')[0]).toMatchObject({ inForce: true, missing: true });
  expect((await web.ask(admin, 'GET', `/api/v1/campaigns/${campaignId}/messages/sounds/${only?.id}`)).body).toMatchObject({
    code: 'unknown_message',
  });
});

test('what cannot be played is refused by name, and nothing of it is kept', async () => {
  for (const [file, code, status] of [
    [Buffer.from('not a recording'), 'recording_not_wav', 422],
    [hum(2), 'recording_too_short', 422],
    [hum(31), 'recording_too_long', 422],
    [wavOf(new Uint8Array(32_000).fill(0xff)), 'recording_silent', 422],
    [Buffer.alloc(12 * 1_024 * 1_024 + 1), 'recording_too_large', 413],
  ] as const) {
    expect(await upload(admin, file, 'en')).toMatchObject({ status, body: { code, field: 'file' } });
  }
  expect(versionsOf(await state(), 'en')).toEqual([]);
  const url = `/api/v1/campaigns/${campaignId}/messages/en`;
  const [arabic] = versionsOf(await state());
  expect((await web.ask(admin, 'PUT', url, { messageId: arabic?.id })).body).toMatchObject({ code: 'unknown_message' });
});

test('a supervisor listens and changes nothing; what comes with Wusul can be heard too', async () => {
  const over = await web.cookieOf('over');
  expect(await upload(over, hum(4))).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  for (const key of ['yes', 'no']) {
    const heard = await web.app.inject({ url: `/api/v1/messages/fa/default?key=${key}`, headers: { cookie: over } });
    expect(heard.rawPayload.length).toBeGreaterThan(40_000);
  }
});
