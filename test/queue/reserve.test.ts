import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatch } from '../../server/queue/dispatch.ts';
import { promote, promoteAll } from '../../server/queue/promote.ts';
import { release, releasePastEpochs } from '../../server/queue/release.ts';
import { mobile, OPEN_SETTINGS, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

async function oneDebtor(settings = {}, phones = [mobile()]): Promise<{ campaignId: string; partyId: string }> {
  const campaignId = await scene.addCampaign(settings);
  const [partyId = ''] = await scene.addPeople([campaignId], [{ phones }]);
  return { campaignId, partyId };
}

describe('a reservation', () => {
  test('takes the best scores first and commits an attempt with its verdict, digest, debts and live contact (I1)', async () => {
    const campaignId = await scene.addCampaign();
    const balances = [900_000n, 100n, 50_000n];
    const [rich, poor, middle] = await scene.addPeople(
      [campaignId],
      balances.map((balance) => ({ phones: [mobile()], balance })),
    );
    const { reserved, refused } = await scene.reserve(campaignId, { count: 2 });
    expect(refused).toEqual([]);
    expect(reserved.map((each) => each.partyId)).toEqual([poor, middle]);
    expect(await scene.row(campaignId, rich ?? '')).toMatchObject({ state: 'ready' });
    expect(await scene.row(campaignId, poor ?? '')).toMatchObject({ state: 'reserved' });

    const [first] = reserved;
    const attempt = await scene.database
      .selectFrom('contact_attempt')
      .selectAll()
      .where('id', '=', first?.attemptId ?? '')
      .executeTakeFirstOrThrow();
    expect(attempt).toMatchObject({ state: 'reserved', epoch: 1n, party_id: poor, number: first?.number, counts: true });
    expect(attempt.verdict).toMatchObject({ verdict: 'allow', packs: { SA: 1 }, zones: ['Asia/Riyadh'] });
    expect(attempt.inputs_digest).toMatch(/^[0-9a-f]{64}$/);
    expect(attempt.permit_until).toEqual(SUNDAY_MORNING.add({ seconds: 5 }));
    expect(attempt.debt_ids).toHaveLength(1);
    const live = await scene.database
      .selectFrom('live_contact')
      .selectAll()
      .where('party_id', '=', poor ?? '')
      .execute();
    expect(live).toMatchObject([{ attempt_id: attempt.id, phone_id: attempt.phone_id }]);
    const events = await scene.database.selectFrom('event').select('kind').where('subject_id', '=', attempt.id).execute();
    expect(events).toEqual([{ kind: 'attempt.reserved' }]);
  });

  test('of many, which goes in two halves when it is alone, takes each person once and the best of them, and no more than there are', async () => {
    const campaignId = await scene.addCampaign();
    const ids = await scene.addPeople(
      [campaignId],
      Array.from({ length: 30 }, (_, i) => ({ phones: [mobile()], balance: BigInt(i + 1) * 1_000n })),
    );
    const { reserved } = await scene.reserve(campaignId, { count: 20 });
    expect(reserved.map((each) => each.partyId).toSorted()).toEqual(ids.slice(0, 20).toSorted());
    const all = await Promise.all([scene.reserve(campaignId, { count: 20 }), scene.reserve(campaignId, { count: 20 })]);
    expect(all.flatMap((each) => each.reserved.map(({ partyId }) => partyId)).toSorted()).toEqual(ids.slice(20).toSorted());
  });

  test('is made of nothing when the campaign does not run, the epoch has passed, or the trunk is not there', async () => {
    const { campaignId } = await oneDebtor();
    expect(await scene.reserve(campaignId, { epoch: 0n })).toMatchObject({ reserved: [], stopped: 'stale_epoch' });
    const lost = await oneDebtor({ trunk: 'gone' });
    expect(await scene.reserve(lost.campaignId)).toMatchObject({ reserved: [], stopped: 'unknown_trunk' });
    await scene.database.updateTable('campaign').set({ state: 'paused' }).where('id', '=', campaignId).execute();
    expect(await scene.reserve(campaignId)).toMatchObject({ reserved: [], stopped: 'campaign_not_running' });
  });

  test('never crosses demo and real', async () => {
    const { campaignId } = await oneDebtor({ trunk: 'demo' });
    expect(await scene.reserve(campaignId)).toMatchObject({
      reserved: [],
      refused: [{ reason: 'demo_and_real', retryAt: null }],
    });
  });

  test('looks past refused people to those who may be called', async () => {
    const campaignId = await scene.addCampaign();
    const ids = await scene.addPeople(
      [campaignId],
      Array.from({ length: 60 }, (_, i) => ({ phones: [mobile()], balance: BigInt(i + 1) * 1_000n })),
    );
    // All but the last have objected.
    await scene.database
      .insertInto('hold')
      .values(ids.slice(0, -1).map((party_id) => ({ party_id, kind: 'objection_open', starts_at: '2026-01-01T00:00Z' })))
      .execute();
    const { reserved, refused } = await scene.reserve(campaignId, { count: 1 });
    expect(reserved.map((each) => each.partyId)).toEqual(ids.slice(-1));
    expect(refused).toHaveLength(59);
  });
});

describe('a refusal', () => {
  test('moves the row to its earliest lawful time with the reason, from where it is promoted when the time comes', async () => {
    const { campaignId, partyId } = await oneDebtor();
    const evening = Temporal.Instant.from('2026-04-19T17:00Z');
    const opening = Temporal.Instant.from('2026-04-20T06:30Z');
    const { reserved, refused } = await scene.reserve(campaignId, { now: evening });
    expect(reserved).toEqual([]);
    expect(refused).toMatchObject([{ partyId, reason: 'hours', reasons: ['hours'], retryAt: opening }]);
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'waiting', reason: 'hours', notBefore: opening });
    const event = await scene.database
      .selectFrom('event')
      .select(['kind', 'body'])
      .where('subject_id', '=', partyId)
      .executeTakeFirstOrThrow();
    expect(event).toMatchObject({ kind: 'queue.refused', body: { reason: 'hours', reasons: ['hours'], packs: { SA: 1 } } });

    await promote(scene.database, { limit: 10, now: opening.subtract({ seconds: 1 }) });
    expect((await scene.row(campaignId, partyId)).state).toBe('waiting');
    await promote(scene.database, { limit: 10, now: opening });
    expect((await scene.row(campaignId, partyId)).state).toBe('ready');
    expect((await scene.reserve(campaignId, { now: opening })).reserved).toHaveLength(1);
  });

  test('for ever waits until somebody mends it', async () => {
    const { campaignId, partyId } = await oneDebtor();
    await scene.database
      .insertInto('hold')
      .values({ party_id: partyId, kind: 'deceased', starts_at: '2026-01-01T00:00Z' })
      .execute();
    await scene.reserve(campaignId);
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'waiting', reason: 'deceased', notBefore: null });
  });

  test('takes whoever has no number or no open debt out of the queue', async () => {
    const nobody = await oneDebtor({}, []);
    await scene.reserve(nobody.campaignId);
    expect(await scene.row(nobody.campaignId, nobody.partyId)).toMatchObject({ state: 'done', reason: 'no_number_left' });
    const paid = await oneDebtor();
    await scene.database
      .updateTable('debt')
      .set({ state: 'paid' })
      .where('id', 'in', (eb) => eb.selectFrom('debt_party').select('debt_id').where('party_id', '=', paid.partyId))
      .execute();
    await scene.reserve(paid.campaignId);
    expect(await scene.row(paid.campaignId, paid.partyId)).toMatchObject({ state: 'done', reason: 'no_open_debt' });
  });
});

