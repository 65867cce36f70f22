import type { Database } from '../kernel/database.ts';
import type { Logger } from '../kernel/log.ts';
import { promoteAll } from '../queue/promote.ts';
import { inRounds, type Rounds } from './rounds.ts';

const ROUND_MS = 1_000;

/**
 * Makes debtors ready whose time has come, each second, for as long as it runs: the wave of an opening country must not wait for
 * reservations, nor they for it. Several workers share it, since each passes over what another holds.
 */
export function promoteDebtors(database: Database, log: Logger): Rounds {
  return inRounds(
    ROUND_MS,
    (signal) => promoteAll(database, { signal }),
    (error) => log.warn({ err: error }, 'debtors could not be made ready; trying again'),
  );
}
