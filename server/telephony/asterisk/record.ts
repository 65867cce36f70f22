/** Reads the switch's own record (CEL, one CSV line per event): the file being written and those set aside, each from its end backwards. */
import { type FileHandle, open } from 'node:fs/promises';

import { parse } from 'csv-parse/sync';
import { z } from 'zod';

import type { RecordedEvent } from '../port.ts';
import { verdictStamp } from '../screening.ts';
import { DISORDER_MS, pastRecords } from './record-files.ts';

const CHUNK_BYTES = 256 * 1024;

/** Columns as dialplans/asterisk/cel_custom.conf writes them. */
const line = z
  .tuple([z.string(), z.string(), z.string(), z.string(), z.string(), z.string(), z.string(), z.string(), z.string()])
  .transform(([type, time, legId, linkedId, channel, context, extension, application, extra], check): RecordedEvent => {
    const stampMs = epochMs(time);
    if (stampMs === null) {
      check.addIssue('not a time');
      return z.NEVER;
    }
    const event = { type, stampMs, legId, linkedId, channel, context, extension, application, extra: readExtra(extra) };
    return type === 'SCREENED' ? { ...event, ...verdictStamp(event.extra.split(':')[2]) } : event;
  });

/**
 * Events since `sinceMs` (the switch's clock, epoch milliseconds), oldest first. A line that cannot be read, such as the one
 * being written at this moment, is left out. Empty when there is no record yet.
 */
export async function readRecord(file: string, sinceMs: number): Promise<RecordedEvent[]> {
  // Stamps are taken by many threads and written later by one: a line may stand a little off its place in time.
  const fromMs = sinceMs - DISORDER_MS;
  // The present one is opened first: set aside after that it is found among the others too, and known by its inode.
  const present = await openIfThere(file);
  const handles = [...present];
  try {
    const past: FileHandle[] = [];
    for (const { path, writtenMs } of await pastRecords(file)) {
      if (writtenMs < fromMs) continue;
      const opened = await openIfThere(path);
      handles.push(...opened);
      past.push(...opened);
    }
    const seen = new Set<string>();
    const events: RecordedEvent[] = [];
    for (const handle of [...past, ...present]) {
      const { dev, ino } = await handle.stat({ bigint: true });
      if (seen.has(`${dev}:${ino}`)) continue;
      seen.add(`${dev}:${ino}`);
      for (const event of readLines(await tailSince(handle, fromMs))) if (event.stampMs >= sinceMs) events.push(event);
    }
    return events.toSorted((one, other) => one.stampMs - other.stampMs);
  } finally {
    for (const handle of handles) await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle[]> {
  try {
    return [await open(path, 'r')];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Every whole line from the first chunk, counted from the end, whose first event lies before `sinceMs`. */
async function tailSince(handle: FileHandle, sinceMs: number): Promise<string> {
  const { size } = await handle.stat();
  const chunks: Buffer[] = [];
  let from = size;
  while (from > 0) {
    const length = Math.min(CHUNK_BYTES, from);
    from -= length;
    const chunk = Buffer.alloc(length);
    await handle.read(chunk, 0, length, from);
    chunks.unshift(chunk);
    const [first] = readLines(firstWholeLine(chunk, from));
    if (first !== undefined && first.stampMs < sinceMs) break;
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
}

function firstWholeLine(chunk: Buffer, from: number): string {
  const start = from === 0 ? 0 : chunk.indexOf(10) + 1;
  const end = chunk.indexOf(10, start);
  return end === -1 ? '' : chunk.subarray(start, end + 1).toString('utf8');
}

function readLines(text: string): RecordedEvent[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const rows: unknown[] = parse(whole, { relax_column_count: true, relax_quotes: true, skip_records_with_error: true });
  return rows.flatMap((row) => {
    const read = line.safeParse(row);
    return read.success ? [read.data] : [];
  });
}

/** `seconds.microseconds` to whole milliseconds. */
function epochMs(time: string): number | null {
  const parts = /^(\d+)\.(\d{3})\d*$/.exec(time);
  return parts === null ? null : Number(`${parts[1]}${parts[2]}`);
}

/** Events of the dialplan carry their text as `{"extra": …}`. */
function readExtra(extra: string): string {
  try {
    const value: unknown = JSON.parse(extra);
    const own = z.object({ extra: z.string() }).safeParse(value);
    return own.success ? own.data.extra : extra;
  } catch {
    return extra;
  }
}
