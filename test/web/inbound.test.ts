import { randomUUIDv7 } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bringInVoicemails, deleteOldVoicemails, keepVoicemail, oldVoicemails } from '../../server/insight/voicemails.ts';
import { keyOf, seal } from '../../server/kernel/sealed-bytes.ts';
import { openWeb, STATION_KEY, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let supervisor: string;
const SAID = 'RIFF and so on';

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('over', 'supervisor');
  await web.addUser('desk', 'agent');
  supervisor = await web.cookieOf('over');
});
afterAll(() => web.close());

/** A call of so many days ago that left a voice message, which lies elsewhere yet. */
async function spokenTo(daysAgo: number): Promise<string> {
  const id = randomUUIDv7();
  const at = web.clock.now().subtract({ hours: 24 * daysAgo });
  await web.database
    .insertInto('inbound_call')
    .values({
      id,
      leg_id: `leg-${id}`,
      floor_id: 'main',
      called: '+966112345678',
      number: '+966501234567',
      trunk: 'main',
      entered_at: at.subtract({ seconds: 90 }).toString(),
      ended_at: at.toString(),
      result: 'voicemail',
      voicemail_seconds: 12,
    })
    .execute();
  return id;
}

async function voicemail(daysAgo: number): Promise<string> {
  const id = await spokenTo(daysAgo);
  await brought(id);
  await web.database.updateTable('inbound_call').set({ voicemail_seconds: 12 }).where('id', '=', id).execute();
  return id;
}

function brought(callId: string): Promise<boolean> {
  return keepVoicemail(web.database, { callId, sound: Buffer.from(SAID), secret: STATION_KEY });
}

/** What is kept of the messages, by their calls. */
async function kept(): Promise<Map<string, Buffer>> {
  const rows = await web.database.selectFrom('voicemail').selectAll().execute();
  return new Map(rows.map((row) => [row.call_id, row.sealed]));
}

const LIST = '/api/v1/inbound-calls';

test('overseers see who called, listen to what they said, see to it and delete it; agents do not', async () => {
  const id = await voicemail(0);
  expect(await web.ask(await web.cookieOf('desk'), 'GET', LIST)).toMatchObject({ status: 403 });
  expect(await web.ask(supervisor, 'GET', LIST)).toMatchObject({
    status: 200,
    body: { todo: 1, calls: [{ id, number: '+966501234567', result: 'voicemail', waitedMs: 90_000, voicemailSeconds: 12 }] },
  });
  const message = `/api/v1/inbound-calls/${id}/voicemail`;
  expect(await web.ask(supervisor, 'GET', message)).toMatchObject({ status: 200, body: { text: SAID } });
  expect((await kept()).get(id)?.includes(SAID)).toBe(false);
  expect((await web.ask(supervisor, 'POST', `/api/v1/inbound-calls/${id}/handled`)).status).toBe(204);
  expect((await web.ask(supervisor, 'GET', LIST)).body).toMatchObject({ todo: 0 });

  expect((await web.ask(supervisor, 'DELETE', message)).status).toBe(204);
  // The dialer that brought it died before the switch had deleted it, and its successor brings it once more.
  expect(await brought(id)).toBe(true);
  expect((await kept()).has(id)).toBe(false);
  expect(await web.ask(supervisor, 'GET', message)).toMatchObject({ status: 404, body: { code: 'unknown_inbound' } });
  const events = await web.database.selectFrom('event').select('kind').where('subject_id', '=', id).orderBy('id').execute();
  expect(events.map((event) => event.kind)).toEqual(['inbound.voicemail_played', 'inbound.handled', 'inbound.voicemail_deleted']);
});

test('a voice message is deleted once it was kept for as long as the campaign says', async () => {
  const [old, young] = [await voicemail(31), await voicemail(29)];
  expect(await deleteOldVoicemails(web.database, web.clock.now())).toBe(1);
  expect([(await kept()).has(old), (await kept()).has(young)]).toEqual([false, true]);
});

test('a voice message that an earlier version left on the disk of a machine is brought in, and then heard and erased like any other', async () => {
  const [old, young, stranger] = [await spokenTo(31), await spokenTo(1), randomUUIDv7()];
  const file = (id: string): string => join(oldVoicemails(web.dataDir), `${id}.wav`);
  mkdirSync(oldVoicemails(web.dataDir), { recursive: true });
  writeFileSync(file(old), SAID);
  for (const id of [young, stranger]) writeFileSync(file(id), seal(keyOf(STATION_KEY, 'voicemail'), Buffer.from(SAID)));
  writeFileSync(`${file(young)}.part`, 'RI');
  const message = `/api/v1/inbound-calls/${young}/voicemail`;
  expect(await web.ask(supervisor, 'DELETE', message)).toMatchObject({ status: 404, body: { code: 'voicemail_elsewhere' } });
  expect(await deleteOldVoicemails(web.database, web.clock.now())).toBe(0);

  const from = { dataDir: web.dataDir, secret: STATION_KEY, signal: AbortSignal.timeout(60_000) };
  expect(await bringInVoicemails(web.database, from)).toEqual({ taken: 3, left: 1 });
  expect(readdirSync(oldVoicemails(web.dataDir))).toEqual([`${stranger}.wav`]);
  expect(await web.ask(supervisor, 'GET', message)).toMatchObject({ status: 200, body: { text: SAID } });
  expect(await deleteOldVoicemails(web.database, web.clock.now())).toBe(1);
  expect([(await kept()).has(old), (await kept()).has(young)]).toEqual([false, true]);
});
