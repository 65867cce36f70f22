import { randomUUIDv7 } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteOldVoicemails, voicemailFile, voicemailKey } from '../../server/insight/inbound-calls.ts';
import { seal } from '../../server/kernel/sealed-file.ts';
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

/** A call of so many days ago that left a voice message. */
async function voicemail(daysAgo: number): Promise<string> {
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
  const file = voicemailFile(web.dataDir, id);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, seal(voicemailKey(STATION_KEY), Buffer.from(SAID)));
  return id;
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
  expect(readFileSync(voicemailFile(web.dataDir, id)).includes(SAID)).toBe(false);
  expect((await web.ask(supervisor, 'POST', `/api/v1/inbound-calls/${id}/handled`)).status).toBe(204);
  expect((await web.ask(supervisor, 'GET', LIST)).body).toMatchObject({ todo: 0 });

  expect((await web.ask(supervisor, 'DELETE', message)).status).toBe(204);
  expect(existsSync(voicemailFile(web.dataDir, id))).toBe(false);
  expect(await web.ask(supervisor, 'GET', message)).toMatchObject({ status: 404, body: { code: 'unknown_inbound' } });
  const events = await web.database.selectFrom('event').select('kind').where('subject_id', '=', id).orderBy('id').execute();
  expect(events.map((event) => event.kind)).toEqual(['inbound.voicemail_played', 'inbound.handled', 'inbound.voicemail_deleted']);
});

test('a voice message is deleted once it was kept for as long as the campaign says', async () => {
  const [old, young] = [await voicemail(31), await voicemail(29)];
  expect(await deleteOldVoicemails(web.database, web.dataDir, web.clock.now())).toBe(1);
  expect([existsSync(voicemailFile(web.dataDir, old)), existsSync(voicemailFile(web.dataDir, young))]).toEqual([false, true]);
});
