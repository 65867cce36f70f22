import { sql, type Kysely } from 'kysely';
import { named } from '../kernel/statements.ts';
import { insertion } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { release } from './release.ts';
import { CALLED_OFF } from './rules.ts';

export interface DispatchOrder {
  floorId: string;
  epoch: bigint;
  attemptIds: readonly string[];
  trunk: string;
  callerId: string | null;
  /** The moment permits are held against, for tests; the database's clock when left out. */
  now?: Temporal.Instant;
}

/**
 * Commits reservations as dialing, before the first call is sent, and returns the ids that may be called now. One statement
 * for all of a tick; it names the lease's epoch, so a former owner of the floor changes nothing (invariant I3), and an attempt is
 * returned once in its life. Permits that have run out, and calls called off meanwhile, are released instead.
 */
export async function dispatch(database: Kysely<Schema>, order: DispatchOrder): Promise<string[]> {
  if (order.attemptIds.length === 0) return [];
  const { floorId, epoch, attemptIds, trunk, callerId } = order;
  const now = order.now?.toString() ?? null;
  const events = attemptIds.map((id) => ({
    kind: 'attempt.dialing',
    subject: 'attempt',
    subjectId: id,
    actor: 'dialer',
    body: { epoch: epoch.toString(), trunk },
  }));
  const { rows } = await sql<{ id: string }>`${named('dispatch')}
    with held as materialized (select 1 from floor where id = ${floorId} and epoch = ${epoch} for share),
    sent as (
      update contact_attempt set state = 'dialing', dialing_at = clock_timestamp(), trunk = ${trunk}, caller_id = ${callerId}
      where id = any(${attemptIds}::uuid[]) and state = 'reserved' and floor_id = ${floorId} and epoch = ${epoch}
        and permit_until > coalesce(${now}::timestamptz, clock_timestamp()) and exists (select from held)
        and not exists (select from call_off where attempt_id = contact_attempt.id)
      returning id
    ), told as (
      ${insertion(events, sql`select id::text from sent`)}
    )
    select id from sent`.execute(database);
  const ids = new Set(rows.map((row) => row.id));
  if (ids.size < attemptIds.length) await releaseOthers(database, order, now);
  return attemptIds.filter((id) => ids.has(id));
}

async function releaseOthers(database: Kysely<Schema>, order: DispatchOrder, now: string | null): Promise<void> {
  const { rows } = await sql<{ id: string; calledOff: boolean }>`
    select id, calledOff as "calledOff"
    from contact_attempt a cross join lateral (select exists (select from call_off where attempt_id = a.id) as calledOff) off
    where id = any(${order.attemptIds}::uuid[]) and state = 'reserved' and floor_id = ${order.floorId} and epoch = ${order.epoch}
      and (calledOff or permit_until <= coalesce(${now}::timestamptz, clock_timestamp()))`.execute(database);
  const ids = (calledOff: boolean): string[] => rows.filter((row) => row.calledOff === calledOff).map((row) => row.id);
  await release(database, ids(false), 'permit_expired');
  await release(database, ids(true), CALLED_OFF);
}
