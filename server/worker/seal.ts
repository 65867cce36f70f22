import type { Database } from '../kernel/database.ts';
import type { Logger } from '../kernel/log.ts';
import { resign, Sealer, takeOffice } from '../kernel/seal/sealer.ts';
import { pause } from './pause.ts';

const ROUND_MS = 1_000;

/** The loop that seals; `stop` ends it after the batch under way. */
export interface SealingLoop {
  stop(): Promise<void>;
}

/** Seals the history each second, for as long as it runs; of all workers one does, the others wait for its connection to end. */
export function sealHistory(database: Database, log: Logger): SealingLoop {
  const stopping = new AbortController();

  async function untilConnectionEnds(): Promise<void> {
    await database.connection().execute(async (connection) => {
      while (!stopping.signal.aborted && !(await takeOffice(connection))) await pause(ROUND_MS, stopping.signal);
      const sealer = new Sealer(connection);
      try {
        while (!stopping.signal.aborted) {
          await sealer.round(stopping.signal);
          await pause(ROUND_MS, stopping.signal);
        }
      } finally {
        // The connection may go back to the pool, and must not take the office with it; one that is lost has lost it already.
        await resign(connection).catch(() => undefined);
      }
    });
  }

  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await untilConnectionEnds();
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn({ err: error }, 'the history could not be sealed; trying again');
        await pause(ROUND_MS, stopping.signal);
      }
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
