import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerChance,
  bestHour,
  hourOfWeek,
  HOURS_OF_WEEK,
  learnModel,
  shrink,
  hourShare,
  strengthOf,
  type HourTallies,
  type Tally,
} from '../../server/scoring/hours.ts';

const RUNS = { numRuns: 10_000 };
const tally: fc.Arbitrary<Tally> = fc
  .tuple(fc.nat({ max: 1_000 }), fc.nat({ max: 1_000 }))
  .map(([a, b]) => ({ tries: Math.max(a, b), answers: Math.min(a, b) }));
const hour = fc.integer({ min: 0, max: HOURS_OF_WEEK - 1 });
const tallies: fc.Arbitrary<HourTallies> = fc.array(fc.tuple(hour, tally), { maxLength: 30 }).map((list) => new Map(list));
const rate = fc.double({ min: 0, max: 1, noNaN: true });
const strength = fc.double({ min: 0.5, max: 500, noNaN: true });
const model = fc.tuple(tallies, tallies).map(([everybody, segment]) => learnModel(everybody, new Map([['SA/card', segment]])));
/** What rounding in binary may cost. */
const HAIR = 1e-9;

describe('a rate under a prior', () => {
  test('lies between what was seen and what was expected', () => {
    fc.assert(
      fc.property(tally, rate, strength, (given, mean, by) => {
        const seen = given.tries === 0 ? mean : given.answers / given.tries;
        const found = shrink(given, mean, by);
        expect(found).toBeGreaterThanOrEqual(Math.min(seen, mean) - HAIR);
        expect(found).toBeLessThanOrEqual(Math.max(seen, mean) + HAIR);
      }),
      RUNS,
    );
  });

  test('is the expected one without tries, and comes nearer to the seen one with every further try of the same kind', () => {
    fc.assert(
      fc.property(tally, rate, strength, fc.integer({ min: 2, max: 50 }), (given, mean, by, times) => {
        expect(shrink({ tries: 0, answers: 0 }, mean, by)).toBeCloseTo(mean, 9);
        fc.pre(given.tries > 0);
        const seen = given.answers / given.tries;
        const more = { tries: given.tries * times, answers: given.answers * times };
        expect(Math.abs(shrink(more, mean, by) - seen)).toBeLessThanOrEqual(Math.abs(shrink(given, mean, by) - seen) + HAIR);
      }),
      RUNS,
    );
  });

  test('stays nearer to the expected one the stronger the prior is', () => {
    fc.assert(
      fc.property(tally, rate, strength, strength, (given, mean, a, b) => {
        const [weak, strong] = [Math.min(a, b), Math.max(a, b)];
        expect(Math.abs(shrink(given, mean, strong) - mean)).toBeLessThanOrEqual(
          Math.abs(shrink(given, mean, weak) - mean) + HAIR,
        );
      }),
      RUNS,
    );
  });
});

describe('the strength of a prior', () => {
  test('is between two and five hundred tries', () => {
    fc.assert(
      fc.property(fc.array(tally, { maxLength: 40 }), (groups) => {
        const found = strengthOf(groups);
        expect(found >= 2 && found <= 500).toBe(true);
      }),
      RUNS,
    );
  });

  test('is great where groups are alike and small where they differ', () => {
    const alike = Array.from({ length: 20 }, () => ({ tries: 100, answers: 30 }));
    const differing = Array.from({ length: 20 }, (_, index) => ({ tries: 100, answers: index % 2 === 0 ? 5 : 80 }));
    expect(strengthOf(alike)).toBe(500);
    expect(strengthOf(differing)).toBeLessThan(5);
  });
});

