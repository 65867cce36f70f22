import { sql } from 'kysely';
import { z } from 'zod';
import type { Database, Tx } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import { heedLists } from '../heed-lists.ts';
import { whyNotMerge, type MergeRefusal, type Person } from './rules.ts';

/** What a merge needs of whoever keeps the dial queue. */
export interface QueueHooks {
  /** Locks queue rows, then persons, in the order everybody keeps. */
  lockPeople: (transaction: Tx, partyIds: readonly string[]) => Promise<void>;
  /** Scores both anew wherever either is queued; who owes nothing any more leaves. */
  afterMerge: (transaction: Tx, partyIds: readonly [string, string]) => Promise<void>;
}

/** Tables whose rows belong to one person, with the key that names a row; attempts move too, since caps count the person. */
const OWNED = [
  ['debt_party', 'debt_id'],
  ['party_phone', 'phone_id'],
  ['party_iban', 'iban'],
  ['hold', 'id'],
  ['consent', 'id'],
  ['preference', 'id'],
  ['promise', 'id'],
  ['callback', 'id'],
  ['contact_attempt', 'id'],
  ['inbound_call', 'id'],
  ['conversation_debt', 'attempt_id'],
] as const;
type OwnedTable = (typeof OWNED)[number][0];
/** Of these the person who stays may have the same row already. */
const PAIRED: readonly OwnedTable[] = ['debt_party', 'party_phone', 'party_iban'];

const moved = z.object({
  rows: z.record(z.string(), z.array(z.string())),
  identity: z.object({ kind: z.string(), value: z.string() }).nullable(),
  zonesBefore: z.array(z.string()),
  regionsBefore: z.array(z.string()).optional(),
  repointed: z.array(z.string()),
  /** Numbers of both that only the one who went did not want called. */
  revoked: z.array(z.string()).default([]),
});

const MESSAGES: Readonly<Record<MergeRefusal, string>> = {
  unknown_person: 'There is no such person.',
  same_person: 'Choose two people.',
  already_merged: 'One of them has been merged already.',
  demo_and_real: 'People of the demo and real ones never mix.',
  stand_for_one_debt: 'They stand for the same debt, one beside the other.',
  persons_differ: 'Their identifiers prove that they are two people.',
  person_in_contact: 'One of them is on the line: try again in a moment.',
};

/**
 * Makes two people one: debts, numbers, holds, consents, preferences, promises and the history of contacts of `goneId` pass to `keptId`, under the locks of
 * both. Returns the merge's id, by which it can be undone. Throws a Refusal (404, 409) that says why not.
 */