describe('numbers', () => {
  test('take turns: the one tried in vain gives way to the next, a revoked one is left out', async () => {
    const phones = [mobile(), mobile(), mobile()];
    const { campaignId, partyId } = await oneDebtor({}, phones);
    await scene.database
      .updateTable('party_phone')
      .set({ state: 'revoked' })
      .where('party_id', '=', partyId)
      .where('rank', '=', 1)
      .execute();
    const dialed: (string | undefined)[] = [];
    for (let minute = 0; minute < 9; minute += 3) {
      const now = SUNDAY_MORNING.add({ minutes: minute });
      await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('party_id', '=', partyId).execute();
      const [attempt] = (await scene.reserve(campaignId, { now })).reserved;
      dialed.push(attempt?.number);
      await scene.end(attempt?.attemptId ?? '', { endedAt: now.add({ seconds: 25 }) });
    }
    expect(dialed).toEqual([phones[0], phones[2], phones[0]]);
  });

  test('that may not be called give way to one that may', async () => {
    const phones = [mobile(), mobile()];
    const { campaignId } = await oneDebtor({}, phones);
    await scene.database
      .updateTable('phone')
      .set({ number_type: 'premium_rate' })
      .where('e164', '=', phones[0] ?? '')
      .execute();
    expect((await scene.reserve(campaignId)).reserved).toMatchObject([{ number: phones[1] }]);
  });
});

