import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NOBODY_CALLABLE, readCallable } from '../../server/insight/callable.ts';
import { readDayCounts } from '../../server/insight/store.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { eventually } from '../support/conditions.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
let campaignId: string;
const now = Temporal.Now.instant();

beforeAll(async () => {
  fresh = await freshDatabase();
  const campaign = await fresh.database
    .insertInto('campaign')
    .values({ name: 'Cards', settings: JSON.stringify(DEFAULT_CAMPAIGN_SETTINGS) })
    .returning('id')
    .executeTakeFirstOrThrow();
  campaignId = campaign.id;
});
afterAll(() => fresh.drop());

type Result = 'connected' | 'abandoned' | 'screened' | 'no_answer' | 'busy' | 'failed' | 'cancelled' | 'lost';

async function addAttempt(
  result: Result | null,
  options: { hoursAgo?: number; answered?: boolean; dialed?: boolean; verdict?: 'human' | 'machine' | 'uncertain' } = {},
): Promise<void> {
  const at = now.subtract({ minutes: Math.round((options.hoursAgo ?? 1) * 60) }).toString();
  await fresh.database
    .insertInto('contact_attempt')
    .values({
      id: randomUUIDv7(),
      campaign_id: campaignId,
      floor_id: 'main',
      epoch: 1n,
      party_id: randomUUIDv7(),
      phone_id: randomUUIDv7(),
      number: '+12125550100',
      state: result === null ? 'connected' : 'ended',
      result,
      verdict: '{}',
      inputs_digest: '',
      permit_until: at,
      ring_timeout_ms: 20_000,
      reserved_at: at,
      dialing_at: (options.dialed ?? true) ? at : null,
      answered_at: options.answered ? at : null,
      screening: options.verdict === undefined ? null : JSON.stringify({ verdict: options.verdict, status: '', cause: '' }),
    })
    .execute();
}

async function addQueued(
  state: 'ready' | 'waiting' | 'reserved' | 'done',
  reason: string | null,
  notBefore: string,
): Promise<void> {
  const party = await fresh.database
    .insertInto('party')
    .values({ display_name: 'Somebody', folded_name: 'somebody', country: 'US' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await fresh.database
    .insertInto('dial_queue')
    .values({ campaign_id: campaignId, party_id: party.id, state, reason, not_before: notBefore })
    .execute();
}

test('the day’s counts are of the last 24 hours, each attempt by what became of it', async () => {
  await addAttempt('connected', { answered: true });
  await addAttempt(null, { answered: true });
  await addAttempt('abandoned', { answered: true, verdict: 'uncertain' });
  await addAttempt('screened', { answered: true, verdict: 'machine' });
  await addAttempt('no_answer');
  await addAttempt('no_answer', { hoursAgo: 23 });
  await addAttempt('busy');
  await addAttempt('failed');
  await addAttempt('lost');
  await addAttempt('cancelled', { dialed: false });
  await addAttempt('connected', { answered: true, hoursAgo: 25 });
  expect((await readDayCounts(fresh.database, [campaignId, randomUUIDv7()], now)).get(campaignId)).toEqual({
    dialed: 9,
    answered: 4,
    connected: 2,
    abandoned: 1,
    screened: 1,
    judged: 2,
    undecided: 1,
    noAnswer: 2,
    busy: 1,
    failed: 2,
  });
});

test('a campaign without attempts is left out', async () => {
  expect((await readDayCounts(fresh.database, [randomUUIDv7()], now)).size).toBe(0);
  expect((await readDayCounts(fresh.database, [], now)).size).toBe(0);
});

/** A zone in which it is about noon now, so that no test meets midnight. */
function zoneAtNoon(): string {
  const offset = 12 - now.toZonedDateTimeISO('UTC').hour;
  // The signs of these zones are turned round: Etc/GMT-3 is three hours ahead.
  return offset === 0 ? 'Etc/GMT' : `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`;
}

test('debtors are callable now, later today by the clock of most, or blocked by a reason, and the parts add up to the total', async () => {
  const zone = zoneAtNoon();
  const midnight = now.toZonedDateTimeISO(zone).startOfDay().add({ days: 1 }).toInstant();
  const [past, today] = [now.subtract({ hours: 1 }).toString(), midnight.subtract({ minutes: 1 }).toString()];
  const tomorrow = midnight.add({ minutes: 1 }).toString();
  await addQueued('ready', null, '-infinity');
  await addQueued('ready', null, past);
  await addQueued('waiting', 'hours', past);
  await addQueued('waiting', 'hours', today);
  await addQueued('waiting', 'hours', tomorrow);
  await addQueued('waiting', 'promise', tomorrow);
  await addQueued('waiting', 'no_common_window', 'infinity');
  await addQueued('reserved', null, '-infinity');
  await addQueued('done', 'no_open_debt', '-infinity');
  await addQueued('done', null, '-infinity');
  await fresh.database
    .updateTable('party')
    .set({ time_zones: [zone] })
    .execute();
  const penetration = [
    { reason: 'promise', tries: 2, reached: 2 },
    { reason: 'no_open_debt', tries: 1, reached: 1 },
    { reason: 'no_common_window', tries: 3, reached: 0 },
  ];
  for (const { reason, ...set } of penetration) {
    await fresh.database.updateTable('dial_queue').set(set).where('reason', '=', reason).execute();
  }
  const figures = (await readCallable(fresh.database, [campaignId])).get(campaignId);
  expect(figures).toMatchObject({ tried: 3, contacted: 2, rightParty: 1 });
  expect(figures).toMatchObject({ total: 10, now: 3, laterToday: 1, blocked: 3, inFlight: 1, done: 2, zone });
  expect(figures).toMatchObject({
    reasons: { hours: 1, promise: 1, no_common_window: 1 },
    endings: { no_open_debt: 1, later: 1 },
  });
  const { total, now: callableNow, laterToday, blocked, inFlight, done } = figures ?? NOBODY_CALLABLE;
  expect(callableNow + laterToday + blocked + inFlight + done).toBe(total);
});

test('a long queue is counted seldom: its figures are kept, and counted again only when they have grown old', async () => {
  const keep = (part: { counted_at: string; took_ms: number }) =>
    fresh.database.updateTable('campaign_callable').set(part).where('campaign_id', '=', campaignId).execute();
  await readCallable(fresh.database, [campaignId]);
  await addQueued('ready', null, '-infinity');
  // Ten seconds of counting are good for five hundred.
  await keep({ counted_at: Temporal.Now.instant().subtract({ minutes: 5 }).toString(), took_ms: 10_000 });
  expect((await readCallable(fresh.database, [campaignId])).get(campaignId)?.total).toBe(10);
  await keep({ counted_at: Temporal.Now.instant().subtract({ minutes: 5 }).toString(), took_ms: 200 });
  expect((await readCallable(fresh.database, [campaignId])).get(campaignId)?.total).toBe(11);
  // Whoever would have to wait long gets the figures of before, while they are counted anew.
  await addQueued('ready', null, '-infinity');
  await keep({ counted_at: Temporal.Now.instant().subtract({ hours: 1 }).toString(), took_ms: 10_000 });
  expect((await readCallable(fresh.database, [campaignId])).get(campaignId)?.total).toBe(11);
  await eventually(
    'the count is anew',
    async () => (await readCallable(fresh.database, [campaignId])).get(campaignId)?.total === 12,
  );
});

test('a campaign that nobody knows has no figures', async () => {
  expect((await readCallable(fresh.database, [randomUUIDv7()])).size).toBe(0);
});
