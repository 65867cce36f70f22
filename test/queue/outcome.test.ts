import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../server/contract/outcomes.ts';
import type { Recycling } from '../../server/contract/recycling.ts';
import { rulePackSchema } from '../../server/compliance/packs.ts';
import { SHIPPED_PACKS } from '../../server/compliance/packs/shipped.ts';
import { insertPack } from '../../server/compliance/store.ts';
import { checkContact } from '../../server/queue/check.ts';
import { dispatch } from '../../server/queue/dispatch.ts';
import { releaseHold } from '../../server/queue/hold.ts';
import { recordUnknownCaller } from '../../server/queue/inbound.ts';
import { recordOutcome } from '../../server/queue/outcome.ts';
import { release } from '../../server/queue/release.ts';
import { wakeRefused } from '../../server/queue/wake.ts';
import { mobile, OPEN_SETTINGS, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

let scene: Scene;
let agentId: string;
beforeAll(async () => {
  scene = await openScene();
  const agent = await scene.database
    .insertInto('app_user')
    .values({ login: 'agent', display_name: 'Agent', role: 'agent', password_hash: '-' })
    .returning('id')
    .executeTakeFirstOrThrow();
  agentId = agent.id;
});
afterAll(() => scene.fresh.drop());

let campaignId: string;
let partyId: string;
let debtId: string;
let attemptId: string;

/** A debtor with two numbers in a conversation on the first. */
beforeEach(async () => {
  campaignId = await scene.addCampaign();
  [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile(), mobile()] }]);
  const debt = await scene.database
    .selectFrom('debt_party')
    .select('debt_id')
    .where('party_id', '=', partyId)
    .executeTakeFirstOrThrow();
  debtId = debt.debt_id;
  const { reserved } = await scene.reserve(campaignId);
  attemptId = reserved[0]?.attemptId ?? '';
  await dispatch(scene.database, {
    floorId: 'main',
    epoch: 1n,
    attemptIds: [attemptId],
    trunk: 'main',
    callerId: null,
    now: SUNDAY_MORNING,
  });
});

const hangUp = () => scene.end(attemptId, { result: 'connected', ending: 'caller_hangup', cause: 16 });
const say = (outcome: Outcome) => recordOutcome(scene.database, { attemptId, agentId, outcome, note: '' });
const now = () => Temporal.Now.instant();
const daysAhead = (days: number) => now().toZonedDateTimeISO('Asia/Riyadh').toPlainDate().add({ days });

describe('the end of an attempt', () => {
  test('is written once, frees the person, and decides the next attempt', async () => {
    await scene.end(attemptId);
    await scene.end(attemptId, { result: 'busy', ending: 'busy' });
    const attempt = await scene.database
      .selectFrom('contact_attempt')
      .select(['state', 'result'])
      .where('id', '=', attemptId)
      .executeTakeFirstOrThrow();
    expect(attempt).toEqual({ state: 'ended', result: 'no_answer' });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'waiting', reason: 'no_answer', tries: 1 });
    expect(await scene.database.selectFrom('live_contact').selectAll().where('party_id', '=', partyId).execute()).toEqual([]);
    const events = await scene.database
      .selectFrom('event')
      .select('kind')
      .where('subject_id', '=', attemptId)
      .orderBy('id')
      .execute();
    expect(events.map((event) => event.kind)).toEqual(['attempt.reserved', 'attempt.dialing', 'attempt.ended']);
  });

  test('leaves a call that was dialed alone when reservations are released', async () => {
    expect(await release(scene.database, [attemptId])).toBe(0);
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'reserved' });
  });

  test('with a conversation waits for its outcome', async () => {
    await hangUp();
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'waiting', reason: 'awaiting_outcome' });
  });

  test('does not undo an outcome that was saved before it', async () => {
    await say({ code: 'do_not_call', scope: 'person' });
    await hangUp();
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'done', reason: 'do_not_call' });
  });
});

