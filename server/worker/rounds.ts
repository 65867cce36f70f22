import { pause } from './pause.ts';

/** Work that is done again and again; `stop` ends it after the round under way. */
export interface Rounds {
  stop(): Promise<void>;
}

/**
 * Does a round of work and pauses for `everyMs`, for as long as it runs. What fails is told (`onFault`) and tried again with the next
 * round. `signal` is aborted once it is to stop.
 */
export function inRounds(
  everyMs: number,
  round: (signal: AbortSignal) => Promise<unknown>,
  onFault: (error: unknown, signal: AbortSignal) => void,
): Rounds {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      try {
        await round(signal);
      } catch (error) {
        onFault(error, signal);
      }
      await pause(everyMs, signal);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
