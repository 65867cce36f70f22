/** Where a debtor stands in the dial queue next: the locks under which it is decided, and the write. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { named } from '../kernel/statements.ts';
import type { Schema } from '../kernel/schema.ts';

/** An attempt whose debtor is locked, and the database's clock, by which every wait in the queue is measured. */
export interface LockedAttempt {
  attemptId: string;
  campaignId: string;
  partyId: string;
  phoneId: string;
  /** When the voices met, or else when the call was reserved. */
  at: Temporal.Instant;
  /** The debtor's time zone, or else that of the number called; null when the person is gone. */
  timeZone: string | null;
  /** Attempts of this debtor that counted so far. */
  tries: number;
  /** How many of them ended in each way. */
  endings: Readonly<Record<string, number>>;
  /** `recycling` of the campaign's settings. */
  recycling: unknown;
  pacingMode: string | null;
  /** For how long the campaign leaves a number in peace that was abandoned; null: as is usual. */
  redialBlockHours: number | null;
  /** The callback that this debtor's row stands for; it may have been promised by this very attempt. */
  callbackId: string | null;
  /** The outcome recorded before, if one was when the locks were asked for. */
  saidCode: string | null;
  saidEffect: unknown;
  now: Temporal.Instant;
}

/**
 * The locks under which facts of attempts' debtors are written, as the first parts of a statement (`attempt`, `queued`, `person`).
 * A person is looked at only once the rows are locked.
 */
export function debtorLocks(attemptIds: readonly string[]): RawBuilder<unknown> {
  return sql`
    attempt as materialized (
      select id, campaign_id, party_id, phone_id, coalesce(connected_at, reserved_at) as at from contact_attempt where id = any(${attemptIds}::uuid[])
    ), queued as materialized (
      select campaign_id, party_id, tries, endings, callback_id from dial_queue where party_id = any(array(select party_id from attempt))
      order by party_id, campaign_id for no key update
    ), person as materialized (
      select id, time_zones from party where id = any(array(select party_id from attempt)) and (select count(*) from queued) >= 0
      order by id for no key update
    )`;
}

/**
 * Locks the debtors of attempts: all campaigns' queue rows, then the persons, each in one order, so that no reservation judges facts
 * that are being changed, and two that lock several never wait for each other. Attempts that do not exist are left out.
 * Indexes: contact_attempt_pkey, dial_queue_by_party, party_pkey.
 */
export async function lockDebtorsOf(transaction: Kysely<Schema>, attemptIds: readonly string[]): Promise<LockedAttempt[]> {
  const { rows } = await sql<LockedAttempt>`${named('lock-debtors')}
    with ${debtorLocks(attemptIds)}
    select attempt.id as "attemptId", attempt.campaign_id as "campaignId", attempt.party_id as "partyId", attempt.phone_id as "phoneId",
      attempt.at, case when person.id is not null
        then coalesce(person.time_zones[1], (select time_zones[1] from phone where id = attempt.phone_id), 'UTC') end as "timeZone", coalesce(queued.tries, 0) as tries, coalesce(queued.endings, '{}') as endings, queued.callback_id as "callbackId",
      campaign.settings -> 'recycling' as recycling, campaign.settings #>> '{pacing,mode}' as "pacingMode",
      (campaign.settings #>> '{abandonment,redialBlockHours}')::int as "redialBlockHours", outcome.code as "saidCode", outcome.effect as "saidEffect",
      clock_timestamp() as now
    from attempt left join person on person.id = attempt.party_id
    left join queued on queued.campaign_id = attempt.campaign_id and queued.party_id = attempt.party_id
    left join campaign on campaign.id = attempt.campaign_id
    left join outcome on outcome.attempt_id = attempt.id`.execute(transaction);
  return rows;
}

/** Callbacks go before everything else. */
export const CALLBACK_BAND = 10;

/**
 * The next place of a debtor's queue row, after an attempt. `phoneId`: the number to try then, null for the likeliest; left out, it is the
 * last one tried. `phoneLast`: that number comes after the others instead.
 */
