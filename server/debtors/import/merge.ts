import { randomUUIDv7 } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import type { Tx } from '../../kernel/database.ts';
import { matchDebtors, nameAndContact, type KnownPeople } from './rules.ts';
import { LAST_LANE } from './staged-line.ts';
import type { Staging } from './staging.ts';
import {
  closePart,
  holderOf,
  holdersMoved,
  openPart,
  readTouched,
  writeChangedDebts,
  writeChangedPeople,
  writeChangedDebtors,
  writeNewDebtors,
  recordChanges,
  type OpenPart,
  writeIbans,
  writeMatches,
  writeNewDebts,
  writeNewPeople,
  writePeople,
  writePhones,
  withoutReferenceChecks,
  writePostings,
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
  /** False where none of the list's accounts was known when it was sorted out; one that came since makes inserting it fail with a unique violation. */
  accountsKnown: boolean;
  /** Locks people under whom facts are written, in the order everybody keeps. */
  lockPeople: (transaction: Tx, partyIds: readonly string[]) => Promise<void>;
  /** Whether anybody wants to know what a batch touched. */
  tellsTouched: boolean;
  /** The ids of the list's numbers count on from it with their places. */
  phoneIds: string;
}

/**
 * What a batch touched, for whoever keeps queues: `listed` names every account of a list, changed or not, and every person, to be enrolled;
 * `changed` names what a payment, a recall or the like concerns, wherever it is worked.
 */
export interface Merged {
  kind: 'listed' | 'changed';
  creditorId: string;
  debtIds: string[];
  partyIds: string[];
  /** Debts of a `changed` batch on which a payment was booked. */
  paidDebtIds?: string[];
}

/** What whoever keeps queues did at once: debtors who left a queue, and ringing calls that are ended. */
export interface AtOnce {
  left: number;
  calledOff: number;
}

/** Part of a list: the staged rows of one lane in [from, to]. */
export interface Part {
  lane: number;
  from: number;
  to: number;
}

/**
 * Merges the accounts staged in a part of the list, in the caller's transaction: reads what is known, locks the persons concerned, reads
 * again, decides, and writes, a statement for all rows at a time. Only rows that an identifier does not decide are decided one by one.
 * Merging a part twice changes nothing the second time. Returns what it touched, or null where nothing is staged.
 */
export async function mergePart(transaction: Tx, scope: MergeScope, part: Part): Promise<Merged | null> {
  let found = await openPart(transaction, scope, part);
  const concerned = found.rows === 0 ? [] : await readConcerned(transaction, scope, part, found);
  if (concerned.length > 0) {
    await scope.lockPeople(transaction, concerned);
    // A statement that waits for a lock does not see what was committed meanwhile.
    if (found.known > 0 || (await holdersMoved(transaction))) {
      await closePart(transaction);
      found = await openPart(transaction, scope, part);
    }
  }
  if (found.changed > 0) await writeChanges(transaction, scope, part, found);
  const touched = found.rows > 0 && scope.tellsTouched ? await readTouched(transaction) : null;
  await closePart(transaction);
  return touched && { kind: 'listed', creditorId: scope.creditorId, ...touched };
}

async function writeChanges(transaction: Tx, scope: MergeScope, part: Part, { known, ibans }: OpenPart): Promise<void> {
  if (part.lane === LAST_LANE) await decideOneByOne(transaction, scope);
  await writePeople(transaction);
  await writeChangedPeople(transaction, scope);
  if (known > 0) await writeChangedDebts(transaction, scope.importId);
  await withoutReferenceChecks(transaction, async () => {
    await writeNewPeople(transaction, scope);
    await writePhones(transaction, scope, part);
    if (ibans > 0) await writeIbans(transaction);
    await writeNewDebts(transaction, scope);
    await writeNewDebtors(transaction);
    if (known > 0) await writeChangedDebtors(transaction);
    await writePostings(transaction, scope.importId);
  });
  await recordChanges(transaction, scope.importId, part);
}

