/** The record of a campaign's pacer, as the dialer wrote it: found, checked line by line, replayed. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readLine, startReplay, type RecordHead } from '../../server/pacing/index.ts';

/** Where a record is not what was written, or a replay comes to something else. */
export interface Finding {
  what: 'changed' | 'unreadable' | 'decision' | 'snapshot' | 'refused';
  file: string;
  line: number;
  /** The moment of the tick, where it is one. */
  at: string | null;
  recorded: string;
  replayed: string;
}

export interface Replayed {
  /** Decisions compared, of those within the time asked for. */
  decisions: number;
  events: number;
  parts: number;
  /** Parts that do not continue the one before: a start of the dialer, or a gap. */
  beginnings: number;
  first: string | null;
  last: string | null;
  difference: Finding | null;
  /** What ran when it was recorded. */
  ranBy: { commit: string | null; node: string }[];
}

/** The parts of a record that hold what happened within [fromMs, toMs), in order; the first may begin before. */
export function partsOf(folder: string, fromMs: number, toMs: number): string[] {
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .toSorted();
  } catch {
    return [];
  }
  const begun = names.map((name) => ({ name, at: beganAt(name) }));
  const next = (index: number): number => begun[index + 1]?.at ?? Infinity;
  return begun.filter(({ at }, index) => at < toMs && next(index) > fromMs).map(({ name }) => join(folder, name));
}

/**
 * Replays these files through the pacer and compares every decision within [fromMs, toMs) with the recorded one. Ends at the first
 * difference. A last line that was cut off by a crash is not part of the record.
 */
export function replayFiles(files: readonly string[], fromMs: number, toMs: number): Replayed {
  const replayed: Replayed = {
    decisions: 0,
    events: 0,
    parts: 0,
    beginnings: 0,
    first: null,
    last: null,
    difference: null,
    ranBy: [],
  };
  const replay = startReplay();
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').split('\n');
    // What stands after the last line's end was never wholly written.
    lines.pop();
    let sum = 0;
    replayed.parts += 1;
    for (const [index, sealed] of lines.entries()) {
      const where = { file: basename(file), line: index + 1, at: null };
      const tab = sealed.lastIndexOf('\t');
      const text = sealed.slice(0, Math.max(0, tab));
      sum = crc32(text, sum);
      if (tab < 0 || sum.toString(36) !== sealed.slice(tab + 1)) {
        replayed.difference = { what: 'changed', ...where, recorded: sealed.slice(tab + 1), replayed: sum.toString(36) };
        return replayed;
      }
      const entry = readLine(text);
      if (entry === null || (index === 0) !== (entry.kind === 'head')) {
        replayed.difference = { what: 'unreadable', ...where, recorded: text.slice(0, 80), replayed: '' };
        return replayed;
      }
      if (entry.kind === 'head') noteHead(replayed, entry.head);
      if (entry.kind === 'event') replayed.events += 1;
      const within = entry.kind === 'tick' && entry.now >= fromMs && entry.now < toMs;
      const { difference } = replay.step(entry);
      const at = entry.kind === 'tick' ? new Date(entry.now).toISOString() : null;
      if (within) {
        replayed.decisions += 1;
        replayed.first ??= at;
        replayed.last = at;
      }
      if (difference !== null) {
        replayed.difference = { ...difference, ...where, at };
        return replayed;
      }
    }
  }
  return replayed;
}

function noteHead(replayed: Replayed, { commit, node, continues }: RecordHead): void {
  if (!continues) replayed.beginnings += 1;
  if (!replayed.ranBy.some((known) => known.commit === commit && known.node === node)) replayed.ranBy.push({ commit, node });
}

function beganAt(name: string): number {
  const [, day = '', hours = '', minutes = '', seconds = ''] = /^(\d{8})T(\d{2})(\d{2})([\d.]+)Z-/.exec(name) ?? [];
  const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}`;
  return Date.parse(`${date}T${hours}:${minutes}:${seconds}Z`);
}
