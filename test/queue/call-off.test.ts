import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callOff, readCallOffs } from '../../server/queue/call-off.ts';
import { recordConsent } from '../../server/queue/consents.ts';
import { mergePeople } from '../../server/debtors/matching/merge.ts';
import { Refusal } from '../../server/kernel/errors.ts';
import { dispatch } from '../../server/queue/dispatch.ts';
import { placeHold } from '../../server/queue/hold.ts';
import { whenFreeOfCalls } from '../../server/queue/free-of-calls.ts';
import { lockPeople } from '../../server/queue/locks.ts';
import { retireByHand } from '../../server/queue/numbers.ts';
import { recordOutcome } from '../../server/queue/outcome.ts';
import type { ReservedAttempt } from '../../server/queue/reserve.ts';
import { refreshQueues, refreshTogether } from '../../server/queue/refresh.ts';
import { mobile, openScene, type Scene } from './scene.ts';

/** Open at whatever hour the test runs: calls are called off by the clock of now. */
const DEMO = { trunk: 'demo' };

let scene: Scene;
let userId: string;

beforeAll(async () => {
  scene = await openScene();
  const user = { login: 'boss', display_name: 'Boss', role: 'supervisor', password_hash: '-' } as const;
  userId = (await scene.database.insertInto('app_user').values(user).returning('id').executeTakeFirstOrThrow()).id;
});
afterAll(() => scene.fresh.drop());

/** A campaign with people whose calls were reserved just now, and dispatched where asked. */
async function calling(people: number, sent = true) {
  const campaignId = await scene.addCampaign(DEMO);
  const partyIds = await scene.addPeople(
    [campaignId],
    Array.from({ length: people }, () => ({ phones: [mobile()], demo: true })),
  );
  const now = Temporal.Now.instant();
  const { reserved } = await scene.reserve(campaignId, { count: people, now });
  const ids = reserved.map((attempt) => attempt.attemptId);
  if (sent && (await dispatched(ids)).length < people) throw new Error('not all calls could be sent');
  const first = reserved[0] as ReservedAttempt;
  return { campaignId, partyIds, ids, first };
}

function dispatched(attemptIds: readonly string[]): Promise<string[]> {
  return dispatch(scene.database, { floorId: 'main', epoch: 1n, attemptIds, trunk: 'main', callerId: null });
}

function hold(partyId: string, change: Partial<Parameters<typeof placeHold>[1]> = {}) {
  return placeHold(scene.database, { partyId, kind: 'cease', debtId: null, phoneId: null, until: null, userId, ...change });
}

function newFacts(
  partyIds: readonly string[],
  paidDebtIds: readonly string[] = [],
): Promise<{ left: number; calledOff: number }> {
  return scene.database.transaction().execute(async (transaction) => {
    await lockPeople(transaction, partyIds);
    const left = await refreshQueues(transaction, partyIds);
    return { left, calledOff: await callOff(transaction, { partyIds, paidDebtIds, actor: 'import' }) };
  });
}

async function debtOf(partyId: string): Promise<string> {
  const row = await scene.database
    .selectFrom('debt_party')
    .select('debt_id')
    .where('party_id', '=', partyId)
    .executeTakeFirstOrThrow();
  return row.debt_id;
}

