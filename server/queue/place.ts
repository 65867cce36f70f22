import { sql, type Kysely } from 'kysely';
import type { Schema } from '../kernel/schema.ts';

/** A debtor whose rows are locked, and the database's clock, by which every wait in the queue is measured. */
export interface LockedDebtor {
  timeZone: string;
  tries: number;
  now: Temporal.Instant;
}

/**
 * Locks a debtor's queue rows, then the person, so that no reservation judges facts that are being changed. All campaigns' rows, in
 * one order: whoever later changes another of them already has it, and two such never wait for each other. One statement: the
 * person is looked at only once the rows are locked. Returns null when the person is gone.
 */
export async function lockDebtor(transaction: Kysely<Schema>, campaignId: string, partyId: string): Promise<LockedDebtor | null> {
  const { rows } = await sql<{ time_zone: string | null; tries: number | null; now: Temporal.Instant }>`
    with queued as materialized (
      select campaign_id, tries from dial_queue where party_id = ${partyId} order by campaign_id for no key update
    ), person as materialized (
      select time_zones from party where id = ${partyId} and (select count(*) from queued) >= 0 for no key update
    )
    select time_zones[1] as time_zone, (select tries from queued where campaign_id = ${campaignId}) as tries, clock_timestamp() as now
    from person`.execute(transaction);
  const [row] = rows;
  return row ? { timeZone: row.time_zone ?? 'UTC', tries: row.tries ?? 0, now: row.now } : null;
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
    /** Leaves the row alone if this attempt has an outcome: what the agent said stands. */
    unlessSaidOf?: string;
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
    .$if(to.unlessSaidOf !== undefined, (query) =>
      query.where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('outcome')
              .select('attempt_id')
              .where('attempt_id', '=', to.unlessSaidOf ?? ''),
          ),
        ),
      ),
    )
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
