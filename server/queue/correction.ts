import { correct } from '../compliance/ledger/store.ts';
import type { Correction } from '../compliance/ledger/rules.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { lockPeople } from './locks.ts';

/** What somebody says of a call that detection ended as a machine's. */
export interface ScreeningCorrection {
  partyId: string;
  attemptId: string;
  was: Correction;
  userId: string;
}

/** A person who was taken for a machine: how their call ended, where its rule counts it as abandoned. */
const NUISANCE = { result: 'abandoned', ending: 'taken_for_machine' } as const;
const SCREENED = { result: 'screened', ending: 'machine' } as const;

/**
 * Says who answered a call that detection took for a machine's. A person makes it a nuisance call: where its rule counts those, the call is
 * abandoned, in the ledger and for the gate, which leaves the number in peace as after any other. Saying that it was a machine
 * after all takes that back. Returns the campaign, or null where nothing changes.
 * @throws Refusal `unknown_call`, `not_screened`
 */
export async function correctScreening(database: Database, said: ScreeningCorrection): Promise<string | null> {
  const { partyId, attemptId, was, userId } = said;
  return database.transaction().execute(async (transaction) => {
    await lockPeople(transaction, [partyId]);
    const call = await transaction
      .selectFrom('contact_attempt')
      .leftJoin('abandonment_ledger', 'abandonment_ledger.attempt_id', 'contact_attempt.id')
      .select(['contact_attempt.campaign_id', 'abandonment_ledger.cause', 'abandonment_ledger.corrected'])
      .where('contact_attempt.id', '=', attemptId)
      .where('contact_attempt.party_id', '=', partyId)
      .executeTakeFirst();
    if (!call) throw new Refusal('unknown_call', 'There is no such call.', { field: 'attemptId', status: 404 });
    if (call.cause !== 'machine') {
      throw new Refusal('not_screened', 'Only a call that was taken for a machine’s can be corrected.', {
        field: 'attemptId',
        status: 409,
      });
    }
    if (was === 'machine' && call.corrected === null) return null;
    if (!(await correct(transaction, attemptId, { correction: was, by: userId }))) return null;
    const { abandoned } = await transaction
      .selectFrom('abandonment_ledger')
      .select('abandoned')
      .where('attempt_id', '=', attemptId)
      .executeTakeFirstOrThrow();
    await transaction
      .updateTable('contact_attempt')
      .set(abandoned ? NUISANCE : SCREENED)
      .where('id', '=', attemptId)
      .execute();
    return call.campaign_id;
  });
}
