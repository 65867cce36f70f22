import { sql } from 'kysely';
import type { RelatedRole } from '../../../contract/by-hand.ts';
import type { Tx } from '../../../kernel/database.ts';
import { record } from '../../../kernel/history.ts';
import type { PhoneNumber } from '../../phones.ts';
import { zonesOfCountry } from '../../zones.ts';
import type { MergeScope } from '../merge.ts';
import { nameAndContact } from '../rules.ts';
import { LAST_LANE, SIDE_BY_SIDE } from '../staged-line.ts';
import type { Decision, NewStatement, RelatedDebt } from './rules.ts';

/** All of them: who the debtors are has been decided. */
const LANES = [...SIDE_BY_SIDE, LAST_LANE];

/** A relation that came or went. */
export interface RelationMoved {
  debtId: string;
  partyId: string;
  role: RelatedRole;
  moved: 'added' | 'removed';
}

/**
 * The debts of staged rows in [from, to] that say who else stands for them, or of which a list said so before. Indexes: staging `(lane, row_no)`,
 * unique `debt (creditor_id, account)`, the primary keys of `listed_relation` and `debt_party`.
 */
export async function readRelatedDebts(
  transaction: Tx,
  { staging, creditorId }: MergeScope,
  { from, to }: { from: number; to: number },
): Promise<RelatedDebt[]> {
  const { rows } = await sql<RelatedDebt>`
    select debt.id as "debtId", staged.related as stated,
      (select coalesce(json_agg(json_build_object('partyId', party_id, 'role', role)), '[]') from debt_party where debt_id = debt.id) as standing,
      (select coalesce(json_agg(json_build_object('role', last.role, 'place', last.place, 'partyId', party.id, 'digest', last.digest,
          'brought', last.brought, 'name', party.display_name, 'foldedName', party.folded_name, 'proven', party.identity_value is not null,
          'elsewhere', exists (select from debt_party other where other.party_id = party.id and other.debt_id <> debt.id),
          'numbers', array(select e164 from party_phone link join phone on phone.id = link.phone_id where link.party_id = party.id))), '[]')
        from listed_relation last join party then_known on then_known.id = last.party_id
        join party on party.id = coalesce(then_known.merged_into, then_known.id)
        where last.debt_id = debt.id) as listed
    from (
      select account, related from ${staging.table} where lane = any(${LANES}::int[]) and row_no between ${from} and ${to} offset 0
    ) staged
    cross join lateral (select id from debt where creditor_id = ${creditorId} and account = staged.account limit 1) debt
    where staged.related <> '[]' or exists (select from listed_relation where debt_id = debt.id)
    order by debt.id`.execute(transaction);
  return rows;
}

/** People of a statement's name who have one of its numbers, by `nameAndContact`, the longest known first. */
export async function readNamesakes(
  transaction: Tx,
  demo: boolean,
  statements: readonly NewStatement[],
): Promise<Map<string, string[]>> {
  const wanted = statements.flatMap(({ person }) =>
    person === null ? [] : person.phones.map(({ e164 }) => ({ name: person.foldedName, e164 })),
  );
  if (wanted.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string; e164: string }>`
    select distinct holder.id, given.name, given.e164
    from unnest(${wanted.map((each) => each.name)}::text[], ${wanted.map((each) => each.e164)}::text[]) as given (name, e164)
    cross join lateral (select id from phone where e164 = given.e164 limit 1) number
    cross join lateral (select party_id from party_phone where phone_id = number.id offset 0) link
    cross join lateral (select id, folded_name, demo, merged_into from party where id = link.party_id limit 1) holder
    where holder.folded_name = given.name and holder.demo = ${demo} and holder.merged_into is null
    order by holder.id`.execute(transaction);
  const people = Map.groupBy(rows, ({ name, e164 }) => nameAndContact(name, e164));
  return new Map([...people].map(([key, holders]) => [key, holders.map((holder) => holder.id)]));
}

/** Writes what was decided: people, their numbers, who stands for what, and what the list said last; and how it was before, for taking it back. */
export async function writeDecisions(
  transaction: Tx,
  scope: MergeScope,
  decisions: readonly Decision[],
): Promise<RelationMoved[]> {
  const moved = decisions.flatMap(({ debtId, role, partyId, before, added, removed }): RelationMoved[] => [
    ...(removed && before !== null ? [{ debtId, partyId: before.partyId, role, moved: 'removed' as const }] : []),
    ...(added && partyId !== null ? [{ debtId, partyId, role, moved: 'added' as const }] : []),
  ]);
  await removeRelations(
    transaction,
    moved.filter((each) => each.moved === 'removed'),
  );
  await writePeople(transaction, scope, decisions);
  await writeNumbers(transaction, decisions);
  await addRelations(
    transaction,
    moved.filter((each) => each.moved === 'added'),
  );
  await writeListed(transaction, scope.importId, decisions);
  const stayed = decisions.filter(({ partyId, before }) => partyId !== null && partyId === before?.partyId);
  const told = [...moved, ...stayed.map((each) => ({ ...each, moved: 'changed' }))];
  const body = { relations: told.map((each) => [each.debtId, each.partyId, each.role, each.moved]) };
  await record(transaction, [{ kind: 'import.related', subject: 'import', subjectId: scope.importId, actor: 'import', body }]);
  return moved;
}