describe('caps (I4)', () => {
  const caps = { ...OPEN_SETTINGS.caps, personPerDay: 2 };

  test('count every reservation until it is released', async () => {
    const { campaignId, partyId } = await oneDebtor({ caps });
    for (const minute of [0, 5]) {
      await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('party_id', '=', partyId).execute();
      const [attempt] = (await scene.reserve(campaignId, { now: SUNDAY_MORNING.add({ minutes: minute }) })).reserved;
      await scene.end(attempt?.attemptId ?? '');
    }
    await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('party_id', '=', partyId).execute();
    const third = await scene.reserve(campaignId, { now: SUNDAY_MORNING.add({ minutes: 10 }) });
    expect(third).toMatchObject({ reserved: [], refused: [{ reason: 'campaign_person_day' }] });
    // The next day, when the banks open.
    expect(third.refused[0]?.retryAt).toEqual(Temporal.Instant.from('2026-04-20T06:30Z'));
  });

  test('look at the person over all campaigns', async () => {
    const first = await scene.addCampaign({ caps });
    const second = await scene.addCampaign({ caps: { ...caps, personPerDay: 1 } });
    await scene.addPeople([first, second], [{ phones: [mobile(), mobile()] }]);
    const [attempt] = (await scene.reserve(first)).reserved;
    expect((await scene.reserve(second)).refused).toMatchObject([
      { reasons: expect.arrayContaining(['live_contact', 'campaign_person_day']) as string[] },
    ]);
    await scene.end(attempt?.attemptId ?? '');
    await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('campaign_id', '=', second).execute();
    expect((await scene.reserve(second, { now: SUNDAY_MORNING.add({ minutes: 30 }) })).refused).toMatchObject([
      { reasons: ['campaign_person_day'] },
    ]);
  });

  test('do not count what was released', async () => {
    const { campaignId, partyId } = await oneDebtor({ caps: { ...caps, personPerDay: 1 } });
    const [attempt] = (await scene.reserve(campaignId)).reserved;
    expect(await release(scene.database, [attempt?.attemptId ?? ''])).toBe(1);
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'ready', tries: 0 });
    expect((await scene.reserve(campaignId)).reserved).toHaveLength(1);
  });

  test('a conversation about the debt is a cool-off where the law has one', async () => {
    const number = '+12125550123';
    const { campaignId, partyId } = await oneDebtor({ countries: ['US'] }, [number]);
    const zones = ['America/New_York'];
    await scene.database.updateTable('party').set({ country: 'US', time_zones: zones }).where('id', '=', partyId).execute();
    await scene.database.updateTable('phone').set({ country: 'US', time_zones: zones }).where('e164', '=', number).execute();
    const noon = Temporal.Instant.from('2026-04-20T13:00Z');
    const [attempt] = (await scene.reserve(campaignId, { now: noon })).reserved;
    const id = attempt?.attemptId ?? '';
    await scene.end(id, { result: 'connected', ending: 'caller_hangup', endedAt: noon.add({ minutes: 3 }) });
    await scene.database
      .insertInto('conversation_debt')
      .columns(['attempt_id', 'debt_id', 'party_id', 'at'])
      .expression((eb) =>
        eb
          .selectFrom('contact_attempt')
          .select((select) => [
            'id',
            sql<string>`debt_ids[1]`.as('debt_id'),
            select.val(partyId).as('party_id'),
            select.ref('reserved_at').as('at'),
          ])
          .where('id', '=', id),
      )
      .execute();
    await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('party_id', '=', partyId).execute();
    const { refused } = await scene.reserve(campaignId, { now: noon.add({ hours: 24 }) });
    expect(refused).toMatchObject([{ reason: 'conv7', reasons: ['conv7'] }]);
    // Seven days, the day of the conversation the first of them; then at eight in New York.
    expect(refused[0]?.retryAt?.toString()).toBe('2026-04-27T12:00:00Z');
  });
});

