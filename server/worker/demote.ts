import { sql } from 'kysely';
import type { Database } from '../kernel/database.ts';
import type { Logger } from '../kernel/log.ts';
import { demoteAll } from '../queue/demote.ts';
import { inRounds, type Rounds } from './rounds.ts';

const ROUND_MS = 15_000;

/**
 * Puts debtors to sleep whom the law forbids to call by now, for as long as it runs: where a country closes, reservations must not wade
 * through its people to reach those of another, and nobody should read that they can be called.
 */
export function demoteDebtors(database: Database, log: Logger): Rounds {
  const tell = (error: unknown): void => log.warn({ err: error }, 'debtors could not be put to sleep; trying again');
  return inRounds(
    ROUND_MS,
    async (signal) => {
      const { rows } = await sql<{ id: string }>`select id from campaign where state = 'running'`.execute(database);
      // What fails in one campaign is not to keep the others waiting.
      for (const { id } of rows) await demoteAll(database, { campaignId: id }, signal).catch(tell);
    },
    tell,
  );
}
