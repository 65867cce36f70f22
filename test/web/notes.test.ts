import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWeb, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let mine: string;
let other: string;
let myId: string;

beforeAll(async () => {
  web = await openWeb();
  myId = await web.addUser('mine', 'agent');
  await web.addUser('other', 'agent');
  [mine, other] = [await web.cookieOf('mine'), await web.cookieOf('other')];
});
afterAll(() => web.close());

/** A call that this agent had a part in. */
async function addCall(agentId: string): Promise<string> {
  const attemptId = randomUUIDv7();
  await web.database
    .insertInto('segment')
    .values({ attempt_id: attemptId, agent_id: agentId, from_at: '2026-11-23T08:00:00Z' })
    .execute();
  return attemptId;
}
const save = (cookie: string, attemptId: string, body: string, version: number) =>
  web.ask(cookie, 'PUT', `/api/v1/notes/${attemptId}`, { body, version });

test('a note saves itself over the version last seen', async () => {
  const call = await addCall(myId);
  expect((await web.ask(mine, 'GET', `/api/v1/notes/${call}`)).body).toEqual({ attemptId: call, body: '', version: 0 });
  expect((await save(mine, call, 'يدفع', 0)).body).toEqual({ attemptId: call, body: 'يدفع', version: 1 });
  expect((await save(mine, call, 'يدفع غدًا', 1)).body).toMatchObject({ version: 2 });
  expect((await web.ask(mine, 'GET', `/api/v1/notes/${call}`)).body).toMatchObject({ body: 'يدفع غدًا', version: 2 });
});

test('a stale save is refused and changes nothing', async () => {
  const call = await addCall(myId);
  await save(mine, call, 'first', 0);
  for (const version of [0, 5]) {
    expect(await save(mine, call, 'stale', version)).toMatchObject({
      status: 409,
      body: { code: 'stale_version', field: 'version', details: { version: 1 } },
    });
  }
  expect((await web.ask(mine, 'GET', `/api/v1/notes/${call}`)).body).toMatchObject({ body: 'first' });
});

test('a call that is not the agent’s takes no note of theirs and shows none', async () => {
  const call = await addCall(myId);
  await save(mine, call, 'private', 0);
  expect(await save(other, call, 'mine now', 1)).toMatchObject({
    status: 403,
    body: { code: 'not_your_call', field: 'attemptId' },
  });
  expect((await web.ask(other, 'GET', `/api/v1/notes/${call}`)).status).toBe(403);
});
