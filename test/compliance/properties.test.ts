import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCatalogue, rulesOfPack } from '../../server/compliance/catalogue.ts';
import { judge } from '../../server/compliance/gate.ts';
import { rulePackSchema } from '../../server/compliance/packs.ts';
import { factsOf } from './facts.ts';
import { allowed, type ReferenceCase } from './reference/gate.ts';
import { ZONES_OF_COUNTRY } from './reference/zones.ts';

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
const ALWAYS: ReferenceCase['hours'] = [{ days: DAYS, from: '00:00', to: '24:00', channels: 'all' }];
const CHANNELS = ['call', 'sms'] as const;

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

/** Ranges that do not overlap, on some days, for some channels. */
const hours: fc.Arbitrary<ReferenceCase['hours']> = fc
  .array(
    fc.tuple(fc.subarray(DAYS, { minLength: 1 }), range, fc.constantFrom('all' as const, [...CHANNELS], ['call'], ['sms'])),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((rules) => {
    const taken = new Map<number, { from: string; to: string }[]>();
    return rules.flatMap(([days, { from, to }, channels]) => {
      const free = days.filter((day) => !(taken.get(day) ?? []).some((other) => other.from < to && from < other.to));
      for (const day of free) taken.set(day, [...(taken.get(day) ?? []), { from, to }]);
      return free.length === 0
        ? []
        : [{ days: free, from, to, channels: channels as ReferenceCase['hours'][number]['channels'] }];
    });
  });

const inconvenient = fc.record({ days: fc.subarray(DAYS, { minLength: 1, maxLength: 3 }), range }).map((it) => ({
  days: it.days,
  ...it.range,
}));

const debtId = fc.constantFrom('debt', 'other');
const event = fc.record({
  ago: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 40 * 1440 })),
  channel: fc.constantFrom('call' as const, 'call' as const, 'sms' as const),
  attempt: fc.boolean(),
  couldLeaveMessage: fc.boolean(),
  conversation: fc.boolean(),
  promise: fc.boolean(),
  dispute: fc.boolean(),
  samePerson: fc.boolean(),
  sameNumber: fc.boolean(),
  debts: fc.subarray(['debt', 'second', 'other']),
  products: fc.subarray(['card', 'loan']),
});

const cap: fc.Arbitrary<ReferenceCase['caps'][number]> = fc
  .record({
    scope: fc.constantFrom('person' as const, 'person+debt' as const, 'person+product' as const, 'number' as const),
    event: fc.constantFrom(
      'outbound_call_attempt' as const,
      'outbound_call_attempt_able_to_leave_message' as const,
      'contact' as const,
    ),
    max: fc.integer({ min: 1, max: 4 }),
    startsAfterConversation: fc.boolean(),
    period: fc.oneof(
      fc.integer({ min: 1, max: 31 }).map((days) => ({ days })),
      fc.integer({ min: 1, max: 120 }).map((minutes) => ({ minutes })),
    ),
  })
  .map(({ period, ...rest }) => ({ ...rest, ...period }));

const cooloff: fc.Arbitrary<ReferenceCase['cooloffs'][number]> = fc.record({
  after: fc.constantFrom('phone_conversation' as const, 'promise' as const, 'dispute' as const),
  blocks: fc.constantFrom('outbound_call_attempt' as const, 'contact' as const),
  days: fc.integer({ min: 1, max: 10 }),
  dayOneIsEventDay: fc.boolean(),
  scope: fc.constantFrom('person' as const, 'person+debt' as const),
});

const hold = fc.record({
  debt: fc.option(debtId),
  phone: fc.option(fc.constantFrom('phone', 'other')),
  workplaceOnly: fc.boolean(),
  from: fc.integer({ min: -5_000, max: 5_000 }),
  length: fc.option(fc.integer({ min: 1, max: 9_000 })),
});

