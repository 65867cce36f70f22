import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeats, type SpeakerGroup } from '../../server/agents/seats.ts';

const ARABIC = { languages: ['ar'], lines: 1 };
const PERSIAN = { languages: ['fa'], lines: 1 };
const BOTH = { languages: ['ar', 'fa'], lines: 1 };
const ALL = { languages: [], lines: 1 };

describe('seats for calls', () => {
  it('are with agents who speak the language; whoever states none speaks all', () => {
    const seats = createSeats([ARABIC, ALL], []);
    expect(seats.take('fa')).toBe(true);
    expect(seats.take('fa')).toBe(false);
    expect(seats.take('ar')).toBe(true);
    expect(seats.take(null)).toBe(false);
  });

  it('move calls to another agent where that makes room', () => {
    const seats = createSeats([BOTH, ARABIC], []);
    expect(seats.take('ar')).toBe(true);
    expect(seats.take('fa')).toBe(true);
    expect(seats.take('ar')).toBe(false);
  });

  it('count the calls in flight, and say which languages have room', () => {
    expect(createSeats([ARABIC, PERSIAN], ['fa', 'en']).openLanguages()).toEqual({
      open: ['ar'],
      closed: ['fa'],
      rest: false,
      spoken: ['ar', 'fa'],
    });
    expect(createSeats([PERSIAN, ALL], []).openLanguages()).toEqual({ open: ['fa'], closed: [], rest: true, spoken: null });
  });

  it('keep a language with few speakers to as many calls as is said, whatever the lines', () => {
    const seats = createSeats(
      [
        { ...PERSIAN, lines: 5 },
        { ...ARABIC, lines: 5 },
      ],
      [],
      (language) => (language === 'fa' ? 1 : 9),
    );
    expect([seats.take('fa'), seats.take('fa'), seats.take('ar')]).toEqual([true, false, true]);
  });

  it('are refused only where no way of sharing the agents leaves one, and never given beyond that', () => {
    const languages = ['ar', 'fa', 'en'];
    const group: fc.Arbitrary<SpeakerGroup> = fc.record({
      languages: fc.subarray(languages),
      lines: fc.integer({ min: 0, max: 2 }),
    });
    const call = fc.constantFrom(null, 'de', ...languages);
    fc.assert(
      fc.property(fc.array(group, { maxLength: 4 }), fc.array(call, { maxLength: 8 }), (groups, calls) => {
        const seats = createSeats(groups, []);
        const seated: (string | null)[] = [];
        for (const language of calls) {
          const fits = canSeat(groups, [...seated, language]);
          expect(seats.take(language)).toBe(fits);
          if (fits) seated.push(language);
        }
        const { open, rest } = seats.openLanguages();
        const stated = new Set(groups.flatMap((each) => each.languages));
        for (const language of stated) expect(open.includes(language)).toBe(canSeat(groups, [...seated, language]));
        expect(rest).toBe(canSeat(groups, [...seated, 'de']));
      }),
    );
  });
});

/** Every way there is, tried one after the other. */
function canSeat(groups: readonly SpeakerGroup[], calls: readonly (string | null)[]): boolean {
  const [first, ...others] = calls;
  if (first === undefined) return true;
  return groups.some(
    ({ languages, lines }, index) =>
      lines > 0 &&
      (first === null || languages.length === 0 || languages.includes(first)) &&
      canSeat(groups.with(index, { languages, lines: lines - 1 }), others),
  );
}
