import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Logger } from '../kernel/log.ts';
import { type Decision, type Env, eventLine, headLine, type PacingEvent, type RecordHead, tickLine } from '../pacing/index.ts';

/** How long lines wait in memory: what a crash may lose. */
const FLUSH_MS = 500;
/** A part of the record begins with a snapshot, so that a replay need not begin at the day's start. */
const PART_MS = 600_000;
/** More than this waits only for a disk that does not take it: the record is broken off rather than the dialer's memory filled. */
const MOST_WAITING = 8 * 1_024 * 1_024;
/** A record that was broken off begins anew after this long. */
const AGAIN_MS = 30_000;

/** Where a campaign's record lies: one file for each part, named by its first moment and the floor's epoch. */
export function recordFolder(dataDir: string, campaignId: string): string {
  return join(dataDir, 'pacing', campaignId);
}

/** Lines of one file. */
interface Chunk {
  file: string;
  text: string;
}

/** The record of one campaign's pacer. Lines are gathered and appended beside the hot path; nobody waits for the disk. */
export interface PacingRecord {
  event(event: PacingEvent): void;
  tick(now: number, env: Env, decision: Decision): void;
  /** The disk did not take the last lines. */
  broken(): boolean;
  /** Writes what still waits, and closes the file. */
  close(): Promise<void>;
}

/**
 * Opens a record that begins with `head`. `headNow` makes the head of a later part, when the last one has grown old enough. Whoever opens
 * it closes it.
 */
export function openPacingRecord(options: {
  dataDir: string;
  epoch: number;
  head: RecordHead;
  headNow: (continues: boolean) => RecordHead;
  /** Told once when the disk takes no more lines, until it has taken some again. */
  onGap: () => void;
  log: Pick<Logger, 'error'>;
}): PacingRecord {
  const { dataDir, epoch, headNow, onGap, log } = options;
  const { campaignId } = options.head;
  const folder = recordFolder(dataDir, campaignId);
  let waiting: Chunk[] = [];
  let waitingLength = 0;
  let part = { file: '', at: 0, sum: 0 };
  /** Since when lines are dropped, by the pacer's clock; Infinity: not at all. */
  let brokenAt = Infinity;
  /** Nothing has been written since it was broken off. */
  let gap = false;
  let current: { file: string; handle: FileHandle } | null = null;
  let brokenFile: string | null = null;
  let latest = options.head.at;
  let writing = Promise.resolve();
  const timer = setInterval(() => void flush(), FLUSH_MS);
  timer.unref();
  begin(options.head);

  function begin(head: RecordHead): void {
    part = { file: join(folder, partName(head.at, epoch)), at: head.at, sum: 0 };
    brokenAt = Infinity;
    add(headLine(head));
  }

  function add(line: string): void {
    if (waitingLength > MOST_WAITING) breakOff(null);
    if (brokenAt !== Infinity) return;
    // Each line is sealed together with all before it: a changed one is found where it stands.
    part.sum = crc32(line, part.sum);
    const text = `${line}\t${part.sum.toString(36)}\n`;
    const last = waiting.at(-1);
    if (last?.file === part.file) last.text += text;
    else waiting.push({ file: part.file, text });
    waitingLength += text.length;
  }

  function breakOff(error: unknown): void {
    if (brokenAt !== Infinity) return;
    brokenAt = latest;
    // A disk that stays full is told of once.
    if (gap) return;
    gap = true;
    log.error({ err: error, campaignId }, 'the record of the pacer cannot be written: it has a gap from here');
    onGap();
  }

  function flush(): Promise<void> {
    const chunks = waiting;
    waiting = [];
    writing = writing.then(async () => {
      for (const chunk of chunks) await write(chunk);
    });
    return writing;
  }

  async function write({ file, text }: Chunk): Promise<void> {
    waitingLength -= text.length;
    // What comes after a gap would be taken for what was there.
    if (file === brokenFile) return;
    try {
      if (current?.file !== file) {
        await current?.handle.close();
        current = null;
        await mkdir(folder, { recursive: true, mode: 0o700 });
        current = { file, handle: await open(file, 'a', 0o600) };
      }
      await current.handle.appendFile(text);
      gap = false;
    } catch (error) {
      brokenFile = file;
      breakOff(error);
    }
  }

  return {
    event(event) {
      latest = event.t;
      add(eventLine(event));
    },
    tick(now, env, decision) {
      latest = now;
      add(tickLine(now, env, decision));
      const broken = brokenAt !== Infinity;
      if (now - (broken ? brokenAt : part.at) < (broken ? AGAIN_MS : PART_MS)) return;
      // After this tick, so that the new part begins exactly where the last one ends.
      begin(headNow(!broken));
    },
    broken: () => gap,
    async close() {
      clearInterval(timer);
      await flush();
      await current?.handle.close();
      current = null;
    },
  };
}

/** Removes the parts of every campaign's record that were begun more than `keepDays` ago, also of campaigns that have ended. */
export async function removeOldRecords(options: { dataDir: string; keepDays: number; nowMs: number }): Promise<void> {
  const { dataDir, keepDays, nowMs } = options;
  const oldest = partName(nowMs - keepDays * 86_400_000, 0);
  for (const campaignId of await namesIn(join(dataDir, 'pacing'))) {
    const folder = recordFolder(dataDir, campaignId);
    for (const name of await namesIn(folder)) if (name < oldest) await rm(join(folder, name), { force: true });
  }
}

/** Nothing where there is no such folder: nothing was recorded yet. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Names sort as the moments do. */
function partName(atMs: number, epoch: number): string {
  return `${new Date(atMs).toISOString().replaceAll(/[-:]/g, '')}-${epoch}.jsonl`;
}
