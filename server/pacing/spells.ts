/**
 * How long things last: spells in a stage, counted by the age at which they ended and what ended them. Spells still running
 * count as survived up to their age; leaving them out would make everything seem to end at once.
 */

/** One kind of spell: the edges of its age bins in seconds (the last bin is open) and how many causes may end it. */
export interface SpellKind {
  edges: readonly number[];
  causes: number;
}

/** Views into one flat array of numbers, so that all that was learnt is copied, decayed and stored at once. */
export interface Spells {
  kind: SpellKind;
  /** By cause: ended in each bin. */
  ended: Float64Array[];
  /** Lost from sight in each bin: neither ended nor running. */
  censored: Float64Array;
  /** Still running, by the bin they are in. */
  running: Float64Array;
}

/** Numbers that a kind of spell takes up. */
export function sizeOf(kind: SpellKind): number {
  return kind.edges.length * (kind.causes + 2);
}

/** The spells of a kind that are stored in `numbers` from `offset` on. */
export function spellsIn(numbers: Float64Array, offset: number, kind: SpellKind): Spells {
  const bins = kind.edges.length;
  const part = (index: number): Float64Array => numbers.subarray(offset + index * bins, offset + (index + 1) * bins);
  return {
    kind,
    ended: Array.from({ length: kind.causes }, (_, cause) => part(cause)),
    censored: part(kind.causes),
    running: part(kind.causes + 1),
  };
}

/** The bin of an age in seconds. */
export function binOf(kind: SpellKind, ageS: number): number {
  const { edges } = kind;
  let [low, high] = [0, edges.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((edges[middle] ?? 0) <= ageS) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** One more spell of this age, ended by a cause, or lost from sight where none is given. */
export function addSpell(spells: Spells, ageS: number, cause: number | null): void {
  const counts = cause === null ? spells.censored : spells.ended[cause];
  const bin = binOf(spells.kind, ageS);
  if (counts) counts[bin] = (counts[bin] ?? 0) + 1;
}

/** Multiplies what has been counted; the running spells are not history and stay. */
export function fade(spells: Spells, factor: number): void {
  for (const counts of [...spells.ended, spells.censored]) {
    for (let bin = 0; bin < counts.length; bin += 1) counts[bin] = (counts[bin] ?? 0) * factor;
  }
}

/**
 * Chance of each cause, by bin, for a spell that has reached it: (ended + weight × prior) / (reached + weight), where `prior` gives the
 * chance per second believed before anything was seen.
 */
export function chancesByBin(spells: Spells, prior: (cause: number, ageS: number) => number, weight: number): Float64Array[] {
  const { ended, censored, running, kind } = spells;
  const bins = kind.edges.length;
  const chances = ended.map(() => new Float64Array(bins));
  let beyond = 0;
  for (let bin = bins - 1; bin >= 0; bin -= 1) {
    let endedHere = 0;
    for (const counts of ended) endedHere += counts[bin] ?? 0;
    const reached = beyond + endedHere;
    for (let cause = 0; cause < ended.length; cause += 1) {
      const believed = 1 - Math.exp(-prior(cause, kind.edges[bin] ?? 0) * widthOf(kind, bin));
      const chance = ((ended[cause]?.[bin] ?? 0) + weight * believed) / (reached + weight);
      const byBin = chances[cause];
      if (byBin) byBin[bin] = chance;
    }
    beyond = reached + (censored[bin] ?? 0) + (running[bin] ?? 0);
  }
  return chances;
}

/** Width of a bin in seconds; the open last bin counts as wide as the one before it. */
export function widthOf(kind: SpellKind, bin: number): number {
  const { edges } = kind;
  const at = Math.min(bin, edges.length - 2);
  return (edges[at + 1] ?? 1) - (edges[at] ?? 0);
}

/** Edges from 0 on: each `[step, upTo]` goes on in steps until there, in seconds. */
export function edgesBy(...parts: readonly (readonly [step: number, upTo: number])[]): number[] {
  const edges = [0];
  let last = 0;
  for (const [step, upTo] of parts) {
    while (last + step <= upTo + 1e-9) {
      last += step;
      edges.push(last);
    }
  }
  return edges;
}
