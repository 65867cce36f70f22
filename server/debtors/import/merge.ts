import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Tx } from '../../kernel/database.ts';
import { record } from '../../kernel/history.ts';
import { adjustment, matchDebtors, nameAndPhone, type KnownPeople, type Match } from './rules.ts';
import type { Staging } from './staging.ts';
import {
  writeDebtors,
  writeNewDebts,
  writeNewPeople,
  writePhones,
  writePostings,
  writeChangedDebts,
  writeChangedPeople,
  type DebtWrite,
  type PersonWrite,
  type PhoneWrite,
} from './store.ts';

/** What all batches of one import share. */
export interface MergeScope {
  importId: string;
  staging: Staging;
  creditorId: string;
  country: string;
  currency: string;
  /** As stored: see `storedIdentityKind`. */
  identityKind: string;
  demo: boolean;
}

/** What a batch touched, for whoever enrols debts in a campaign: every account of the list, changed or not, and every person. */
export interface Merged {
  creditorId: string;
  debtIds: string[];
  partyIds: string[];
}

interface StagedRow {
  account: string;
  name: string;
  folded_name: string;
  identity: string | null;
  bad_identity: boolean;
  phones: unknown;
  amount_minor: bigint;
  due_on: string;
  address: string;
  zones: string[];
  product: string | null;
  language: string | null;
  digest: Buffer;
}

/** A debt as it stands before the batch. */
interface KnownDebt {
  id: string;
  account: string;
  row_digest: Buffer | null;
  listed_minor: bigint | null;
  balance_minor: bigint;
  debtor_id: string | null;
}

/** What a row of the list says, beside what is known of its account. */
interface ListedRow extends StagedRow {
  numbers: z.infer<typeof stagedPhones>;
  known: KnownDebt | null;
}

const stagedPhones = z.array(z.tuple([z.string(), z.string(), z.string(), z.string()]));

/** Part of a list: the staged rows of one lane in [from, to]. */
export interface Part {
  lane: number;
  from: number;
  to: number;
}

/**
 * Merges the accounts staged in a part of the list, in the caller's transaction: locks the persons concerned in the order of their ids, then
 * reads again what is known, decides, and writes. Merging a part twice changes nothing the second time.
 */
export async function mergePart(transaction: Tx, scope: MergeScope, part: Part): Promise<Merged> {
  const staged = await readStaged(transaction, scope, part);
  if (staged.length === 0) return { creditorId: scope.creditorId, debtIds: [], partyIds: [] };
  await lockPeople(transaction, await readKnown(transaction, scope, await readDebts(transaction, scope, staged)));
  // A statement that waits for a lock does not see what was committed meanwhile: everything known is read again.
  const rows = await readDebts(transaction, scope, staged);
  const known = await readKnown(transaction, scope, rows);
  const changed = rows.filter((row) => !row.known?.row_digest?.equals(row.digest));
  const claims = changed.map((row) => ({
    identity: row.identity,
    badIdentity: row.bad_identity,
    foldedName: row.folded_name,
    phones: row.numbers.map(([e164]) => e164),
    debtorId: row.known?.debtor_id ?? null,
  }));
  const matches = matchDebtors(claims, known, randomUUIDv7);
  const debts = debtWrites(changed, matches);
  const people = personWrites(changed, matches);
  const numbers = phoneWrites(changed, matches);

  await writeNewPeople(
    transaction,
    scope,
    [...people.values()].filter((person) => person.isNew),
  );
  await writeChangedPeople(
    transaction,
    scope,
    [...people.values()].filter((person) => !person.isNew),
  );
  await writePhones(transaction, numbers);
  await writeNewDebts(
    transaction,
    scope,
    debts.filter((debt) => debt.isNew),
  );
  await writeChangedDebts(
    transaction,
    debts.filter((debt) => !debt.isNew),
  );
  await writeDebtors(transaction, debts);
  await writePostings(transaction, scope.importId, debts);
  if (debts.length > 0) {
    const changes = debts.map((debt) => [debt.id, debt.partyId, debt.posting.toString()]);
    const event = { kind: 'import.merged', subject: 'import', subjectId: scope.importId, actor: 'import' };
    await record(transaction, [{ ...event, body: { ...part, changes } }]);
  }
  const partyOf = new Map(debts.map((debt) => [debt.account, debt.partyId]));
  return {
    creditorId: scope.creditorId,
    debtIds: [...rows.flatMap((row) => row.known?.id ?? []), ...debts.filter((debt) => debt.isNew).map((debt) => debt.id)],
    partyIds: [...new Set(rows.flatMap((row) => [row.known?.debtor_id ?? [], partyOf.get(row.account) ?? []].flat()))],
  };
}

async function readStaged(transaction: Tx, scope: MergeScope, { lane, from, to }: Part): Promise<StagedRow[]> {
  const { rows } = await sql<StagedRow>`
    select account, name, folded_name, identity, bad_identity, phones, amount_minor, due_on, address, zones, product, language, digest
    from ${scope.staging.table} where lane = ${lane} and row_no between ${from} and ${to} order by row_no`.execute(transaction);
  return rows;
}

