import { sql, type Kysely } from 'kysely';
import type { Schema } from '../kernel/schema.ts';

/** The rows an ending or an outcome changes, locked in the order of the reservation: queue row, then person. */
export interface LockedDebtor {
  timeZone: string;
  tries: number;
}

/**
 * Locks a debtor's queue rows and the person, so that no reservation judges facts that are being changed. All campaigns' rows, in one
 * order: whoever later changes another of them already has it, and two such never wait for each other. Returns null when the
 * person is gone.
 */
export async function lockDebtor(transaction: Kysely<Schema>, campaignId: string, partyId: string): Promise<LockedDebtor | null> {
  const rows = await transaction
    .selectFrom('dial_queue')
    .select(['campaign_id', 'tries'])
    .where('party_id', '=', partyId)
    .orderBy('campaign_id')
    .forNoKeyUpdate()
    .execute();
  const row = rows.find((each) => each.campaign_id === campaignId);
  const party = await transaction
    .selectFrom('party')
    .select('time_zones')
    .where('id', '=', partyId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return party ? { timeZone: party.time_zones[0] ?? 'UTC', tries: row?.tries ?? 0 } : null;
}

/** Puts a debtor's queue row where it belongs next. A null `notBefore` with `waiting` means now. */
export async function placeDebtor(
  transaction: Kysely<Schema>,
  row: { campaignId: string; partyId: string },
  to: {
    state: 'waiting' | 'done';
    notBefore: Temporal.Instant | null;
    reason: string;
    band?: number;
    tries?: number;
    phoneId?: string | null;
    callbackId?: string | null;
  },
): Promise<void> {
  await transaction
    .updateTable('dial_queue')
    .set({
      state: to.state,
      not_before: to.notBefore === null ? '-infinity' : to.notBefore.toString(),
      reason: to.reason,
      band: to.band ?? 0,
      callback_id: to.callbackId ?? null,
      updated_at: sql<string>`clock_timestamp()`,
      ...(to.tries === undefined ? {} : { tries: to.tries }),
      ...(to.phoneId === undefined ? {} : { phone_id: to.phoneId }),
    })
    .where('campaign_id', '=', row.campaignId)
    .where('party_id', '=', row.partyId)
    .execute();
}

/** Active numbers of a person except one, best rank first. */
export async function otherNumbers(transaction: Kysely<Schema>, partyId: string, phoneId: string): Promise<string[]> {
  const rows = await transaction
    .selectFrom('party_phone')
    .select('phone_id')
    .where('party_id', '=', partyId)
    .where('phone_id', '!=', phoneId)
    .where('state', '=', 'active')
    .orderBy('rank')
    .orderBy('phone_id')
    .execute();
  return rows.map((row) => row.phone_id);
}

/** Says that a number is of no use for this person, or that they do not want it used. */
export async function retireNumber(
  transaction: Kysely<Schema>,
  partyId: string,
  phoneId: string,
  state: 'wrong' | 'revoked',
): Promise<void> {
  await transaction
    .updateTable('party_phone')
    .set({ state })
    .where('party_id', '=', partyId)
    .where('phone_id', '=', phoneId)
    .execute();
}

/** The database's clock, by which every wait in the queue is measured. */
export async function clock(transaction: Kysely<Schema>): Promise<Temporal.Instant> {
  const { rows } = await sql<{ now: Temporal.Instant }>`select clock_timestamp() as now`.execute(transaction);
  const [row] = rows;
  if (!row) throw new Error('the database told no time');
  return row.now;
}
