import { Worker } from 'node:worker_threads';
import type { ListFormat } from './profiles.ts';
import type { StretchReading } from './stretches.ts';

/** A list of fewer bytes is read before a second reader would have begun. */
export const SECOND_READER_FROM = 4_000_000;

/** A reader keeps little: without limits it would let garbage lie. One that is short of memory fails, and is not missed. */
const LIMITS = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 48 };

/** What a second reader reads: every other stretch of the list. */
export function isSeconds(place: number): boolean {
  return place % 2 === 1;
}

/** What the thread is told, and says of each stretch. */
export interface SecondReading {
  path: string;
  format: ListFormat;
}
export type SecondStretch = Omit<StretchReading, 'lines'> & { place: number; lines: Uint8Array };

/** A thread that reads every other stretch of a list beside us. */
export interface SecondReader {
  /** What it read in a stretch that is its, in their order; null when it failed, which is no fault of the list's: read yourself. */
  next(place: number): Promise<SecondStretch | null>;
  close(): Promise<void>;
}

/** Begins a second reader of a list. */
export function openSecondReader(reading: SecondReading): SecondReader {
  const thread = new Worker(new URL('second-reader-thread.ts', import.meta.url), { workerData: reading, resourceLimits: LIMITS });
  const read: SecondStretch[] = [];
  let failed = false;
  let wake = (): void => undefined;
  thread.on('message', (stretch: SecondStretch) => {
    read.push(stretch);
    wake();
  });
  const fail = (): void => {
    failed = true;
    wake();
  };
  thread.on('error', fail);
  thread.on('exit', fail);
  return {
    async next(place) {
      while (read.length === 0 && !failed) {
        const woken = Promise.withResolvers<void>();
        wake = woken.resolve;
        await woken.promise;
      }
      const stretch = read.shift();
      if (stretch?.place !== place) {
        failed = true;
        return null;
      }
      thread.postMessage('taken');
      return stretch;
    },
    async close() {
      await thread.terminate();
    },
  };
}
