import { afterAll, beforeAll, expect, it } from 'vitest';
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
