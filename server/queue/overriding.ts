/** Warnings that a supervisor overrides for one debtor: contact goes on in spite of a rule that only warns, for a reason and until a day. */
import { sql, type Kysely } from 'kysely';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { writeByHand, type Moved, type Writing } from './by-hand.ts';
import { readGuidance } from './guidance.ts';
import { daysEnd } from './last-day.ts';

/** Nobody remembers for longer why a warning did not count. */
const LATEST_DAYS = 31;

export interface WarningToOverride extends Writing {
  /** The rule's id, as the packs name it. */
  rule: string;
  reason: string;
  /** The last day of it (ISO), by the calendar of wherever the debtor may be. */
  until: string;
}

/**
 * Overrides a warning for one debtor: whoever waits because of it is judged again at once, and each call that is allowed in spite of it says
 * so in its verdict. It ends with the day in the first of the debtor's zones. Throws `not_a_warning` for a rule that does not bind them or
 * that nobody may override, `date_passed` and `date_too_far`.
 */
export function overrideWarning(database: Kysely<Schema>, warning: WarningToOverride): Promise<Moved & { overrideId: string }> {
  return writeByHand(database, warning, async (transaction) => {
    const { partyId, userId, rule, reason, until } = warning;
    await requireWarning(transaction, partyId, rule);
    const { first: endsAt } = await daysEnd(transaction, partyId, until, LATEST_DAYS);
    const { id } = await transaction
      .insertInto('overridden_warning')
      .values({ party_id: partyId, rule, reason, overridden_by: userId, ends_at: endsAt.toString() })
      .returning('id')
      .executeTakeFirstOrThrow();
    const body = { overrideId: id, rule, reason, until: endsAt.toString() };
    await record(transaction, [{ kind: 'warning.overridden', subject: 'party', subjectId: partyId, actor: userId, body }]);
    return { overrideId: id };
  });
}

/** Lets a warning count again. Throws `unknown_override` for one that is not there, has ended or was withdrawn before. */
export function withdrawOverride(
  database: Kysely<Schema>,
  { partyId, userId, overrideId, reason }: Writing & { overrideId: string; reason: string },
): Promise<Moved> {
  return writeByHand(database, { partyId, userId }, async (transaction) => {
    const found = await transaction
      .updateTable('overridden_warning')
      .set({ withdrawn_at: sql<string>`clock_timestamp()` })
      .where('id', '=', overrideId)
      .where('party_id', '=', partyId)
      .where('withdrawn_at', 'is', null)
      .where('ends_at', '>', sql<Temporal.Instant>`clock_timestamp()`)
      .returning('rule')
      .executeTakeFirst();
    if (!found) {
      throw new Refusal('unknown_override', 'This warning is not overridden any more.', { field: 'overrideId', status: 404 });
    }
    const body = { overrideId, rule: found.rule, reason };
    await record(transaction, [
      { kind: 'warning.override_withdrawn', subject: 'party', subjectId: partyId, actor: userId, body },
    ]);
    return {};
  });
}

async function requireWarning(transaction: Kysely<Schema>, partyId: string, rule: string): Promise<void> {
  const warnings = (await readGuidance(transaction, partyId))?.warnings ?? [];
  if (warnings.some((each) => each.rule === rule)) return;
  throw new Refusal('not_a_warning', 'No rule of this name that only warns binds this debtor.', { field: 'rule', status: 422 });
}