describe('the chance of an answer', () => {
  test('is strictly between nothing and certainty, whatever was seen', () => {
    fc.assert(
      fc.property(model, tallies, hour, fc.constantFrom('SA/card', 'nobody', null), (given, own, at, segment) => {
        const chance = answerChance(given, segment, own, at);
        expect(chance > 0 && chance < 1).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('never falls with an answer at that hour, nor rises with a try in vain', () => {
    fc.assert(
      fc.property(model, tallies, hour, (given, own, at) => {
        const known = own.get(at) ?? { tries: 0, answers: 0 };
        const after = (answers: number): HourTallies =>
          new Map([...own, [at, { tries: known.tries + 1, answers: known.answers + answers }]]);
        const before = answerChance(given, 'SA/card', own, at);
        expect(answerChance(given, 'SA/card', after(1), at)).toBeGreaterThanOrEqual(before - HAIR);
        expect(answerChance(given, 'SA/card', after(0), at)).toBeLessThanOrEqual(before + HAIR);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a person never called is that of people alike, and of a segment never called that of everybody', () => {
    const everybody: HourTallies = new Map([
      [10, { tries: 1_000, answers: 200 }],
      [18, { tries: 1_000, answers: 500 }],
    ]);
    const evenings = learnModel(everybody, new Map([['EG/loan', new Map([[18, { tries: 5_000, answers: 4_000 }]])]]));
    const nothing: HourTallies = new Map();
    expect(answerChance(evenings, 'IR/lease', nothing, 18)).toBeCloseTo(evenings.everybody[18] ?? 0, 9);
    expect(answerChance(evenings, 'EG/loan', nothing, 18)).toBeGreaterThan(0.7);
    expect(answerChance(evenings, 'EG/loan', nothing, 10)).toBeGreaterThan(answerChance(evenings, null, nothing, 10));
  });
});

describe('the best hour', () => {
  const lawful = fc.uniqueArray(hour, { maxLength: 60 });
  const day = fc.integer({ min: 0, max: 3_000 }).map((days) => Temporal.PlainDate.from('2026-01-01').add({ days }).toString());

  test('is lawful, always the same for a person and a day, and the likeliest unless it is being explored', () => {
    fc.assert(
      fc.property(model, tallies, lawful, fc.uuid(), day, (given, own, hours, id, on) => {
        fc.pre(hours.length > 0);
        const person = { id, segment: 'SA/card', own };
        const found = bestHour(given, person, hours, on);
        expect(hours).toContain(found?.hour);
        expect(bestHour(given, person, hours, on)).toEqual(found);
        const greatest = Math.max(...hours.map((at) => answerChance(given, 'SA/card', own, at)));
        expect(found?.explored === true || found?.chance === greatest).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is none where no hour is lawful', () => {
    const person = { id: 'nobody', segment: null, own: new Map() };
    expect(bestHour(learnModel(new Map(), new Map()), person, [], '2026-04-19')).toBeNull();
  });

  test('is explored on about one day in twenty, over all lawful hours', () => {
    const given = learnModel(new Map([[10, { tries: 1_000, answers: 500 }]]), new Map());
    const hours = [9, 10, 11, 12, 13, 14, 15, 16];
    const found = Array.from({ length: 20_000 }, (_, index) =>
      bestHour(given, { id: `person ${index}`, segment: null, own: new Map() }, hours, '2026-04-19'),
    );
    const explored = found.filter((each) => each?.explored);
    // A twentieth, less the eighth of it that happens on the best hour.
    expect(explored.length / found.length).toBeGreaterThan(0.038);
    expect(explored.length / found.length).toBeLessThan(0.05);
    expect(new Set(explored.map((each) => each?.hour)).size).toBe(hours.length - 1);
  });
});

describe('the order at an hour', () => {
  test('leaves all to whoever is at their best or being tried, takes half at most, and moves in few steps', () => {
    fc.assert(
      fc.property(rate, rate, fc.boolean(), (now, chance, explored) => {
        const best = { hour: 10, chance, explored };
        expect(hourShare(10, now, best)).toBe(100);
        expect([50, 60, 70, 80, 90, 100]).toContain(hourShare(11, now, best));
        expect(hourShare(11, chance, { ...best, explored: false })).toBe(100);
      }),
      RUNS,
    );
  });

  test('goes by the debtor’s own clock, half-hour zones among them', () => {
    const moment = Temporal.Instant.from('2026-04-19T20:45Z');
    expect(hourOfWeek(moment, 'UTC')).toBe(6 * 24 + 20);
    expect(hourOfWeek(moment, 'Asia/Riyadh')).toBe(6 * 24 + 23);
    expect(hourOfWeek(moment, 'Asia/Tehran')).toBe(0);
  });
});
