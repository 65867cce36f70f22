/** What a debtor says of being contacted, written down by hand: consents given and taken back, inconvenient times and places. */
import { sql, type Kysely } from 'kysely';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { requireNumber, writeByHand, type Moved, type Writing } from './by-hand.ts';
import { markNumber } from './place.ts';

/** Where a wish comes from, and why it was written down. */
interface Origin {
  source: string;
  reason: string;
}

export interface ConsentToRecord extends Writing, Origin {
  kind: 'contact' | 'recorded_sound';
  granted: boolean;
  /** A channel of the gate, or `all`. */
  channel: string;
  /** Null: on any number. */
  phoneId: string | null;
}

/** A time of the week in the person's own zone, or a place. */
export interface PreferenceToAdd extends Writing, Origin {
  wish: { time: { days: readonly number[]; from: string; to: string } } | { place: 'work' };
}

/**
 * Records a consent given or taken back; the last word counts. A number on which calls are not wanted leaves, as when an agent is told so, and
 * comes back with the consent, unless a list forbids every channel on it. Throws `not_their_number`.
 */
export function recordConsent(database: Kysely<Schema>, consent: ConsentToRecord): Promise<Moved & { consentId: string }> {
  return writeByHand(database, consent, async (transaction) => {
    const { partyId, userId, kind, granted, channel, phoneId, source, reason } = consent;
    if (phoneId !== null) await requireNumber(transaction, partyId, phoneId);
    const { id } = await transaction
      .insertInto('consent')
      .values({ party_id: partyId, phone_id: phoneId, channel, kind, granted, source, reason, recorded_by: userId })
      .returning('id')
      .executeTakeFirstOrThrow();
    if (phoneId !== null && kind === 'contact' && (channel === 'call' || channel === 'all')) {
      await moveNumber(transaction, partyId, phoneId, granted);
    }
    const body = { consentId: id, kind, channel, phoneId, granted, source, reason };
    await record(transaction, [{ kind: 'consent.recorded', subject: 'party', subjectId: partyId, actor: userId, body }]);
    return { consentId: id };
  });
}

/** Writes down when or where the person does not want to be called. Returns the preference's id beside what moved. */
export function addPreference(
  database: Kysely<Schema>,
  { partyId, userId, wish, source, reason }: PreferenceToAdd,
): Promise<Moved & { preferenceId: string }> {
  return writeByHand(database, { partyId, userId }, async (transaction) => {
    const said =
      'time' in wish
        ? { days: [...wish.time.days], from_time: wish.time.from, to_time: wish.time.to, place: null }
        : { days: null, from_time: null, to_time: null, place: wish.place };
    const { id } = await transaction
      .insertInto('preference')
      .values({ party_id: partyId, ...said, source, reason, recorded_by: userId })
      .returning('id')
      .executeTakeFirstOrThrow();
    const body = { preferenceId: id, ...said, source, reason };
    await record(transaction, [{ kind: 'preference.recorded', subject: 'party', subjectId: partyId, actor: userId, body }]);
    return { preferenceId: id };
  });
}

/** Takes a preference back. Throws `unknown_preference` for one that is not there or was taken back before. */
export function withdrawPreference(
  database: Kysely<Schema>,
  { partyId, userId, preferenceId, reason }: Writing & { preferenceId: string; reason: string },
): Promise<Moved> {
  return writeByHand(database, { partyId, userId }, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('preference')
      .set({ withdrawn_at: sql<string>`clock_timestamp()` })
      .where('id', '=', preferenceId)
      .where('party_id', '=', partyId)
      .where('withdrawn_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) {
      throw new Refusal('unknown_preference', 'There is no such wish any more.', { field: 'preferenceId', status: 404 });
    }
    const body = { preferenceId, reason };
    await record(transaction, [{ kind: 'preference.withdrawn', subject: 'party', subjectId: partyId, actor: userId, body }]);
    return {};
  });
}

/** Whether a list forbids every channel on this number: no consent stands above it. Index: do_not_call_by_number. */
async function forbidsEverything(transaction: Kysely<Schema>, phoneId: string): Promise<boolean> {
  const { rows } = await sql`
    select from phone join do_not_call listed on listed.e164 = phone.e164
    where phone.id = ${phoneId}::uuid and listed.blocks = 'everything' and listed.expires_at > clock_timestamp() limit 1`.execute(
    transaction,
  );
  return rows.length > 0;
}

async function moveNumber(transaction: Kysely<Schema>, partyId: string, phoneId: string, granted: boolean): Promise<void> {
  const { state } = await requireNumber(transaction, partyId, phoneId);
  if (!granted && state === 'active') await markNumber(transaction, partyId, phoneId, 'revoked');
  if (granted && state === 'revoked' && !(await forbidsEverything(transaction, phoneId))) {
    await markNumber(transaction, partyId, phoneId, 'active');
  }
}
