/** What a pacer has learnt of its floor: how calls and agents behave. One flat array of numbers with names on its parts. */
import { addSpell, binOf, edgesBy, fade, sizeOf, spellsIn, type SpellKind, type Spells } from './spells.ts';

/** What may end a spell of a call. */
export const CALL_ENDS = { rings: 0, answers: 1, ends: 2 } as const;
export const SCREENING_ENDS = { wantsAgent: 0, ends: 1 } as const;
export const AGENT_ENDS = { free: 0, away: 1 } as const;

const KINDS = {
  dialed: { edges: edgesBy([0.5, 6], [3, 15]), causes: 3 },
  ringing: { edges: edgesBy([1, 30], [10, 60]), causes: 3 },
  screening: { edges: edgesBy([0.5, 8], [7, 15]), causes: 2 },
  talk: {
    edges: edgesBy([2, 20], [5, 50], [10, 100], [25, 200], [50, 400], [100, 800], [400, 1_600]),
    causes: 1,
  },
  wrap: { edges: edgesBy([2, 20], [5, 50], [10, 100], [50, 200]), causes: 2 },
} as const satisfies Record<string, SpellKind>;
export type SpellName = keyof typeof KINDS;
const SPELL_NAMES = Object.keys(KINDS) as SpellName[];

/** Seconds of ringing told apart for who answers; later answers count with the last. */
const VOICE_BINS = 27;

const HALF_LIFE_MS: Readonly<Record<SpellName, number>> = {
  dialed: 5_400_000,
  ringing: 2_400_000,
  screening: 2_400_000,
  talk: 5_400_000,
  wrap: 5_400_000,
};
const VOICES_HALF_LIFE_MS = 5_400_000;
const LEVEL_HALF_LIFE_MS = 150_000;
const PATIENCE_HALF_LIFE = 200;

/** Single figures at the head of the numbers. */
const SINGLE = { levelSeen: 0, levelExpected: 1, patienceMs: 2, patienceWeight: 3, fadedAt: 4 } as const;
const SINGLES = 8;
const TOTAL = SINGLES + SPELL_NAMES.reduce((sum, name) => sum + sizeOf(KINDS[name]), 0) + 2 * VOICE_BINS;

export interface Learning {
  numbers: Float64Array;
  spells: Readonly<Record<SpellName, Spells>>;
  /** By second of ringing at the answer: screened calls that wanted an agent, and that did not. */
  persons: Float64Array;
  others: Float64Array;
}

/** A pacer's memory over the given numbers; an empty one without. Returns null when the numbers are not such a memory. */
export function learningOf(numbers: Float64Array = new Float64Array(TOTAL)): Learning | null {
  if (numbers.length !== TOTAL) return null;
  let offset = SINGLES;
  const next = (name: SpellName): Spells => {
    const spells = spellsIn(numbers, offset, KINDS[name]);
    offset += sizeOf(KINDS[name]);
    return spells;
  };
  const spells = {
    dialed: next('dialed'),
    ringing: next('ringing'),
    screening: next('screening'),
    talk: next('talk'),
    wrap: next('wrap'),
  };
  return {
    numbers,
    spells,
    persons: numbers.subarray(offset, offset + VOICE_BINS),
    others: numbers.subarray(offset + VOICE_BINS, offset + 2 * VOICE_BINS),
  };
}

/** A spell of this many milliseconds ended by a cause, or was lost from sight. */
export function learnSpell(learning: Learning, name: SpellName, ageMs: number, cause: number | null): void {
  addSpell(learning.spells[name], Math.max(0, ageMs) / 1_000, cause);
}

/** Who answered after this much ringing. */
export function learnVoice(learning: Learning, rangMs: number, person: boolean): void {
  const counts = person ? learning.persons : learning.others;
  const bin = voiceBin(rangMs);
  counts[bin] = (counts[bin] ?? 0) + 1;
}

export function voiceBin(rangMs: number): number {
  return Math.min(VOICE_BINS - 1, Math.max(0, Math.floor(rangMs / 1_000)));
}

/** A person came, or was to be expected with this chance. */
export function learnLevel(learning: Learning, seen: number, expected: number): void {
  add(learning, SINGLE.levelSeen, seen);
  add(learning, SINGLE.levelExpected, expected);
}

/** How much more (> 1) or less people answer of late than was learnt, drawn to 1 by `weight` expected answers. */
export function levelOf(learning: Learning, weight: number): number {
  return (single(learning, SINGLE.levelSeen) + weight) / (single(learning, SINGLE.levelExpected) + weight);
}

