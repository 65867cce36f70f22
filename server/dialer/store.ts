import { sql, type Kysely } from 'kysely';
import { outcomeEffect, type OutcomeEffect } from '../contract/outcomes.ts';
import type { LedgerRow } from '../compliance/ledger/store.ts';
import type { Database } from '../kernel/database.ts';
import { named } from '../kernel/statements.ts';
import type { Schema } from '../kernel/schema.ts';
import { isAway } from '../kernel/faults.ts';
import { readUnknownOutcome } from '../queue/inbound.ts';
import { settle, type Settlement } from '../queue/settle.ts';
import { iso, type Call, type Floor } from './floor.ts';
import { CALL_STATES, type Ending } from './rules.ts';

/** How far a call has come, with all its stamps so far, as ISO text. */
export interface ProgressRow {
  attemptId: string;
  state: 'screening' | 'waiting' | 'connected';
  agentId: string | null;
  screening: string | null;
  ringing: string | null;
  answered: string | null;
  waiting: string | null;
  connected: string | null;
}

/** Notes how far a call has come, to be written with the next batch. */
export function noteProgress(floor: Floor, call: Call): void {
  const { state, stamps } = call;
  if (state !== 'screening' && state !== 'waiting' && state !== 'connected') return;
  floor.journal.progress({
    attemptId: call.attemptId,
    state,
    agentId: agentOf(call),
    screening: call.screening === null ? null : JSON.stringify(call.screening),
    ringing: isoOrNull(stamps.ringing),
    answered: isoOrNull(stamps.answered),
    waiting: isoOrNull(stamps.waiting),
    connected: isoOrNull(stamps.connected),
  });
}

/**
 * Writes how far calls have come, in one statement. Postgres repeats the guard of the states: what comes late finds an attempt
 * that has gone further and changes nothing; only the agent of a call may change while it stays connected.
 */
export async function saveProgress(database: Kysely<Schema>, rows: readonly ProgressRow[]): Promise<void> {
  if (rows.length === 0) return;
  const column = <Key extends keyof ProgressRow>(key: Key): ProgressRow[Key][] => rows.map((row) => row[key]);
  await sql`${named('progress')}
    update contact_attempt a set state = new.state, agent_id = coalesce(new.agent_id, a.agent_id),
      screening = coalesce(new.screening, a.screening), ringing_at = coalesce(new.ringing, a.ringing_at),
      answered_at = coalesce(new.answered, a.answered_at), waiting_at = coalesce(new.waiting, a.waiting_at),
      connected_at = coalesce(new.connected, a.connected_at)
    from unnest(${column('attemptId')}::uuid[], ${column('state')}::text[], ${column('agentId')}::uuid[], ${column('screening')}::jsonb[],
      ${column('ringing')}::timestamptz[], ${column('answered')}::timestamptz[], ${column('waiting')}::timestamptz[],
      ${column('connected')}::timestamptz[]) as new (id, state, agent_id, screening, ringing, answered, waiting, connected)
    where a.id = new.id and a.state <> 'ended'
      and array_position(${[...CALL_STATES]}::text[], a.state) <= array_position(${[...CALL_STATES]}::text[], new.state)`.execute(
    database,
  );
}

/** Notes how a call ended, to be written with the next batch; the queue room decides the debtor's next attempt in the same transaction. */
export function noteEnd(
  floor: Floor,
  call: Call,
  ending: Ending,
  end: { cause: number | null; techCause: string | null; stampMs: number },
  answered: LedgerRow | null,
): void {
  const { stamps } = call;
  // A call in vain lowers the score, an answer raises it.
  if (ending.counts && call.partyId !== null) floor.journal.learnt(call.partyId);
  floor.journal.end({
    attemptId: call.attemptId,
    ...ending,
    cause: end.cause,
    techCause: end.techCause,
    endedAt: Temporal.Instant.fromEpochMilliseconds(Math.round(end.stampMs)),
    stamps: {
      agentId: agentOf(call),
      screening: call.screening === null ? null : JSON.stringify(call.screening),
      ringing: isoOrNull(stamps.ringing),
      answered: isoOrNull(stamps.answered),
      waiting: isoOrNull(stamps.waiting),
      connected: isoOrNull(stamps.connected),
      message: isoOrNull(stamps.message),
    },
    ...(answered === null ? {} : { ledger: answered }),
    ...(call.optedOutMs === null ? {} : { optedOutAt: Temporal.Instant.fromEpochMilliseconds(Math.round(call.optedOutMs)) }),
  });
}

/** Writes how calls ended, together; what the database refuses of one keeps none of the others back. Throws what it said last. */
export async function saveEnds(database: Database, ends: readonly Settlement[]): Promise<void> {
  try {
    await settle(database, ends);
  } catch (error) {
    if (isAway(error) || ends.length === 1) throw error;
    const results = await Promise.allSettled(ends.map((end) => settle(database, [end])));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

/**
 * People of whom something became known in the last minute that this floor worked, whenever that was: a score that a dialer had yet to
 * compute when it died is of one of them. A call and its outcome take less than the hour looked at. Index: contact_attempt_by_campaign.
 */
export async function lastHeardOf(database: Database, floorId: string): Promise<string[]> {
  const { rows } = await sql<{ party_id: string }>`
    with last as (
      select max(newest.reserved_at) as at from campaign c
      cross join lateral (
        select reserved_at from contact_attempt where campaign_id = c.id order by reserved_at desc limit 1
      ) newest
      where c.floor_id = ${floorId}
    ), heard as (
      select a.party_id, greatest(a.ended_at, o.at) as at
      from campaign c
      join contact_attempt a on a.campaign_id = c.id and a.reserved_at >= (select at from last) - interval '1 hour'
      left join outcome o on o.attempt_id = a.id
      where c.floor_id = ${floorId} and a.ended_at is not null
    )
    select distinct party_id from heard where at >= (select max(at) from heard) - interval '1 minute'`.execute(database);
  return rows.map((row) => row.party_id);
}

/** What was recorded of a call, and by whom; null when nothing was. */
export async function readOutcome(
  database: Database,
  attemptId: string,
): Promise<{ agentId: string | null; code: string; effect: OutcomeEffect } | null> {
  const row = await database
    .selectFrom('outcome')
    .select(['agent_id', 'code', 'effect'])
    .where('attempt_id', '=', attemptId)
    .executeTakeFirst();
  if (row) return { agentId: row.agent_id, code: row.code, effect: outcomeEffect.parse(row.effect) };
  const unknown = await readUnknownOutcome(database, attemptId);
  return unknown && { ...unknown, effect: { kind: 'noted' } };
}

function isoOrNull(stampMs: number | undefined): string | null {
  return stampMs === undefined ? null : iso(stampMs);
}

/** Whose call it was: nobody's until the voices met, whoever it was offered to. */
function agentOf(call: Call): string | null {
  return call.stamps.connected === undefined ? null : (call.desk?.agentId ?? call.segment?.agentId ?? null);
}
