/** Tables of chances at fixed horizons, made from what was learnt: when a call will want an agent, when an agent will be free. */
import { AGENT_ENDS, CALL_ENDS, levelOf, patienceOf, personShares, SCREENING_ENDS, type Learning } from './learning.ts';
import { binOf, chancesByBin, widthOf, type SpellKind } from './spells.ts';

/** Chances are known at 20 horizons, 1.5 s apart. */
export const HORIZONS = 20;
const STEP_S = 0.5;
const STEPS_PER_HORIZON = 3;
const STEPS = HORIZONS * STEPS_PER_HORIZON;
export const HORIZON_S = STEP_S * STEPS_PER_HORIZON;

/** Rows by age in half seconds; older calls stand in the last row of their stage. */
const DIALED_ROWS = 31;
const RINGING_ROWS = 71;
const SCREENING_ROWS = 31;
const RINGING_FROM = DIALED_ROWS;
const SCREENING_FROM = RINGING_FROM + RINGING_ROWS;
const CALL_ROWS = SCREENING_FROM + SCREENING_ROWS;

/** Believed before anything is seen: chances per second; generous about answers and slow about agents, so that a floor starts carefully. */
const PRIOR = {
  rings: 0.5,
  answersWhileRinging: 0.06,
  ringsOut: 0.01,
  fails: 0.02,
  verdict: 0.4,
  verdictMachine: 0.04,
  talkEnds: 0.004,
  wrapEnds: 0.03,
  wrapEndsAway: 0.001,
} as const;
/** How many spells a belief weighs. */
const PRIOR_WEIGHT = 6;
const PERSON_WEIGHT = 3;
const LEVEL_WEIGHT = 25;

/** Agents' ages at which chances are known, in seconds. */
const TALK_AGES = [
  ...Array.from({ length: 30 }, (_, index) => 2 * index),
  60,
  65,
  70,
  75,
  80,
  90,
  100,
  110,
  120,
  140,
  160,
  180,
  200,
  230,
  260,
  300,
  350,
  400,
  500,
  600,
  800,
  1_000,
  1_300,
];
const WRAP_AGES = [...Array.from({ length: 15 }, (_, index) => 2 * index), 30, 35, 40, 50, 60, 80, 100, 130, 160];
const GREATEST_TALK_S = 1_600;
/** Agents' chances are known at whole seconds up to here. */
const AGENT_SECONDS = 36;

export interface CallChances {
  /** By row and horizon: this call wants an agent within the horizon. */
  call: Float64Array;
  /** By row: it will ever want one. */
  ever: Float64Array;
  /** Odds that an answer after each second of ringing is a person's, to the overall odds. */
  voiceOdds: Float64Array;
  /** Expected persons among calls that have rung for so many half seconds, by the slow memory alone. */
  expectedPersons: Float64Array;
  /** How much more (> 1) or less people answer of late. */
  level: number;
}

export interface AgentChances {
  /** By row and horizon: this agent is free in time for a call that comes at the horizon. */
  talk: Float64Array;
  wrap: Float64Array;
  /** By whole seconds: an agent who has just taken a call is free again. */
  renewal: Float64Array;
  /** How long a person waits for an agent, in seconds. */
  patienceS: number;
}

export type Chances = CallChances & AgentChances;

/** Row of a call in the table of calls. */
export function rowOf(stage: 'dialed' | 'ringing' | 'screening', ageMs: number): number {
  const age = Math.max(0, Math.floor(ageMs / 500));
  if (stage === 'dialed') return Math.min(age, DIALED_ROWS - 1);
  if (stage === 'ringing') return RINGING_FROM + Math.min(age, RINGING_ROWS - 1);
  return SCREENING_FROM + Math.min(age, SCREENING_ROWS - 1);
}

const talkRows = rowsByTwoSeconds(TALK_AGES, GREATEST_TALK_S);
const wrapRows = rowsByTwoSeconds(WRAP_AGES, 200);

/** Row of an agent in their table. */
export function agentRow(doing: 'talk' | 'wrap', ageMs: number): number {
  const rows = doing === 'talk' ? talkRows : wrapRows;
  return rows[Math.min(rows.length - 1, Math.max(0, Math.floor(ageMs / 2_000)))] ?? 0;
}

