/** Who else stands for a debt: co-debtors, guarantors and attorneys, written into a debtor's file by hand. */
import { sql, type Kysely } from 'kysely';
import type { RELATED_ROLES } from '../contract/by-hand.ts';
import { normaliseDigits } from '../contract/digits.ts';
import { nationalIdKind, readIdentity } from '../debtors/import/identity.ts';
import { storedIdentityKind } from '../debtors/import/store.ts';
import { foldName } from '../debtors/names.ts';
import { zonesOfCountry } from '../debtors/zones.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { holdForAttorney, releaseForAttorney } from './attorney.ts';
import { writeByHand, type Moved, type Writing } from './by-hand.ts';
import { callOff } from './call-off.ts';
import { enrolDebtors } from './enrol.ts';
import { lockPeople } from './locks.ts';
import { keepPhone, readDialable } from './numbers.ts';
import { refreshQueues } from './refresh.ts';

export interface RelationToAdd extends Writing {
  debtId: string;
  role: (typeof RELATED_ROLES)[number];
  name: string;
  /** As written in the debtor's country, any script's digits; null: not known. */
  number: string | null;
  /** A national id; null: not known. */
  identity: string | null;
  reason: string;
}

interface Debtor {
  country: string;
  demo: boolean;
  creditorId: string;
}

/**
 * Says that somebody else stands for one of the debtor's debts. Co-debtors and guarantors are called about that debt, and no other of the
 * debtor's, in the campaigns that work it; attorneys never are. An attorney stops calls to the debtor about the debt wherever a pack says so. A
 * person who is known by the identifier, or by name and number, is the one meant. Throws `not_their_debt`, `already_related`,
 * `identity_invalid` and what a number may be refused for, each naming its field.
 */
export function addRelation(database: Kysely<Schema>, relation: RelationToAdd): Promise<Moved & { relatedId: string }> {
  return writeByHand(database, relation, async (transaction) => {
    const { partyId, userId, debtId, role, reason } = relation;
    const debtor = await readDebtor(transaction, partyId, debtId);
    const relatedId = await personMeant(transaction, relation, debtor);
    const written = await transaction
      .insertInto('debt_party')
      .values({ debt_id: debtId, party_id: relatedId, role })
      .onConflict((conflict) => conflict.doNothing())
      .returning('role')
      .executeTakeFirst();
    if (!written)
      throw new Refusal('already_related', 'This person stands for the debt already.', { field: 'name', status: 409 });
    const body = { debtId, relatedId, role, reason };
    await record(transaction, [{ kind: 'relation.added', subject: 'party', subjectId: partyId, actor: userId, body }]);
    if (role === 'attorney') await holdForAttorney(transaction, { partyId, debtId, actor: userId, userId });
    else await enrolRelated(transaction, debtId, relatedId);
    return { relatedId };
  });
}

/**
 * Says that somebody does not stand for the debt any more: they are called about it no more, and the hold of its last attorney is released.
 * Throws `not_related`; a debtor is no relation.
 */
export function removeRelation(
  database: Kysely<Schema>,
  { partyId, userId, debtId, relatedId, reason }: Writing & { debtId: string; relatedId: string; reason: string },
): Promise<Moved> {
  return writeByHand(database, { partyId, userId }, async (transaction) => {
    await readDebtor(transaction, partyId, debtId);
    await lockRelated(transaction, relatedId);
    const gone = await transaction
      .deleteFrom('debt_party')
      .where('debt_id', '=', debtId)
      .where('party_id', '=', relatedId)
      .where('role', '<>', 'debtor')
      .returning('role')
      .executeTakeFirst();
    if (!gone) throw new Refusal('not_related', 'This person does not stand for the debt.', { field: 'relatedId', status: 404 });
    const body = { debtId, relatedId, role: gone.role, reason };
    await record(transaction, [{ kind: 'relation.removed', subject: 'party', subjectId: partyId, actor: userId, body }]);
    if (gone.role === 'attorney') await releaseForAttorney(transaction, { partyId, debtId, actor: userId });
    else {
      await refreshQueues(transaction, [relatedId]);
      await callOff(transaction, { partyIds: [relatedId], actor: userId });
    }
    return {};
  });
}

