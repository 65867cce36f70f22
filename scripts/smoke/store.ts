import { sql } from 'kysely';
import type { Database } from '../../server/kernel/database.ts';
import type { StoredAttempt, StoredOutcome } from './verdict.ts';

/** A call that was given up before it was sent, as when its trunk rests longer than its permit lasts, is none. */
const SENT = sql<boolean>`(dialing_at is not null and ending is distinct from 'not_sent')`;

/** Every attempt of a scratch database. */
export async function readAttempts(database: Database): Promise<StoredAttempt[]> {
  const rows = await database
    .selectFrom('contact_attempt')
    .select([
      'id',
      'number',
      'state',
      'result',
      SENT.as('sent'),
      sql<boolean>`coalesce(ending = 'not_sent', false)`.as('givenUp'),
    ])
    .orderBy('id')
    .execute();
  return rows;
}

/** Every outcome, with the sign-in name of who recorded it. */
export async function readOutcomes(database: Database): Promise<StoredOutcome[]> {
  const rows = await database
    .selectFrom('outcome')
    .leftJoin('app_user', 'app_user.id', 'outcome.agent_id')
    .select(['outcome.attempt_id', 'outcome.code', 'app_user.login'])
    .execute();
  return rows.map((row) => ({ attemptId: row.attempt_id, code: row.code, robot: row.login }));
}

/** How many attempts have ended, and how many have not. */
export async function countAttempts(database: Database): Promise<{ ended: number; open: number }> {
  return database
    .selectFrom('contact_attempt')
    .select([
      sql<number>`count(*) filter (where state = 'ended' and ${SENT})::int`.as('ended'),
      sql<number>`count(*) filter (where state <> 'ended')::int`.as('open'),
    ])
    .executeTakeFirstOrThrow();
}

/** What the ledger itself says: abandoned / (connected + abandoned). */
export async function readAbandonRate(database: Database): Promise<number> {
  const row = await database
    .selectFrom('contact_attempt')
    .select(
      sql<number>`coalesce(count(*) filter (where result = 'abandoned')::float8
        / nullif(count(*) filter (where result in ('connected', 'abandoned')), 0), 0)`.as('rate'),
    )
    .executeTakeFirstOrThrow();
  return row.rate;
}