/** A person who wants an agent will wait this long. */
export function learnPatience(learning: Learning, patienceMs: number): void {
  const keep = 0.5 ** (1 / PATIENCE_HALF_LIFE);
  const weight = single(learning, SINGLE.patienceWeight) * keep + 1;
  const before = single(learning, SINGLE.patienceMs);
  learning.numbers[SINGLE.patienceMs] = before + (Math.max(0, patienceMs) - before) / weight;
  learning.numbers[SINGLE.patienceWeight] = weight;
}

/** Mean time a person waits for an agent, in ms; null before anybody did. */
export function patienceOf(learning: Learning): number | null {
  return single(learning, SINGLE.patienceWeight) > 0 ? single(learning, SINGLE.patienceMs) : null;
}

/** Forgets by the time since the last call. */
export function forget(learning: Learning, now: number): void {
  const since = now - single(learning, SINGLE.fadedAt);
  learning.numbers[SINGLE.fadedAt] = now;
  if (!(since > 0)) return;
  for (const name of SPELL_NAMES) fade(learning.spells[name], 0.5 ** (since / HALF_LIFE_MS[name]));
  const voices = 0.5 ** (since / VOICES_HALF_LIFE_MS);
  for (const counts of [learning.persons, learning.others]) {
    for (let bin = 0; bin < VOICE_BINS; bin += 1) counts[bin] = (counts[bin] ?? 0) * voices;
  }
  const level = 0.5 ** (since / LEVEL_HALF_LIFE_MS);
  for (const at of [SINGLE.levelSeen, SINGLE.levelExpected]) learning.numbers[at] = single(learning, at) * level;
}

/** Counts anew the spells that are running. */
export function beginRunning(learning: Learning): void {
  for (const name of SPELL_NAMES) learning.spells[name].running.fill(0);
}

export function addRunning(learning: Learning, name: SpellName, ageMs: number): void {
  const { running, kind } = learning.spells[name];
  const bin = binOf(kind, Math.max(0, ageMs) / 1_000);
  running[bin] = (running[bin] ?? 0) + 1;
}

/**
 * Chance that the answer after each second of ringing is a person who will want an agent: smoothed over neighbours, drawn to the
 * overall share by `weight` answers, where machines and people pick up alike worth nothing and costing nothing.
 */
export function personShares(learning: Learning, weight: number): { overall: number; bySecond: Float64Array } {
  const { persons, others } = learning;
  const sum = (counts: Float64Array): number => counts.reduce((total, count) => total + count, 0);
  const [allPersons, allOthers] = [sum(persons), sum(others)];
  // Before anything is seen nearly everybody who answers is taken for a person.
  const overall = (allPersons + 9) / (allPersons + allOthers + 10);
  const bySecond = Float64Array.from(persons, (_, bin) => {
    const smooth = (counts: Float64Array): number =>
      0.5 * (counts[bin] ?? 0) +
      0.25 * (counts[Math.max(0, bin - 1)] ?? 0) +
      0.25 * (counts[Math.min(VOICE_BINS - 1, bin + 1)] ?? 0);
    const [p, o] = [smooth(persons), smooth(others)];
    return (p + weight * overall) / (p + o + weight);
  });
  return { overall, bySecond };
}

/**
 * Machines that reach agents, per person: with screening, one in ten machines is taken to slip through; without, all whom agents are
 * rid of within ten seconds are taken for machines.
 */
export function machineOddsOf(learning: Learning): number {
  const { persons, others, spells } = learning;
  const sum = (counts: Float64Array | undefined): number => counts?.reduce((total, count) => total + count, 0) ?? 0;
  const wants = spells.screening.ended[SCREENING_ENDS.wantsAgent];
  const atOnce = (wants?.[0] ?? 0) > 0.5 * sum(wants);
  if (!atOnce) return Math.min(1, 0.11 * ((sum(others) + 1) / (sum(persons) + 1)));
  const talks = spells.talk.ended[0];
  const brief = sum(talks?.subarray(0, 5));
  return Math.min(1, (brief + 1) / (sum(talks) - brief + 3));
}

function single(learning: Learning, at: number): number {
  return learning.numbers[at] ?? 0;
}

function add(learning: Learning, at: number, amount: number): void {
  learning.numbers[at] = single(learning, at) + amount;
}