describe('a campaign’s own recycling', () => {
  const recycleAfter = async (after: Recycling['after']) => {
    const settings = { ...OPEN_SETTINGS, recycling: { maxTries: 50, retryMinutes: 1, after } };
    await scene.database
      .updateTable('campaign')
      .set((eb) => ({ settings: JSON.stringify(settings), version: eb('version', '+', 1) }))
      .where('id', '=', campaignId)
      .execute();
  };
  /** Their time has come: the next number that is tried. */
  const again = async () => {
    await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('party_id', '=', partyId).execute();
    const { reserved } = await scene.reserve(campaignId, { now: SUNDAY_MORNING.add({ hours: 2 }) });
    return reserved[0];
  };

  test('decides when a call that nobody answered is tried again, on which number and how often', async () => {
    await recycleAfter({ no_answer: { minutes: 90, most: 2, number: 'other' } });
    await scene.end(attemptId);
    const { notBefore, phoneId } = await scene.row(campaignId, partyId);
    expect(
      Math.round(
        Temporal.Now.instant()
          .until(notBefore ?? SUNDAY_MORNING)
          .total('minutes'),
      ),
    ).toBe(90);
    const second = await again();
    expect(second?.phoneId).not.toBe(phoneId);
    await scene.end(second?.attemptId ?? '');
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'done', reason: 'tries_used_up', tries: 2 });
    // What does not touch their tries brings nobody back; more tries do.
    expect(await wakeRefused(scene.database, campaignId)).toBe(0);
    await recycleAfter({ no_answer: { most: 3 } });
    expect(await wakeRefused(scene.database, campaignId)).toBe(1);
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'waiting', reason: null });
  });

  test('decides what an outcome that only waits comes to', async () => {
    await recycleAfter({ refused: { minutes: 30, most: 2 } });
    await hangUp();
    const effect = await say({ code: 'refused' });
    expect(effect.kind === 'not_before' && Math.round(now().until(effect.at).total('minutes'))).toBe(30);
    const second = await again();
    attemptId = second?.attemptId ?? '';
    await hangUp();
    expect(await say({ code: 'refused' })).toEqual({ kind: 'left_queue' });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'done', reason: 'tries_used_up' });
  });
});

