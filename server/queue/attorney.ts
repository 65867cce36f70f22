/** What an attorney stops: calls to whom they represent, about the debt they do it for, wherever a pack says so. */
import { sql, type Kysely } from 'kysely';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { readGuidance } from './guidance.ts';

/** Whom an attorney represents, for which debt, and who says so. */
export interface Represented {
  partyId: string;
  debtId: string;
  /** A user's id, or the role of a process. */
  actor: string;
}

/** What packs call the hold of somebody whom an attorney represents. */
const ATTORNEY_HOLDS: readonly string[] = ['attorney', 'attorney_represented'];

/**
 * Where a pack of the debtor's places asks for it, contact about the debt stops; a hold that stands already is enough. `userId`: of whom the hold
 * is; null where a list says it.
 */
export async function holdForAttorney(
  transaction: Kysely<Schema>,
  { partyId, debtId, actor, userId }: Represented & { userId: string | null },
): Promise<void> {
  const guidance = await readGuidance(transaction, partyId);
  const asked = guidance?.holds.find(({ kind, pack }) => pack !== null && ATTORNEY_HOLDS.includes(kind));
  if (asked === undefined) return;
  const standing = await transaction
    .selectFrom('hold')
    .select('id')
    .where('party_id', '=', partyId)
    .where('debt_id', '=', debtId)
    .where('kind', '=', asked.kind)
    .where('released_at', 'is', null)
    .where('ends_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (standing) return;
  const { id } = await transaction
    .insertInto('hold')
    .values({ party_id: partyId, debt_id: debtId, kind: asked.kind, created_by: userId })
    .returning('id')
    .executeTakeFirstOrThrow();
  const body = { holdId: id, kind: asked.kind, debtId, phoneId: null, until: null };
  await record(transaction, [{ kind: 'hold.placed', subject: 'party', subjectId: partyId, actor, body }]);
}

/** Releases the holds for a debt's attorney once it has none any more. */
export async function releaseForAttorney(transaction: Kysely<Schema>, { partyId, debtId, actor }: Represented): Promise<void> {
  const { rows } = await sql<{ id: string; kind: string }>`
    update hold set released_at = clock_timestamp()
    where party_id = ${partyId}::uuid and debt_id = ${debtId}::uuid and kind = any(${ATTORNEY_HOLDS}) and released_at is null
      and not exists (select from debt_party where debt_id = ${debtId}::uuid and role = 'attorney')
    returning id::text, kind`.execute(transaction);
  await record(
    transaction,
    rows.map(({ id, kind }) => ({
      kind: 'hold.released',
      subject: 'party',
      subjectId: partyId,
      actor,
      body: { holdId: id, kind },
    })),
  );
}