/** Of two imports that bring one number at a time the second waits; sorted, they do not wait for each other. */
async function writeNumbers(transaction: Tx, decisions: readonly Decision[]): Promise<void> {
  const numbers = new Map<string, PhoneNumber>();
  const links: { partyId: string; e164: string; place: number }[] = [];
  for (const { partyId, person } of decisions) {
    for (const [place, phone] of (person?.phones ?? []).entries()) {
      numbers.set(phone.e164, phone);
      if (partyId !== null) links.push({ partyId, e164: phone.e164, place });
    }
  }
  const found = [...numbers.values()].toSorted((a, b) => (a.e164 < b.e164 ? -1 : 1));
  await sql`
    insert into phone (e164, country, number_type, time_zones)
    select e164, country, type, string_to_array(zones, ' ')
    from unnest(${found.map((phone) => phone.e164)}::text[], ${found.map((phone) => phone.country)}::text[],
      ${found.map((phone) => phone.type)}::text[], ${found.map((phone) => phone.zones.join(' '))}::text[])
      with ordinality as given (e164, country, type, zones, place)
    where not exists (select from phone where e164 = given.e164)
    order by given.place on conflict (e164) do nothing`.execute(transaction);
  // A number on the do-not-call list is on it for them, too.
  await sql`
    insert into party_phone (party_id, phone_id, rank, state)
    select given.party_id, phone.id,
      given.place + (select coalesce(max(rank), -1) + 1 from party_phone where party_id = given.party_id),
      case when exists (select from do_not_call where e164 = phone.e164 and expires_at > clock_timestamp()) then 'revoked' else 'active' end
    from unnest(${links.map((link) => link.partyId)}::uuid[], ${links.map((link) => link.e164)}::text[],
      ${links.map((link) => link.place)}::int[]) as given (party_id, e164, place)
    join phone on phone.e164 = given.e164
    order by given.party_id, given.place on conflict (party_id, phone_id) do nothing`.execute(transaction);
}

async function writePeople(transaction: Tx, { country, demo }: MergeScope, decisions: readonly Decision[]): Promise<void> {
  const named = decisions.flatMap(({ partyId, person, isNew, renames }) =>
    partyId !== null && person !== null && (isNew || renames) ? [{ partyId, person, isNew }] : [],
  );
  for (const isNew of [true, false]) {
    const people = named.filter((each) => each.isNew === isNew);
    const given = sql`unnest(${people.map((each) => each.partyId)}::uuid[], ${people.map((each) => each.person.name)}::text[],
      ${people.map((each) => each.person.foldedName)}::text[]) as given (id, name, folded)`;
    if (people.length === 0) continue;
    await (
      isNew
        ? sql`
          insert into party (id, display_name, folded_name, country, demo, time_zones)
          select id, name, folded, ${country}, ${demo}, ${zonesOfCountry(country)}::text[] from ${given}`
        : sql`update party set display_name = given.name, folded_name = given.folded from ${given} where party.id = given.id`
    ).execute(transaction);
  }
}

async function writeListed(transaction: Tx, importId: string, decisions: readonly Decision[]): Promise<void> {
  await sql`
    insert into import_relation (import_id, debt_id, role, place, party_before, digest_before, brought_before, removed, party_after, added)
    select ${importId}, * from unnest(${decisions.map((each) => each.debtId)}::uuid[], ${decisions.map((each) => each.role)}::text[],
      ${decisions.map((each) => each.place)}::smallint[], ${decisions.map((each) => each.before?.partyId ?? null)}::uuid[],
      ${decisions.map((each) => each.before?.digest ?? null)}::text[], ${decisions.map((each) => each.before?.brought ?? null)}::boolean[],
      ${decisions.map((each) => each.removed)}::boolean[], ${decisions.map((each) => each.partyId)}::uuid[],
      ${decisions.map((each) => each.added)}::boolean[])`.execute(transaction);
  const [standing, gone] = [decisions.filter((each) => each.person !== null), decisions.filter((each) => each.person === null)];
  await sql`
    insert into listed_relation (debt_id, role, place, party_id, digest, brought)
    select * from unnest(${standing.map((each) => each.debtId)}::uuid[], ${standing.map((each) => each.role)}::text[],
      ${standing.map((each) => each.place)}::smallint[], ${standing.map((each) => each.partyId)}::uuid[],
      ${standing.map((each) => each.person?.digest ?? null)}::text[], ${standing.map((each) => each.brought)}::boolean[])
    on conflict (debt_id, role, place) do update set party_id = excluded.party_id, digest = excluded.digest, brought = excluded.brought`.execute(
    transaction,
  );
  await sql`
    delete from listed_relation using unnest(${gone.map((each) => each.debtId)}::uuid[], ${gone.map((each) => each.role)}::text[],
      ${gone.map((each) => each.place)}::smallint[]) as given (debt_id, role, place)
    where listed_relation.debt_id = given.debt_id and listed_relation.role = given.role and listed_relation.place = given.place`.execute(
    transaction,
  );
}