describe('an outcome', () => {
  test('of a promise keeps it, and waits until the day after it is due', async () => {
    await hangUp();
    const dueOn = daysAhead(3);
    const effect = await say({ code: 'promise', debtId, amountMinor: '50000', currency: 'SAR', dueOn: dueOn.toString() });
    const at = dueOn.add({ days: 1 }).toZonedDateTime('Asia/Riyadh').toInstant();
    expect(effect).toEqual({ kind: 'not_before', at: at.toString() });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'waiting', notBefore: at });
    const promises = await scene.database
      .selectFrom('promise')
      .select(['amount_minor', 'due_on', 'state'])
      .where('party_id', '=', partyId)
      .execute();
    expect(promises).toEqual([{ amount_minor: 50_000n, due_on: dueOn.toString(), state: 'open' }]);
    const spoken = await scene.database
      .selectFrom('conversation_debt')
      .select('debt_id')
      .where('attempt_id', '=', attemptId)
      .execute();
    expect(spoken).toEqual([{ debt_id: debtId }]);
  });

  test.each<[Outcome['code'], Outcome, number]>([
    ['no_contact', { code: 'no_contact' }, 0],
    ['wrong_person', { code: 'wrong_person' }, 1],
    ['refused', { code: 'refused' }, 2],
  ])('of %s says who was reached, once and for all', async (_, outcome, reached) => {
    const row = () =>
      scene.database.selectFrom('dial_queue').select('reached').where('party_id', '=', partyId).executeTakeFirstOrThrow();
    await say(outcome);
    await hangUp();
    expect(await row()).toEqual({ reached });
  });

  test('of a dispute holds the debt', async () => {
    await hangUp();
    expect(await say({ code: 'dispute', debtId, reason: 'not mine' })).toEqual({ kind: 'held', hold: 'dispute', until: null });
    await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('party_id', '=', partyId).execute();
    const later = SUNDAY_MORNING.add({ hours: 48 });
    // The hold began by the database's clock, which is not that of this test.
    await scene.database
      .updateTable('hold')
      .set({ starts_at: SUNDAY_MORNING.toString() })
      .where('party_id', '=', partyId)
      .execute();
    expect((await scene.reserve(campaignId, { now: later })).refused).toMatchObject([{ reason: 'dispute' }]);
  });

  test('of a wrong person takes the number away for good; the last one gone, the debtor leaves', async () => {
    await hangUp();
    expect(await say({ code: 'wrong_person' })).toEqual({ kind: 'number_left', otherNumbers: 1 });
    await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('party_id', '=', partyId).execute();
    const { reserved } = await scene.reserve(campaignId, { now: SUNDAY_MORNING.add({ minutes: 10 }) });
    const second = reserved[0]?.attemptId ?? '';
    await scene.end(second, { result: 'connected', ending: 'caller_hangup' });
    const effect = await recordOutcome(scene.database, {
      attemptId: second,
      agentId,
      outcome: { code: 'wrong_person' },
      note: '',
    });
    expect(effect).toEqual({ kind: 'number_left', otherNumbers: 0 });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'done', reason: 'no_number_left' });
  });

  test('of a callback goes before all others at its time', async () => {
    await hangUp();
    const at = now().add({ hours: 30 });
    expect(await say({ code: 'callback', at: at.toString(), mine: true })).toMatchObject({
      kind: 'callback',
      timeZone: 'Asia/Riyadh',
    });
    const row = await scene.database
      .selectFrom('dial_queue')
      .select(['band', 'state', 'callback_id'])
      .where('party_id', '=', partyId)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'waiting', callback_id: expect.any(String) as string });
    expect(row.band).toBeGreaterThan(0);
    const callbacks = await scene.database
      .selectFrom('callback')
      .select(['agent_id', 'state'])
      .where('party_id', '=', partyId)
      .execute();
    expect(callbacks).toEqual([{ agent_id: agentId, state: 'open' }]);
  });

  test('of hardship holds the person until the day given', async () => {
    await hangUp();
    const until = daysAhead(20);
    expect(await say({ code: 'hardship', until: until.toString() })).toMatchObject({ kind: 'held', hold: 'hardship' });
    const holds = await scene.database
      .selectFrom('hold')
      .select(['kind', 'debt_id', 'ends_at'])
      .where('party_id', '=', partyId)
      .execute();
    expect(holds).toMatchObject([{ kind: 'hardship', debt_id: null, ends_at: expect.anything() as unknown }]);
  });

  test('said again gives the same effect, another is refused', async () => {
    await hangUp();
    const effect = await say({ code: 'refused' });
    expect(await say({ code: 'refused' })).toEqual(effect);
    await expect(say({ code: 'no_contact' })).rejects.toMatchObject({ code: 'already_recorded' });
  });

  test.each<[string, string, () => Outcome]>([
    [
      'debtId',
      'not_their_debt',
      () => ({ code: 'promise', debtId: agentId, amountMinor: '1', currency: 'SAR', dueOn: daysAhead(1).toString() }),
    ],
    [
      'currency',
      'wrong_currency',
      () => ({ code: 'promise', debtId, amountMinor: '1', currency: 'EUR', dueOn: daysAhead(1).toString() }),
    ],
    [
      'amountMinor',
      'above_balance',
      () => ({ code: 'promise', debtId, amountMinor: '100001', currency: 'SAR', dueOn: daysAhead(1).toString() }),
    ],
    [
      'dueOn',
      'date_passed',
      () => ({ code: 'promise', debtId, amountMinor: '1', currency: 'SAR', dueOn: daysAhead(-1).toString() }),
    ],
    ['at', 'date_passed', () => ({ code: 'callback', at: now().subtract({ minutes: 1 }).toString(), mine: false })],
    ['until', 'date_passed', () => ({ code: 'hardship', until: daysAhead(-2).toString() })],
  ])('is refused by the field %s: %s, and nothing is half done', async (field, code, outcome) => {
    await hangUp();
    await expect(say(outcome())).rejects.toMatchObject({ field, code });
    expect(await scene.database.selectFrom('outcome').selectAll().where('attempt_id', '=', attemptId).execute()).toEqual([]);
    expect(await scene.database.selectFrom('promise').selectAll().where('attempt_id', '=', attemptId).execute()).toEqual([]);
  });

  test('of somebody who wants no calls takes them out of every campaign at once', async () => {
    const other = await scene.addCampaign();
    await scene.database.insertInto('campaign_debt').values({ campaign_id: other, debt_id: debtId }).execute();
    await scene.database
      .insertInto('dial_queue')
      .values({ campaign_id: other, party_id: partyId, reason: null, phone_id: null, callback_id: null })
      .execute();
    await hangUp();
    expect(await say({ code: 'do_not_call', scope: 'person' })).toEqual({ kind: 'left_queue' });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'done' });
    expect(await scene.row(other, partyId)).toMatchObject({ state: 'done', reason: 'do_not_call' });

    // Taken back by hand, it lets them into every queue again.
    const hold = await scene.database.selectFrom('hold').select('id').where('party_id', '=', partyId).executeTakeFirstOrThrow();
    expect(await releaseHold(scene.database, { partyId, holdId: hold.id, userId: agentId })).toMatchObject({ moved: 2 });
  });

  test('of somebody who wants no calls on this number ends them for whomever it reaches', async () => {
    const { phone_id } = await scene.database
      .selectFrom('contact_attempt')
      .select('phone_id')
      .where('id', '=', attemptId)
      .executeTakeFirstOrThrow();
    const [sharer = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
    await scene.database.updateTable('party_phone').set({ phone_id }).where('party_id', '=', sharer).execute();
    await hangUp();
    expect(await say({ code: 'do_not_call', scope: 'number' })).toEqual({ kind: 'number_left', otherNumbers: 1 });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'waiting', reason: 'number_left' });
    expect(await scene.row(campaignId, sharer)).toMatchObject({ state: 'done', reason: 'no_number_left' });
    const listed = await scene.database.selectFrom('do_not_call').select('e164').where('source_id', '=', attemptId).execute();
    const called = await scene.database.selectFrom('phone').select('e164').where('id', '=', phone_id).execute();
    expect(listed).toEqual(called);
  });

  test('of a caller nobody confirmed puts their number on the same list, whether or not anybody is known to have it', async () => {
    const number = mobile();
    const sharers = await scene.addPeople([campaignId], [{ phones: [number] }, { phones: [number, mobile()] }]);
    const phone = await scene.database.selectFrom('phone').select('id').where('e164', '=', number).executeTakeFirstOrThrow();
    for (const [caller, phoneId] of [
      [number, phone.id],
      [mobile(), null],
    ] as const) {
      const callId = randomUUIDv7();
      await scene.database
        .insertInto('inbound_call')
        .values({
          id: callId,
          leg_id: 'leg',
          floor_id: 'main',
          called: '+966110000000',
          number: caller,
          phone_id: phoneId,
          trunk: 'main',
          entered_at: now().toString(),
        })
        .execute();
      // Only one of those who have the number was thought to be calling.
      const candidates = phoneId === null ? [] : sharers.slice(0, 1);
      const outcome = { code: 'do_not_call', scope: 'number' } as const;
      const said = { attemptId: callId, agentId, outcome, note: '', phoneId, number: caller, candidates };
      const effect = await recordUnknownCaller(scene.database, said);
      expect(effect).toEqual(phoneId === null ? { kind: 'noted' } : { kind: 'number_left', otherNumbers: 0 });
      expect(await recordUnknownCaller(scene.database, said)).toEqual(effect);
      const listed = await scene.database.selectFrom('do_not_call').select('e164').where('source_id', '=', callId).execute();
      expect(listed).toEqual([{ e164: caller }]);
    }
    expect(await scene.row(campaignId, sharers[0] ?? '')).toMatchObject({ state: 'done', reason: 'no_number_left' });
    expect(await scene.row(campaignId, sharers[1] ?? '')).toMatchObject({ state: 'ready' });
    const left = await scene.database.selectFrom('party_phone').select('state').where('phone_id', '=', phone.id).execute();
    expect(left).toEqual([{ state: 'revoked' }, { state: 'revoked' }]);
  });

  test('measures its days where the number is when nothing is known of the address', async () => {
    await scene.database.updateTable('party').set({ time_zones: [] }).where('id', '=', partyId).execute();
    await hangUp();
    const dueOn = daysAhead(1);
    await say({ code: 'promise', debtId, amountMinor: '1', currency: 'SAR', dueOn: dueOn.toString() });
    const { notBefore } = await scene.row(campaignId, partyId);
    expect(notBefore).toEqual(dueOn.add({ days: 1 }).toZonedDateTime('Asia/Riyadh').toInstant());
  });
});