/** Some of them, or none where the property is about something else. */
function some<Item>(wanted: boolean, item: fc.Arbitrary<Item>, maxLength: number): fc.Arbitrary<Item[]> {
  return fc.array(item, wanted ? { minLength: 1, maxLength } : { maxLength: 0 });
}

interface Parts {
  windows?: boolean;
  zones?: boolean;
  caps?: boolean;
  cooloffs?: boolean;
  holds?: boolean;
}

const scene = ({ windows = false, zones = false, caps = false, cooloffs = false, holds = false }: Parts) =>
  fc
    .record({
      now: moment,
      zones: fc.uniqueArray(fc.constantFrom(...ZONES), { minLength: zones ? 0 : 1, maxLength: zones ? 3 : 1 }),
      country: fc.constantFrom(...Object.keys(ZONES_OF_COUNTRY)),
      channel: fc.constantFrom(...CHANNELS),
      hours: windows || zones ? hours : fc.constant(ALWAYS),
      ramadan: windows ? fc.option(range) : fc.constant(null),
      holidays: some(windows, fc.integer({ min: 0, max: 4 }), 2),
      inconvenient: fc.array(inconvenient, { maxLength: windows ? 2 : 0 }),
      caps: some(caps, cap, 3),
      cooloffs: some(cooloffs, cooloff, 2),
      holds: some(holds, hold, 3),
      events: fc.array(event, { maxLength: caps || cooloffs ? 10 : 0 }),
      atWork: fc.boolean(),
      ringMinutes: fc.integer({ min: 0, max: 2 }),
    })
    .map(({ now, ...drawn }): { it: ReferenceCase; now: Temporal.Instant } => ({
      now,
      it: {
        ...drawn,
        holidays: drawn.holidays.map((days) => now.toZonedDateTimeISO('UTC').add({ days }).toPlainDate().toString()),
        holds: drawn.holds.map(({ from, length, ...rest }) => ({
          ...rest,
          from: now.add({ minutes: from }),
          until: length === null ? null : now.add({ minutes: from + length }),
        })),
        events: drawn.events.map(({ ago, ...each }) => ({ ...each, at: now.subtract({ minutes: ago }) })),
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
    hours: it.hours.map((rule) => ({ ...rule, ...known })),
    ramadanHours: it.ramadan === null ? null : { ...it.ramadan, ...known },
    holidays: it.holidays.map((date) => ({ date, name: 'holiday', ...known })),
    caps: it.caps.map(({ startsAfterConversation, ...each }, i) => ({
      id: `cap${i}`,
      ...each,
      ...(startsAfterConversation ? { startsAfter: 'first_conversation' as const } : {}),
      ...known,
    })),
    cooloffs: it.cooloffs.map((each, i) => ({ id: `cool${i}`, ...each, ...known })),
    holds: [{ flag: 'employer_prohibits', blocks: 'workplace', ...known }],
  });
  return judge(
    factsOf({
      rules: rulesOfPack(createCatalogue([pack]), 'P'),
      channel: it.channel,
      person: { countries: [it.country], zones: it.zones, demo: false },
      phone: { id: it.phone, country: 'SA', numberType: 'mobile', state: 'active', place: it.atWork ? 'work' : 'other' },
      debts: it.debts,
      inconvenient: it.inconvenient,
      ringTimeoutMs: it.ringMinutes * 60_000,
      holds: it.holds.map((each) => ({
        flag: each.workplaceOnly ? 'employer_prohibits' : 'dispute',
        debtId: each.debt,
        phoneId: each.phone,
        fromMs: each.from.epochMilliseconds,
        untilMs: each.until?.epochMilliseconds ?? null,
      })),
      contacts: it.events.map(({ at, ...each }) => ({ ...each, atMs: at.epochMilliseconds })),
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
  test.each<[string, Parts]>([
    ['windows', { windows: true }],
    ['zones', { zones: true }],
    ['caps', { caps: true }],
    ['cool-offs', { cooloffs: true }],
    ['holds', { holds: true }],
    ['everything at once', { windows: true, zones: true, caps: true, cooloffs: true, holds: true }],
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
