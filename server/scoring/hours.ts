/**
 * When a debtor is likeliest to answer: counts of tries and answers by hour of the week, shrunk from the person to people alike and from
 * those to everybody.
 *
 * A rate seen in few tries is drawn towards what is known of more people: with a Beta(k·m, k·(1 − m)) prior of mean m and strength k,
 * a answers in n tries give the posterior mean (a + k·m) / (n + k). Each level's posterior mean is the next one's m (empirical Bayes;
 * Casella, "An Introduction to Empirical Bayes Data Analysis", The American Statistician 39, 1985; the strength by moments after
 * Kleinman, "Proportions with Extraneous Variance", Journal of the American Statistical Association 68, 1973).
 */

export const HOURS_OF_WEEK = 168;

/** Tries and answers, 0 ≤ answers ≤ tries. */
export interface Tally {
  tries: number;
  answers: number;
}

/** By hour of the local week: 0 is the first of Monday, 167 the last of Sunday. Hours without tries are left out. */
export type HourTallies = ReadonlyMap<number, Tally>;

/** A person's tallies as the database keeps them: [tries, answers] by hour. */
export function talliesOf(kept: Readonly<Record<string, readonly [number, number]>> | null): HourTallies {
  return new Map(Object.entries(kept ?? {}).map(([hour, [tries, answers]]) => [Number(hour), { tries, answers }]));
}

/** What has been learnt of everybody. `segments`: rates by segment, 168 each. */
export interface HourModel {
  everybody: readonly number[];
  segments: ReadonlyMap<string, readonly number[]>;
  /** How many of a person's own tries weigh as much as what is known of their segment. */
  personStrength: number;
}

/** Of all people, before anything is known: one in four answers. */
const PRIOR_RATE = 0.25;
/** The overall rate is sure after some tens of tries. */
const PRIOR_STRENGTH = 40;
/** A person's tries are few: eight of their own weigh as much as their segment. */
const PERSON_STRENGTH = 8;
const WEAKEST = 2;
const STRONGEST = 500;
/** One debtor-day in twenty is spent on learning. */
const EXPLORED_SHARE = 0.05;

/** The posterior mean of a rate under a Beta prior: `tally` drawn towards `mean` as if `strength` tries had shown it. Strength > 0. */
export function shrink(tally: Tally, mean: number, strength: number): number {
  return (tally.answers + strength * mean) / (tally.tries + strength);
}

/**
 * The strength of the prior that groups of tries suggest, by moments (Kleinman 1973): with rates p_i in n_i tries about their common
 * rate p, Σ n_i (p_i − p)² is expected to be p (1 − p) [(g − 1) + ρ (N − Σ n_i² / N − (g − 1))]; the strength is 1/ρ − 1. Within
 * [2, 500]; groups that differ no more than chance gives 500.
 */
export function strengthOf(groups: readonly Tally[]): number {
  const seen = groups.filter((group) => group.tries > 0);
  const tries = seen.reduce((sum, group) => sum + group.tries, 0);
  const rate = seen.reduce((sum, group) => sum + group.answers, 0) / tries;
  if (seen.length < 2 || rate <= 0 || rate >= 1) return STRONGEST;
  const spread = seen.reduce((sum, group) => sum + group.tries * (group.answers / group.tries - rate) ** 2, 0);
  const freedom = seen.length - 1;
  const beyond = tries - seen.reduce((sum, group) => sum + group.tries ** 2, 0) / tries - freedom;
  if (beyond <= 0) return STRONGEST;
  const alike = (spread / (rate * (1 - rate)) - freedom) / beyond;
  return alike <= 0 ? STRONGEST : Math.min(STRONGEST, Math.max(WEAKEST, 1 / alike - 1));
}

/** Learns rates by hour from everybody's tallies and each segment's. */
export function learnModel(everybody: HourTallies, segments: ReadonlyMap<string, HourTallies>): HourModel {
  const total = sumOf(everybody);
  const overall = shrink(total, PRIOR_RATE, PRIOR_STRENGTH);
  const hourStrength = strengthOf([...everybody.values()]);
  const rates = weekOf((hour) => shrink(everybody.get(hour) ?? NOTHING, overall, hourStrength));
  const learnt = [...segments].map(([segment, tallies]): [string, readonly number[]] => {
    const own = shrink(sumOf(tallies), overall, PRIOR_STRENGTH);
    const strength = strengthOf([...tallies.values()]);
    return [
      segment,
      weekOf((hour) => shrink(tallies.get(hour) ?? NOTHING, lifted(rates[hour] ?? overall, overall, own), strength)),
    ];
  });
  return { everybody: rates, segments: new Map(learnt), personStrength: PERSON_STRENGTH };
}