/** Makes all tables. `patienceMs` is taken until anybody has waited. */
export function chancesOf(calls: Learning, agents: Learning, patienceMs: number): Chances {
  return { ...callChancesOf(calls), ...agentChances(agents, (patienceOf(agents) ?? patienceMs) / 1_000) };
}

/** Makes the tables of calls. */
export function callChancesOf(learning: Learning): CallChances {
  const shares = personShares(learning, PERSON_WEIGHT);
  const level = levelOf(learning, LEVEL_WEIGHT);
  const odds = shares.overall / (1 - shares.overall);
  return {
    ...callChances(learning, shares.bySecond, level),
    voiceOdds: shares.bySecond.map((share) => share / (1 - share) / odds),
    level,
  };
}

function callChances(
  learning: Learning,
  persons: Float64Array,
  level: number,
): Pick<CallChances, 'call' | 'ever' | 'expectedPersons'> {
  const { spells } = learning;
  const dialed = perStep(
    spells.dialed.kind,
    chancesByBin(
      spells.dialed,
      (cause) => (cause === CALL_ENDS.rings ? PRIOR.rings : cause === CALL_ENDS.ends ? PRIOR.fails : 0),
      PRIOR_WEIGHT,
    ),
    DIALED_ROWS,
  );
  const ringing = perStep(
    spells.ringing.kind,
    chancesByBin(
      spells.ringing,
      (cause, ageS) =>
        cause === CALL_ENDS.answers ? PRIOR.answersWhileRinging : cause === CALL_ENDS.ends ? PRIOR.ringsOut * (ageS / 10) : 0,
      PRIOR_WEIGHT,
    ),
    RINGING_ROWS,
  );
  const screening = perStep(
    spells.screening.kind,
    chancesByBin(
      spells.screening,
      (cause) => (cause === SCREENING_ENDS.wantsAgent ? PRIOR.verdict : PRIOR.verdictMachine),
      PRIOR_WEIGHT,
    ),
    SCREENING_ROWS,
  );
  // Fine tables: [row][step], chance within so many half seconds; the step after the last holds "ever".
  const width = STEPS + 1;
  const fine = new Float64Array(CALL_ROWS * width);
  const ever = new Float64Array(CALL_ROWS);
  const [wants, hangs] = [at(screening, SCREENING_ENDS.wantsAgent), at(screening, SCREENING_ENDS.ends)];
  recur(fine, ever, width, SCREENING_FROM, SCREENING_ROWS, (row) => ({
    now: wants[row] ?? 0,
    stays: 1 - (wants[row] ?? 0) - (hangs[row] ?? 0),
    after: null,
  }));
  // Given that it is a person: the screening's own mix of outcomes is taken out again.
  const verdict = new Float64Array(width);
  const verdictEver = Math.max(1e-9, ever[SCREENING_FROM] ?? 0);
  for (let step = 0; step < width; step += 1) verdict[step] = (fine[SCREENING_FROM * width + step] ?? 0) / verdictEver;

  const [answers, ringsOut] = [at(ringing, CALL_ENDS.answers), at(ringing, CALL_ENDS.ends)];
  const personAt = (row: number): number => persons[Math.min(persons.length - 1, Math.floor(row * STEP_S))] ?? 0;
  recur(fine, ever, width, RINGING_FROM, RINGING_ROWS, (row) => {
    const all = answers[row] ?? 0;
    const ends = ringsOut[row] ?? 0;
    const person = Math.min(all * personAt(row) * level, 1 - ends);
    const machine = Math.min(all * (1 - personAt(row)), 1 - ends - person);
    return { now: person, stays: 1 - person - machine - ends, after: verdict };
  });
  const ringingNow = fine.subarray(RINGING_FROM * width, RINGING_FROM * width + width);
  const ringingEver = ever[RINGING_FROM] ?? 0;
  const [rings, dialedAnswers, fails] = [at(dialed, CALL_ENDS.rings), at(dialed, CALL_ENDS.answers), at(dialed, CALL_ENDS.ends)];
  const onward = new Float64Array(width);
  const overall = personAt(0);
  recur(
    fine,
    ever,
    width,
    0,
    DIALED_ROWS,
    (row) => {
      const [ring, answer] = [rings[row] ?? 0, (dialedAnswers[row] ?? 0) * Math.min(1, overall * level)];
      const both = Math.max(1e-9, ring + answer);
      for (let step = 0; step < width; step += 1) {
        onward[step] = (ring * (ringingNow[step] ?? 0) + answer * (verdict[step] ?? 0)) / both;
      }
      const all = ring + (dialedAnswers[row] ?? 0);
      return { now: ring + answer, stays: 1 - all - (fails[row] ?? 0), after: onward };
    },
    (row) => {
      const [ring, answer] = [rings[row] ?? 0, (dialedAnswers[row] ?? 0) * Math.min(1, overall * level)];
      return (ring * ringingEver + answer) / Math.max(1e-9, ring + answer);
    },
  );
  const call = new Float64Array(CALL_ROWS * HORIZONS);
  for (let row = 0; row < CALL_ROWS; row += 1) {
    for (let horizon = 0; horizon < HORIZONS; horizon += 1) {
      call[row * HORIZONS + horizon] = fine[row * width + (horizon + 1) * STEPS_PER_HORIZON] ?? 0;
    }
  }
  return { call, ever, expectedPersons: expectedPersons(answers, personAt) };
}

