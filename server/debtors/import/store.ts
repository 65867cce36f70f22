import { sql, type RawBuilder } from 'kysely';
import type { Tx } from '../../kernel/database.ts';
import { recordList } from '../../kernel/history.ts';
import { idRange } from '../../kernel/ids.ts';
import type { IdentityKind } from './identity.ts';
import type { MergeScope, Part } from './merge.ts';
import type { Match } from './rules.ts';
import { LAST_LANE } from './staged-line.ts';
import { placeOf } from './staging.ts';

/**
 * The statements of a merge, in their order. They work on two tables of the transaction's own: `import_part`, the rows of the part beside
 * what is known of each account (first what is of one width and what most statements ask for: nearer columns are found sooner), and
 * `import_person`, what those rows say of each person.
 */

/**
 * How an identity's kind is stored. A customer reference means something to its creditor only; the people of a demo have identities of
 * their own, so that demo and real never mix.
 */
export function storedIdentityKind(kind: IdentityKind, creditorId: string, demo: boolean): string {
  const scoped = kind === 'customer_ref' ? `customer_ref:${creditorId}` : kind;
  return demo ? `demo:${scoped}` : scoped;
}

/** What a part holds. */
export interface OpenPart {
  rows: number;
  /** Rows that say something else than the account's last list. */
  changed: number;
  /** Rows whose account is known. */
  known: number;
  /** Rows with a bank account. */
  ibans: number;
  /** The debtors of its accounts and the holders of its identifiers. */
  people: string[];
}

/**
 * Lays a part of the list beside the debts and people known: `same` is what repeats the account's last list; the others get the holder of
 * their identifier as their party, a new one for each identifier not known yet, which is `single` where no other row of the part has it.
 * A list that repeats its amount knows nothing of payments booked here since, so it posts nothing; one that changes it does. The rows lie in
 * the order of their identifiers and new ids in that of the rows, so that indexes are read and written page by page. Indexes:
 * staging `(lane, row_no)`, unique `debt (creditor_id, account)`, `party_by_identity`.
 */
export async function openPart(transaction: Tx, scope: MergeScope, { lane, from, to }: Part): Promise<OpenPart> {
  const debtIds = idRange();
  const partyIds = idRange();
  await sql`
    create temp table import_part on commit drop as
    select row_no, place, amount_minor, posting, debt_id, coalesce(holder_id, first_value(fresh_party_id) over mine) as party_id, due_on,
      known, same, ${lane !== LAST_LANE} and holder_id is null and lag(row_no) over mine is null and lead(row_no) over mine is null as single,
      holder_id is null as is_new, false as adopts, true as renames, bad_identity, debtor_id, holder_id,
      account, digest, e164s, name, folded_name, identity, address, zones, regions, iban, product, language
    from (
      select staged.*, debt.id is not null as known, coalesce(debt.id, ${debtIds.at(sql`place`)}) as debt_id,
        debt.row_digest is not distinct from staged.digest as same,
        case when debt.listed_minor = staged.amount_minor then 0 else staged.amount_minor - coalesce(debt.balance_minor, 0) end as posting,
        case when debt.id is not null then
          (select min(party_id::text)::uuid from debt_party where debt_id = debt.id and role = 'debtor') end as debtor_id,
        holder.id as holder_id, ${partyIds.at(sql`place`)} as fresh_party_id
      from (
        select row_no, bad_identity, amount_minor, due_on, account, name, folded_name, identity, iban, address, zones, regions, product,
          language, digest, e164s, row_number() over (order by identity, row_no) as place
        from ${scope.staging.table} where lane = ${lane} and row_no between ${from} and ${to}
      ) staged
      left join lateral (select * from debt where ${scope.accountsKnown} and creditor_id = ${scope.creditorId} and account = staged.account limit 1) debt on true
      left join lateral ${holderOf(scope, sql`staged.identity`)} holder on true
    ) found window mine as (partition by identity order by row_no)`.execute(transaction);
  const { rows } = await sql<{
    rows: bigint;
    changed: bigint;
    known: bigint;
    ibans: bigint;
    debtors: string[] | null;
    holders: string[] | null;
  }>`
    select count(*) as rows, count(*) filter (where not same) as changed, count(*) filter (where known) as known, count(iban) as ibans,
      array_agg(debtor_id) filter (where debtor_id is not null) as debtors, array_agg(holder_id) filter (where holder_id is not null) as holders
    from import_part`.execute(transaction);
  const [found] = rows;
  return {
    rows: Number(found?.rows ?? 0n),
    changed: Number(found?.changed ?? 0n),
    known: Number(found?.known ?? 0n),
    ibans: Number(found?.ibans ?? 0n),
    people: [...new Set([...(found?.debtors ?? []), ...(found?.holders ?? [])])],
  };
}

