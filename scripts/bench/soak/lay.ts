import { sql } from 'kysely';
import { DEFAULT_CAMPAIGN_SETTINGS, type CampaignSettings } from '../../../server/contract/campaigns.ts';
import type { Database } from '../../../server/kernel/database.ts';

/** Limits that the soak's own questions know. */
export const CAPS = { personPerDay: 2, personPerWeek: 7, debtPerWeek: 7, minutesBetween: 60 } as const;
export const RING_MS = 25_000;

const SETTINGS: CampaignSettings = {
  ...DEFAULT_CAMPAIGN_SETTINGS,
  trunk: 'bench',
  hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
  caps: CAPS,
  ringTimeoutMs: RING_MS,
  recycling: { maxTries: 50, retryMinutes: 1 },
};

/** A campaign of the soak with the floor whose dialer works it. */
export interface SoakFloor {
  floorId: string;
  campaignId: string;
}

/**
 * Lays people who share everything: each has the number of the next person too, each debt has a second debtor, and all debts are worked in
 * all campaigns; every second campaign goes through them in the opposite order.
 */
export async function laySoak(database: Database, people: number, floors: number): Promise<SoakFloor[]> {
  await sql`insert into trunk (name, kind, uri, armed, channel_limit, calls_per_second) values ('bench', 'real', 'sip:127.0.0.1', true, 100, 100)`.execute(
    database,
  );
  await sql`insert into creditor (name) values ('Soak')`.execute(database);
  const id = (kind: number, number: string) =>
    sql.raw(`('01900000-0000-7000-8${kind}00-' || lpad(to_hex(${number}), 12, '0'))::uuid`);
  const everybody = sql`generate_series(0, ${people - 1}::int) i`;
  const next = `((i + 1) % ${people})`;
  const other = `((i + 7) % ${people})`;
  for (const statement of [
    sql`insert into party (id, display_name, folded_name, country, time_zones)
      select ${id(1, 'i')}, 'Debtor ' || i, 'debtor ' || i, 'SA', '{Asia/Riyadh}' from ${everybody}`,
    sql`insert into phone (id, e164, country, number_type, time_zones)
      select ${id(2, 'i')}, '+9665' || lpad(i::text, 8, '0'), 'SA', 'mobile', '{Asia/Riyadh}' from ${everybody}`,
    sql`insert into party_phone (party_id, phone_id, rank) select ${id(1, 'i')}, ${id(2, 'i')}, 0 from ${everybody}
      union all select ${id(1, 'i')}, ${id(2, next)}, 1 from ${everybody}`,
    sql`insert into debt (id, creditor_id, account, product, currency, balance_minor)
      select ${id(3, 'i')}, creditor.id, 'S' || i, 'card', 'SAR', 10000 + i from ${everybody}, creditor`,
    sql`insert into debt_party (debt_id, party_id, role) select ${id(3, 'i')}, ${id(1, 'i')}, 'debtor' from ${everybody}
      union all select ${id(3, 'i')}, ${id(1, other)}, 'co_debtor' from ${everybody}`,
  ]) {
    await statement.execute(database);
  }
  const laid: SoakFloor[] = [];
  for (let number = 1; number <= floors; number += 1) {
    const floorId = `soak-${number}`;
    await sql`insert into floor (id, epoch) values (${floorId}, 1)`.execute(database);
    const campaign = await database
      .insertInto('campaign')
      .values({ name: `Soak ${number}`, floor_id: floorId, state: 'running', settings: JSON.stringify(SETTINGS) })
      .returning('id')
      .executeTakeFirstOrThrow();
    await sql`insert into campaign_debt (campaign_id, debt_id) select ${campaign.id}, id from debt`.execute(database);
    await sql`insert into dial_queue (campaign_id, party_id, score)
      select ${campaign.id}, ${id(1, 'i')}, case when ${number % 2 === 0} then i else ${people} - i end from ${everybody}`.execute(
      database,
    );
    laid.push({ floorId, campaignId: campaign.id });
  }
  await sql`analyze`.execute(database);
  return laid;
}
