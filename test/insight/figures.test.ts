import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCallable } from '../../server/insight/callable.ts';
import { readDayCounts } from '../../server/insight/store.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
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
  options: { hoursAgo?: number; answered?: boolean; dialed?: boolean } = {},
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
  await addAttempt('abandoned', { answered: true });
  await addAttempt('screened', { answered: true });
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
    noAnswer: 2,
    busy: 1,
    failed: 2,
  });
});

test('a campaign without attempts is left out', async () => {
  expect((await readDayCounts(fresh.database, [randomUUIDv7()], now)).size).toBe(0);
  expect((await readDayCounts(fresh.database, [], now)).size).toBe(0);
});

test('the callable figures add up, and name what each waiting debtor waits for', async () => {
  const [past, future] = [now.subtract({ hours: 1 }).toString(), now.add({ hours: 1 }).toString()];
  await addQueued('ready', null, '-infinity');
  await addQueued('ready', null, past);
  await addQueued('waiting', 'hours', past);
  await addQueued('waiting', 'hours', future);
  await addQueued('waiting', 'hours', future);
  await addQueued('waiting', 'promise', future);
  await addQueued('reserved', null, '-infinity');
  await addQueued('done', 'no_open_debt', '-infinity');
  const figures = (await readCallable(fresh.database, [campaignId])).get(campaignId);
  expect(figures).toEqual({ total: 8, now: 3, later: 3, inFlight: 1, done: 1, reasons: { hours: 2, promise: 1 } });
});
