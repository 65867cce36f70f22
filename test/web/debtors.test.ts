import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerRuleOf } from '../../server/compliance/ledger/rules.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import type { ByHandEffect } from '../../server/contract/by-hand.ts';
import type { DebtorRecord } from '../../server/contract/debtors.ts';
import type { TestWeb } from '../support/web.ts';
import { NUMBER, openOneDebtor, type OneDebtor } from './one-debtor.ts';

let scene: OneDebtor;
let web: TestWeb;
let supervisor: string;
let partyId: string;
let campaignId: string;
let debtIds: string[];
let row: OneDebtor['row'];

beforeAll(async () => {
  scene = await openOneDebtor();
  ({ web, supervisor, partyId, campaignId, debtIds, row } = scene);
});
afterAll(() => scene.web.close());

describe('a debtor', () => {
  test('is found by account, national id and number, in any script, and by nothing else', async () => {
    const find = (body: object, cookie = supervisor) => web.ask(cookie, 'POST', '/api/v1/debtors/search', body);
    for (const body of [
      { by: 'account', text: ' A-2 ' },
      { by: 'identity', text: '١٠٠٠٠٠٠٠٠٨' },
      { by: 'number', text: '۰۰۹۶۶ ۵۰ ۱۲۳ ۰۰۰۱' },
    ]) {
      expect(await find(body)).toMatchObject({ status: 200, body: [{ partyId, displayName: 'Salma Nabil', debts: 2 }] });
    }
    expect(await find({ by: 'account', text: 'A-3' })).toMatchObject({ status: 200, body: [] });
    expect(await find({ by: 'number', text: '12' })).toMatchObject({ status: 400, body: { field: 'text' } });
    expect(await find({ by: 'account', text: 'A-1' }, await web.cookieOf('desk'))).toMatchObject({ status: 403 });
  });

  test('has a file with all debts, their place in each queue and what the score is made of; each look is kept', async () => {
    const { status, body } = await web.ask(supervisor, 'GET', `/api/v1/debtors/${partyId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      displayName: 'Salma Nabil',
      debts: [{ balanceMinor: '10000' }, { balanceMinor: '10000' }],
      holds: [],
      attempts: [],
      refusals: [],
    });
    const { queues } = body as { queues: { score: number; state: string; reasons: { points: number }[] }[] };
    expect(queues).toMatchObject([{ campaign: 'July', state: 'ready', tries: 0 }]);
    expect(queues[0]?.reasons.reduce((sum, reason) => sum + reason.points, 0)).toBe(queues[0]?.score);
    const looks = await web.database
      .selectFrom('event')
      .select('actor')
      .where('subject_id', '=', partyId)
      .where('kind', '=', 'debtor.viewed')
      .execute();
    expect(looks).toHaveLength(1);
    const nobody = '019aa000-0000-7000-8000-000000000000';
    expect(await web.ask(supervisor, 'GET', `/api/v1/debtors/${nobody}`)).toMatchObject({ status: 404 });
  });

  test('leaves every queue at once when a hold is placed, and comes back when it is released', async () => {
    const holds = `/api/v1/debtors/${partyId}/holds`;
    const placed = await web.ask(supervisor, 'POST', holds, { kind: 'attorney' });
    expect(placed).toMatchObject({
      status: 201,
      body: { moved: 1, record: { holds: [{ kind: 'attorney', by: 'Name of over' }] } },
    });
    expect(await row()).toEqual({ state: 'waiting', reason: 'attorney' });
    const { holdId } = placed.body;
    const released = await web.ask(supervisor, 'POST', `${holds}/${String(holdId)}/release`, {});
    expect(released).toMatchObject({ status: 200, body: { moved: 1, record: { holds: [{ releasedAt: expect.any(String) }] } } });
    expect(await row()).toEqual({ state: 'ready', reason: null });
    expect(await web.ask(supervisor, 'POST', `${holds}/${String(holdId)}/release`, {})).toMatchObject({
      status: 404,
      body: { code: 'unknown_hold' },
    });
  });

  test('is held for what only a pack of their place names too, as far as that stops; the file says what the pack asks', async () => {
    const holds = `/api/v1/debtors/${partyId}/holds`;
    const place = (kind: string) => web.ask(supervisor, 'POST', holds, { kind });
    const placed = await place('employer_prohibits');
    const { record } = placed.body as { record: DebtorRecord };
    expect(record.guidance).toMatchObject({
      disclosures: [{ when: 'call start', text: 'the call is recorded', pack: 'SA', evidence: 'V0' }],
      forbiddenWords: [{ words: ['SAMA'], pack: 'SA' }],
      warnings: [],
    });
    expect(record.guidance.holds.slice(-3)).toMatchObject([
      { kind: 'breathing_space', blocks: 'all', pack: null },
      { kind: 'employer_prohibits', blocks: 'workplace', pack: 'SA', evidence: 'V0', note: null },
      { kind: 'house_rule', blocks: 'all', note: 'The club asks so' },
    ]);
    // The number rings somewhere else.
    expect(placed.body).toMatchObject({ moved: 0 });
    const at = (where: string) =>
      web.ask(supervisor, 'POST', `/api/v1/debtors/${partyId}/numbers/${record.phones[0]?.id}/place`, {
        place: where,
        reason: 'test',
      });
    const work = (await at('work')).body as unknown as ByHandEffect;
    expect(work).toMatchObject({ moved: 1, record: { guidance: { unverified: { employer_prohibits: 'all' } } } });
    expect(work.record.refusals[0]).toMatchObject({ reason: 'employer_prohibits', unverified: ['employer_prohibits'] });
    expect(await row()).toEqual({ state: 'waiting', reason: 'employer_prohibits' });
    const release = ({ body }: typeof placed) => web.ask(supervisor, 'POST', `${holds}/${String(body['holdId'])}/release`, {});
    expect((await release(placed)).body).toMatchObject({ moved: 1 });
    await at('other');
    const own = await place('house_rule');
    expect(await row()).toEqual({ state: 'waiting', reason: 'house_rule' });
    await release(own);
    expect(await place('medium_opt_out')).toMatchObject({ status: 422, body: { code: 'unknown_hold_kind', field: 'kind' } });
  });

  test('is held to the end of the day where they are, wherever they may be', async () => {
    const holds = `/api/v1/debtors/${partyId}/holds`;
    const before = await web.database
      .selectFrom('party')
      .select('time_zones')
      .where('id', '=', partyId)
      .executeTakeFirstOrThrow();
    const time_zones = ['Asia/Riyadh', 'America/Los_Angeles'];
    await web.database.updateTable('party').set({ time_zones }).where('id', '=', partyId).execute();
    const placed = await web.ask(supervisor, 'POST', holds, { kind: 'hardship', until: '2999-05-31' });
    const { ends_at } = await web.database
      .selectFrom('hold')
      .select('ends_at')
      .where('id', '=', String(placed.body['holdId']))
      .executeTakeFirstOrThrow();
    expect(ends_at?.toString()).toBe('2999-06-01T07:00:00Z');
    await web.ask(supervisor, 'POST', `${holds}/${String(placed.body['holdId'])}/release`, {});
    await web.database.updateTable('party').set(before).where('id', '=', partyId).execute();
  });

  test('comes back only with the last of several holds', async () => {
    const holds = `/api/v1/debtors/${partyId}/holds`;
    const [first, second] = [
      await web.ask(supervisor, 'POST', holds, { kind: 'attorney' }),
      await web.ask(supervisor, 'POST', holds, { kind: 'cease' }),
    ];
    const release = ({ body }: typeof first) => web.ask(supervisor, 'POST', `${holds}/${String(body['holdId'])}/release`, {});
    expect((await release(first)).body).toMatchObject({ moved: 0 });
    expect(await row()).toEqual({ state: 'waiting', reason: 'cease' });
    expect((await release(second)).body).toMatchObject({ moved: 1 });
    expect(await row()).toEqual({ state: 'ready', reason: null });
  });

  test('stays in the queue while only one of the debts is held, and leaves with the last', async () => {
    const hold = (debtId: string) => web.ask(supervisor, 'POST', `/api/v1/debtors/${partyId}/holds`, { kind: 'dispute', debtId });
    const first = await hold(debtIds[0] ?? '');
    expect(first.body).toMatchObject({ moved: 0 });
    const second = await hold(debtIds[1] ?? '');
    expect(second.body).toMatchObject({ moved: 1 });
    expect(await row()).toEqual({ state: 'waiting', reason: 'dispute' });
    for (const { body } of [first, second]) {
      await web.ask(supervisor, 'POST', `/api/v1/debtors/${partyId}/holds/${String(body['holdId'])}/release`, {});
    }
    expect(await row()).toEqual({ state: 'ready', reason: null });
  });

  test('cannot be held for somebody else’s debt or number, in the past, or by an agent', async () => {
    const holds = `/api/v1/debtors/${partyId}/holds`;
    const other = '019aa000-0000-7000-8000-000000000000';
    const ask = (body: object, cookie = supervisor) => web.ask(cookie, 'POST', holds, body);
    expect(await ask({ kind: 'dispute', debtId: other })).toMatchObject({ body: { code: 'not_their_debt', field: 'debtId' } });
    expect(await ask({ kind: 'cease', phoneId: other })).toMatchObject({ body: { code: 'not_their_number', field: 'phoneId' } });
    expect(await ask({ kind: 'cease', until: '2020-01-01' })).toMatchObject({
      body: { code: 'date_passed', field: 'until' },
    });
    expect(await ask({ kind: 'whim' })).toMatchObject({ status: 422, body: { field: 'kind' } });
    expect(await ask({ kind: 'cease' }, await web.cookieOf('desk'))).toMatchObject({ status: 403 });
    expect(await row()).toEqual({ state: 'ready', reason: null });
  });
});

describe('a call that detection took for a machine’s', () => {
  test('is corrected by a supervisor in the debtor’s file, taken back there, and by nobody else', async () => {
    const { database } = web;
    const attempt = await database
      .insertInto('contact_attempt')
      .values({
        id: randomUUIDv7(),
        campaign_id: campaignId,
        floor_id: 'main',
        epoch: 1n,
        party_id: partyId,
        phone_id: (await database.selectFrom('phone').select('id').executeTakeFirstOrThrow()).id,
        number: NUMBER,
        state: 'ended',
        result: 'screened',
        ending: 'machine',
        verdict: '{}',
        inputs_digest: '-',
        permit_until: web.clock.now().toString(),
        ring_timeout_ms: 15_000,
        reserved_at: web.clock.now().toString(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const correction = `/api/v1/debtors/${partyId}/attempts/${attempt.id}/correction`;
    expect(await web.ask(supervisor, 'POST', correction, { was: 'human' })).toMatchObject({ body: { code: 'not_screened' } });
    await database
      .insertInto('abandonment_ledger')
      .values({
        attempt_id: attempt.id,
        campaign_id: campaignId,
        answered_at: web.clock.now().toString(),
        deadline_at: web.clock.now().toString(),
        rule: JSON.stringify(answerRuleOf(DEFAULT_CAMPAIGN_SETTINGS, [])),
        cause: 'machine',
        answered: false,
        abandoned: false,
      })
      .execute();
    for (const [was, result] of [
      ['human', 'abandoned'],
      ['machine', 'screened'],
    ]) {
      expect(await web.ask(supervisor, 'POST', correction, { was })).toMatchObject({
        status: 200,
        body: { attempts: [{ id: attempt.id, screenedOut: true, corrected: was, result, optedOut: false }] },
      });
    }
    expect(await web.ask(await web.cookieOf('desk'), 'POST', correction, { was: 'human' })).toMatchObject({ status: 403 });
    expect(await web.ask(supervisor, 'POST', correction, { was: 'nobody' })).toMatchObject({
      status: 400,
      body: { field: 'was' },
    });
  });
});

describe('a segment', () => {
  const country = { field: 'country', test: 'is', value: 'sa' };
  const rich = { field: 'balance', test: 'at_least', value: '١٠١' };
  const owing = { field: 'balance', test: 'at_most', value: '100' };
  const of = (match: string, ...groups: { match: string; conditions: object[] }[]) =>
    web.ask(supervisor, 'POST', `/api/v1/campaigns/${campaignId}/segment`, { match, groups });

  test('is counted by conditions joined with AND and OR, over debtor, debts and queue', async () => {
    const all = { match: 'all', conditions: [country, owing, { field: 'queueState', test: 'is_not', value: 'done' }] };
    expect(await of('all', all)).toMatchObject({
      status: 200,
      body: { total: 1, count: 1, sample: [{ partyId, displayName: 'Salma Nabil' }] },
    });
    expect((await of('all', { match: 'all', conditions: [country, rich] })).body).toMatchObject({ count: 0, sample: [] });
    expect((await of('all', { match: 'any', conditions: [country, rich] })).body).toMatchObject({ count: 1 });
    expect((await of('all', all, { match: 'all', conditions: [rich] })).body).toMatchObject({ count: 0 });
    expect((await of('any', all, { match: 'all', conditions: [rich] })).body).toMatchObject({ count: 1 });
  });

  test('with a test that does not fit its field, or a figure that is none, is refused by its place', async () => {
    expect(await of('all', { match: 'all', conditions: [{ ...country, test: 'at_least' }] })).toMatchObject({
      status: 400,
      body: { field: 'groups.0.conditions.0.test' },
    });
    expect(await of('all', { match: 'all', conditions: [{ ...rich, value: 'many' }] })).toMatchObject({
      status: 400,
      body: { field: 'groups.0.conditions.0.value' },
    });
  });

  test('is kept under a name of its own, listed, changed from its last version and deleted, and its campaign’s history says so', async () => {
    const segments = `/api/v1/campaigns/${campaignId}/segments`;
    const body = { name: 'In Arabia', segment: { match: 'all', groups: [{ match: 'all', conditions: [country] }] } };
    const saved = await web.ask(supervisor, 'POST', segments, body);
    expect(saved).toMatchObject({ status: 201, body: { ...body, version: 1, by: 'Name of over' } });
    expect(await web.ask(supervisor, 'POST', segments, { ...body, name: 'in arabia' })).toMatchObject({
      status: 409,
      body: { code: 'segment_name_taken', field: 'name' },
    });
    expect(await web.ask(supervisor, 'POST', segments, { ...body, name: 'First', priority: 10 })).toMatchObject({
      status: 400,
      body: { code: 'invalid', field: 'priority' },
    });
    expect(await web.ask(supervisor, 'POST', segments, { ...body, name: ' ' })).toMatchObject({
      status: 400,
      body: { field: 'name' },
    });
    expect(await web.ask(await web.cookieOf('desk'), 'POST', segments, body)).toMatchObject({ status: 403 });
    const one = `${segments}/${String(saved.body['id'])}`;
    const change = { ...body, name: 'Arabia', priority: 3, version: 1 };
    expect(await web.ask(supervisor, 'PUT', one, change)).toMatchObject({
      status: 200,
      body: { name: 'Arabia', priority: 3, version: 2 },
    });
    expect(await web.ask(supervisor, 'PUT', one, change)).toMatchObject({ status: 409, body: { code: 'stale_version' } });
    expect((await web.ask(supervisor, 'GET', segments)).body).toMatchObject([{ name: 'Arabia', version: 2 }]);
    expect((await web.ask(supervisor, 'DELETE', one)).status).toBe(204);
    expect(await web.ask(supervisor, 'DELETE', one)).toMatchObject({ status: 404, body: { code: 'unknown_segment' } });
    expect((await web.ask(supervisor, 'GET', segments)).body).toEqual([]);
    // Whom it held went first, and does no more: the queue is put in order anew each time.
    const jobs = await web.database.selectFrom('outbox').select('payload').where('job', '=', 'campaign.bands').execute();
    expect(jobs.map((job) => job.payload)).toEqual([{ campaignId }, { campaignId }]);
    const told = await web.database
      .selectFrom('event')
      .select('kind')
      .where('subject_id', '=', campaignId)
      .where('kind', 'like', 'segment.%')
      .orderBy('id')
      .execute();
    expect(told.map((event) => event.kind)).toEqual(['segment.saved', 'segment.saved', 'segment.deleted']);
  });
});