/** Whether somebody the part took for the holder of an identifier holds it no more. */
export async function holdersMoved(transaction: Tx): Promise<boolean> {
  const { rows } = await sql<{ moved: boolean }>`
    select exists (
      select from import_part part left join party on party.id = part.holder_id
      where part.holder_id is not null and party.identity_value is distinct from part.identity
    ) as moved`.execute(transaction);
  return rows[0]?.moved ?? true;
}

/** The person who has an identifier, or whom they were merged into. Index `party_by_identity`. */
export function holderOf(scope: MergeScope, identity: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    select coalesce(merged_into, id) as id, identity_kind, identity_value from party
    where country = ${scope.country} and identity_kind = ${scope.identityKind} and identity_value = ${identity} limit 1)`;
}

/** Forgets the part, so that the transaction can open another. */
export async function closePart(transaction: Tx): Promise<void> {
  await sql`drop table if exists import_part, import_person`.execute(transaction);
}

/** Notes who the rows that were decided one by one speak of. */
export async function writeMatches(transaction: Tx, matches: readonly (Match & { row: number })[]): Promise<void> {
  await sql`
    update import_part set party_id = given.party_id, is_new = given.is_new, adopts = given.adopts, renames = given.renames
    from unnest(${matches.map((match) => match.row)}::int[], ${matches.map((match) => match.partyId)}::uuid[],
      ${matches.map((match) => match.isNew)}::boolean[], ${matches.map((match) => match.adopts)}::boolean[],
      ${matches.map((match) => match.renames)}::boolean[]) as given (row_no, party_id, is_new, adopts, renames)
    where import_part.row_no = given.row_no`.execute(transaction);
}

/**
 * Gathers what the part says of each person that is not a new one with a single row: where several rows speak of one, the last is believed,
 * and they may be in every row's zone.
 */
export async function writePeople(transaction: Tx): Promise<void> {
  await sql`
    create temp table import_person on commit drop as
    select party_id as id, bool_or(is_new) as is_new, bool_or(renames) as renames,
      (array_agg(name order by row_no desc) filter (where renames))[1] as name,
      (array_agg(folded_name order by row_no desc) filter (where renames))[1] as folded_name,
      max(identity) filter (where is_new or adopts) as identity,
      (array_agg(address order by row_no desc))[1] as address,
      (array_agg(language order by row_no desc) filter (where language is not null))[1] as language,
      string_to_array(case when count(*) = 1 then max(zones) else string_agg(zones, ' ' order by row_no desc) end, ' ') as zones,
      string_to_array(case when count(*) = 1 then max(regions) else coalesce(string_agg(nullif(regions, ''), ' '), '') end, ' ') as regions,
      count(*) > 1 as several
    from import_part where not same and not single group by party_id`.execute(transaction);
}

/** Inserts people. Another import that created one of them meanwhile makes it fail with a unique violation. */
export async function writeNewPeople(transaction: Tx, scope: MergeScope): Promise<void> {
  await sql`
    insert into party (id, display_name, folded_name, identity_kind, identity_value, country, address, language, time_zones, regions, demo)
    select party_id, name, folded_name, ${scope.identityKind}, identity, ${scope.country}, address, language,
      string_to_array(zones, ' '), string_to_array(regions, ' '), ${scope.demo}
    from import_part where single and not same`.execute(transaction);
  await sql`
    insert into party (id, display_name, folded_name, identity_kind, identity_value, country, address, language, time_zones, regions, demo)
    select id, name, folded_name, case when identity is not null then ${scope.identityKind}::text end, identity, ${scope.country}, address, language,
      case when several then array(select distinct zone from unnest(zones) zone order by zone) else zones end, case when several then array(select distinct region from unnest(regions) region order by region) else regions end, ${scope.demo}
    from import_person where is_new order by id`.execute(transaction);
}

/** Writes what lists newly say of known people; their zones and regions only grow, since calling hours must hold in every place they may be in. */
export async function writeChangedPeople(transaction: Tx, scope: MergeScope): Promise<void> {
  await sql`
    update party set
      display_name = case when given.renames then given.name else party.display_name end,
      folded_name = case when given.renames then given.folded_name else party.folded_name end,
      identity_kind = case when given.identity is not null then ${scope.identityKind} else party.identity_kind end,
      identity_value = coalesce(given.identity, party.identity_value),
      address = given.address,
      language = coalesce(given.language, party.language),
      time_zones = array(select distinct zone from unnest(party.time_zones || given.zones) zone order by zone),
      regions = array(select distinct region from unnest(party.regions || given.regions) region order by region)
    from import_person given
    where not given.is_new and party.id = given.id and (given.identity is not null or given.renames and party.display_name <> given.name
      or party.address is distinct from given.address or party.language is distinct from coalesce(given.language, party.language)
      or not party.time_zones @> given.zones or not party.regions @> given.regions)`.execute(transaction);
}

/**
 * Runs inserts without looking up each row's foreign keys, which would cost more than all else: what they refer to was inserted, locked or
 * joined by the same transaction. Where the server does not let this user, they are looked up.
 */
export async function withoutReferenceChecks(transaction: Tx, inserts: () => Promise<void>): Promise<void> {
  await setReferenceChecks(transaction, 'replica');
  await inserts();
  await setReferenceChecks(transaction, 'origin');
}

async function setReferenceChecks(transaction: Tx, role: 'replica' | 'origin'): Promise<void> {
  await sql`
    select set_config('session_replication_role', ${role}, true)
    where has_parameter_privilege('session_replication_role', 'SET')`.execute(transaction);
}

/**
 * Gives people their numbers, which are all known by now, by the ids of their places; numbers a list no longer names stay. One that somebody
 * put on the do-not-call list is on it for whoever is said to have it.
 */
export async function writePhones(transaction: Tx, { staging, phoneIds }: MergeScope, { from, to }: Part): Promise<void> {
  const given = (single: boolean, once: RawBuilder<unknown>, order: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    insert into party_phone (party_id, phone_id, rank, state)
    select ${once} named.party_id, coalesce(elsewhere.phone_id, ${idRange(phoneIds).at(sql`named.place`)}), named.rank - 1,
      case when exists (select from do_not_call where e164 = named.e164 and expires_at > now()) then 'revoked' else 'active' end
    from (
      select party_id, e164, rank, ${placeOf(sql`row_no`, sql`rank`)} as place
      from (
        select party_id, row_no, unnest(e164s) as e164, generate_subscripts(e164s, 1) as rank
        from import_part where not same and single = ${single}
      ) unnested
    ) named
    left join (
      select place, phone_id from ${staging.phones}
      where place >= ${placeOf(sql`${from}`, sql`0`)} and place < ${placeOf(sql`${to + 1}`, sql`0`)} offset 0
    ) elsewhere on elsewhere.place = named.place ${order}`;
  await given(true, sql``, sql``).execute(transaction);
  const once = given(false, sql`distinct on (party_id, e164)`, sql`order by party_id, e164, rank`);
  await sql`${once} on conflict (party_id, phone_id) do nothing`.execute(transaction);
}

