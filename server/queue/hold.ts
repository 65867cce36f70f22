/** Holds placed and released by hand. What they change is decided by the gate at once, in the same transaction. */
import { sql, type Kysely } from 'kysely';
import type { HoldKind } from '../contract/guidance.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { requireNumber, writeByHand, type Moved } from './by-hand.ts';
import { readGuidance } from './guidance.ts';
import { daysEnd } from './last-day.ts';

export interface HoldToPlace {
  partyId: string;
  kind: string;
  debtId: string | null;
  phoneId: string | null;
  /** The last day of it (ISO), by the calendar of wherever the debtor may be; null: until it is released. */
  until: string | null;
  userId: string;
}

/** What a hold changed. */
export interface HoldMoved extends Moved {
  holdId: string;
}

/**
 * Places a hold under the person's lock, takes the debtor out of every queue in which the gate now forbids the call, and calls off a call that
 * nobody has answered yet. Throws
 * `unknown_debtor`, `unknown_hold_kind`, `not_their_debt`, `not_their_number` and `date_passed`, each naming its field.
 */
export function placeHold(database: Kysely<Schema>, hold: HoldToPlace): Promise<HoldMoved> {
  return writeByHand(database, hold, async (transaction) => {
    const { partyId, kind, debtId, phoneId, until, userId } = hold;
    await requireHoldKind(transaction, partyId, kind);
    await refuseStrangers(transaction, hold);
    const endsAt = until === null ? null : (await daysEnd(transaction, partyId, until)).last;
    const { id } = await transaction
      .insertInto('hold')
      .values({
        party_id: partyId,
        debt_id: debtId,
        phone_id: phoneId,
        kind,
        ends_at: endsAt?.toString() ?? null,
        created_by: userId,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const body = { holdId: id, kind, debtId, phoneId, until: endsAt?.toString() ?? null };
    await record(transaction, [{ kind: 'hold.placed', subject: 'party', subjectId: partyId, actor: userId, body }]);
    return { holdId: id };
  });
}

/**
 * Releases a hold; where the debtor waited because of it, the gate says what comes next. Throws `unknown_hold` for one that is not
 * there or was released before.
 */
export function releaseHold(
  database: Kysely<Schema>,
  { partyId, holdId, userId }: { partyId: string; holdId: string; userId: string },
): Promise<HoldMoved> {
  return writeByHand(database, { partyId, userId }, async (transaction) => {
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
    return { holdId };
  });
}

/** The kind of a hold as the packs know it that bind the person. Throws `unknown_hold_kind` for one that none of them names. */
export async function requireHoldKind(transaction: Kysely<Schema>, partyId: string, kind: string): Promise<HoldKind> {
  const known = (await readGuidance(transaction, partyId))?.holds.find((each) => each.kind === kind);
  if (known) return known;
  throw new Refusal('unknown_hold_kind', 'No rule that binds this debtor knows such a hold.', { field: 'kind', status: 422 });
}

async function refuseStrangers(transaction: Kysely<Schema>, { partyId, debtId, phoneId }: HoldToPlace): Promise<void> {
  const { rows } = await sql<{ debt: boolean }>`
    select exists (select from debt_party where party_id = ${partyId} and debt_id = ${debtId}) as debt`.execute(transaction);
  const [found] = rows;
  if (debtId !== null && !found?.debt) throw new Refusal('not_their_debt', 'This debt is not the debtor’s.', { field: 'debtId' });
  if (phoneId !== null) await requireNumber(transaction, partyId, phoneId);
}
