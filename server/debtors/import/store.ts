import { sql } from 'kysely';
import type { Tx } from '../../kernel/database.ts';
import type { IdentityKind } from './identity.ts';
import type { MergeScope } from './merge.ts';

/** A person as a batch leaves them. */
export interface PersonWrite {
  id: string;
  isNew: boolean;
  renames: boolean;
  name: string;
  foldedName: string;
  identity: string | null;
  address: string;
  language: string | null;
  zones: readonly string[];
}

/** A debt as a batch leaves it; `posting` in minor units, 0n for none. */
export interface DebtWrite {
  id: string;
  isNew: boolean;
  account: string;
  product: string | null;
  dueOn: string;
  listedMinor: bigint;
  posting: bigint;
  digest: Buffer;
  partyId: string;
  formerPartyId: string | null;
}

/** A number that a batch gives to a person; `zones` joined by spaces. */
export interface PhoneWrite {
  e164: string;
  country: string;
  type: string;
  zones: string;
  rank: number;
  partyId: string;
}

/**
 * How an identity's kind is stored. A customer reference means something to its creditor only; the people of a demo have identities of
 * their own, so that demo and real never mix.
 */
export function storedIdentityKind(kind: IdentityKind, creditorId: string, demo: boolean): string {
  const scoped = kind === 'customer_ref' ? `customer_ref:${creditorId}` : kind;
  return demo ? `demo:${scoped}` : scoped;
}

/** Inserts people. Another import that created one of them meanwhile makes it fail with a unique violation. */
export async function writeNewPeople(transaction: Tx, scope: MergeScope, people: readonly PersonWrite[]): Promise<void> {
  if (people.length === 0) return;
  await sql`
    insert into party (id, display_name, folded_name, identity_kind, identity_value, country, address, language, time_zones, demo)
    select id, name, folded_name, case when identity is not null then ${scope.identityKind}::text end, identity, ${scope.country}, address, language,
      string_to_array(zones, ' '), ${scope.demo}
    from unnest(${column(people, (person) => person.id)}::uuid[], ${column(people, (person) => person.name)}::text[],
      ${column(people, (person) => person.foldedName)}::text[], ${column(people, (person) => person.identity)}::text[],
      ${column(people, (person) => person.address)}::text[], ${column(people, (person) => person.language)}::text[],
      ${column(people, (person) => person.zones.join(' '))}::text[])
      as given (id, name, folded_name, identity, address, language, zones)`.execute(transaction);
}

/** Writes what lists newly say of known people; their zones only grow, since calling hours must hold in every place they may be in. */
export async function writeChangedPeople(transaction: Tx, scope: MergeScope, people: readonly PersonWrite[]): Promise<void> {
  if (people.length === 0) return;
  await sql`
    update party set
      display_name = case when given.renames then given.name else party.display_name end,
      folded_name = case when given.renames then given.folded_name else party.folded_name end,
      identity_kind = case when given.identity is not null then ${scope.identityKind} else party.identity_kind end,
      identity_value = coalesce(given.identity, party.identity_value),
      address = given.address,
      language = coalesce(given.language, party.language),
      time_zones = array(select distinct zone from unnest(party.time_zones || string_to_array(given.zones, ' ')) zone order by zone)
    from unnest(${column(people, (person) => person.id)}::uuid[], ${column(people, (person) => person.renames)}::boolean[],
      ${column(people, (person) => person.name)}::text[], ${column(people, (person) => person.foldedName)}::text[],
      ${column(people, (person) => person.identity)}::text[], ${column(people, (person) => person.address)}::text[],
      ${column(people, (person) => person.language)}::text[], ${column(people, (person) => person.zones.join(' '))}::text[])
      as given (id, renames, name, folded_name, identity, address, language, zones)
    where party.id = given.id and (given.identity is not null or given.renames and party.display_name <> given.name
      or party.address is distinct from given.address or party.language is distinct from coalesce(given.language, party.language)
      or not party.time_zones @> string_to_array(given.zones, ' '))`.execute(transaction);
}

/** Inserts numbers not yet known and gives them to their people; numbers a list no longer names stay. */
export async function writePhones(transaction: Tx, phones: readonly PhoneWrite[]): Promise<void> {
  if (phones.length === 0) return;
  const distinct = [...new Map(phones.map((phone) => [phone.e164, phone])).values()].toSorted((a, b) =>
    a.e164 < b.e164 ? -1 : 1,
  );
  await sql`
    insert into phone (e164, country, number_type, time_zones)
    select e164, country, type, string_to_array(zones, ' ')
    from unnest(${column(distinct, (phone) => phone.e164)}::text[], ${column(distinct, (phone) => phone.country)}::text[],
      ${column(distinct, (phone) => phone.type)}::text[], ${column(distinct, (phone) => phone.zones)}::text[]) as given (e164, country, type, zones)
    on conflict (e164) do nothing`.execute(transaction);
  const known = await sql<{ id: string; e164: string }>`
    select id, e164 from phone where e164 = any(${column(distinct, (phone) => phone.e164)}::text[])`.execute(transaction);
  const idOf = new Map(known.rows.map((phone) => [phone.e164, phone.id]));
  await sql`
    insert into party_phone (party_id, phone_id, rank)
    select party_id, phone_id, rank
    from unnest(${column(phones, (phone) => phone.partyId)}::uuid[], ${column(phones, (phone) => idOf.get(phone.e164) ?? null)}::uuid[],
      ${column(phones, (phone) => phone.rank)}::smallint[]) as given (party_id, phone_id, rank)
    on conflict (party_id, phone_id) do nothing`.execute(transaction);
}

