/** Numbers of a debtor that people add, retire or place by hand: what a tracing brings home. */
import { sql, type Kysely } from 'kysely';
import { NUMBER_TYPES } from '../contract/rule-terms.ts';
import { isNeverCalled } from '../compliance/standing.ts';
import { isPhoneCountry, readPhone, type PhoneNumber } from '../debtors/phones.ts';
import { Refusal } from '../kernel/errors.ts';
import { record, type HistoryEvent } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { requireNumber, writeByHand, type Moved, type Writing } from './by-hand.ts';
import { markNumber } from './place.ts';

/** What an added number changed. */
export interface NumberAdded extends Moved {
  phoneId: string;
  /** How many other people have it too. */
  sharedWith: number;
}

/**
 * Adds a number as it is written in the debtor's country, behind those they have; one that had left as wrong or retired comes back. Whoever was
 * without a number stands in their queues again at once. Throws `number_invalid`, `number_never_called`, `number_known` and `number_revoked`,
 * each naming the field `number`.
 */
export function addNumber(
  database: Kysely<Schema>,
  { partyId, userId, number, reason }: Writing & { number: string; reason: string },
): Promise<NumberAdded> {
  return writeByHand(database, { partyId, userId }, async (transaction) => {
    const { country } = await transaction
      .selectFrom('party')
      .select('country')
      .where('id', '=', partyId)
      .executeTakeFirstOrThrow();
    const phone = readDialable(number, country);
    const phoneId = await keepPhone(transaction, phone);
    const { before, optedOut, rank, sharedWith } = await readStanding(transaction, partyId, phoneId, phone.e164);
    if (before === 'active') throw refusal('number_known', 'The debtor has this number already.', 409);
    if (before === 'revoked' || optedOut) {
      throw refusal('number_revoked', 'Calls to this number are not wanted.', 409);
    }
    await transaction
      .insertInto('party_phone')
      .values({ party_id: partyId, phone_id: phoneId, rank })
      .onConflict((conflict) => conflict.columns(['party_id', 'phone_id']).doUpdateSet({ state: 'active', rank }))
      .execute();
    const body = { phoneId, type: phone.type, was: before, sharedWith, reason };
    await record(transaction, [event('number.added', { partyId, userId }, body)]);
    return { phoneId, sharedWith };
  });
}

/**
 * Says that a number is somebody else's (`wrong`) or in use no more (`retired`): it is called no more, and whose last it was is to be traced.
 * Throws `not_their_number` and `number_left`.
 */
export function retireByHand(
  database: Kysely<Schema>,
  { partyId, userId, phoneId, as, reason }: Writing & { phoneId: string; as: 'wrong' | 'retired'; reason: string },
): Promise<Moved> {
  return writeByHand(database, { partyId, userId }, async (transaction) => {
    const { state } = await requireNumber(transaction, partyId, phoneId);
    if (state !== 'active') throw new Refusal('number_left', 'This number has left already.', { field: 'phoneId', status: 409 });
    await markNumber(transaction, partyId, phoneId, as);
    await record(transaction, [event('number.retired', { partyId, userId }, { phoneId, as, reason })]);
    return {};
  });
}

/** Says whether a number rings at work, where some must not be called. Throws `not_their_number`. */
export function placeNumber(
  database: Kysely<Schema>,
  { partyId, userId, phoneId, place, reason }: Writing & { phoneId: string; place: 'work' | 'other'; reason: string },
): Promise<Moved> {
  return writeByHand(database, { partyId, userId }, async (transaction) => {
    await requireNumber(transaction, partyId, phoneId);
    await transaction
      .updateTable('party_phone')
      .set({ place })
      .where('party_id', '=', partyId)
      .where('phone_id', '=', phoneId)
      .execute();
    await record(transaction, [event('number.placed', { partyId, userId }, { phoneId, place, reason })]);
    return {};
  });
}

/** A number that numbering plans know and that may ever be called. Throws `number_invalid` and `number_never_called`. */
export function readDialable(text: string, country: string): PhoneNumber {
  // Written with its country code, it does not matter from where.
  const home = isPhoneCountry(country) ? country : /^(?:\+|00)/.test(text) ? 'US' : null;
  const phone = home === null ? null : readPhone(text, home);
  if (phone === null || phone.type === 'unknown') {
    throw refusal('number_invalid', 'No numbering plan has this number: check it, or write it with its country code.');
  }
  const type = NUMBER_TYPES.find((each) => each === phone.type) ?? 'unknown';
  if (isNeverCalled(type)) {
    throw refusal('number_never_called', 'Numbers of this kind are never called (premium, shared cost, satellite, short).');
  }
  return phone;
}

/** How a number stands with a person, and how they would have it. Indexes: party_phone_pkey, party_phone_by_phone, do_not_call_by_number. */
async function readStanding(
  transaction: Kysely<Schema>,
  partyId: string,
  phoneId: string,
  e164: string,
): Promise<{ before: string | null; optedOut: boolean; rank: number; sharedWith: number }> {
  const { rows } = await sql<{ before: string | null; optedOut: boolean; rank: number; sharedWith: number }>`
    select (select state from party_phone where party_id = ${partyId} and phone_id = ${phoneId}) as before,
      exists (select from do_not_call where e164 = ${e164} and expires_at > clock_timestamp()) as "optedOut",
      (select coalesce(max(rank), -1)::int + 1 from party_phone where party_id = ${partyId}) as rank,
      (select count(*)::int from party_phone where phone_id = ${phoneId} and party_id <> ${partyId}) as "sharedWith"`.execute(
    transaction,
  );
  return rows[0] ?? { before: null, optedOut: false, rank: 0, sharedWith: 0 };
}

/** The id of a number, which is written down if nobody has it yet. */
export async function keepPhone(transaction: Kysely<Schema>, phone: PhoneNumber): Promise<string> {
  await transaction
    .insertInto('phone')
    .values({ e164: phone.e164, country: phone.country, number_type: phone.type, time_zones: [...phone.zones] })
    .onConflict((conflict) => conflict.column('e164').doNothing())
    .execute();
  const { id } = await transaction.selectFrom('phone').select('id').where('e164', '=', phone.e164).executeTakeFirstOrThrow();
  return id;
}

function refusal(code: string, message: string, status = 400): Refusal {
  return new Refusal(code, message, { field: 'number', status });
}

function event(kind: string, { partyId, userId }: Writing, body: HistoryEvent['body']): HistoryEvent {
  return { kind, subject: 'party', subjectId: partyId, actor: userId, body };
}