/** Everyone known whom the open part may concern: debtors of its accounts, holders of its identifiers, and of its names and numbers. */
async function readConcerned(transaction: Tx, scope: MergeScope, { lane }: Part, { people }: OpenPart): Promise<string[]> {
  if (lane !== LAST_LANE) return people;
  const { rows } = await sql<{ id: string }>`
    select distinct namesake.id from import_part part cross join lateral ${namesakesOf(scope)} namesake
    where part.identity is null`.execute(transaction);
  return [...new Set([...people, ...rows.map((row) => row.id)])];
}

/**
 * The people of a row's name who have one of its numbers or its IBAN, looked up one by one from the number on (`limit 1`, `offset 0`): thousands
 * share a name, and in the middle of an import the planner knows nothing yet of the tables' sizes.
 */
function namesakesOf(scope: MergeScope): RawBuilder<unknown> {
  const holder = sql`lateral (
    select id, identity_value, folded_name, demo, merged_into from party where id = link.party_id limit 1) holder`;
  const isNamesake = sql`holder.folded_name = part.folded_name and holder.demo = ${scope.demo} and holder.merged_into is null`;
  return sql`(
    select holder.id, holder.identity_value, holder.folded_name, wanted.e164 as contact
    from unnest(part.e164s) as wanted (e164)
    cross join lateral (select id from phone where e164 = wanted.e164 limit 1) number
    cross join lateral (select party_id from party_phone where phone_id = number.id offset 0) link
    cross join ${holder} where ${isNamesake}
    union all
    select holder.id, holder.identity_value, holder.folded_name, part.iban
    from (select party_id from party_iban where iban = part.iban offset 0) link
    cross join ${holder} where ${isNamesake} offset 0)`;
}

interface Undecided {
  row_no: number;
  identity: string | null;
  bad_identity: boolean;
  folded_name: string;
  e164s: string[];
  iban: string | null;
  debtor_id: string | null;
}

async function decideOneByOne(transaction: Tx, scope: MergeScope): Promise<void> {
  const { rows } = await sql<Undecided>`
    select row_no, identity, bad_identity, folded_name, e164s, iban, debtor_id from import_part where not same order by row_no`.execute(
    transaction,
  );
  const claims = rows.map((row) => ({
    identity: row.identity,
    badIdentity: row.bad_identity,
    foldedName: row.folded_name,
    contacts: row.iban === null ? row.e164s : [...row.e164s, row.iban],
    debtorId: row.debtor_id,
  }));
  const matches = matchDebtors(claims, await readKnown(transaction, scope), randomUUIDv7);
  await writeMatches(
    transaction,
    matches.map((match, index) => ({ ...match, row: rows[index]?.row_no ?? 0 })),
  );
}

/** The people the undecided rows may speak of: by identifier, by name and phone where no identifier is given, and the debtors so far. */
async function readKnown(transaction: Tx, scope: MergeScope): Promise<KnownPeople> {
  const people = await sql<{ id: string; identity_kind: string | null; identity_value: string | null }>`
    select holder.id, holder.identity_kind, holder.identity_value
    from import_part part cross join lateral ${holderOf(scope, sql`part.identity`)} holder
    where not part.same
    union
    select party.id, party.identity_kind, party.identity_value from import_part part join party on party.id = part.debtor_id
    where not part.same`.execute(transaction);
  const holders = await sql<{ id: string; identity_value: string | null; folded_name: string; contact: string }>`
    select distinct namesake.* from import_part part cross join lateral ${namesakesOf(scope)} namesake
    where not part.same and part.identity is null
    order by namesake.id`.execute(transaction);
  const byNameAndContact = new Map<string, string[]>();
  for (const { id, folded_name: name, contact } of holders.rows) {
    const key = nameAndContact(name, contact);
    const ids = byNameAndContact.get(key);
    if (ids === undefined) byNameAndContact.set(key, [id]);
    else ids.push(id);
  }
  return {
    byIdentity: new Map(
      people.rows.flatMap(({ id, identity_kind: kind, identity_value: value }) =>
        value === null || kind !== scope.identityKind ? [] : [[value, id]],
      ),
    ),
    byNameAndContact,
    identityOf: new Map([...people.rows, ...holders.rows].map((person) => [person.id, person.identity_value])),
  };
}
