import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWeb, type TestWeb } from '../support/web.ts';

const NUMBER = '+966501230001';
let web: TestWeb;
let supervisor: string;
let partyId: string;

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('over', 'supervisor');
  await web.addUser('desk', 'agent');
  supervisor = await web.cookieOf('over');
  const party = { display_name: 'Salma', folded_name: 'salma', country: 'SA', time_zones: ['Asia/Riyadh'] };
  const { id } = await web.database.insertInto('party').values(party).returning('id').executeTakeFirstOrThrow();
  partyId = id;
  const phone = await web.database
    .insertInto('phone')
    .values({ e164: NUMBER, country: 'SA', number_type: 'mobile', time_zones: ['Asia/Riyadh'] })
    .returning('id')
    .executeTakeFirstOrThrow();
  await web.database.insertInto('party_phone').values({ party_id: id, phone_id: phone.id, rank: 0 }).execute();
  const creditor = await web.database.insertInto('creditor').values({ name: 'Bank' }).returning('id').executeTakeFirstOrThrow();
  const debt = await web.database
    .insertInto('debt')
    .values({ creditor_id: creditor.id, account: 'A-1', currency: 'SAR', balance_minor: 10_000n })
    .returning('id')
    .executeTakeFirstOrThrow();
  await web.database.insertInto('debt_party').values({ debt_id: debt.id, party_id: id }).execute();
});
afterAll(() => web.close());

test('a contact is checked for any moment, the number in any script and form', async () => {
  const bodies = [{ partyId }, { number: NUMBER }, { number: '٠٠٩٦٦ ٥٠ ١٢٣ ٠٠٠١' }];
  for (const subject of bodies) {
    const allowed = await web.ask(supervisor, 'POST', '/api/v1/contact-check', { ...subject, at: '2026-04-19T11:00+03:00' });
    expect(allowed).toMatchObject({
      status: 200,
      body: {
        at: '2026-04-19T08:00:00Z',
        people: [{ partyId, displayName: 'Salma', judgements: [{ campaign: null, answer: { mayCall: true } }] }],
      },
    });
  }
  const night = await web.ask(supervisor, 'POST', '/api/v1/contact-check', { partyId, at: '2026-04-19T23:30+03:00' });
  expect(night.body).toMatchObject({ people: [{ judgements: [{ answer: { mayCall: false, retryAt: expect.any(String) } }] }] });
});

test('a question about nobody, about two at once or by an agent is refused', async () => {
  const ask = (body: object, cookie = supervisor) => web.ask(cookie, 'POST', '/api/v1/contact-check', body);
  expect(await ask({})).toMatchObject({ status: 400, body: { field: 'number' } });
  expect(await ask({ partyId, number: NUMBER })).toMatchObject({ status: 400, body: { field: 'number' } });
  expect(await ask({ number: '0501230001' })).toMatchObject({ status: 400, body: { field: 'number' } });
  expect(await ask({ number: '+966501230009' })).toMatchObject({
    status: 404,
    body: { code: 'unknown_number', field: 'number' },
  });
  expect(await ask({ partyId, at: 'tomorrow' })).toMatchObject({ status: 400, body: { field: 'at' } });
  expect(await ask({ partyId }, await web.cookieOf('desk'))).toMatchObject({ status: 403 });
});