async function attempt(id: string) {
  return scene.database.selectFrom('contact_attempt').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

const CALLED_OFF = { result: 'cancelled', ending: 'called_off', cause: 16 } as const;

describe('a call that nobody has answered', () => {
  it('is called off by a hold, spends no try, and the person waits under the hold', async () => {
    const { campaignId, first } = await calling(1);
    expect(await hold(first.partyId)).toMatchObject({ moved: 0, calledOff: 1 });
    expect(await readCallOffs(scene.database, 'main')).toContain(first.attemptId);
    // Asked again, it is off already.
    expect(await hold(first.partyId, { kind: 'attorney' })).toMatchObject({ calledOff: 0 });
    await scene.end(first.attemptId, CALLED_OFF);
    expect(await scene.row(campaignId, first.partyId)).toMatchObject({ state: 'waiting', reason: 'cease', tries: 0 });
    // The telephone may have rung: it counts towards the caps of the law.
    expect(await attempt(first.attemptId)).toMatchObject({ state: 'ended', counts: true });
    const told = await scene.database.selectFrom('event').select('kind').where('subject_id', '=', first.attemptId).execute();
    expect(told.map((event) => event.kind)).toEqual([
      'attempt.reserved',
      'attempt.dialing',
      'attempt.called_off',
      'attempt.ended',
    ]);
  });

  it('goes on when the hold is on another number or another debt', async () => {
    const campaignId = await scene.addCampaign(DEMO);
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile(), mobile()], demo: true }]);
    const { reserved } = await scene.reserve(campaignId, { count: 1, now: Temporal.Now.instant() });
    const called = reserved[0]?.phoneId ?? '';
    const phones = await scene.database.selectFrom('party_phone').select('phone_id').where('party_id', '=', partyId).execute();
    const other = phones.find((phone) => phone.phone_id !== called)?.phone_id ?? '';
    expect(await hold(partyId, { phoneId: other })).toMatchObject({ calledOff: 0 });
    expect(await hold(partyId, { phoneId: called })).toMatchObject({ calledOff: 1 });
  });

  it('is called off when its number is retired, and when calls are not wanted any more', async () => {
    const { partyIds, ids } = await calling(2);
    const [wrong = '', revoked = ''] = partyIds;
    const written = { userId, reason: 'said so' };
    const { phone_id: phoneId } = await scene.database
      .selectFrom('live_contact')
      .select('phone_id')
      .where('party_id', '=', wrong)
      .executeTakeFirstOrThrow();
    const retired = await retireByHand(scene.database, { ...written, partyId: wrong, phoneId, as: 'wrong' });
    expect(retired).toMatchObject({ calledOff: 1 });
    const word = { ...written, granted: false, channel: 'call', phoneId: null, source: 'letter' };
    expect(await recordConsent(scene.database, { ...word, partyId: revoked, kind: 'contact' })).toMatchObject({ calledOff: 1 });
    const off = await scene.database.selectFrom('call_off').select('reason').where('attempt_id', 'in', ids).execute();
    expect(off.map((row) => row.reason).toSorted()).toEqual(['consent', 'number_left']);
  });

  it('is called off when its person is made one with another, which is done once the call has ended', async () => {
    const { campaignId, partyIds, first } = await calling(2);
    const [keptId = '', goneId = ''] = [...partyIds].toSorted((a) => (a === first.partyId ? 1 : -1));
    const other = await scene.database
      .selectFrom('live_contact')
      .select('attempt_id')
      .where('party_id', '=', keptId)
      .executeTakeFirstOrThrow();
    await scene.end(other.attempt_id);
    const merging = whenFreeOfCalls(scene.database, { partyIds: [keptId, goneId], userId, tell: () => told() }, () =>
      mergePeople(scene.database, { lockPeople, afterMerge: refreshTogether }, { keptId, goneId, userId }),
    );
    // As the dialer does when it is told.
    async function told(): Promise<void> {
      expect(await readCallOffs(scene.database, 'main')).toContain(first.attemptId);
      await scene.end(first.attemptId, CALLED_OFF);
    }
    expect(await merging).toMatchObject({ calledOff: 1 });
    expect(await scene.row(campaignId, goneId)).toMatchObject({ state: 'done', reason: 'no_open_debt' });
    expect(await attempt(first.attemptId)).toMatchObject({ party_id: keptId, ending: 'called_off' });
  });

  it('is never sent when the hold comes before the dial, and its person is free again', async () => {
    const { campaignId, first } = await calling(1, false);
    expect(await hold(first.partyId)).toMatchObject({ calledOff: 1 });
    expect(await dispatched([first.attemptId])).toEqual([]);
    expect(await attempt(first.attemptId)).toMatchObject({ state: 'ended', ending: 'called_off', counts: false });
    expect(await scene.row(campaignId, first.partyId)).toMatchObject({ state: 'ready', tries: 0 });
    const { refused } = await scene.reserve(campaignId, { count: 1, now: Temporal.Now.instant() });
    expect(refused).toMatchObject([{ partyId: first.partyId, reason: 'cease' }]);
  });

  it('is called off by a recall, and its person leaves; by a payment, since the file shown would be wrong', async () => {
    const { campaignId, partyIds, ids } = await calling(3);
    const [recalled = '', paid = '', other = ''] = partyIds;
    await scene.database
      .updateTable('debt')
      .set({ state: 'recalled' })
      .where('id', '=', await debtOf(recalled))
      .execute();
    expect(await newFacts([recalled, paid, other], [await debtOf(paid)])).toEqual({ left: 0, calledOff: 2 });
    const off = await scene.database.selectFrom('call_off').select('reason').where('attempt_id', 'in', ids).execute();
    expect(off.map((row) => row.reason).toSorted()).toEqual(['no_open_debt', 'payment']);
    const live = await scene.database.selectFrom('live_contact').selectAll().where('party_id', 'in', partyIds).execute();
    for (const contact of live) {
      await scene.end(contact.attempt_id, contact.party_id === other ? {} : CALLED_OFF);
    }
    expect(await scene.row(campaignId, recalled)).toMatchObject({ state: 'done', reason: 'no_open_debt' });
    expect(await scene.row(campaignId, paid)).toMatchObject({ state: 'waiting', reason: 'payment', tries: 0 });
    expect(await scene.row(campaignId, other)).toMatchObject({ reason: 'no_answer', tries: 1 });
  });

  it('is called off by what the same person said on another campaign’s call', async () => {
    const { campaignId, first } = await calling(1);
    await scene.end(first.attemptId, { result: 'connected', ending: 'caller_hangup' });
    const second = await scene.addCampaign(DEMO);
    await scene.database
      .insertInto('campaign_debt')
      .values({ campaign_id: second, debt_id: await debtOf(first.partyId) })
      .execute();
    await scene.database.insertInto('dial_queue').values({ campaign_id: second, party_id: first.partyId }).execute();
    const { reserved } = await scene.reserve(second, { count: 1, now: Temporal.Now.instant().add({ minutes: 10 }) });
    expect(reserved).toHaveLength(1);
    const outcome = { code: 'do_not_call', scope: 'person' } as const;
    await recordOutcome(scene.database, { attemptId: first.attemptId, agentId: userId, outcome, note: '' });
    expect(await readCallOffs(scene.database, 'main')).toContain(reserved[0]?.attemptId);
    expect(await scene.row(campaignId, first.partyId)).toMatchObject({ state: 'done', reason: 'do_not_call' });
  });
});

