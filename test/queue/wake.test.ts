import { afterAll, beforeAll, expect, it } from 'vitest';
import { rulePackSchema } from '../../server/compliance/packs.ts';
import { SHIPPED_PACKS } from '../../server/compliance/packs/shipped.ts';
import { insertPack, judgeBegun } from '../../server/compliance/store.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { wakeRefused } from '../../server/queue/wake.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

it('a change of settings wakes whom the old settings refused, and nobody who waits after a call', async () => {
  const { database } = fresh;
  const campaign = await database
    .insertInto('campaign')
    .values({ name: 'Wake', settings: JSON.stringify(DEFAULT_CAMPAIGN_SETTINGS) })
    .returning('id')
    .executeTakeFirstOrThrow();
  const reasons = [
    'campaign_hours',
    'campaign_person_day',
    'country_not_enabled',
    '7in7',
    'holiday',
    'no_answer',
    'promise',
    'awaiting_outcome',
  ];
  for (const reason of reasons) {
    const party = await database
      .insertInto('party')
      .values({ display_name: reason, folded_name: reason, country: 'SA' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await database
      .insertInto('dial_queue')
      .values({ campaign_id: campaign.id, party_id: party.id, state: 'waiting', reason, not_before: 'infinity' })
      .execute();
  }
  expect(await wakeRefused(database, campaign.id)).toBe(5);
  const asleep = await database.selectFrom('dial_queue').select(['reason', 'not_before']).orderBy('reason').execute();
  expect(asleep.filter((row) => row.not_before === null).map((row) => row.reason)).toEqual([
    'awaiting_outcome',
    'no_answer',
    'promise',
  ]);
});

it('rules written for a later day have everybody judged anew when that day begins, once', async () => {
  const { database } = fresh;
  const soon = Temporal.Now.plainDateISO('UTC').add({ days: 3 });
  const rules = rulePackSchema.parse({ ...SHIPPED_PACKS.find((pack) => pack.id === 'SA'), version: 9, author: 'somebody' });
  await insertPack(database, { ...rules, effectiveFrom: soon.toString() }, 'somebody');
  const begins = soon.toZonedDateTime(rules.zone).toInstant();
  const asked = () => database.selectFrom('outbox').select('payload').where('job', '=', 'campaign.requeue').execute();
  expect(await judgeBegun(database)).toBe(0);
  expect(await judgeBegun(database, begins.subtract({ minutes: 1 }))).toBe(0);
  expect(await judgeBegun(database, begins)).toBe(1);
  const [{ id } = { id: '' }] = await database.selectFrom('campaign').select('id').execute();
  expect(await asked()).toEqual([{ payload: { campaignId: id } }]);
  expect(await judgeBegun(database, begins.add({ hours: 1 }))).toBe(0);
  // A campaign that is made later knows no other rules.
  const later = begins.add({ hours: 2 }).toString();
  await database
    .insertInto('campaign')
    .values({ name: 'Later', settings: JSON.stringify(DEFAULT_CAMPAIGN_SETTINGS), created_at: later })
    .execute();
  expect(await judgeBegun(database, begins.add({ hours: 3 }))).toBe(0);
});
