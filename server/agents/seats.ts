/** How many calls in which languages the agents on duty could take. Pure. */
import { speaks } from './rules.ts';

/** Agents who speak the same languages (none stated: all), and how many calls may count on them together. */
export interface SpeakerGroup {
  languages: readonly string[];
  lines: number;
}

/** Which languages still have room: those named, and (`rest`) any other. */
export interface OpenLanguages {
  open: readonly string[];
  closed: readonly string[];
  rest: boolean;
  /** Languages that somebody on duty speaks, with room or without; null: any. */
  spoken: readonly string[] | null;
}

/** Seats that are handed out one by one. Null as a language: the debtor's is not known, so anybody will do. */
export interface Seats {
  /** Takes a seat for a call in this language; false where nobody is left who speaks it. */
  take(language: string | null): boolean;
  openLanguages(): OpenLanguages;
}

/** Stand for calls that anybody may take, and for languages that no agent states. */
const ANY = '*';
const UNSTATED = '?';

/**
 * Seats for calls, after those that `taken` calls in flight count on. Calls are moved among agents who speak their language as long as that
 * makes room, so that a seat is refused only where no way of sharing the agents would leave one. `most`: at how many calls in flight a
 * language is full whatever the lines; '?' stands for the languages that no agent states.
 */
export function createSeats(
  groups: readonly SpeakerGroup[],
  taken: readonly (string | null)[],
  most: (language: string) => number = () => Infinity,
): Seats {
  const stated = [...new Set(groups.flatMap((group) => group.languages))];
  const free = groups.map((group) => group.lines);
  /** Calls by kind, and on which group each counts. */
  const held = new Map<string, number[]>();
  const inFlight = new Map<string, number>();

  const kindOf = (language: string | null): string => {
    if (language === null) return ANY;
    return stated.includes(language) ? language : UNSTATED;
  };
  const mayServe = (index: number, kind: string): boolean => {
    const languages = groups[index]?.languages ?? [];
    return kind === ANY || (kind === UNSTATED ? languages.length === 0 : speaks({ languages }, kind));
  };
  const countAt = (kind: string, index: number): number => held.get(kind)?.[index] ?? 0;
  const add = (kind: string, index: number, by: number): void => {
    const counts = held.get(kind) ?? groups.map(() => 0);
    counts[index] = (counts[index] ?? 0) + by;
    held.set(kind, counts);
  };

  /** The moves that make room for a call of a kind: each puts one call of a kind on a group, the last on one that is free. */
  function wayFor(kind: string, seen: Set<number>): [kind: string, index: number][] | null {
    for (const [index, room] of free.entries()) {
      if (seen.has(index) || !mayServe(index, kind)) continue;
      if (room > 0) return [[kind, index]];
      seen.add(index);
      for (const other of held.keys()) {
        if (countAt(other, index) === 0) continue;
        const further = wayFor(other, seen);
        if (further) return [[kind, index], ...further];
      }
    }
    return null;
  }

  function seat(kind: string): boolean {
    const way = wayFor(kind, new Set());
    const last = way?.at(-1);
    if (!way || !last) return false;
    // Each call that moves leaves the group that the one before it came to.
    way.forEach(([moved, index], step) => {
      const from = way[step - 1]?.[1];
      if (from !== undefined) add(moved, from, -1);
      add(moved, index, 1);
    });
    free[last[1]] = (free[last[1]] ?? 0) - 1;
    return true;
  }

  const isFull = (kind: string): boolean => kind !== ANY && (inFlight.get(kind) ?? 0) >= most(kind);
  const hasRoom = (kind: string): boolean => !isFull(kind) && wayFor(kind, new Set()) !== null;
  const fly = (kind: string): void => void inFlight.set(kind, (inFlight.get(kind) ?? 0) + 1);

  for (const language of taken) {
    seat(kindOf(language));
    fly(kindOf(language));
  }
  return {
    take(language) {
      const kind = kindOf(language);
      if (isFull(kind) || !seat(kind)) return false;
      fly(kind);
      return true;
    },
    openLanguages() {
      const open = stated.filter(hasRoom);
      return {
        open,
        closed: stated.filter((language) => !open.includes(language)),
        rest: hasRoom(UNSTATED),
        spoken: groups.some((group) => group.languages.length === 0) ? null : stated,
      };
    },
  };
}
