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
  phones: unknown;
  amount_minor: bigint;
  due_on: string;
  address: string;
  zones: string[];
  product: string | null;
  language: string | null;
  digest: Buffer;
  debt_id: string | null;
  row_digest: Buffer | null;
  listed_minor: bigint | null;
  balance_minor: bigint | null;
  debtor_id: string | null;
}

const stagedPhones = z.array(z.tuple([z.string(), z.string(), z.string(), z.string()]));

/**
 * Merges the accounts whose last row stands in [from, to] of the list, in the caller's transaction: locks the persons concerned in the order of
 * their ids, then reads again what is known, decides, and writes. Merging a batch twice changes nothing the second time.
 */
export async function mergeBatch(transaction: Tx, scope: MergeScope, from: number, to: number): Promise<Merged> {
  const ahead = await readRows(transaction, scope, from, to);
  if (ahead.length === 0) return { creditorId: scope.creditorId, debtIds: [], partyIds: [] };
  await lockPeople(transaction, await readKnown(transaction, scope, ahead));
  // A statement that waits for a lock does not see what was committed meanwhile: everything is read again.
  const rows = await readRows(transaction, scope, from, to);
  const known = await readKnown(transaction, scope, rows);
  const changed = rows.filter((row) => row.row_digest === null || !row.row_digest.equals(row.digest));
  const phones = changed.map((row) => stagedPhones.parse(row.phones));
  const matches = matchDebtors(
    changed.map((row, index) => ({
      identity: row.identity,
      foldedName: row.folded_name,
      phones: phones[index]?.map(([e164]) => e164) ?? [],
      debtorId: row.debtor_id,
    })),
    known,
    randomUUIDv7,
  );
  const debts = debtWrites(changed, matches);
  const people = personWrites(changed, matches);
  const numbers = phoneWrites(phones, matches);

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
    await record(transaction, [{ ...event, body: { from, to, changes } }]);
  }
  const partyOf = new Map(debts.map((debt) => [debt.account, debt.partyId]));
  return {
    creditorId: scope.creditorId,
    debtIds: [...rows.flatMap((row) => row.debt_id ?? []), ...debts.filter((debt) => debt.isNew).map((debt) => debt.id)],
    partyIds: [
      ...new Set(rows.flatMap((row) => [row.debtor_id, partyOf.get(row.account)]).filter((id) => typeof id === 'string')),
    ],
  };
}

/** The last row of each account in a range of the list, with the debt as it stands. */
async function readRows(transaction: Tx, scope: MergeScope, from: number, to: number): Promise<StagedRow[]> {
  const { rows } = await sql<StagedRow>`
    select staged.account, staged.name, staged.folded_name, staged.identity, staged.phones, staged.amount_minor, staged.due_on, staged.address,
      staged.zones, staged.product, staged.language, staged.digest,
      debt.id as debt_id, debt.row_digest, debt.listed_minor, debt.balance_minor, debtor.party_id as debtor_id
    from ${scope.staging.table} staged
    left join debt on debt.creditor_id = ${scope.creditorId} and debt.account = staged.account
    left join lateral (select party_id from debt_party where debt_id = debt.id and role = 'debtor' order by party_id limit 1) debtor on true
    where staged.row_no between ${from} and ${to}
      and not exists (select from ${scope.staging.table} later where later.account = staged.account and later.row_no > staged.row_no)
    order by staged.row_no`.execute(transaction);
  return rows;
}

/** The people a batch may speak of: by identifier, by name and phone where no identifier is given, and the debtors so far. */
async function readKnown(transaction: Tx, scope: MergeScope, rows: readonly StagedRow[]): Promise<KnownPeople> {
  const identities = rows.flatMap((row) => row.identity ?? []);
  const debtors = rows.flatMap((row) => row.debtor_id ?? []);
  const names: string[] = [];
  const numbers: string[] = [];
  for (const row of rows) {
    if (row.identity !== null) continue;
    for (const [e164] of stagedPhones.parse(row.phones)) {
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
    join phone on phone.e164 = wanted.e164
    join party_phone link on link.phone_id = phone.id
    join party on party.id = link.party_id and party.folded_name = wanted.folded_name and party.demo = ${scope.demo}
    order by party.id desc`.execute(transaction);
  return {
    byIdentity: new Map(
      people.rows.flatMap(({ id, identity_kind: kind, identity_value: value }) =>
        value === null || kind !== scope.identityKind ? [] : [[value, id]],
      ),
    ),
    byNameAndPhone: new Map(holders.rows.map((holder) => [nameAndPhone(holder.folded_name, holder.e164), holder.id])),
    identityOf: new Map([...people.rows, ...holders.rows].map((person) => [person.id, person.identity_value])),
  };
}

async function lockPeople(transaction: Tx, known: KnownPeople): Promise<void> {
  await sql`select id from party where id = any(${[...known.identityOf.keys()]}::uuid[]) order by id for update`.execute(
    transaction,
  );
}

function debtWrites(rows: readonly StagedRow[], matches: readonly Match[]): DebtWrite[] {
  return rows.flatMap((row, index) => {
    const match = matches[index];
    if (!match) return [];
    const before = { balance: row.balance_minor ?? 0n, listed: row.listed_minor };
    return {
      id: row.debt_id ?? randomUUIDv7(),
      isNew: row.debt_id === null,
      account: row.account,
      product: row.product,
      dueOn: row.due_on,
      listedMinor: row.amount_minor,
      posting: adjustment(row.amount_minor, before),
      digest: row.digest,
      partyId: match.partyId,
      formerPartyId: row.debtor_id,
    };
  });
}

/** One write per person; where several rows speak of one, the last is believed, and the person may be in every row's zone. */
function personWrites(rows: readonly StagedRow[], matches: readonly Match[]): Map<string, PersonWrite> {
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

function phoneWrites(phones: readonly z.infer<typeof stagedPhones>[], matches: readonly Match[]): PhoneWrite[] {
  return phones.flatMap((list, index) =>
    list.map(([e164, country, type, zones], rank) => ({
      e164,
      country,
      type,
      zones,
      rank,
      partyId: matches[index]?.partyId ?? '',
    })),
  );
}