export interface Placement {
  attemptId: string;
  campaignId: string;
  partyId: string;
  state: 'waiting' | 'done';
  /** Null: now. */
  notBefore: Temporal.Instant | null;
  reason: string;
  phoneId?: string | null;
  phoneLast?: boolean;
  band?: number;
  callbackId?: string | null;
  /** By how much the count of tries grows. */
  tried?: number;
  /** In which way one more attempt has ended. */
  ending?: string;
  /** Whether an agent has spoken with somebody there (1), or with the debtor (2). */
  reached?: 0 | 1 | 2;
}

/** The update of queue rows, to stand as a part of a larger statement; `attempts`: a query of attempts' ids, others are left out. */
export function placing(placements: readonly Placement[], attempts: RawBuilder<unknown>): RawBuilder<unknown> {
  const column = (value: (placement: Placement) => unknown): unknown[] => placements.map(value);
  return sql`
    update dial_queue q set state = given.state, not_before = given.not_before, reason = given.reason, band = coalesce(given.band, q.priority),
      callback_id = given.callback_id, tries = q.tries + given.tried, updated_at = clock_timestamp(),
      phone_id = case when given.keeps_phone then q.phone_id else given.phone_id end, phone_last = given.phone_last,
      reached = greatest(q.reached, given.reached), endings = case when given.ending is null then q.endings
        else q.endings || jsonb_build_object(given.ending, coalesce((q.endings ->> given.ending)::int, 0) + 1) end
    from unnest(${column((each) => each.attemptId)}::uuid[], ${column((each) => each.campaignId)}::uuid[],
      ${column((each) => each.partyId)}::uuid[], ${column((each) => each.state)}::text[],
      ${column((each) => each.notBefore?.toString() ?? '-infinity')}::timestamptz[], ${column((each) => each.reason)}::text[],
      ${column((each) => each.phoneId === undefined)}::boolean[], ${column((each) => each.phoneId ?? null)}::uuid[],
      ${column((each) => each.band ?? null)}::smallint[], ${column((each) => each.callbackId ?? null)}::uuid[],
      ${column((each) => each.tried ?? 0)}::int[], ${column((each) => each.phoneLast ?? false)}::boolean[],
      ${column((each) => each.ending ?? null)}::text[], ${column((each) => each.reached ?? 0)}::smallint[])
      as given (attempt_id, campaign_id, party_id, state, not_before, reason, keeps_phone, phone_id, band, callback_id, tried, phone_last,
        ending, reached)
    where given.attempt_id in (${attempts}) and q.campaign_id = given.campaign_id and q.party_id = given.party_id`;
}

/** Says how callbacks went whose calls are over; one that was promised by its own call is still to come. */
export async function closeCallbacks(
  transaction: Kysely<Schema>,
  calls: readonly (Pick<LockedAttempt, 'attemptId' | 'callbackId'> & { state: 'done' | 'missed' })[],
): Promise<void> {
  const open = calls.filter((call) => call.callbackId !== null);
  if (open.length === 0) return;
  await sql`
    update callback c set state = given.state
    from unnest(${open.map((call) => call.callbackId)}::uuid[], ${open.map((call) => call.attemptId)}::uuid[],
      ${open.map((call) => call.state)}::text[]) as given (id, attempt_id, state)
    where c.id = given.id and c.state = 'open' and c.attempt_id <> given.attempt_id`.execute(transaction);
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

/** Says that a number is of no use for this person, or that they do not want it used, or do so again. */
export async function markNumber(
  transaction: Kysely<Schema>,
  partyId: string,
  phoneId: string,
  state: 'wrong' | 'revoked' | 'retired' | 'active',
): Promise<void> {
  await transaction
    .updateTable('party_phone')
    .set({ state })
    .where('party_id', '=', partyId)
    .where('phone_id', '=', phoneId)
    .execute();
}