interface Step {
  /** Chance to go on in this half second. */
  now: number;
  stays: number;
  /** After it: chance within so many half seconds; null: at once. */
  after: Float64Array | null;
}

/** Backward recursion over the rows of one stage; the last row stands for all greater ages. */
function recur(
  fine: Float64Array,
  ever: Float64Array,
  width: number,
  from: number,
  rows: number,
  stepOf: (row: number) => Step,
  everAfter: (row: number) => number = () => 1,
): void {
  for (let row = rows - 1; row >= 0; row -= 1) {
    const { now, stays, after: chancesAfter } = stepOf(row);
    const here = (from + row) * width;
    const isLast = row === rows - 1;
    const after = isLast ? here : here + width;
    for (let step = 1; step < width; step += 1) {
      // It happens in the middle of the half second.
      const moved = chancesAfter === null ? now : (now * ((chancesAfter[step] ?? 0) + (chancesAfter[step - 1] ?? 0))) / 2;
      fine[here + step] = moved + stays * (fine[after + step - 1] ?? 0);
    }
    const onward = now * everAfter(row);
    ever[from + row] = isLast ? onward / Math.max(1e-6, 1 - stays) : onward + stays * (ever[from + row + 1] ?? 0);
  }
}

/** Chances by half-second rows from chances by bin. */
function perStep(kind: SpellKind, chances: Float64Array[], rows: number): Float64Array[] {
  const steps = chances.map(() => new Float64Array(rows));
  let [bin, all, part] = [-1, 0, 0];
  for (let row = 0; row < rows; row += 1) {
    if ((kind.edges[bin + 1] ?? Infinity) <= row * STEP_S + 1e-6) {
      bin = binOf(kind, row * STEP_S + 1e-6);
      all = 0;
      for (const byBin of chances) all += byBin[bin] ?? 0;
      all = Math.min(1, all);
      part = 1 - (1 - all) ** (STEP_S / widthOf(kind, bin));
    }
    for (let cause = 0; cause < chances.length; cause += 1) {
      const step = steps[cause];
      if (step) step[row] = all > 0 ? (part * (chances[cause]?.[bin] ?? 0)) / all : 0;
    }
  }
  return steps;
}

/** Persons expected of calls that have rung for so many half seconds, by the slow memory alone. */
function expectedPersons(answers: Float64Array, personAt: (row: number) => number): Float64Array {
  const sums = new Float64Array(answers.length + 1);
  for (let row = 0; row < answers.length; row += 1) sums[row + 1] = (sums[row] ?? 0) + (answers[row] ?? 0) * personAt(row);
  return sums;
}