describe('a call that somebody has answered', () => {
  it('goes on', async () => {
    const { first } = await calling(1);
    await scene.database.updateTable('contact_attempt').set({ state: 'waiting' }).where('id', '=', first.attemptId).execute();
    expect(await hold(first.partyId)).toMatchObject({ calledOff: 0 });
    const merging = whenFreeOfCalls(scene.database, { partyIds: [first.partyId], userId, tell: () => Promise.resolve() }, () =>
      Promise.reject(new Refusal('person_in_contact', 'on the line')),
    );
    await expect(merging).rejects.toMatchObject({ code: 'person_in_contact' });
  });
});

describe('thousands of people at once', () => {
  it('are asked about in a handful of statements, and only those being called matter', async () => {
    const { partyIds, ids } = await calling(20);
    const strangers = Array.from({ length: 5_000 }, () => crypto.randomUUID());
    await scene.database
      .updateTable('debt')
      .set({ state: 'closed' })
      .where('id', 'in', await Promise.all(partyIds.map(debtOf)))
      .execute();
    expect(await newFacts([...strangers, ...partyIds])).toEqual({ left: 0, calledOff: 20 });
    const off = await scene.database.selectFrom('call_off').select('reason').where('attempt_id', 'in', ids).execute();
    expect(new Set(off.map((row) => row.reason))).toEqual(new Set(['no_open_debt']));
  });
});
