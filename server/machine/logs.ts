import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { copyFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const LIMIT_BYTES = 20 * 2 ** 20;
/** Of each log: `x.log.1` is the latest that was set aside. */
const KEPT = 4;
const KEPT_DAYS = 30;
const LOOK_EVERY_MS = 60_000;
const CHUNK_BYTES = 64 * 1024;

const LOG = /\.log$/;
const PAST_LOG = /\.log\.\d+$/;

/** Keeps the logs of a folder (`*.log`) short while they are being written, on a timer. `stop` ends it. */
export function keepLogsShort(folder: string, onTrouble: (what: string) => void): { stop(): void } {
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    shortenLogs(folder, { limitBytes: LIMIT_BYTES, keep: KEPT, keepDays: KEPT_DAYS, nowMs: Date.now() })
      .catch((error: unknown) =>
        onTrouble(`logs could not be set aside: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => {
        looking = false;
      });
  }, LOOK_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Sets every log aside that has `limitBytes`, and deletes those set aside longer than `keepDays` ago. A folder may be missing. */
export async function shortenLogs(
  folder: string,
  limits: { limitBytes: number; keep: number; keepDays: number; nowMs: number },
): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const facts = await stat(file).catch(() => null);
    if (facts === null) continue;
    if (LOG.test(name) && facts.size >= limits.limitBytes) await setLogAside(file, limits.keep);
    else if (PAST_LOG.test(name) && limits.nowMs - facts.mtimeMs > limits.keepDays * 86_400_000) await rm(file, { force: true });
  }
}

/**
 * Moves a log's lines to `x.log.1`, the older ones on by one, the oldest of `keep` out. The writer holds the file open (for appending),
 * so it is copied and then emptied: the copy stands complete before a byte is taken away, and whoever dies on the way leaves lines
 * twice, not none.
 */
export async function setLogAside(file: string, keep: number): Promise<void> {
  const copy = `${file}.new`;
  await copyFile(file, copy);
  for (let number = keep - 1; number >= 1; number -= 1) {
    await rename(`${file}.${number}`, `${file}.${number + 1}`).catch(() => undefined);
  }
  const [from, to] = [openSync(file, 'r+'), openSync(copy, 'a')];
  try {
    // In one go with nothing waited for: only what is written in these microseconds, between the last look and the cut, would be missed.
    copyRest(from, to);
    await rename(copy, `${file}.1`);
    copyRest(from, to);
    ftruncateSync(from, 0);
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

/** Appends to `to` what `from` has beyond it. */
function copyRest(from: number, to: number): void {
  let at = fstatSync(to).size;
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const length = readSync(from, chunk, 0, chunk.length, at);
    if (length === 0) return;
    writeSync(to, chunk, 0, length);
    at += length;
  }
}