describe('what a debtor asks for by a rule that a pack of their place names', () => {
  test('stops as much as the pack says, and the next call waits as after a refusal', async () => {
    const holds = [
      { flag: 'employer_prohibits', blocks: 'workplace', evidence: 'V1' },
      { flag: 'medium_opt_out', blocks: 'that_number', evidence: 'V2' },
    ];
    const [shipped] = SHIPPED_PACKS.filter((pack) => pack.id === 'SA');
    await insertPack(scene.database, rulePackSchema.parse({ ...shipped, version: 2, holds }), 'test');
    const { phoneId } = await scene.row(campaignId, partyId);
    await hangUp();
    const today = now().toZonedDateTimeISO('Asia/Riyadh').toPlainDate();
    const sunday = today.add({ days: 14 - today.dayOfWeek }).toZonedDateTime({ timeZone: 'Asia/Riyadh', plainTime: '11:00' });
    const numbersLeft = async (): Promise<number> => {
      const { people } = await checkContact(scene.database, { subject: { partyId }, at: sunday.toInstant(), campaignId });
      return people[0]?.judgements[0]?.numbers.filter(({ verdict }) => verdict.verdict === 'allow').length ?? 0;
    };
    await expect(say({ code: 'restriction', kind: 'seeking_debt_advice', atWork: false })).rejects.toMatchObject({
      code: 'unknown_hold_kind',
    });
    const effect = await say({ code: 'restriction', kind: 'employer_prohibits', atWork: true });
    expect(effect).toMatchObject({ kind: 'limited', hold: 'employer_prohibits', blocks: 'workplace' });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'waiting', reason: 'restriction', phoneId: null });
    const link = await scene.database
      .selectFrom('party_phone')
      .select('place')
      .where('party_id', '=', partyId)
      .where('phone_id', '=', phoneId)
      .executeTakeFirstOrThrow();
    expect(link.place).toBe('work');
    expect(await numbersLeft()).toBe(1);
    const hold = await scene.database.selectFrom('hold').select('id').where('party_id', '=', partyId).executeTakeFirstOrThrow();
    const placed = await scene.database
      .selectFrom('event')
      .select('body')
      .where('kind', '=', 'hold.placed')
      .where('subject_id', '=', partyId)
      .execute();
    // The one that is refused above, for a kind that no rule knows, is not told either.
    expect(placed).toMatchObject([{ body: { holdId: hold.id, kind: 'employer_prohibits' } }]);
  });
});