export async function mergePeople(
  database: Database,
  hooks: QueueHooks,
  { keptId, goneId, userId }: { keptId: string; goneId: string; userId: string },
): Promise<string> {
  return database.transaction().execute(async (transaction) => {
    await hooks.lockPeople(transaction, [keptId, goneId]);
    const people = await readPeople(transaction, [keptId, goneId]);
    const [kept, gone] = [people.get(keptId), people.get(goneId)];
    const refusal = whyNotMerge(kept, gone);
    if (refusal !== null || !kept || !gone) {
      const code = refusal ?? 'unknown_person';
      throw new Refusal(code, MESSAGES[code], { field: 'goneId', status: code === 'unknown_person' ? 404 : 409 });
    }
    const revoked = await shareRevocations(transaction, goneId, keptId);
    const rows: Record<string, string[]> = {};
    for (const [table, key] of OWNED) rows[table] = await moveRows(transaction, table, key, goneId, keptId, null);
    const identity =
      kept.identityKind === null && gone.identityKind !== null && gone.identityValue !== null
        ? { kind: gone.identityKind, value: gone.identityValue }
        : null;
    if (identity) await passIdentity(transaction, identity, goneId, keptId);
    const before = await joinPlaces(transaction, keptId, goneId);
    const repointed = await repoint(transaction, goneId, keptId);
    const { id } = await transaction
      .insertInto('person_merge')
      .values({
        kept_id: keptId,
        gone_id: goneId,
        merged_by: userId,
        moved: JSON.stringify({ rows, identity, ...before, repointed, revoked }),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await sql`
      update match_proposal set state = 'merged', decided_by = ${userId}, decided_at = clock_timestamp()
      where party_a = least(${keptId}::uuid, ${goneId}::uuid) and party_b = greatest(${keptId}::uuid, ${goneId}::uuid)`.execute(
      transaction,
    );
    const body = { keptId, goneId, rows };
    await record(transaction, [{ kind: 'people.merged', subject: 'person_merge', subjectId: id, actor: userId, body }]);
    await hooks.afterMerge(transaction, [keptId, goneId]);
    return id;
  });
}

/**
 * Makes one person two again: everything the merge moved goes back, as far as the person still has it; what came since stays. Throws a Refusal
 * when there is no such merge (404), it was undone, either was merged on, or is on the line (409).
 */
export async function undoMerge(
  database: Database,
  hooks: QueueHooks,
  mergeId: string,
  { userId, demo }: { userId: string; demo: boolean },
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await heedLists(transaction);
    const merge = await transaction
      .selectFrom('person_merge')
      .selectAll()
      .where('id', '=', mergeId)
      .forUpdate()
      .executeTakeFirst();
    if (!merge) throw new Refusal('unknown_merge', 'There is no such merge.', { field: 'id', status: 404 });
    if (merge.undone_at !== null)
      throw new Refusal('merge_undone', 'This merge has been undone already.', { field: 'id', status: 409 });
    const { kept_id: keptId, gone_id: goneId } = merge;
    await hooks.lockPeople(transaction, [keptId, goneId]);
    const people = await readPeople(transaction, [keptId, goneId]);
    if (demo && people.get(keptId)?.demo === false) throw new Refusal('demo_and_real', MESSAGES.demo_and_real, { status: 403 });
    if (people.get(goneId)?.mergedInto !== keptId || people.get(keptId)?.mergedInto !== null)
      throw new Refusal('already_merged', 'The person was merged on: undo that first.', { field: 'id', status: 409 });
    if (people.get(keptId)?.inContact === true)
      throw new Refusal('person_in_contact', MESSAGES.person_in_contact, { field: 'id', status: 409 });
    const { rows, identity, zonesBefore, regionsBefore, repointed, revoked } = moved.parse(merge.moved);
    await sql`update party set merged_into = null where id = ${goneId}`.execute(transaction);
    await sql`update party set merged_into = ${goneId} where id = any(${repointed}::uuid[])`.execute(transaction);
    for (const [table, key] of OWNED) await moveRows(transaction, table, key, keptId, goneId, rows[table] ?? []);
    await sql`
      update party_phone set state = 'active'
      where party_id = ${keptId} and phone_id = any(${revoked}::uuid[]) and state = 'revoked'
        and not exists (
          select from do_not_call listed join phone on phone.e164 = listed.e164
          where phone.id = party_phone.phone_id and listed.expires_at > clock_timestamp())`.execute(transaction);
    if (identity) await passIdentity(transaction, identity, keptId, goneId);
    await sql`
      update party set time_zones = ${zonesBefore}::text[], regions = coalesce(${regionsBefore ?? null}::text[], regions)
      where id = ${keptId}`.execute(transaction);
    await sql`update person_merge set undone_at = clock_timestamp(), undone_by = ${userId} where id = ${mergeId}`.execute(
      transaction,
    );
    await sql`
      update match_proposal set state = 'rejected', decided_by = ${userId}, decided_at = clock_timestamp()
      where party_a = least(${keptId}::uuid, ${goneId}::uuid) and party_b = greatest(${keptId}::uuid, ${goneId}::uuid)`.execute(
      transaction,
    );
    const event = { kind: 'people.unmerged', subject: 'person_merge', subjectId: mergeId, actor: userId };
    await record(transaction, [{ ...event, body: { keptId, goneId } }]);
    await hooks.afterMerge(transaction, [keptId, goneId]);
  });
}