/** The chance, 0–1, that a person answers in an hour of their week: their own tries there, shrunk to their segment's or everybody's rate. */
export function answerChance(model: HourModel, segment: string | null, own: HourTallies, hour: number): number {
  const rates = (segment === null ? undefined : model.segments.get(segment)) ?? model.everybody;
  const usual = rates[hour] ?? PRIOR_RATE;
  const usualAll = rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
  // Who answers more than others at other hours does so at this one too.
  const level = shrink(sumOf(own), usualAll, model.personStrength);
  return shrink(own.get(hour) ?? NOTHING, lifted(usual, usualAll, level), model.personStrength);
}

/** An hour to call a person in. `explored`: chosen to learn, not for its chance. */
export interface BestHour {
  hour: number;
  chance: number;
  explored: boolean;
}

/**
 * The best of the lawful hours of a person's week, null when none is lawful. One day in twenty it is some other lawful hour instead,
 * so that hours nobody has tried are not left untried for ever, one of `tryableHours` (today's, say); which day and which hour follows from person
 * and day alone.
 */
export function bestHour(
  model: HourModel,
  person: { id: string; segment: string | null; own: HourTallies },
  lawfulHours: readonly number[],
  day: string,
  tryableHours = lawfulHours,
): BestHour | null {
  const chances = lawfulHours.map((hour) => ({ hour, chance: answerChance(model, person.segment, person.own, hour) }));
  const best = chances.reduce<{ hour: number; chance: number } | null>(
    (known, each) => (known === null || each.chance > known.chance ? each : known),
    null,
  );
  if (best === null) return null;
  if (!isTriedOn(person.id, day)) return { ...best, explored: false };
  const tryable = chances.filter((each) => tryableHours.includes(each.hour));
  const other = tryable[Math.floor(fractionOf(`${day} ${person.id}`) * tryable.length)] ?? best;
  return { ...other, explored: other.hour !== best.hour };
}

/** Whether a person's day (any text that names it) is one on which another hour than the best is tried. */
export function isTriedOn(personId: string, day: string): boolean {
  return fractionOf(`${personId} ${day}`) < EXPLORED_SHARE;
}

/** Steps of a share: the fewer, the fewer rows of a queue change places from hour to hour. */
const SHARE_STEP = 10;

/**
 * What part of the score, in per cent and steps of ten, the queue goes by at an hour: all of it for whoever is at their best now or is being
 * tried at this hour to learn, the less the better their best hour is, and never less than half.
 */
export function hourShare(hour: number, chanceNow: number, best: BestHour): number {
  if (hour === best.hour) return 100;
  if (best.explored) return 50;
  const share = best.chance <= 0 ? 1 : Math.min(1, Math.max(0, chanceNow / best.chance));
  return 50 + SHARE_STEP * Math.round((50 * share) / SHARE_STEP);
}

/** The segment of a person: people of one country and type of debt keep the same hours. */
export function segmentOf(country: string, debtType: string | null): string {
  return `${country}/${debtType ?? ''}`;
}

/** The hour of the local week at a moment. */
export function hourOfWeek(moment: Temporal.Instant, timeZone: string): number {
  const { dayOfWeek, hour } = moment.toZonedDateTimeISO(timeZone);
  return (dayOfWeek - 1) * 24 + hour;
}

const NOTHING: Tally = { tries: 0, answers: 0 };

function sumOf(tallies: HourTallies): Tally {
  let tries = 0;
  let answers = 0;
  for (const tally of tallies.values()) {
    tries += tally.tries;
    answers += tally.answers;
  }
  return { tries, answers };
}

function weekOf(rate: (hour: number) => number): number[] {
  return Array.from({ length: HOURS_OF_WEEK }, (_, hour) => rate(hour));
}

/** A rate whose odds are raised by as much as those of `level` exceed those of `from`; rates stay strictly between 0 and 1. */
function lifted(rate: number, from: number, level: number): number {
  const odds = oddsOf(rate) * (oddsOf(level) / oddsOf(from));
  return odds / (1 + odds);
}

function oddsOf(rate: number): number {
  const inside = Math.min(0.999, Math.max(0.001, rate));
  return inside / (1 - inside);
}

/** A number in [0, 1) that a text stands for, spread evenly: FNV-1a of 32 bits, stirred once more since texts differ at their ends. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