describe('a permit', () => {
  test('ends when the last ring would reach closing time', async () => {
    const { campaignId } = await oneDebtor();
    const closing = Temporal.Instant.from('2026-04-19T13:30Z');
    const now = closing.subtract({ seconds: 27 });
    const [attempt] = (await scene.reserve(campaignId, { now })).reserved;
    expect(attempt?.permitUntil).toEqual(closing.subtract({ seconds: 25 }));
  });

  test('that has run out is released and never dialed', async () => {
    const { campaignId, partyId } = await oneDebtor();
    const [attempt] = (await scene.reserve(campaignId)).reserved;
    const id = attempt?.attemptId ?? '';
    const order = { floorId: 'main', epoch: 1n, attemptIds: [id], trunk: 'main', callerId: null };
    expect(await dispatch(scene.database, { ...order, now: SUNDAY_MORNING.add({ seconds: 5 }) })).toEqual([]);
    const row = await scene.database
      .selectFrom('contact_attempt')
      .select(['state', 'ending', 'counts'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ state: 'ended', ending: 'permit_expired', counts: false });
    expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'ready' });
    expect(await scene.database.selectFrom('live_contact').selectAll().where('attempt_id', '=', id).execute()).toEqual([]);
  });
});

describe('dispatch (I3)', () => {
  const order = { floorId: 'main', epoch: 1n, trunk: 'main', callerId: '+966111111111', now: SUNDAY_MORNING };

  test('gives each attempt to one caller once, however many ask', async () => {
    const campaignId = await scene.addCampaign();
    await scene.addPeople(
      [campaignId],
      Array.from({ length: 20 }, () => ({ phones: [mobile()] })),
    );
    const attemptIds = (await scene.reserve(campaignId, { count: 20 })).reserved.map((each) => each.attemptId);
    const given = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        dispatch(scene.database, { ...order, attemptIds: i % 2 === 0 ? attemptIds : attemptIds.toReversed() }),
      ),
    );
    expect(given.flat().toSorted()).toEqual(attemptIds.toSorted());
    expect(await dispatch(scene.database, { ...order, attemptIds })).toEqual([]);
    const rows = await scene.database
      .selectFrom('contact_attempt')
      .select(['state', 'trunk', 'caller_id'])
      .where('id', 'in', attemptIds)
      .execute();
    expect(new Set(rows.map((row) => `${row.state} ${row.trunk} ${row.caller_id}`))).toEqual(
      new Set(['dialing main +966111111111']),
    );
  });

  test('gives nothing to a former owner of the floor, whose reservations the successor releases', async () => {
    const { campaignId, partyId } = await oneDebtor();
    const attemptIds = (await scene.reserve(campaignId)).reserved.map((each) => each.attemptId);
    await scene.database.updateTable('floor').set({ epoch: 2n }).where('id', '=', 'main').execute();
    try {
      expect(await dispatch(scene.database, { ...order, attemptIds })).toEqual([]);
      expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'reserved' });
      expect(await releasePastEpochs(scene.database, { floorId: 'main', epoch: 2n })).toBeGreaterThanOrEqual(1);
      expect(await scene.row(campaignId, partyId)).toMatchObject({ state: 'ready' });
      expect(await dispatch(scene.database, { ...order, epoch: 2n, attemptIds })).toEqual([]);
    } finally {
      await scene.database.updateTable('floor').set({ epoch: 1n }).where('id', '=', 'main').execute();
    }
  });
});

test('a wave of thousands whose time has come is made ready at one go, and those whose time has not stay asleep', async () => {
  const campaignId = await scene.addCampaign();
  await sql`
    with people as (
      insert into party (display_name, folded_name, country) select 'W' || i, 'w' || i, 'SA' from generate_series(1, 2500) i returning id
    )
    insert into dial_queue (campaign_id, party_id, state, not_before)
    select ${campaignId}, id, 'waiting', ${SUNDAY_MORNING.toString()}::timestamptz from people`.execute(scene.database);
  expect(await promoteAll(scene.database, { now: SUNDAY_MORNING.subtract({ seconds: 1 }) })).toBe(0);
  expect(await promoteAll(scene.database, { now: SUNDAY_MORNING })).toBe(2_500);
});
