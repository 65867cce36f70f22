import { sql, type Kysely } from 'kysely';
import { Refusal } from '../kernel/errors.ts';
import type { Schema } from '../kernel/schema.ts';
import { callOff } from './call-off.ts';
import { lockPeople } from './locks.ts';

/** People who must be in no contact while something is done with them. */
export interface FreeOfCalls {
  partyIds: readonly string[];
  userId: string;
  /** Tells the dialer that calls are called off. */
  tell: () => Promise<unknown>;
}

/** A call that is called off has ended after some tenths of a second; one whose dialer is away does not end so soon. */
const ENDS_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/**
 * Does `work`; where it is refused since one of the people is in contact (`person_in_contact`), calls that nobody has answered are called off and
 * it is done once they have ended. A call that somebody has answered goes on, and the refusal stands. Should the process die in between, calls
 * are called off and nothing else is done. Returns how many calls were called off beside what `work` did.
 */
export async function whenFreeOfCalls<Result>(
  database: Kysely<Schema>,
  people: FreeOfCalls,
  work: () => Promise<Result>,
): Promise<{ done: Result; calledOff: number }> {
  const endsAt = performance.now() + ENDS_WITHIN_MS;
  let calledOff = 0;
  for (;;) {
    try {
      return { done: await work(), calledOff };
    } catch (fault) {
      if (!(fault instanceof Refusal) || fault.code !== 'person_in_contact') throw fault;
      const off = await endCalls(database, people);
      calledOff += off;
      if (off > 0) await people.tell();
      if (!(await callsEnded(database, people.partyIds, endsAt))) throw fault;
    }
  }
}

function endCalls(database: Kysely<Schema>, { partyIds, userId }: FreeOfCalls): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    await lockPeople(transaction, partyIds);
    return callOff(transaction, { partyIds, actor: userId, every: 'merged' });
  });
}

/** Waits until no call to these people is left; false: somebody has answered, or it takes too long. */
async function callsEnded(database: Kysely<Schema>, partyIds: readonly string[], endsAt: number): Promise<boolean> {
  while (performance.now() < endsAt) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    const { rows } = await sql<{ live: boolean; answered: boolean }>`
      select count(*) > 0 as live,
        coalesce(bool_or((select state from contact_attempt where id = live.attempt_id) not in ('reserved', 'dialing', 'ringing')), false) as answered
      from live_contact live where party_id = any(${partyIds}::uuid[])`.execute(database);
    const { live = false, answered = false } = rows[0] ?? {};
    if (!live) return true;
    if (answered) return false;
  }
  return false;
}
