import { DEFAULT_CAMPAIGN_SETTINGS, type CampaignSettings } from '../../server/contract/campaigns.ts';
import type { Database } from '../../server/kernel/database.ts';
import { enrolCampaign } from '../../server/queue/enrol.ts';
import { reserve, type Reservation, type ReserveRequest } from '../../server/queue/reserve.ts';
import { settle, type Settlement } from '../../server/queue/settle.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

/** A Sunday at eleven in Riyadh: everything is open. */
export const SUNDAY_MORNING = Temporal.Instant.from('2026-04-19T08:00Z');

export const OPEN_SETTINGS: CampaignSettings = {
  ...DEFAULT_CAMPAIGN_SETTINGS,
  trunk: 'main',
  countries: ['SA'],
  hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
  caps: { personPerDay: 50, personPerWeek: 100, debtPerWeek: 100, minutesBetween: 1 },
  recycling: { maxTries: 50, retryMinutes: 1 },
};

export interface PersonOrder {
  /** E.164 numbers, best first. */
  phones: string[];
  balance?: bigint;
  demo?: boolean;
}

/** A database with a floor at epoch 1, trunks, and ways to lay out campaigns and people. */
export interface Scene {
  fresh: FreshDatabase;
  database: Database;
  addCampaign(settings?: Partial<CampaignSettings>): Promise<string>;
  /** Adds people with a debt in each of the campaigns, and enrols them; returns their ids. */
  addPeople(campaignIds: readonly string[], people: readonly PersonOrder[]): Promise<string[]>;
  reserve(campaignId: string, change?: Partial<ReserveRequest>): Promise<Reservation>;
  /** Ends an attempt as a call that nobody answered, or as told. */
  end(attemptId: string, change?: Partial<Settlement>): Promise<void>;
  /** Where a person stands in a campaign's queue. */
  row(
    campaignId: string,
    partyId: string,
  ): Promise<{ state: string; reason: string | null; notBefore: Temporal.Instant | null; phoneId: string | null; tries: number }>;
}

/** `given`: a migrated database to lay it in, instead of a fresh one. */
export async function openScene(given?: FreshDatabase): Promise<Scene> {
  const fresh = given ?? (await freshDatabase());
  const { database } = fresh;
  let serial = 0;
  await database
    .insertInto('trunk')
    .values([
      { name: 'main', kind: 'real', uri: 'sip:127.0.0.1', armed: true, channel_limit: 100, calls_per_second: 100 },
      { name: 'demo', kind: 'demo', uri: 'sip:127.0.0.1', armed: true, channel_limit: 100, calls_per_second: 100 },
    ])
    .execute();
  await database.updateTable('floor').set({ epoch: 1n }).where('id', '=', 'main').execute();
  const creditor = await database.insertInto('creditor').values({ name: 'Bank' }).returning('id').executeTakeFirstOrThrow();

  /** Adds people in one statement per table: some tests want a thousand. */
  async function insertPeople(campaignIds: readonly string[], people: readonly PersonOrder[]): Promise<string[]> {
    const numbers = [...new Set(people.flatMap((person) => person.phones))];
    const parties = await database
      .insertInto('party')
      .values(
        people.map(({ demo = false }) => {
          serial += 1;
          const [display_name, folded_name] = [`Person ${serial}`, `person ${serial}`];
          return { display_name, folded_name, country: 'SA', time_zones: ['Asia/Riyadh'], demo };
        }),
      )
      .returning('id')
      .execute();
    if (numbers.length > 0) {
      const phones = await database
        .insertInto('phone')
        .values(numbers.map((e164) => ({ e164, country: 'SA', number_type: 'mobile', time_zones: ['Asia/Riyadh'] })))
        .onConflict((conflict) => conflict.column('e164').doUpdateSet({ country: 'SA' }))
        .returning(['id', 'e164'])
        .execute();
      const ids = new Map(phones.map(({ id, e164 }) => [e164, id]));
      const owned = people.flatMap((person, index) =>
        person.phones.map((e164, rank) => ({ party_id: parties[index]?.id ?? '', phone_id: ids.get(e164) ?? '', rank })),
      );
      await database.insertInto('party_phone').values(owned).execute();
    }
    const debts = await database
      .insertInto('debt')
      .values(
        people.map(({ balance = 100_000n }) => {
          serial += 1;
          return { creditor_id: creditor.id, account: `A${serial}`, product: 'card', currency: 'SAR', balance_minor: balance };
        }),
      )
      .returning('id')
      .execute();
    const owing = debts.map((debt, index) => ({ debt_id: debt.id, party_id: parties[index]?.id ?? '' }));
    await database.insertInto('debt_party').values(owing).execute();
    const worked = campaignIds.flatMap((campaign_id) => debts.map((debt) => ({ campaign_id, debt_id: debt.id })));
    if (worked.length > 0) await database.insertInto('campaign_debt').values(worked).execute();
    return parties.map((party) => party.id);
  }

  return {
    fresh,
    database,
    async addCampaign(settings = {}) {
      serial += 1;
      const campaign = await database
        .insertInto('campaign')
        .values({ name: `Campaign ${serial}`, state: 'running', settings: JSON.stringify({ ...OPEN_SETTINGS, ...settings }) })
        .returning('id')
        .executeTakeFirstOrThrow();
      return campaign.id;
    },
    async addPeople(campaignIds, people) {
      const ids = await insertPeople(campaignIds, people);
      for (const campaignId of campaignIds) await enrolCampaign(database, campaignId);
      return ids;
    },
    reserve: (campaignId, change = {}) =>
      reserve(database, { floorId: 'main', epoch: 1n, campaignId, count: 10, now: SUNDAY_MORNING, ...change }),
    async end(attemptId, change = {}) {
      const settlement: Settlement = {
        attemptId,
        result: 'no_answer',
        ending: 'no_answer',
        counts: true,
        cause: 19,
        techCause: null,
        endedAt: SUNDAY_MORNING.add({ seconds: 30 }),
        stamps: { agentId: null, screening: null, ringing: null, answered: null, waiting: null, connected: null, message: null },
        ...change,
      };
      await settle(database, [settlement]);
    },
    async row(campaignId, partyId) {
      const row = await database
        .selectFrom('dial_queue')
        .select(['state', 'reason', 'not_before', 'phone_id', 'tries'])
        .where('campaign_id', '=', campaignId)
        .where('party_id', '=', partyId)
        .executeTakeFirstOrThrow();
      return { state: row.state, reason: row.reason, notBefore: row.not_before, phoneId: row.phone_id, tries: row.tries };
    },
  };
}

let lastNumber = 500_000_000;

/** A Saudi mobile number nobody else in this file has. */
export function mobile(): string {
  lastNumber += 1;
  return `+966${lastNumber}`;
}
