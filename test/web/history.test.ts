import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyPage } from '../../server/contract/history.ts';
import { record } from '../../server/kernel/history.ts';
import { exportedHead, readHead, signHeads } from '../../server/kernel/seal/heads.ts';
import { faultOfReceipt, receipt } from '../../server/kernel/seal/receipt.ts';
import { sealAll, testKey, writeEvents } from '../support/history.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

const { key, keys } = testKey();
let web: TestWeb;
let admin: string;
let ids: bigint[];
let oldId: bigint;

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('root', 'admin');
  await web.addUser('overseer', 'supervisor');
  admin = await web.cookieOf('root');
  const at = Temporal.Now.instant().subtract({ hours: 96 }).toString();
  [oldId = 0n] = await writeEvents(web.database, 1, 'trunk.armed', at);
  ids = await writeEvents(web.database, 5, 'seen');
});
afterAll(() => web.close());

async function unsealedSeconds(): Promise<number> {
  const { body } = await web.ask(null, 'GET', '/metrics');
  return Number(/^wusul_history_unsealed_seconds\{role="web"\} (.+)$/m.exec(String(body['text']))?.[1]);
}

it('the age of what is not sealed yet is a metric', async () => {
  expect(await unsealedSeconds()).toBeGreaterThan(0);
  await sealAll(web.database);
  expect(await unsealedSeconds()).toBe(0);
});

it('signed heads and receipts are given to an admin, and to nobody else', async () => {
  await sealAll(web.database);
  await signHeads(web.database, key, Temporal.Now.plainDateISO('UTC').add({ days: 1 }).toString());
  const heads = exportedHead.array().parse((await web.ask(admin, 'GET', '/api/v1/history/heads')).body);
  expect(heads.map((head) => readHead(head, keys))).toMatchObject([{ firstBatch: '1' }]);
  const given = await web.ask(admin, 'GET', `/api/v1/history/receipts/${ids[2]}`);
  expect(faultOfReceipt(receipt.parse(given.body), keys)).toBeNull();
  expect(given.body).toMatchObject({ event: { kind: 'seen', subjectId: 'attempt-2' } });
  const overseer = await web.cookieOf('overseer');
  expect((await web.ask(overseer, 'GET', '/api/v1/history/heads')).status).toBe(403);
  expect((await web.ask(null, 'GET', `/api/v1/history/receipts/${ids[2]}`)).status).toBe(401);
});

it('an event that is not sealed has no receipt', async () => {
  expect(await web.ask(admin, 'GET', '/api/v1/history/receipts/123456789')).toMatchObject({
    status: 404,
    body: { code: 'not_sealed' },
  });
  expect((await web.ask(admin, 'GET', '/api/v1/history/receipts/one')).status).toBe(400);
});

