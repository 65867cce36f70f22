/** What reservations write, each in one statement. */
import { sql, type Kysely } from 'kysely';
import type { Verdict } from '../compliance/gate.ts';
import type { Guidance } from '../contract/guidance.ts';
import { insertion, type HistoryEvent, type Json } from '../kernel/history.ts';
import { lastNamed } from '../kernel/statements.ts';
import type { Schema } from '../kernel/schema.ts';

/** An attempt about to be written. `verdict` is kept with it for ever. */
export interface NewAttempt {
  attemptId: string;
  partyId: string;
  /** Where the person's queue row lies, which this transaction has locked. */
  place: string;
  phoneId: string;
  number: string;
  language: string | null;
  creditorId: string | null;
  debtIds: readonly string[];
  verdict: { readonly [key: string]: Json };
  digest: string;
  now: Temporal.Instant;
  permitUntil: Temporal.Instant;
  ringTimeoutMs: number;
  recordedSound: boolean;
  /** Who promised to call back in person, while that still stands. */
  agentId: string | null;
  guidance: Guidance;
}

/** A person the gate refused: why, and when to ask again (null: not by waiting). `leaves`: out of the queue for good. */
export interface Refused {
  partyId: string;
  phoneId: string | null;
  reason: string;
  reasons: readonly string[];
  /** Those of them by rules that nobody has verified. */
  unverified: readonly string[];
  retryAt: Temporal.Instant | null;
  packVersions: Readonly<Record<string, number>>;
  digest: string | null;
  leaves: boolean;
}

/**
 * Writes attempts with their events, marks their rows, and takes the one live contact of person and number. Returns the ids of those
 * written: where a contact lives already, nothing is (invariant I2). Ends the transaction.
 */
export async function writeAttempts(
  transaction: Kysely<Schema>,
  floor: { floorId: string; epoch: bigint; campaignId: string },
  attempts: readonly NewAttempt[],
  events: readonly HistoryEvent[],
): Promise<Set<string>> {
  if (attempts.length === 0) return new Set();
  const column = (value: (attempt: NewAttempt) => unknown): unknown[] => attempts.map(value);
  const { rows } = await sql<{ id: string }>`${lastNamed('reserve-write')}
    with given as (
      select * from unnest(${column((each) => each.attemptId)}::uuid[], ${column((each) => each.partyId)}::uuid[],
        ${column((each) => each.phoneId)}::uuid[], ${column((each) => each.number)}::text[], ${column((each) => each.creditorId)}::uuid[],
        ${column((each) => JSON.stringify(each.verdict))}::text[], ${column((each) => each.digest)}::text[],
        ${column((each) => each.now.toString())}::timestamptz[], ${column((each) => each.permitUntil.toString())}::timestamptz[],
        ${column((each) => each.ringTimeoutMs)}::int[], ${column((each) => each.debtIds.join(','))}::text[],
        ${column((each) => each.place)}::tid[])
        as given (id, party_id, phone_id, number, creditor_id, verdict, digest, at, permit_until, ring_timeout_ms, debt_ids, place)
    ), live as (
      insert into live_contact (party_id, phone_id, attempt_id, channel, since)
      select party_id, phone_id, id, 'call', at from given order by party_id on conflict do nothing returning attempt_id
    ), written as (
      insert into contact_attempt (id, channel, campaign_id, floor_id, epoch, party_id, phone_id, creditor_id, debt_ids, number, verdict,
        inputs_digest, permit_until, ring_timeout_ms, reserved_at)
      select id, 'call', ${floor.campaignId}, ${floor.floorId}, ${floor.epoch}, party_id, phone_id, creditor_id, string_to_array(debt_ids, ',')::uuid[],
        number, verdict::jsonb, digest, permit_until, ring_timeout_ms, at
      from given join live on live.attempt_id = given.id
    ), queued as (
      update dial_queue q set state = 'reserved', phone_id = given.phone_id, phone_last = false, reason = null, updated_at = clock_timestamp()
      from given join live on live.attempt_id = given.id where q.ctid = given.place
    ), told as (
      ${insertion(events, sql`select attempt_id::text from live`)}
    )
    select attempt_id as id from live`.execute(transaction);
  return new Set(rows.map((row) => row.id));
}

/** A refusal of the gate that moved a debtor's next time, as the history keeps it; `actor`: who had them judged. */
export function refusedEvent(campaignId: string, actor: string, refused: Refused): HistoryEvent {
  const { partyId, phoneId, digest } = refused;
  return {
    kind: 'queue.refused',
    subject: 'party',
    subjectId: partyId,
    actor,
    body: { campaignId, phoneId, ...whyRefused(refused), digest },
  };
}

/** What an event says of why somebody is refused: the same for all who are refused alike. */
export function whyRefused({ reason, reasons, unverified, retryAt, packVersions }: Refused): { readonly [key: string]: Json } {
  const doubtful = unverified.length > 0 ? { unverified: [...unverified] } : {};
  return { reason, reasons: [...reasons], ...doubtful, retryAt: retryAt?.toString() ?? null, packs: packVersions };
}

/** A verdict that refuses, as far as it is kept. */
export function refusedBy(verdict: Verdict): Pick<Refused, 'reason' | 'reasons' | 'unverified' | 'retryAt' | 'packVersions'> {
  const { binding, reasons, retryAt, packVersions } = verdict;
  const unverified = reasons.filter((each) => each.evidence === 'V0').map((each) => each.id);
  return { reason: binding?.id ?? 'unknown', reasons: reasons.map((each) => each.id), unverified, retryAt, packVersions };
}

/** Moves refused people's rows to their earliest lawful time, or out of the queue. */
export async function writeRefusals(
  transaction: Kysely<Schema>,
  campaignId: string,
  refused: readonly Refused[],
  events: readonly HistoryEvent[],
): Promise<void> {
  if (refused.length === 0) return;
  await sql`
    with told as (
      ${insertion(events)}
    )
    update dial_queue q set state = case when given.leaves then 'done' else 'waiting' end, not_before = given.not_before,
      reason = given.reason, updated_at = clock_timestamp()
    from unnest(${refused.map((each) => each.partyId)}::uuid[], ${refused.map((each) => each.reason)}::text[],
      ${refused.map((each) => each.retryAt?.toString() ?? 'infinity')}::timestamptz[], ${refused.map((each) => each.leaves)}::boolean[])
      as given (party_id, reason, not_before, leaves)
    where q.campaign_id = ${campaignId} and q.party_id = given.party_id`.execute(transaction);
}