function agentChances(learning: Learning, patienceS: number): AgentChances {
  const { talk, wrap } = learning.spells;
  const talkEnds = at(
    chancesByBin(talk, () => PRIOR.talkEnds, PRIOR_WEIGHT),
    0,
  );
  const wrapEnds = chancesByBin(wrap, (cause) => (cause === AGENT_ENDS.free ? PRIOR.wrapEnds : PRIOR.wrapEndsAway), PRIOR_WEIGHT);
  const wrapAll = at(wrapEnds, AGENT_ENDS.free).map((chance, bin) =>
    Math.min(1, chance + (at(wrapEnds, AGENT_ENDS.away)[bin] ?? 0)),
  );
  const talkLasts = survival(talk.kind, talkEnds, GREATEST_TALK_S + AGENT_SECONDS);
  const wrapLasts = survival(wrap.kind, wrapAll, 200 + AGENT_SECONDS);
  const stays = 1 - shareAway(learning);
  const talkTable = new Float64Array(TALK_AGES.length * HORIZONS);
  const wrapTable = new Float64Array(WRAP_AGES.length * HORIZONS);
  const within = new Float64Array(AGENT_SECONDS + 1);
  const renewal = new Float64Array(AGENT_SECONDS + 1);
  const wrapped = new Float64Array(AGENT_SECONDS);
  for (let left = 0; left < AGENT_SECONDS; left += 1) {
    wrapped[left] = 1 - ((wrapLasts[left] ?? 0) + (wrapLasts[left + 1] ?? 0)) / 2;
  }
  const ends = new Float64Array(AGENT_SECONDS + 1);
  for (let row = 0; row < TALK_AGES.length; row += 1) {
    const age = (TALK_AGES[row] ?? 0) + (row === 0 ? 0 : 1);
    const alive = Math.max(1e-12, talkLasts[age] ?? 0);
    for (let end = 1; end <= AGENT_SECONDS; end += 1) {
      ends[end] = ((talkLasts[age + end - 1] ?? 0) - (talkLasts[age + end] ?? 0)) / alive;
    }
    for (let second = 1; second <= AGENT_SECONDS; second += 1) {
      let free = 0;
      for (let end = 1; end <= second; end += 1) free += (ends[end] ?? 0) * (wrapped[second - end] ?? 0);
      within[second] = stays * free;
    }
    if (row === 0) renewal.set(within);
    fillHorizons(talkTable, row, within, patienceS);
  }
  for (let row = 0; row < WRAP_AGES.length; row += 1) {
    const age = (WRAP_AGES[row] ?? 0) + 1;
    const alive = Math.max(1e-12, wrapLasts[age] ?? 0);
    for (let second = 0; second <= AGENT_SECONDS; second += 1)
      within[second] = stays * (1 - (wrapLasts[age + second] ?? 0) / alive);
    fillHorizons(wrapTable, row, within, patienceS);
  }
  return { talk: talkTable, wrap: wrapTable, renewal, patienceS };
}

function fillHorizons(table: Float64Array, row: number, within: Float64Array, patienceS: number): void {
  for (let horizon = 0; horizon < HORIZONS; horizon += 1) {
    table[row * HORIZONS + horizon] = bySeconds(within, (horizon + 1) * HORIZON_S + patienceS);
  }
}

/** A chance known at whole seconds, between them. */
export function bySeconds(within: Float64Array, seconds: number): number {
  const last = within.length - 1;
  if (seconds >= last) return within[last] ?? 0;
  const floor = Math.max(0, Math.floor(seconds));
  const part = Math.max(0, seconds) - floor;
  return (within[floor] ?? 0) * (1 - part) + (within[floor + 1] ?? 0) * part;
}

/** Share that still lasts after each whole second. */
function survival(kind: SpellKind, ends: Float64Array, seconds: number): Float64Array {
  const lasts = new Float64Array(seconds + 2);
  lasts[0] = 1;
  let [bin, stays] = [-1, 1];
  for (let second = 0; second <= seconds; second += 1) {
    if ((kind.edges[bin + 1] ?? Infinity) <= second) {
      bin = binOf(kind, second);
      stays = (1 - Math.min(0.999_999, ends[bin] ?? 0)) ** (1 / widthOf(kind, bin));
    }
    lasts[second + 1] = (lasts[second] ?? 0) * stays;
  }
  return lasts;
}

/** Share of wrap-ups that end in a break. */
function shareAway(learning: Learning): number {
  const { ended } = learning.spells.wrap;
  const sum = (cause: number): number => at(ended, cause).reduce((total, count) => total + count, 0);
  const away = sum(AGENT_ENDS.away);
  return (away + 0.4) / (away + sum(AGENT_ENDS.free) + 20);
}

function at(arrays: readonly Float64Array[], index: number): Float64Array {
  return arrays[index] ?? new Float64Array(0);
}

function rowsByTwoSeconds(ages: readonly number[], greatest: number): Uint8Array {
  return Uint8Array.from({ length: greatest / 2 }, (_, index) => {
    let row = 0;
    for (let each = 0; each < ages.length; each += 1) if ((ages[each] ?? 0) <= 2 * index) row = each;
    return row;
  });
}