/** Each row beside its debt as it stands now. Index: the unique one on `debt (creditor_id, account)`. */
async function readDebts(transaction: Tx, scope: MergeScope, staged: readonly StagedRow[]): Promise<ListedRow[]> {
  const { rows } = await sql<KnownDebt>`
    select debt.id, debt.account, debt.row_digest, debt.listed_minor, debt.balance_minor,
      (select min(party_id::text)::uuid from debt_party where debt_id = debt.id and role = 'debtor') as debtor_id
    from debt
    where debt.creditor_id = ${scope.creditorId} and debt.account = any(${staged.map((row) => row.account)}::text[])`.execute(
    transaction,
  );
  const debts = new Map(rows.map((debt) => [debt.account, debt]));
  return staged.map((row) => ({ ...row, numbers: stagedPhones.parse(row.phones), known: debts.get(row.account) ?? null }));
}

/** The people a batch may speak of: by identifier, by name and phone where no identifier is given, and the debtors so far. */
async function readKnown(transaction: Tx, scope: MergeScope, rows: readonly ListedRow[]): Promise<KnownPeople> {
  const identities = rows.flatMap((row) => row.identity ?? []);
  const debtors = rows.flatMap((row) => row.known?.debtor_id ?? []);
  const names: string[] = [];
  const numbers: string[] = [];
  for (const row of rows) {
    if (row.identity !== null) continue;
    for (const [e164] of row.numbers) {
      names.push(row.folded_name);
      numbers.push(e164);
    }
  }
  const people = await sql<{ id: string; identity_kind: string | null; identity_value: string | null }>`
    select id, identity_kind, identity_value from party
    where country = ${scope.country} and identity_kind = ${scope.identityKind} and identity_value = any(${identities}::text[])
    union
    select id, identity_kind, identity_value from party where id = any(${debtors}::uuid[])`.execute(transaction);
  const holders = await sql<{ id: string; identity_value: string | null; folded_name: string; e164: string }>`
    select party.id, party.identity_value, party.folded_name, wanted.e164
    from unnest(${names}::text[], ${numbers}::text[]) as wanted (folded_name, e164)
    cross join lateral (select id from phone where e164 = wanted.e164 limit 1) as number
    join party_phone link on link.phone_id = number.id
    join party on party.id = link.party_id and party.folded_name = wanted.folded_name and party.demo = ${scope.demo}
    order by party.id`.execute(transaction);
  const byNameAndPhone = new Map<string, string[]>();
  for (const { id, folded_name: name, e164 } of holders.rows) {
    const key = nameAndPhone(name, e164);
    const ids = byNameAndPhone.get(key);
    if (ids === undefined) byNameAndPhone.set(key, [id]);
    else if (!ids.includes(id)) ids.push(id);
  }
  return {
    byIdentity: new Map(
      people.rows.flatMap(({ id, identity_kind: kind, identity_value: value }) =>
        value === null || kind !== scope.identityKind ? [] : [[value, id]],
      ),
    ),
    byNameAndPhone,
    identityOf: new Map([...people.rows, ...holders.rows].map((person) => [person.id, person.identity_value])),
  };
}

async function lockPeople(transaction: Tx, known: KnownPeople): Promise<void> {
  await sql`select id from party where id = any(${[...known.identityOf.keys()]}::uuid[]) order by id for update`.execute(
    transaction,
  );
}

function debtWrites(rows: readonly ListedRow[], matches: readonly Match[]): DebtWrite[] {
  return rows.flatMap((row, index) => {
    const match = matches[index];
    if (!match) return [];
    const before = { balance: row.known?.balance_minor ?? 0n, listed: row.known?.listed_minor ?? null };
    return {
      id: row.known?.id ?? randomUUIDv7(),
      isNew: row.known === null,
      account: row.account,
      product: row.product,
      dueOn: row.due_on,
      listedMinor: row.amount_minor,
      posting: adjustment(row.amount_minor, before),
      digest: row.digest,
      partyId: match.partyId,
      formerPartyId: row.known?.debtor_id ?? null,
    };
  });
}

/** One write per person; where several rows speak of one, the last is believed, and the person may be in every row's zone. */
function personWrites(rows: readonly ListedRow[], matches: readonly Match[]): Map<string, PersonWrite> {
  const people = new Map<string, PersonWrite>();
  for (const [index, row] of rows.entries()) {
    const match = matches[index];
    if (!match) continue;
    const earlier = people.get(match.partyId);
    const renames = match.renames || earlier?.renames === true;
    people.set(match.partyId, {
      id: match.partyId,
      isNew: match.isNew || earlier?.isNew === true,
      renames,
      name: match.renames || !earlier ? row.name : earlier.name,
      foldedName: match.renames || !earlier ? row.folded_name : earlier.foldedName,
      identity: match.isNew || match.adopts ? row.identity : (earlier?.identity ?? null),
      address: row.address,
      language: row.language ?? earlier?.language ?? null,
      zones: [...new Set([...(earlier?.zones ?? []), ...row.zones])],
    });
  }
  return people;
}

function phoneWrites(rows: readonly ListedRow[], matches: readonly Match[]): PhoneWrite[] {
  return rows.flatMap((row, index) =>
    row.numbers.map(([e164, country, type, zones], rank) => ({
      e164,
      country,
      type,
      zones,
      rank,
      partyId: matches[index]?.partyId ?? '',
    })),
  );
}