/** Inserts debts with the balance their opening posting gives. */
export async function writeNewDebts(transaction: Tx, scope: MergeScope, debts: readonly DebtWrite[]): Promise<void> {
  if (debts.length === 0) return;
  await sql`
    insert into debt (id, creditor_id, account, product, currency, balance_minor, due_on, listed_minor, row_digest)
    select id, ${scope.creditorId}, account, product, ${scope.currency}, posting, due_on, listed, decode(digest, 'hex')
    from unnest(${column(debts, (debt) => debt.id)}::uuid[], ${column(debts, (debt) => debt.account)}::text[],
      ${column(debts, (debt) => debt.product)}::text[], ${column(debts, (debt) => debt.posting.toString())}::bigint[],
      ${column(debts, (debt) => debt.dueOn)}::date[], ${column(debts, (debt) => debt.listedMinor.toString())}::bigint[],
      ${column(debts, (debt) => debt.digest.toString('hex'))}::text[]) as given (id, account, product, posting, due_on, listed, digest)`.execute(
    transaction,
  );
}

/** Writes what a list newly says of known debts; one that was paid or recalled is open again when the creditor lists it with a change. */
export async function writeChangedDebts(transaction: Tx, debts: readonly DebtWrite[]): Promise<void> {
  if (debts.length === 0) return;
  await sql`
    update debt set product = coalesce(given.product, debt.product), balance_minor = debt.balance_minor + given.posting, due_on = given.due_on,
      listed_minor = given.listed, row_digest = decode(given.digest, 'hex'),
      state = case when debt.state in ('paid', 'recalled') and debt.balance_minor + given.posting > 0 then 'open' else debt.state end
    from unnest(${column(debts, (debt) => debt.id)}::uuid[], ${column(debts, (debt) => debt.product)}::text[],
      ${column(debts, (debt) => debt.posting.toString())}::bigint[], ${column(debts, (debt) => debt.dueOn)}::date[],
      ${column(debts, (debt) => debt.listedMinor.toString())}::bigint[], ${column(debts, (debt) => debt.digest.toString('hex'))}::text[])
      as given (id, product, posting, due_on, listed, digest)
    where debt.id = given.id`.execute(transaction);
}

/** Makes each debt's person its debtor, in place of a former one. */
export async function writeDebtors(transaction: Tx, debts: readonly DebtWrite[]): Promise<void> {
  const moved = debts.filter((debt) => debt.formerPartyId !== null && debt.formerPartyId !== debt.partyId);
  if (moved.length > 0) {
    await sql`
      delete from debt_party using unnest(${column(moved, (debt) => debt.id)}::uuid[], ${column(moved, (debt) => debt.formerPartyId)}::uuid[])
        as gone (debt_id, party_id)
      where debt_party.debt_id = gone.debt_id and debt_party.party_id = gone.party_id and debt_party.role = 'debtor'`.execute(
      transaction,
    );
  }
  const joined = debts.filter((debt) => debt.formerPartyId !== debt.partyId);
  if (joined.length === 0) return;
  await sql`
    insert into debt_party (debt_id, party_id, role)
    select debt_id, party_id, 'debtor'
    from unnest(${column(joined, (debt) => debt.id)}::uuid[], ${column(joined, (debt) => debt.partyId)}::uuid[]) as given (debt_id, party_id)
    on conflict (debt_id, party_id) do update set role = 'debtor'`.execute(transaction);
}

/** Posts what moves the balances: an opening for a new debt, an adjustment for a known one. */
export async function writePostings(transaction: Tx, importId: string, debts: readonly DebtWrite[]): Promise<void> {
  const moving = debts.filter((debt) => debt.posting !== 0n);
  if (moving.length === 0) return;
  await sql`
    insert into posting (debt_id, kind, amount_minor, import_id)
    select debt_id, kind, amount, ${importId}
    from unnest(${column(moving, (debt) => debt.id)}::uuid[], ${column(moving, (debt) => (debt.isNew ? 'opening' : 'adjustment'))}::text[],
      ${column(moving, (debt) => debt.posting.toString())}::bigint[]) as given (debt_id, kind, amount)`.execute(transaction);
}

function column<Row, Value>(rows: readonly Row[], value: (row: Row) => Value): Value[] {
  return rows.map(value);
}
