import { sql, type Kysely } from 'kysely';
import type { Candidate, MatchList, MatchProposal, MergeRow } from '../../contract/matching.ts';
import type { Database } from '../../kernel/database.ts';
import { record } from '../../kernel/history.ts';
import type { Schema } from '../../kernel/schema.ts';
import { agreementOf, type Likeness } from './rules.ts';

/** Proposals that one import may leave: more would never be looked at. */
const MOST = 10_000;
/** How many a list shows. */
const SHOWN = 100;

/**
 * Proposes pairs of people who may be one, among those an import brought and everybody known: one name with a number, an IBAN or a full
 * address in common, where no identifier proves them two. A number or an IBAN in common alone is proposed only for an IBAN: families,
 * guarantors and colleagues share numbers. What was proposed once is not again. Returns how many are new.
 */
export async function proposeMatches(database: Kysely<Schema>, importId: string): Promise<number> {
  const { numAffectedRows } = await sql`
    with brought as materialized (
      select distinct party.* from posting
      join debt_party link on link.debt_id = posting.debt_id and link.role = 'debtor'
      join party on party.id = link.party_id
      where posting.import_id = ${importId} and posting.kind = 'opening' and party.merged_into is null
    ), found as (
      select brought.id as one, other.id as two, 'same_name_and_phone' as reason
      from brought join party_phone mine on mine.party_id = brought.id
      join party_phone theirs on theirs.phone_id = mine.phone_id and theirs.party_id <> brought.id
      join party other on other.id = theirs.party_id
      where other.folded_name = brought.folded_name and ${maybeOne}
      union all
      select brought.id, other.id, 'same_iban'
      from brought join party_iban mine on mine.party_id = brought.id
      join party_iban theirs on theirs.iban = mine.iban and theirs.party_id <> brought.id
      join party other on other.id = theirs.party_id
      where ${maybeOne}
      union all
      select brought.id, other.id, 'same_name_and_address'
      from brought join party other on other.folded_name = brought.folded_name and other.address = brought.address and other.id <> brought.id
      where length(brought.address) >= 12 and brought.address ~ '[0-9٠-٩۰-۹]' and ${maybeOne}
    )
    insert into match_proposal (party_a, party_b, reason, import_id)
    select distinct on (least(one, two), greatest(one, two)) least(one, two), greatest(one, two), reason, ${importId}::uuid from found
    order by least(one, two), greatest(one, two), reason desc limit ${MOST}
    on conflict (party_a, party_b) do nothing`.execute(database);
  return Number(numAffectedRows ?? 0n);
}

/** Debtor and guarantor of one debt are two, whatever they share. */
const maybeOne = sql`not exists (
    select from debt_party one join debt_party two using (debt_id) where one.party_id = brought.id and two.party_id = other.id)
  and other.demo = brought.demo and other.merged_into is null
  and (brought.identity_kind is null or other.identity_kind is distinct from brought.identity_kind)`;

/** A proposal as it is read: the people with what they are compared by. */
type Found = Pick<MatchProposal, 'id' | 'reason'> & Record<'a' | 'b', Candidate & Likeness>;

/** The oldest open proposals, with what people need to decide; those of demo people only for a viewer of the demo. */
export async function listProposals(database: Kysely<Schema>, viewer: { demo: boolean }): Promise<MatchProposal[]> {
  const person = (alias: 'a' | 'b') => sql`json_build_object('id', ${sql.ref(`${alias}.id`)},
    'name', ${sql.ref(`${alias}.display_name`)}, 'foldedName', ${sql.ref(`${alias}.folded_name`)},
    'country', ${sql.ref(`${alias}.country`)}, 'language', ${sql.ref(`${alias}.language`)}, 'address', ${sql.ref(`${alias}.address`)},
    'identityKind', ${sql.ref(`${alias}.identity_kind`)}, 'identityValue', ${sql.ref(`${alias}.identity_value`)},
    'phones', array(select phone.e164 from party_phone link join phone on phone.id = link.phone_id
      where link.party_id = ${sql.ref(`${alias}.id`)} order by link.rank, phone.e164),
    'ibans', array(select iban from party_iban where party_id = ${sql.ref(`${alias}.id`)} order by iban),
    'debts', (select coalesce(json_agg(json_build_object('creditor', creditor.name, 'account', debt.account,
        'balanceMinor', debt.balance_minor::text, 'currency', debt.currency) order by creditor.name, debt.account), '[]')
      from debt_party link join debt on debt.id = link.debt_id join creditor on creditor.id = debt.creditor_id
      where link.party_id = ${sql.ref(`${alias}.id`)}))`;
  const { rows } = await sql<Found>`
    select proposal.id, proposal.reason, ${person('a')} as a, ${person('b')} as b
    from match_proposal proposal join party a on a.id = proposal.party_a join party b on b.id = proposal.party_b
    where proposal.state = 'open' and a.merged_into is null and b.merged_into is null and (a.demo or not ${viewer.demo})
    order by proposal.id limit ${SHOWN}`.execute(database);
  return rows.map((row) => ({ ...row, agreement: agreementOf(row.a, row.b) }));
}

