/**
 * The files that the switch's record is made of: the one being written, and older ones set aside beside it. Asterisk opens the file
 * anew for each event, so that it can be renamed at any moment: an event is written to the one or the other, and none is lost.
 */
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How far apart the switch's stamp of an event and the time of writing it may be, in ms. */
export const DISORDER_MS = 10_000;

/** One that we set aside, not one of the operator's: `record.csv.20261122T050312Z-1f3a`. */
const SET_ASIDE = /^\.\d{8}T\d{6}Z-[0-9a-f]+$/;
/** Compressed by somebody: not to be read line by line. */
const COMPRESSED = /\.(gz|bz2|xz|zst)$/;

/** A file that was set aside. */
export interface PastRecord {
  path: string;
  /** When its last event was written, epoch milliseconds. */
  writtenMs: number;
  bytes: number;
  /** Set aside by us: only those are ever deleted. */
  ours: boolean;
}

/** Older files of the record, oldest first; none when the folder is not there. */
export async function pastRecords(file: string): Promise<PastRecord[]> {
  const prefix = basename(file);
  const names = await readdir(dirname(file)).catch(emptyUnlessThere);
  const found = await Promise.all(
    names
      .filter((name) => name.startsWith(`${prefix}.`) && !COMPRESSED.test(name))
      .map(async (name): Promise<PastRecord[]> => {
        const path = join(dirname(file), name);
        // Deleted in this moment: it was too old for anybody.
        const facts = await stat(path).catch(() => null);
        if (!facts?.isFile()) return [];
        const ours = SET_ASIDE.test(name.slice(prefix.length));
        return [{ path, writtenMs: facts.mtimeMs, bytes: facts.size, ours }];
      }),
  );
  return found.flat().toSorted((one, other) => one.writtenMs - other.writtenMs);
}

/**
 * Sets the record aside when it has `maxBytes` or was begun `maxAgeMs` ago; the switch begins another with its next event. One rename,
 * under a name that nobody else chooses: whoever dies before or after it leaves nothing half done, and two at once lose nothing.
 * Returns the new name, or null when there was nothing to do.
 * @throws the file system's error where the folder may not be written.
 */
export async function setAside(
  file: string,
  limits: { now: Temporal.Instant; maxBytes: number; maxAgeMs: number },
): Promise<string | null> {
  const facts = await stat(file).catch(nullUnlessThere);
  if (facts === null || facts.size === 0) return null;
  const begunMs = facts.size < limits.maxBytes ? await firstStampMs(file) : -Infinity;
  if (limits.now.epochMilliseconds - begunMs < limits.maxAgeMs) return null;
  const stamp = limits.now.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '');
  const past = `${file}.${stamp}-${randomBytes(4).toString('hex')}`;
  await rename(file, past);
  return past;
}

/** Deletes an older file of ours. One that is gone already is as good. */
export async function deletePast(past: PastRecord): Promise<void> {
  await rm(past.path, { force: true });
}

/**
 * Which older files may go, oldest first: those beyond `keepDays` or, all together, beyond `keepBytes`; never one with an event since
 * `neededSinceMs`.
 */
export function outlived(
  past: readonly PastRecord[],
  keep: { now: Temporal.Instant; keepDays: number; keepBytes: number; neededSinceMs: number },
): PastRecord[] {
  const oldestMs = keep.now.epochMilliseconds - keep.keepDays * 86_400_000;
  let bytes = 0;
  const going: PastRecord[] = [];
  for (const one of past.toSorted((a, b) => b.writtenMs - a.writtenMs)) {
    bytes += one.bytes;
    const tooMuch = one.writtenMs < oldestMs || bytes > keep.keepBytes;
    if (tooMuch && one.ours && one.writtenMs < keep.neededSinceMs - DISORDER_MS) going.unshift(one);
  }
  return going;
}

/** The first event's stamp, epoch milliseconds; Infinity while there is none. */
async function firstStampMs(file: string): Promise<number> {
  const handle = await open(file, 'r').catch(nullUnlessThere);
  if (handle === null) return Infinity;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(128), 0, 128, 0);
    const seconds = /^"[^"]*","(\d+)\./.exec(buffer.toString('utf8', 0, bytesRead))?.[1];
    return seconds === undefined ? Infinity : Number(seconds) * 1_000;
  } finally {
    await handle.close();
  }
}

function emptyUnlessThere(error: unknown): string[] {
  nullUnlessThere(error);
  return [];
}

function nullUnlessThere(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
