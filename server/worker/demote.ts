import { sql } from 'kysely';
import type { Database } from '../kernel/database.ts';
import type { Logger } from '../kernel/log.ts';
import { demoteAll } from '../queue/demote.ts';
import { pause } from './pause.ts';

const ROUND_MS = 15_000;

/**
 * Puts debtors to sleep whom the law forbids to call by now, for as long as it runs: where a country closes, reservations must not wade
 * through its people to reach those of another, and nobody should read that they can be called.
 */
export function demoteDebtors(database: Database, log: Logger): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      try {
        const { rows } = await sql<{ id: string }>`select id from campaign where state = 'running'`.execute(database);
        for (const { id } of rows) await demoteAll(database, { campaignId: id }, signal);
      } catch (error) {
        log.warn({ err: error }, 'debtors could not be put to sleep; trying again');
      }
      await pause(ROUND_MS, signal);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
