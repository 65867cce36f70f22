import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportedHead, readHead, signHeads } from '../../server/kernel/seal/heads.ts';
import { faultOfReceipt, receipt } from '../../server/kernel/seal/receipt.ts';
import { sealAll, testKey, writeEvents } from '../support/history.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

const { key, keys } = testKey();
let web: TestWeb;
let admin: string;
let ids: bigint[];

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('root', 'admin');
  await web.addUser('overseer', 'supervisor');
  admin = await web.cookieOf('root');
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