/** Gives people their bank accounts. */
export async function writeIbans(transaction: Tx): Promise<void> {
  await sql`
    insert into party_iban (party_id, iban) select distinct party_id, iban from import_part where not same and iban is not null
    on conflict do nothing`.execute(transaction);
}

/** Inserts debts with the balance their opening posting gives. */
export async function writeNewDebts(transaction: Tx, scope: MergeScope): Promise<void> {
  await sql`
    insert into debt (id, creditor_id, account, product, currency, balance_minor, due_on, listed_minor, row_digest)
    select debt_id, ${scope.creditorId}, account, product, ${scope.currency}, posting, due_on, amount_minor, digest
    from import_part where not known`.execute(transaction);
}

/** Writes what a list newly says of known debts; one that was paid or recalled is open again when the creditor lists it with a change. */
export async function writeChangedDebts(transaction: Tx, importId: string): Promise<void> {
  await sql`
    insert into import_debt_state (import_id, debt_id, state_before, listed_before)
    select ${importId}, debt.id, case when debt.state in ('paid', 'recalled') and debt.balance_minor + given.posting > 0 then debt.state end,
      debt.listed_minor
    from import_part given join debt on debt.id = given.debt_id
    where given.known and not given.same and (debt.listed_minor is distinct from given.amount_minor
      or debt.state in ('paid', 'recalled') and debt.balance_minor + given.posting > 0)
    on conflict do nothing`.execute(transaction);
  await sql`
    update debt set product = coalesce(given.product, debt.product), balance_minor = debt.balance_minor + given.posting, due_on = given.due_on,
      listed_minor = given.amount_minor, row_digest = given.digest,
      state = case when debt.state in ('paid', 'recalled') and debt.balance_minor + given.posting > 0 then 'open' else debt.state end
    from import_part given
    where given.known and not given.same and debt.id = given.debt_id`.execute(transaction);
}