async function removeRelations(transaction: Tx, moved: readonly RelationMoved[]): Promise<void> {
  if (moved.length === 0) return;
  await sql`
    delete from debt_party using ${given(moved)}
    where debt_party.debt_id = given.debt_id and debt_party.party_id = given.party_id and debt_party.role = given.role`.execute(
    transaction,
  );
}

async function addRelations(transaction: Tx, moved: readonly RelationMoved[]): Promise<void> {
  if (moved.length === 0) return;
  await sql`
    insert into debt_party (debt_id, party_id, role) select debt_id, party_id, role from ${given(moved)} on conflict do nothing`.execute(
    transaction,
  );
}

function given(moved: readonly RelationMoved[]) {
  return sql`unnest(${moved.map((each) => each.debtId)}::uuid[], ${moved.map((each) => each.partyId)}::uuid[],
    ${moved.map((each) => each.role)}::text[]) as given (debt_id, party_id, role)`;
}

interface Undoing {
  debtId: string;
  role: RelatedRole;
  place: number;
  partyBefore: string | null;
  digestBefore: string | null;
  broughtBefore: boolean | null;
  removed: boolean;
  partyAfter: string | null;
  added: boolean;
}

/** Whom taking an import's relations of these debts back concerns: those who come again, beside everybody who stands for them now. */
export async function readReturning(transaction: Tx, importId: string, debtIds: readonly string[]): Promise<string[]> {
  const undoing = await readUndoing(transaction, importId, debtIds);
  return undoing.flatMap((each) => (each.removed && each.partyBefore !== null ? [each.partyBefore] : []));
}

/** Takes back what an import did to the relations of these debts: who came goes, who went comes again, the list's last word is the one before. */
export async function takeRelationsBack(transaction: Tx, importId: string, debtIds: readonly string[]): Promise<RelationMoved[]> {
  const undoing = await readUndoing(transaction, importId, debtIds);
  if (undoing.length === 0) return [];
  const moved = undoing.flatMap(({ debtId, role, added, removed, partyAfter, partyBefore }): RelationMoved[] => [
    ...(added && partyAfter !== null ? [{ debtId, role, partyId: partyAfter, moved: 'removed' as const }] : []),
    ...(removed && partyBefore !== null ? [{ debtId, role, partyId: partyBefore, moved: 'added' as const }] : []),
  ]);
  await removeRelations(
    transaction,
    moved.filter((each) => each.moved === 'removed'),
  );
  await addRelations(
    transaction,
    moved.filter((each) => each.moved === 'added'),
  );
  const before = undoing.flatMap((each) => (each.partyBefore === null ? [] : [each]));
  await sql`
    delete from listed_relation using import_relation done
    where done.import_id = ${importId} and done.debt_id = any(${debtIds}::uuid[]) and listed_relation.debt_id = done.debt_id
      and listed_relation.role = done.role and listed_relation.place = done.place`.execute(transaction);
  await sql`
    insert into listed_relation (debt_id, role, place, party_id, digest, brought)
    select * from unnest(${before.map((each) => each.debtId)}::uuid[], ${before.map((each) => each.role)}::text[],
      ${before.map((each) => each.place)}::smallint[], ${before.map((each) => each.partyBefore)}::uuid[],
      ${before.map((each) => each.digestBefore)}::text[], ${before.map((each) => each.broughtBefore)}::boolean[])`.execute(
    transaction,
  );
  await sql`delete from import_relation where import_id = ${importId} and debt_id = any(${debtIds}::uuid[])`.execute(transaction);
  return moved;
}

/** With the people as they are known now: one of them may have been merged meanwhile. */
async function readUndoing(transaction: Tx, importId: string, debtIds: readonly string[]): Promise<Undoing[]> {
  const { rows } = await sql<Undoing>`
    select done.debt_id as "debtId", done.role, done.place, done.digest_before as "digestBefore", done.brought_before as "broughtBefore",
      done.removed, done.added, coalesce(before.merged_into, before.id) as "partyBefore", coalesce(later.merged_into, later.id) as "partyAfter"
    from import_relation done left join party before on before.id = done.party_before left join party later on later.id = done.party_after
    where done.import_id = ${importId} and done.debt_id = any(${debtIds}::uuid[]) order by done.debt_id, done.role, done.place`.execute(
    transaction,
  );
  return rows;
}