describe('the events by page', () => {
  const events = (query: string, cookie = admin) => web.ask(cookie, 'GET', `/api/v1/history/events?${query}`);
  const page = async (query: string) => historyPage.parse((await events(query)).body);

  it('come newest first, by key, each once, with whoever did it by name and whether they are sealed', async () => {
    const person = (await web.database.selectFrom('app_user').select('id').where('login', '=', 'root').executeTakeFirstOrThrow())
      .id;
    const subject = { subject: 'campaign', subjectId: 'campaign-of-many' };
    const many = Array.from({ length: 60 }, (_, step) => ({ kind: 'segment.saved', ...subject, actor: person, body: { step } }));
    await record(web.database, many);
    await sealAll(web.database);
    await record(web.database, [{ kind: 'campaign.paused', ...subject, actor: 'dialer', body: { reason: 'a drill' } }]);
    const first = await page('subject=campaign&subjectId=campaign-of-many');
    expect(first.events).toHaveLength(50);
    expect(first.events[0]).toMatchObject({
      kind: 'campaign.paused',
      body: { reason: 'a drill' },
      sealed: false,
      actorName: null,
    });
    expect(first.events[1]).toMatchObject({ body: { step: 59 }, sealed: true, actorName: 'Name of root' });
    const second = await page(`subject=campaign&subjectId=campaign-of-many&before=${first.next ?? ''}`);
    expect(second.events.map((event) => event.body)).toEqual(Array.from({ length: 11 }, (_, step) => ({ step: 10 - step })));
    expect(second.next).toBeNull();
    const all = await page('kind=campaign.paused');
    expect(all.events).toHaveLength(1);
    expect((await page('subject=campaign&subjectId=campaign-of-many&by=system')).events).toHaveLength(1);
  });

  it('are those up to the end of a day by the reader’s clock, also where the days are signed', async () => {
    const day = Temporal.Now.plainDateISO('Asia/Riyadh');
    expect((await page(`kind=campaign.paused&zone=Asia/Riyadh&until=${day.toString()}`)).events).toHaveLength(1);
    const earlier = await page(`kind=campaign.paused&zone=Asia/Riyadh&until=${day.subtract({ days: 2 }).toString()}`);
    expect(earlier.events).toEqual([]);
    // As if that event had been sealed when it happened.
    await sql`update history_batch set sealed_at = sealed_at - interval '96 hours' where ${oldId.toString()}::bigint between first_id and last_id`.execute(
      web.database,
    );
    const old = await page(`kind=trunk.armed&until=${day.subtract({ days: 2 }).toString()}`);
    expect(old.events.map((event) => event.subjectId)).toEqual(['attempt-0']);
  });

  it('of a debtor hold those of the debtor’s attempts', async () => {
    const { id: partyId } = await web.database
      .insertInto('party')
      .values({ display_name: 'Salma', folded_name: 'salma', country: 'SA' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const attemptId = randomUUIDv7();
    const at = Temporal.Now.instant().toString();
    await web.database
      .insertInto('contact_attempt')
      .values({
        id: attemptId,
        campaign_id: randomUUIDv7(),
        floor_id: 'main',
        epoch: 1n,
        party_id: partyId,
        phone_id: randomUUIDv7(),
        number: '+12125550100',
        verdict: '{}',
        inputs_digest: '',
        permit_until: at,
        ring_timeout_ms: 20_000,
        reserved_at: at,
      })
      .execute();
    await record(web.database, [
      { kind: 'debtor.viewed', subject: 'party', subjectId: partyId, actor: 'test', body: {} },
      { kind: 'attempt.ended', subject: 'attempt', subjectId: attemptId, actor: 'dialer', body: {} },
    ]);
    const found = await page(`subject=party&subjectId=${partyId}`);
    expect(found.events.map(({ kind, name, partyId: of }) => [kind, name, of])).toEqual([
      ['attempt.ended', 'Salma', partyId],
      ['debtor.viewed', 'Salma', partyId],
    ]);
  });

  it('are refused to everybody but admins, and so is a question that is none', async () => {
    const overseer = await web.cookieOf('overseer');
    expect((await events('kind=hold.placed', overseer)).status).toBe(403);
    expect((await web.ask(overseer, 'GET', '/api/v1/history/seal')).status).toBe(403);
    expect(await events('subject=campaign')).toMatchObject({ status: 400, body: { field: 'subjectId' } });
    expect(await events('kind=everything')).toMatchObject({ status: 400, body: { field: 'kind' } });
    expect(await events('zone=Mars/Olympus&until=2026-01-01')).toMatchObject({ status: 400, body: { code: 'unknown_zone' } });
    expect(await events('until=2026-02-30')).toMatchObject({ status: 400, body: { field: 'until' } });
  });
});

it('the state of the seal names the last batch and the last signed head', async () => {
  const { body } = await web.ask(admin, 'GET', '/api/v1/history/seal');
  expect(body).toMatchObject({ batch: { number: expect.any(String) }, head: { day: expect.any(String) }, heads: 1 });
});
