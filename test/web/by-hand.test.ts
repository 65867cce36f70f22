import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContactCheck } from '../../server/contract/contact-check.ts';
import type { DebtorRecord } from '../../server/contract/debtors.ts';
import type { TestWeb } from '../support/web.ts';
import { NUMBER, openOneDebtor, type OneDebtor } from './one-debtor.ts';
import { whoElseStandsForADebt } from './relations.ts';

let scene: OneDebtor;
let web: TestWeb;
let supervisor: string;
let partyId: string;
let campaignId: string;
let row: OneDebtor['row'];
let tell: OneDebtor['tell'];
let lastEvent: OneDebtor['lastEvent'];

beforeAll(async () => {
  scene = await openOneDebtor();
  ({ web, supervisor, partyId, campaignId, row, tell, lastEvent } = scene);
});
afterAll(() => scene.web.close());

async function phoneIdOf(e164: string): Promise<string> {
  const { id } = await web.database.selectFrom('phone').select('id').where('e164', '=', e164).executeTakeFirstOrThrow();
  return id;
}

describe('a debtor whose last number left', () => {
  const stuck = (query = '') => web.ask(supervisor, 'GET', `/api/v1/stuck-debtors?${query}`);

  test('stands on the tracing list with what was tried, until a number is added by hand: the queue has them again at once', async () => {
    const phoneId = await phoneIdOf(NUMBER);
    const retired = await tell(`numbers/${phoneId}/retire`, { as: 'wrong' });
    expect(retired).toMatchObject({ status: 200, body: { moved: 1, record: { phones: [{ state: 'wrong' }] } } });
    expect(await row()).toEqual({ state: 'done', reason: 'no_number_left' });
    expect(await lastEvent('number.retired')).toMatchObject({ phoneId, as: 'wrong', reason: 'They said so' });
    expect(await tell(`numbers/${phoneId}/retire`, { as: 'wrong' })).toMatchObject({
      status: 409,
      body: { code: 'number_left' },
    });
    expect(await stuck(`campaign=${campaignId}`)).toMatchObject({
      status: 200,
      body: {
        counts: [{ reason: 'no_number_left', count: 1, more: false }],
        rows: [{ partyId, campaign: 'July', numbers: [{ ending: '0001', state: 'wrong', tries: 0, last: null }] }],
        next: null,
      },
    });
    expect((await stuck('campaign=019aa000-0000-7000-8000-000000000000')).body).toMatchObject({ counts: [], rows: [] });

    const neighbour = await web.database
      .insertInto('party')
      .values({ display_name: 'Huda', folded_name: 'huda', country: 'SA' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const shared = await web.database
      .insertInto('phone')
      .values({ e164: '+966501230002', country: 'SA', number_type: 'mobile' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await web.database.insertInto('party_phone').values({ party_id: neighbour.id, phone_id: shared.id }).execute();
    const added = await tell('numbers', { number: ' ٠٥٠ ١٢٣ ٠٠٠٢ ' });
    expect(added).toMatchObject({ status: 200, body: { moved: 1, sharedWith: 1 } });
    expect(await row()).toEqual({ state: 'ready', reason: null });
    expect((await stuck()).body).toMatchObject({ counts: [], rows: [] });
    expect(await lastEvent('number.added')).toMatchObject({ phoneId: shared.id, sharedWith: 1 });
    // What was wrong may have been right after all.
    expect((await tell('numbers', { number: NUMBER })).body).toMatchObject({ moved: 0, sharedWith: 0 });
  });

  test('gets no number that none may dial, that is none, or that is theirs already; nor by an agent, nor for no reason', async () => {
    const refused = async (number: string) => (await tell('numbers', { number })).body;
    expect(await refused('+979 123 456 789')).toMatchObject({ code: 'number_never_called', field: 'number' });
    expect(await refused('12')).toMatchObject({ code: 'number_invalid', field: 'number' });
    expect(await refused('+870 773 111 632')).toMatchObject({ code: 'number_never_called' });
    expect(await refused(NUMBER)).toMatchObject({ code: 'number_known', field: 'number' });
    expect(await tell('numbers', { number: '0501230003', reason: ' ' })).toMatchObject({
      status: 400,
      body: { field: 'reason' },
    });
    expect(await tell('numbers', { number: '0501230003' }, await web.cookieOf('desk'))).toMatchObject({ status: 403 });
    const other = '019aa000-0000-7000-8000-000000000000';
    expect(await tell(`numbers/${other}/retire`, { as: 'retired' })).toMatchObject({ body: { code: 'not_their_number' } });
  });

  test('is shown page by page, newest first, with each reason counted', async () => {
    const people = await web.database
      .insertInto('party')
      .values(Array.from({ length: 60 }, (_, n) => ({ display_name: `Lost ${n}`, folded_name: 'lost', country: 'SA' })))
      .returning('id')
      .execute();
    const rows = people.map(({ id }, n) => ({
      campaign_id: campaignId,
      party_id: id,
      ...(n < 55
        ? { state: 'done' as const, reason: 'no_number_left' }
        : { state: 'waiting' as const, reason: 'no_common_window', not_before: 'infinity' }),
    }));
    await web.database.insertInto('dial_queue').values(rows).execute();
    const first = (await stuck()).body as unknown as { rows: { partyId: string }[]; next: string; counts: object[] };
    expect(first.counts).toEqual([
      { reason: 'no_number_left', count: 55, more: false },
      { reason: 'no_common_window', count: 5, more: false },
    ]);
    const second = (await stuck(`before=${first.next}`)).body as unknown as typeof first;
    expect([first.rows.length, second.rows.length, second.next]).toEqual([50, 5, null]);
    expect(new Set([...first.rows, ...second.rows].map((each) => each.partyId)).size).toBe(55);
    expect(((await stuck('reason=no_common_window')).body as unknown as typeof first).rows).toHaveLength(5);
    expect(await stuck('before=yesterday')).toMatchObject({ status: 400, body: { field: 'before' } });
    // However few they are here: the order is the index's own.
    const plan = await web.database.transaction().execute(async (transaction) => {
      await sql`set local enable_seqscan = off`.execute(transaction);
      await sql`set local enable_sort = off`.execute(transaction);
      return sql<{ 'QUERY PLAN': string }>`
        explain select from dial_queue where (state = 'done' and reason = 'no_number_left' or state = 'waiting' and not_before = 'infinity')
          and campaign_id = ${campaignId} and reason = 'no_number_left' order by updated_at desc, party_id desc limit 51`.execute(
        transaction,
      );
    });
    expect(plan.rows.map((line) => line['QUERY PLAN']).join()).toContain('dial_queue_stuck');
    await web.database
      .deleteFrom('dial_queue')
      .where(
        'party_id',
        'in',
        rows.map((each) => each.party_id),
      )
      .execute();
  });
});

describe('what a debtor says of being contacted', () => {
  const letter = { source: 'letter' };
  const word = (body: object) => tell('consents', { kind: 'contact', channel: 'call', ...letter, ...body });

  test('counts at once: calls that are not wanted leave every queue, and come back with the consent', async () => {
    const revoked = await word({ granted: false });
    expect(revoked).toMatchObject({
      status: 200,
      body: {
        moved: 1,
        record: { consents: [{ granted: false, source: 'letter', reason: 'They said so', by: 'Name of over' }] },
      },
    });
    expect(await row()).toEqual({ state: 'waiting', reason: 'consent' });
    expect(await lastEvent('queue.refused')).toMatchObject({ campaignId, reason: 'consent', retryAt: null, packs: { SA: 2 } });
    expect(await lastEvent('consent.recorded')).toMatchObject({ granted: false, channel: 'call', source: 'letter' });
    expect((await word({ granted: true })).body).toMatchObject({ moved: 1 });
    expect(await row()).toEqual({ state: 'ready', reason: null });
  });

  test('is about one number where it names one: that number leaves and is not added anew, until they allow it', async () => {
    const phoneId = await phoneIdOf('+966501230002');
    const { body } = await word({ granted: false, phoneId });
    expect(body).toMatchObject({ moved: 0 });
    expect((body['record'] as { phones: object[] }).phones).toContainEqual(
      expect.objectContaining({ id: phoneId, state: 'revoked' }),
    );
    expect(await tell('numbers', { number: '0501230002' })).toMatchObject({ status: 409, body: { code: 'number_revoked' } });
    const allowed = await word({ granted: true, phoneId });
    expect((allowed.body['record'] as { phones: object[] }).phones).toContainEqual(
      expect.objectContaining({ id: phoneId, state: 'active' }),
    );
  });

  test('may be times and places: nobody is called then and there, until it is taken back', async () => {
    const days = [1, 2, 3, 4, 5, 6, 7];
    const always = { kind: 'time', time: { days, from: '00:00', to: '24:00' }, source: 'call' };
    const said = await tell('preferences', always);
    expect(said.body).toMatchObject({
      moved: 1,
      record: { preferences: [{ time: { days, from: '00:00' }, withdrawnAt: null }] },
    });
    expect(await row()).toEqual({ state: 'waiting', reason: 'no_common_window' });
    const stuckFor = await web.ask(supervisor, 'GET', '/api/v1/stuck-debtors?reason=no_common_window');
    expect(stuckFor.body).toMatchObject({ rows: [{ partyId }] });
    const { id } = (said.body['record'] as { preferences: [{ id: string }] }).preferences[0];
    expect((await tell(`preferences/${id}/withdraw`, {})).body).toMatchObject({ moved: 1 });
    expect(await tell(`preferences/${id}/withdraw`, {})).toMatchObject({ status: 404, body: { code: 'unknown_preference' } });
    expect(await row()).toEqual({ state: 'ready', reason: null });

    const work = await tell('preferences', { kind: 'place', place: 'work', source: 'call' });
    expect(work.body).toMatchObject({ moved: 0 });
    const [one, two] = [await phoneIdOf(NUMBER), await phoneIdOf('+966501230002')];
    expect((await tell(`numbers/${one}/place`, { place: 'work' })).body).toMatchObject({ moved: 0 });
    expect((await tell(`numbers/${two}/place`, { place: 'work' })).body).toMatchObject({ moved: 1 });
    expect(await row()).toEqual({ state: 'waiting', reason: 'preference' });
    expect((await tell(`numbers/${two}/place`, { place: 'other' })).body).toMatchObject({ moved: 1 });
    expect(await row()).toEqual({ state: 'ready', reason: null });
  });

  test('ends a ringing call in which a recorded voice could be played that they do not want', async () => {
    const attempt = {
      id: '019aa000-0000-7000-8000-00000000000b',
      campaign_id: campaignId,
      floor_id: 'main',
      epoch: 1n,
      party_id: partyId,
      // The other rings at work, where they do not want to be called.
      phone_id: await phoneIdOf('+966501230002'),
      debt_ids: scene.debtIds,
      number: NUMBER,
      state: 'ringing' as const,
      verdict: JSON.stringify({ recordedSound: true }),
      inputs_digest: '',
      permit_until: '2026-01-01T00:00Z',
      ring_timeout_ms: 30_000,
      reserved_at: '2026-01-01T00:00Z',
    };
    await web.database.insertInto('contact_attempt').values(attempt).execute();
    const live = { party_id: partyId, phone_id: attempt.phone_id, attempt_id: attempt.id, channel: 'call' };
    await web.database.insertInto('live_contact').values(live).execute();
    const sound = (granted: boolean) => word({ kind: 'recorded_sound', granted });
    expect((await sound(true)).body).toMatchObject({ calledOff: 0 });
    expect((await sound(false)).body).toMatchObject({ calledOff: 1, moved: 0 });
    await web.database.deleteFrom('live_contact').where('party_id', '=', partyId).execute();
    await web.database.deleteFrom('contact_attempt').where('id', '=', attempt.id).execute();
  });

  test('is refused where it makes no sense, and to agents', async () => {
    expect(await word({ granted: true, kind: 'recorded_sound', channel: 'sms' })).toMatchObject({ body: { field: 'channel' } });
    expect(await word({ granted: true, channel: 'email', phoneId: await phoneIdOf(NUMBER) })).toMatchObject({
      body: { field: 'phoneId' },
    });
    expect(await word({ granted: false, phoneId: campaignId })).toMatchObject({ body: { code: 'not_their_number' } });
    const inverted = { kind: 'time', time: { days: [1], from: '12:00', to: '09:00' }, source: 'call' };
    expect(await tell('preferences', inverted)).toMatchObject({ status: 400, body: { field: 'time.to' } });
    const agent = await web.cookieOf('desk');
    const body = { kind: 'contact', channel: 'call', granted: false, ...letter };
    expect(await tell('consents', body, agent)).toMatchObject({ status: 403 });
    expect(await tell('preferences', inverted, agent)).toMatchObject({ status: 403 });
  });
});

describe('a rule that only warns', () => {
  test('refuses until a supervisor overrides it for the debtor, for a reason and until a day: at once, and told in each answer', async () => {
    const cap = {
      id: 'soon',
      scope: 'person',
      event: 'outbound_call_attempt',
      max: 1,
      minutes: 600,
      severity: 'warn',
      evidence: 'V0',
    };
    const tightened = await web.ask(await web.cookieOf('root'), 'POST', '/api/v1/rule-overrides', {
      scope: 'campaign',
      subjectId: campaignId,
      tightens: 'SA',
      version: 0,
      reason: 'test',
      effectiveFrom: '2026-01-01',
      rules: { caps: [cap] },
    });
    expect(tightened.status).toBe(201);
    const now = Temporal.Now.instant();
    const attempt = {
      id: randomUUIDv7(),
      campaign_id: campaignId,
      floor_id: 'main',
      epoch: 1n,
      party_id: partyId,
      phone_id: await phoneIdOf(NUMBER),
      number: NUMBER,
      state: 'ended' as const,
      result: 'no_answer' as const,
      ending: 'no_answer',
      verdict: '{}',
      inputs_digest: '',
      permit_until: now.toString(),
      ring_timeout_ms: 30_000,
      reserved_at: now.subtract({ hours: 3 }).toString(),
    };
    await web.database.insertInto('contact_attempt').values(attempt).execute();
    await tell('consents', { kind: 'contact', channel: 'email', granted: true, source: 'letter' });
    expect(await row()).toEqual({ state: 'waiting', reason: 'soon' });
    const check = async () => {
      const { body } = await web.ask(supervisor, 'POST', '/api/v1/contact-check', { partyId, campaignId });
      return (body as unknown as ContactCheck).people[0]?.judgements[0]?.numbers[0];
    };
    expect(await check()).toMatchObject({ verdict: 'deny', reasons: [{ id: 'soon', severity: 'warn' }], overridden: [] });

    const until = Temporal.Now.plainDateISO('UTC').add({ days: 2 }).toString();
    const override = (body: object, cookie?: string) => tell('overridden-warnings', { rule: 'soon', until, ...body }, cookie);
    expect(await override({}, await web.cookieOf('desk'))).toMatchObject({ status: 403 });
    expect(await override({ rule: 'hours' })).toMatchObject({ status: 422, body: { code: 'not_a_warning', field: 'rule' } });
    expect(await override({ until: '2020-01-01' })).toMatchObject({ body: { code: 'date_passed', field: 'until' } });
    expect(await override({ until: '2999-01-01' })).toMatchObject({ body: { code: 'date_too_far', field: 'until' } });
    const done = await override({});
    expect(done).toMatchObject({
      status: 200,
      body: { moved: 1, record: { overriddenWarnings: [{ rule: 'soon', reason: 'They said so', by: 'Name of over' }] } },
    });
    expect(await row()).toEqual({ state: 'ready', reason: null });
    expect(await lastEvent('warning.overridden')).toMatchObject({ rule: 'soon', reason: 'They said so' });
    expect(await check()).toMatchObject({ verdict: 'allow', reasons: [], overridden: [{ id: 'soon', evidence: 'V0' }] });

    const { id } = (done.body['record'] as DebtorRecord).overriddenWarnings[0] ?? { id: '' };
    expect((await tell(`overridden-warnings/${id}/withdraw`, {})).body).toMatchObject({ moved: 1 });
    expect(await tell(`overridden-warnings/${id}/withdraw`, {})).toMatchObject({ body: { code: 'unknown_override' } });
    expect(await row()).toEqual({ state: 'waiting', reason: 'soon' });
    await web.database.deleteFrom('contact_attempt').where('id', '=', attempt.id).execute();
    await web.database.updateTable('dial_queue').set({ state: 'ready', reason: null }).where('party_id', '=', partyId).execute();
  });
});

describe('a callback that is not wanted any more', () => {
  test('stands in the file until it is cancelled, and the debtor goes on as any other', async () => {
    const callback = await web.database
      .insertInto('callback')
      .values({
        campaign_id: campaignId,
        party_id: partyId,
        attempt_id: '019aa000-0000-7000-8000-00000000000a',
        at: Temporal.Now.instant().add({ hours: 48 }).toString(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const promised = {
      state: 'waiting' as const,
      reason: 'callback',
      not_before: '2100-01-01',
      band: 10,
      callback_id: callback.id,
    };
    await web.database.updateTable('dial_queue').set(promised).where('party_id', '=', partyId).execute();
    const file = await web.ask(supervisor, 'GET', `/api/v1/debtors/${partyId}`);
    expect(file.body).toMatchObject({ callbacks: [{ id: callback.id, campaign: 'July', agent: null }] });
    const cancel = (cookie?: string) => tell(`callbacks/${callback.id}/cancel`, {}, cookie);
    expect(await cancel(await web.cookieOf('desk'))).toMatchObject({ status: 403 });
    expect(await cancel()).toMatchObject({ status: 200, body: { moved: 1, record: { callbacks: [] } } });
    expect(await row()).toEqual({ state: 'ready', reason: null });
    expect(await cancel()).toMatchObject({ status: 404, body: { code: 'unknown_callback' } });
    expect(await lastEvent('callback.cancelled')).toMatchObject({ callbackId: callback.id });
  });
});

whoElseStandsForADebt(() => scene);