async function readPeople(transaction: Tx, ids: readonly string[]): Promise<Map<string, Person>> {
  const { rows } = await sql<Person>`
    select id, identity_kind as "identityKind", identity_value as "identityValue", demo, merged_into as "mergedInto",
      exists (select from live_contact where party_id = party.id)
        or exists (select from dial_queue where party_id = party.id and state = 'reserved') as "inContact",
      array(select debt_id::text from debt_party where party_id = party.id) as "debtIds"
    from party where id = any(${ids}::uuid[])`.execute(transaction);
  return new Map(rows.map((person) => [person.id, person]));
}

/** Moves a person's rows to another, all or those named; returns which. */
async function moveRows(
  transaction: Tx,
  table: OwnedTable,
  key: string,
  from: string,
  to: string,
  only: readonly string[] | null,
): Promise<string[]> {
  const free = PAIRED.includes(table)
    ? sql`not exists (select from ${sql.table(table)} theirs where theirs.party_id = ${to} and theirs.${sql.ref(key)} = mine.${sql.ref(key)})`
    : sql`true`;
  const { rows } = await sql<{ key: string }>`
    update ${sql.table(table)} mine set party_id = ${to}
    where party_id = ${from} and ${free} and (${only === null} or mine.${sql.ref(key)}::text = any(${only ?? []}::text[]))
    returning mine.${sql.ref(key)}::text as key`.execute(transaction);
  return [...new Set(rows.map((row) => row.key))];
}

/** A number that either does not want called is called for neither any more; returns those that the one who stays had. */
async function shareRevocations(transaction: Tx, goneId: string, keptId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update party_phone kept set state = 'revoked' from party_phone gone
    where kept.party_id = ${keptId} and kept.state = 'active' and gone.party_id = ${goneId} and gone.phone_id = kept.phone_id
      and gone.state = 'revoked'
    returning kept.phone_id::text as id`.execute(transaction);
  return rows.map((row) => row.id);
}

/** The two people of a merge; empty where there is no such merge. */
export async function readMerged(database: Database, mergeId: string): Promise<string[]> {
  const merge = await database
    .selectFrom('person_merge')
    .select(['kept_id', 'gone_id'])
    .where('id', '=', mergeId)
    .executeTakeFirst();
  return merge ? [merge.kept_id, merge.gone_id] : [];
}

async function passIdentity(transaction: Tx, identity: { kind: string; value: string }, from: string, to: string): Promise<void> {
  await sql`update party set identity_kind = null, identity_value = null where id = ${from}`.execute(transaction);
  await sql`update party set identity_kind = ${identity.kind}, identity_value = ${identity.value} where id = ${to}`.execute(
    transaction,
  );
}

/** Calling hours, and the rules of regions, must hold wherever either may be. Returns the zones and regions before. */
async function joinPlaces(
  transaction: Tx,
  keptId: string,
  goneId: string,
): Promise<{ zonesBefore: string[]; regionsBefore: string[] }> {
  const { rows } = await sql<{ zonesBefore: string[]; regionsBefore: string[] }>`
    update party kept set time_zones = array(select distinct zone from unnest(kept.time_zones || gone.time_zones) zone order by zone),
      regions = array(select distinct region from unnest(kept.regions || gone.regions) region order by region)
    from party gone, (select time_zones, regions from party where id = ${keptId}) old
    where kept.id = ${keptId} and gone.id = ${goneId}
    returning old.time_zones as "zonesBefore", old.regions as "regionsBefore"`.execute(transaction);
  return rows[0] ?? { zonesBefore: [], regionsBefore: [] };
}

/** Points the person who goes, and whoever was merged into them, to the one who stays; returns the latter. */
async function repoint(transaction: Tx, goneId: string, keptId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update party set merged_into = ${keptId} where id = ${goneId} or merged_into = ${goneId} returning id`.execute(transaction);
  return rows.map((row) => row.id).filter((id) => id !== goneId);
}
