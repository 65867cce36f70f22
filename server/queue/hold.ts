/** Holds placed and released by hand. What they change is decided by the gate at once, in the same transaction. */
import { sql, type Kysely } from 'kysely';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { callOff } from './call-off.ts';
import { checkContact } from './check.ts';
import { lockPeople } from './locks.ts';

export interface HoldToPlace {
  partyId: string;
  kind: string;
  debtId: string | null;
  phoneId: string | null;
  until: Temporal.Instant | null;
  userId: string;
}

/** What a hold changed; `moved`: the queues a debtor left, or may be called from again. */
export interface HoldMoved {
  holdId: string;
  moved: number;
  /** Calls that nobody had answered yet and that are ended. */
  calledOff: number;
}

/** The gate asks daily whether a hold without an end still stands. */
const HELD_HOURS = 24;

/**
 * Places a hold under the person's lock, takes the debtor out of every queue in which the gate now forbids the call, and calls off a call that
 * nobody has answered yet. Throws
 * `unknown_debtor`, `not_their_debt`, `not_their_number` and `date_passed`, each naming its field.
 */
export async function placeHold(database: Kysely<Schema>, hold: HoldToPlace): Promise<HoldMoved> {
  return database.transaction().execute(async (transaction) => {
    const { partyId, kind, debtId, phoneId, until, userId } = hold;
    await lockPeople(transaction, [partyId]);
    await refuseStrangers(transaction, hold);
    const { id } = await transaction
      .insertInto('hold')
      .values({
        party_id: partyId,
        debt_id: debtId,
        phone_id: phoneId,
        kind,
        ends_at: until?.toString() ?? null,
        created_by: userId,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await record(transaction, [
      {
        kind: 'hold.placed',
        subject: 'party',
        subjectId: partyId,
        actor: userId,
        body: { holdId: id, kind, debtId, phoneId, until: until?.toString() ?? null },
      },
    ]);
    const moved = await judgeRows(transaction, partyId, 'ready', null);
    return { holdId: id, moved, calledOff: await callOff(transaction, { partyIds: [partyId], actor: userId }) };
  });
}

/**
 * Releases a hold; where the debtor waited because of it, the gate says what comes next. Throws `unknown_hold` for one that is not
 * there or was released before.
 */
export async function releaseHold(
  database: Kysely<Schema>,
  { partyId, holdId, userId }: { partyId: string; holdId: string; userId: string },
): Promise<HoldMoved> {
  return database.transaction().execute(async (transaction) => {
    await lockPeople(transaction, [partyId]);
    const hold = await transaction
      .updateTable('hold')
      .set({ released_at: sql<string>`clock_timestamp()` })
      .where('id', '=', holdId)
      .where('party_id', '=', partyId)
      .where('released_at', 'is', null)
      .returning('kind')
      .executeTakeFirst();
    if (!hold) throw new Refusal('unknown_hold', 'There is no such hold any more.', { field: 'holdId', status: 404 });
    const body = { holdId, kind: hold.kind };
    await record(transaction, [{ kind: 'hold.released', subject: 'party', subjectId: partyId, actor: userId, body }]);
    return { holdId, moved: await judgeRows(transaction, partyId, 'waiting', hold.kind), calledOff: 0 };
  });
}

/** Judges a locked person's rows anew and moves those whose place changes; returns how many did. Index: dial_queue_by_party. */
async function judgeRows(
  transaction: Kysely<Schema>,
  partyId: string,
  state: 'ready' | 'waiting',
  reason: string | null,
): Promise<number> {
  const { people } = await checkContact(transaction, { subject: { partyId }, at: null, campaignId: null });
  let moved = 0;
  for (const { campaign, chosen, queue } of people[0]?.judgements ?? []) {
    if (campaign === null || queue?.state !== state || (reason !== null && queue.reason !== reason)) continue;
    const allowed = chosen?.verdict.verdict === 'allow';
    if (allowed === (state === 'ready')) continue;
    await transaction
      .updateTable('dial_queue')
      .set({
        state: allowed ? 'ready' : 'waiting',
        reason: allowed ? null : (chosen?.verdict.binding?.id ?? 'no_number_left'),
        not_before: allowed
          ? sql<string>`'-infinity'`
          : sql<string>`coalesce(${chosen?.verdict.retryAt?.toString() ?? null}::timestamptz, clock_timestamp() + ${HELD_HOURS} * interval '1 hour')`,
        updated_at: sql<string>`clock_timestamp()`,
      })
      .where('campaign_id', '=', campaign.id)
      .where('party_id', '=', partyId)
      .where('state', '=', state)
      .execute();
    moved += 1;
  }
  return moved;
}

async function refuseStrangers(transaction: Kysely<Schema>, { partyId, debtId, phoneId, until }: HoldToPlace): Promise<void> {
  const { rows } = await sql<{ party: boolean; debt: boolean; phone: boolean; passed: boolean }>`
    select exists (select from party where id = ${partyId}) as party,
      exists (select from debt_party where party_id = ${partyId} and debt_id = ${debtId}) as debt,
      exists (select from party_phone where party_id = ${partyId} and phone_id = ${phoneId}) as phone,
      coalesce(${until?.toString() ?? null}::timestamptz <= clock_timestamp(), false) as passed`.execute(transaction);
  const [found] = rows;
  if (!found?.party) throw new Refusal('unknown_debtor', 'There is no such debtor.', { field: 'partyId', status: 404 });
  if (debtId !== null && !found.debt) throw new Refusal('not_their_debt', 'This debt is not the debtor’s.', { field: 'debtId' });
  if (phoneId !== null && !found.phone) {
    throw new Refusal('not_their_number', 'This number is not the debtor’s.', { field: 'phoneId' });
  }
  if (found.passed) throw new Refusal('date_passed', 'The time has passed.', { field: 'until' });
}