async function readDebtor(transaction: Kysely<Schema>, partyId: string, debtId: string): Promise<Debtor> {
  const row = await transaction
    .selectFrom('debt_party')
    .innerJoin('party', 'party.id', 'debt_party.party_id')
    .innerJoin('debt', 'debt.id', 'debt_party.debt_id')
    .select(['party.country', 'party.demo', 'debt.creditor_id as creditorId'])
    .where('debt_party.party_id', '=', partyId)
    .where('debt_party.debt_id', '=', debtId)
    .where('debt_party.role', '<>', 'attorney')
    .executeTakeFirst();
  if (!row) throw new Refusal('not_their_debt', 'This debt is not the debtor’s.', { field: 'debtId' });
  return row;
}

/** The person known by identifier, else by name and number, else a new one. */
async function personMeant(transaction: Kysely<Schema>, relation: RelationToAdd, debtor: Debtor): Promise<string> {
  const { partyId, name } = relation;
  const { country, demo, creditorId } = debtor;
  const folded = foldName(name);
  const text = normaliseDigits(relation.identity ?? '').trim();
  const kind = nationalIdKind(country);
  const identity = text === '' ? null : readIdentity(kind, text);
  if (text !== '' && identity === null) {
    throw new Refusal('identity_invalid', 'This is no valid identifier of the debtor’s country.', { field: 'identity' });
  }
  const phoneId = relation.number === null ? null : await keepPhone(transaction, readDialable(relation.number, country));
  const identityKind = identity === null ? null : storedIdentityKind(kind, creditorId, demo);
  const { rows } = await sql<{ id: string }>`
    select party.id from party
    where party.merged_into is null and party.demo = ${demo} and party.id <> ${partyId}::uuid and (
      ${identity}::text is not null and party.country = ${country} and party.identity_kind = ${identityKind} and party.identity_value = ${identity}
      or ${identity}::text is null and party.folded_name = ${folded}
        and exists (select from party_phone link where link.party_id = party.id and link.phone_id = ${phoneId}::uuid))
    order by party.id limit 1`.execute(transaction);
  const known = rows[0]?.id;
  const id =
    known ??
    (
      await transaction
        .insertInto('party')
        .values({
          display_name: name,
          folded_name: folded,
          identity_kind: identityKind,
          identity_value: identity,
          country,
          demo,
          time_zones: [...zonesOfCountry(country)],
        })
        .returning('id')
        .executeTakeFirstOrThrow()
    ).id;
  if (known !== undefined) await lockRelated(transaction, known);
  if (phoneId !== null) await giveNumber(transaction, id, phoneId);
  return id;
}

/**
 * Their facts change behind the debtor's lock, against the one order: whoever holds it is not waited for, and the writing is asked for again
 * (`person_in_contact`).
 */
async function lockRelated(transaction: Kysely<Schema>, relatedId: string): Promise<void> {
  try {
    await sql`set local lock_timeout = '2s'`.execute(transaction);
    await lockPeople(transaction, [relatedId]);
    await sql`set local lock_timeout = 0`.execute(transaction);
  } catch (error) {
    const busy = error instanceof Error && 'code' in error && error.code === '55P03';
    if (!busy) throw error;
    throw new Refusal('person_in_contact', 'The other person is on the line: try again in a moment.', {
      field: 'name',
      status: 409,
    });
  }
}

/** A number on the do-not-call list is on it for them, too. */
async function giveNumber(transaction: Kysely<Schema>, partyId: string, phoneId: string): Promise<void> {
  await sql`
    insert into party_phone (party_id, phone_id, rank, state)
    select ${partyId}::uuid, phone.id, (select coalesce(max(rank), -1) + 1 from party_phone where party_id = ${partyId}::uuid),
      case when exists (select from do_not_call where e164 = phone.e164 and expires_at > clock_timestamp()) then 'revoked' else 'active' end
    from phone where phone.id = ${phoneId}::uuid on conflict do nothing`.execute(transaction);
}

/** Into the queues of the campaigns that work the debt. */
async function enrolRelated(transaction: Kysely<Schema>, debtId: string, relatedId: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select c.id from campaign_debt worked join campaign c on c.id = worked.campaign_id
    where worked.debt_id = ${debtId}::uuid and c.state <> 'ended' order by c.id`.execute(transaction);
  for (const { id } of rows) await enrolDebtors(transaction, id, { partyIds: [relatedId] });
}