/** Makes each new debt's person its debtor. */
export async function writeNewDebtors(transaction: Tx): Promise<void> {
  await sql`
    insert into debt_party (debt_id, party_id, role) select debt_id, party_id, 'debtor' from import_part where not known`.execute(
    transaction,
  );
}

/** Makes each known debt's person its debtor, in place of a former one. */
export async function writeChangedDebtors(transaction: Tx): Promise<void> {
  await sql`
    delete from debt_party using import_part given
    where not given.same and given.debtor_id <> given.party_id
      and debt_party.debt_id = given.debt_id and debt_party.party_id = given.debtor_id and debt_party.role = 'debtor'`.execute(
    transaction,
  );
  await sql`
    insert into debt_party (debt_id, party_id, role)
    select debt_id, party_id, 'debtor' from import_part where known and not same and debtor_id is distinct from party_id
    on conflict (debt_id, party_id) do update set role = 'debtor'`.execute(transaction);
}

/** Posts what moves the balances: an opening for a new debt, an adjustment for a known one. */
export async function writePostings(transaction: Tx, importId: string): Promise<void> {
  await sql`
    insert into posting (id, debt_id, kind, amount_minor, import_id)
    select ${idRange().at(sql`place`)}, debt_id, case when known then 'adjustment' else 'opening' end, posting, ${importId}
    from import_part where not same and posting <> 0`.execute(transaction);
}

/** Tells the history what was written: debt, party and posting of each account that differed. */
export async function recordChanges(transaction: Tx, importId: string, part: Part): Promise<void> {
  const event = { kind: 'import.merged', subject: 'import', subjectId: importId, actor: 'import', body: { ...part } };
  await recordList(
    transaction,
    event,
    'changes',
    sql`
    select '["' || debt_id || '","' || party_id || '","' || posting || '"]' as item, row_no as place from import_part where not same`,
  );
}

/** The part's accounts, changed or not, and everyone who was or is their debtor. */
export async function readTouched(transaction: Tx): Promise<{ debtIds: string[]; partyIds: string[] }> {
  const { rows } = await sql<{ debts: string[]; parties: string[] | null }>`
    select array_agg(debt_id) as debts, (
      select array_agg(distinct party) from (
        select party_id as party from import_part where not same union all select debtor_id from import_part where debtor_id is not null
      ) touched) as parties
    from import_part`.execute(transaction);
  return { debtIds: rows[0]?.debts ?? [], partyIds: rows[0]?.parties ?? [] };
}
