import type { Logger } from '../../kernel/log.ts';
import { deletePast, outlived, pastRecords, setAside } from './record-files.ts';

const MAX_BYTES = 64 << 20;
const MAX_AGE_MS = 86_400_000;

export interface RecordKeeping {
  file: string;
  /** How long and how much is kept of what was set aside. */
  keepDays: number;
  keepBytes: number;
  /** Since when events are still needed to end calls, epoch milliseconds of the switch's clock; asked only before something is deleted. */
  neededSinceMs: () => Promise<number>;
}

/** Keeps the switch's record from growing for ever, looking after it on a timer. `stop` ends it. */
export function keepRecord(keeping: RecordKeeping & { everyMs: number; log: Pick<Logger, 'warn'> }): { stop(): void } {
  let failing = false;
  const timer = setInterval(() => {
    tendRecord(keeping, Temporal.Now.instant()).then(
      () => {
        failing = false;
      },
      (error: unknown) => {
        // An operator's own Asterisk may not let us rename its file: said once, and theirs to rotate.
        if (!failing) keeping.log.warn({ err: error }, 'the switch’s record could not be set aside');
        failing = true;
      },
    );
  }, keeping.everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/**
 * One turn: sets the record aside once it has 64 MiB or is a day old, and deletes what has outlived its use. Whatever is still needed
 * stays, and all of it while nobody can say what is needed.
 */
export async function tendRecord(keeping: RecordKeeping, now: Temporal.Instant): Promise<void> {
  await setAside(keeping.file, { now, maxBytes: MAX_BYTES, maxAgeMs: MAX_AGE_MS });
  const past = await pastRecords(keeping.file);
  if (outlived(past, { ...keeping, now, neededSinceMs: Infinity }).length === 0) return;
  const neededSinceMs = await keeping.neededSinceMs();
  for (const one of outlived(past, { ...keeping, now, neededSinceMs })) await deletePast(one);
}