/** How many proposals wait, were merged and were kept apart, of those that a viewer may see. */
export async function countProposals(
  database: Kysely<Schema>,
  viewer: { demo: boolean },
): Promise<Pick<MatchList, 'open' | 'merged' | 'apart'>> {
  const { rows } = await sql<Pick<MatchList, 'open' | 'merged' | 'apart'>>`
    select (count(*) filter (where proposal.state = 'open' and a.merged_into is null and b.merged_into is null))::int as open,
      (count(*) filter (where proposal.state = 'merged'))::int as merged, (count(*) filter (where proposal.state = 'rejected'))::int as apart
    from match_proposal proposal join party a on a.id = proposal.party_a join party b on b.id = proposal.party_b
    where a.demo or not ${viewer.demo}`.execute(database);
  return rows[0] ?? { open: 0, merged: 0, apart: 0 };
}

/** The last merges, newest first, of those that a viewer may see. */
export async function listMerges(database: Kysely<Schema>, viewer: { demo: boolean }): Promise<MergeRow[]> {
  const { rows } = await sql<Omit<MergeRow, 'at' | 'undoneAt'> & { at: Temporal.Instant; undoneAt: Temporal.Instant | null }>`
    select done.id, done.kept_id as "keptId", kept.display_name as "keptName", gone.display_name as "goneName",
      u.display_name as by, done.merged_at as at, done.undone_at as "undoneAt"
    from person_merge done join party kept on kept.id = done.kept_id join party gone on gone.id = done.gone_id
    left join app_user u on u.id = done.merged_by
    where kept.demo or not ${viewer.demo} order by done.id desc limit ${SHOWN}`.execute(database);
  return rows.map((row) => ({ ...row, at: row.at.toString(), undoneAt: row.undoneAt?.toString() ?? null }));
}

/** Notes for good that two people are two. False when there is no such open proposal. */
export async function rejectProposal(database: Database, id: string, user: { userId: string; demo: boolean }): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const pair = await readProposal(transaction, id, user);
    if (!pair) return false;
    const { numUpdatedRows } = await transaction
      .updateTable('match_proposal')
      .set({ state: 'rejected', decided_by: user.userId, decided_at: sql<string>`clock_timestamp()` })
      .where('id', '=', id)
      .where('state', '=', 'open')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    const event = { kind: 'people.kept_apart', subject: 'match_proposal', subjectId: id, actor: user.userId };
    await record(transaction, [{ ...event, body: { a: pair.a, b: pair.b } }]);
    return true;
  });
}

/** The two people of an open proposal that a viewer may see, or null. */
export async function readProposal(
  database: Kysely<Schema>,
  id: string,
  viewer: { demo: boolean },
): Promise<{ a: string; b: string } | null> {
  const row = await database
    .selectFrom('match_proposal')
    .innerJoin('party', 'party.id', 'match_proposal.party_a')
    .select(['party_a', 'party_b', 'party.demo'])
    .where('match_proposal.id', '=', id)
    .where('match_proposal.state', '=', 'open')
    .executeTakeFirst();
  return row && (row.demo || !viewer.demo) ? { a: row.party_a, b: row.party_b } : null;
}
