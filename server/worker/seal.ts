import type { Database } from '../kernel/database.ts';
import type { Logger } from '../kernel/log.ts';
import { resign, Sealer, takeOffice } from '../kernel/seal/sealer.ts';
import { pause } from './pause.ts';
import { inRounds, type Rounds } from './rounds.ts';

const ROUND_MS = 1_000;

/** Seals the history each second, for as long as it runs; of all workers one does, the others wait for its connection to end. */
export function sealHistory(database: Database, log: Logger): Rounds {
  async function untilConnectionEnds(signal: AbortSignal): Promise<void> {
    await database.connection().execute(async (connection) => {
      while (!signal.aborted && !(await takeOffice(connection))) await pause(ROUND_MS, signal);
      const sealer = new Sealer(connection);
      try {
        while (!signal.aborted) {
          await sealer.round(signal);
          await pause(ROUND_MS, signal);
        }
      } finally {
        // The connection may go back to the pool, and must not take the office with it; one that is lost has lost it already.
        await resign(connection).catch(() => undefined);
      }
    });
  }

  return inRounds(ROUND_MS, untilConnectionEnds, (error, signal) => {
    if (!signal.aborted) log.warn({ err: error }, 'the history could not be sealed; trying again');
  });
}
