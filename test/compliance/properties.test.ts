import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCatalogue, rulesOfPack } from '../../server/compliance/catalogue.ts';
import { judge } from '../../server/compliance/gate.ts';
import { rulePackSchema } from '../../server/compliance/packs.ts';
import { factsOf } from './facts.ts';
import { allowed, type ReferenceCase } from './reference.ts';

const RUNS = 10_000;
// Half hours and quarter hours, changes of clocks at midnight, by half an hour, in the other hemisphere, and none at all.
const ZONES = [
  'America/New_York',
  'America/Los_Angeles',
  'Asia/Riyadh',
  'Asia/Tehran',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Africa/Cairo',
  'Asia/Beirut',
  'Europe/London',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'America/Havana',
  'Pacific/Chatham',
  'UTC',
];
const DAYS = [1, 2, 3, 4, 5, 6, 7];
const ALWAYS = [{ days: DAYS, from: '00:00', to: '24:00' }];

const start = Temporal.Instant.from('2027-06-01T00:00Z');
// Leap day 2028, both changes of clocks, Ramadan 1449 (from the end of January 2028).
const minutesAfterStart = fc.oneof(
  fc.integer({ min: 0, max: 500 * 1440 }),
  fc.constantFrom(
    ...[
      '2028-03-12T06:59Z',
      '2028-02-28T23:59Z',
      '2027-11-07T05:30Z',
      '2028-01-28T09:00Z',
      '2028-04-27T22:00Z',
      '2027-10-28T21:00Z',
    ]
      .map((at) => start.until(at).total('minutes'))
      .map(Math.round),
  ),
);
const moment = minutesAfterStart.map((minutes) => start.add({ minutes }));
const clock = fc
  .integer({ min: 0, max: 1440 })
  .map((minutes) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`);
const range = fc
  .tuple(clock, clock)
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a }));

/** At most two ranges a day that do not overlap, on some days. */
const hours = fc.array(fc.tuple(fc.subarray(DAYS, { minLength: 1 }), range), { minLength: 1, maxLength: 3 }).map((rules) => {
  const taken = new Map<number, { from: string; to: string }[]>();
  return rules.flatMap(([days, { from, to }]) => {
    const free = days.filter((day) => !(taken.get(day) ?? []).some((other) => other.from < to && from < other.to));
    for (const day of free) taken.set(day, [...(taken.get(day) ?? []), { from, to }]);
    return free.length === 0 ? [] : [{ days: free, from, to }];
  });
});

const debtId = fc.constantFrom('debt', 'other');
const event = fc.record({
  ago: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 40 * 1440 })),
  attempt: fc.boolean(),
  conversation: fc.boolean(),
  samePerson: fc.boolean(),
  sameNumber: fc.boolean(),
  debts: fc.subarray(['debt', 'second', 'other']),
  products: fc.subarray(['card', 'loan']),
});

const cap = fc
  .record({
    scope: fc.constantFrom('person' as const, 'person+debt' as const, 'person+product' as const, 'number' as const),
    max: fc.integer({ min: 1, max: 4 }),
    period: fc.oneof(
      fc.integer({ min: 1, max: 31 }).map((days) => ({ days })),
      fc.integer({ min: 1, max: 120 }).map((minutes) => ({ minutes })),
    ),
  })
  .map(({ period, ...rest }) => ({ ...rest, ...period }));

/** No items, of a type the compiler cannot see in an empty list. */
function none<Item>(): fc.Arbitrary<Item[]> {
  return fc.constant([]);
}

const scene = (parts: {
  caps: boolean;
  cooloffs: boolean;
  holds: boolean;
  narrow: boolean;
}): fc.Arbitrary<{ it: ReferenceCase; now: Temporal.Instant }> =>
  fc
    .record({
      now: moment,
      zones: fc.uniqueArray(fc.constantFrom(...ZONES), { minLength: 1, maxLength: 3 }),
      hours: parts.narrow ? hours : fc.constant(ALWAYS),
      ramadan: parts.narrow ? fc.option(range) : fc.constant(null),
      holidays: parts.narrow ? fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }) : none<number>(),
      caps: parts.caps ? fc.array(cap, { minLength: 1, maxLength: 3 }) : none<ReferenceCase['caps'][number]>(),
      cooloffs: parts.cooloffs
        ? fc.array(
            fc.record({
              days: fc.integer({ min: 1, max: 10 }),
              dayOneIsEventDay: fc.boolean(),
              scope: fc.constantFrom('person' as const, 'person+debt' as const),
            }),
            { minLength: 1, maxLength: 2 },
          )
        : none<ReferenceCase['cooloffs'][number]>(),
      holds: parts.holds
        ? fc.array(
            fc.record({
              debt: fc.option(debtId),
              phone: fc.option(fc.constantFrom('phone', 'other')),
              from: fc.integer({ min: -5_000, max: 5_000 }),
              length: fc.option(fc.integer({ min: 1, max: 9_000 })),
            }),
            { minLength: 1, maxLength: 3 },
          )
        : none<{ debt: string | null; phone: string | null; from: number; length: number | null }>(),
      events: fc.array(event, { maxLength: 10 }),
      ringMinutes: fc.integer({ min: 0, max: 2 }),
    })
    .map(({ now, holidays, holds, events, ...rest }) => ({
      now,
      it: {
        ...rest,
        holidays: holidays.map((days) => now.toZonedDateTimeISO('UTC').add({ days }).toPlainDate().toString()),
        holds: holds.map(({ debt, phone, from, length }) => ({
          debt,
          phone,
          from: now.add({ minutes: from }),
          until: length === null ? null : now.add({ minutes: from + length }),
        })),
        events: events.map(({ ago, ...each }) => ({ ...each, at: now.subtract({ minutes: ago }) })),
        debts: [
          { id: 'debt', product: 'card' },
          { id: 'second', product: 'card' },
        ],
        phone: 'phone',
      },
    }));

function judgeCase(it: ReferenceCase, now: Temporal.Instant) {
  const known = { source: '', evidence: 'V0' as const };
  const pack = rulePackSchema.parse({
    id: 'P',
    version: 1,
    author: 'test',
    reason: 'test',
    effectiveFrom: '2026-01-01',
    hours: it.hours.map((rule) => ({ ...rule, channels: 'all', ...known })),
    ramadanHours: it.ramadan === null ? null : { ...it.ramadan, ...known },
    holidays: it.holidays.map((date) => ({ date, name: 'holiday', ...known })),
    caps: it.caps.map((each, i) => ({ id: `cap${i}`, ...each, event: 'outbound_call_attempt', ...known })),
    cooloffs: it.cooloffs.map((each, i) => ({ id: `cool${i}`, ...each, after: 'phone_conversation', ...known })),
  });
  return judge(
    factsOf({
      rules: rulesOfPack(createCatalogue([pack]), 'P'),
      person: { countries: ['SA'], zones: it.zones, demo: false },
      debts: it.debts,
      ringTimeoutMs: it.ringMinutes * 60_000,
      holds: it.holds.map((hold) => ({
        flag: 'dispute',
        debtId: hold.debt,
        phoneId: hold.phone,
        fromMs: hold.from.epochMilliseconds,
        untilMs: hold.until?.epochMilliseconds ?? null,
      })),
      contacts: it.events.map(({ at, ...each }) => ({
        ...each,
        atMs: at.epochMilliseconds,
        channel: 'call' as const,
        couldLeaveMessage: true,
      })),
    }),
    now,
  );
}

/** How gate and reference differ: in the verdict, at the earliest time, the minute before it, or some others since now. */
function disagreement({ it, now }: { it: ReferenceCase; now: Temporal.Instant }): string | null {
  const verdict = judgeCase(it, now);
  if ((verdict.verdict === 'allow') !== allowed(it, now)) return `${verdict.verdict} at ${now.toString()}`;
  if (verdict.verdict === 'allow') return null;
  const { retryAt } = verdict;
  const gap = retryAt === null ? 400 * 1440 : Math.floor(now.until(retryAt).total('minutes'));
  if (retryAt !== null && !allowed(it, retryAt)) return `${retryAt.toString()} was promised`;
  const earlier = [0.03, 0.1, 0.31, 0.5, 0.77, 0.95].map((share) => now.add({ minutes: Math.floor(gap * share) }));
  if (retryAt !== null) earlier.push(retryAt.subtract({ minutes: 1 }));
  const lawful = earlier.find((each) => allowed(it, each));
  return lawful === undefined ? null : `${lawful.toString()} was lawful before ${retryAt?.toString() ?? 'never'}`;
}

describe('the gate agrees with the slow, obvious reference', () => {
  test.each([
    ['windows and zones', { caps: false, cooloffs: false, holds: false, narrow: true }],
    ['caps', { caps: true, cooloffs: false, holds: false, narrow: false }],
    ['cool-offs', { caps: false, cooloffs: true, holds: false, narrow: false }],
    ['holds', { caps: false, cooloffs: false, holds: true, narrow: false }],
    ['everything at once', { caps: true, cooloffs: true, holds: true, narrow: true }],
  ])(
    'on %s',
    (_, parts) => {
      fc.assert(
        fc.property(scene(parts), (each) => {
          expect(disagreement(each)).toBeNull();
        }),
        { numRuns: RUNS },
      );
    },
    300_000,
  );
});
