/**
 * Rule packs: the collection law of a place as data. A pack says what it forbids, where that is written and how well we
 * know it; a change is a new version. Packs that serve the same place apply together and the strictest wins.
 */
import { z } from 'zod';
import { ABANDON_WINDOWS, CLOCK_STARTS } from '../contract/abandonment.ts';
import {
  CAP_SCOPES,
  CHANNELS,
  COOLOFF_BLOCKS,
  COOLOFF_CAUSES,
  COOLOFF_SCOPES,
  COUNTED_EVENTS,
  EVIDENCE_LEVELS,
  HOLD_BLOCKS,
  NUMBER_TYPES,
  SEVERITIES,
  type PackFaultCode,
} from '../contract/rule-terms.ts';
import { dayOfDate, isZone } from './zones.ts';
import { minutesOfClock } from './windows.ts';

function refuse(context: z.RefinementCtx, fault: PackFaultCode, message: string, path: PropertyKey[] = []): void {
  context.addIssue({ code: 'custom', message, path, params: { fault } });
}

const clock = z.string().superRefine((value, context) => {
  try {
    minutesOfClock(value);
  } catch {
    refuse(context, 'impossible_time', `${value} is not a time of day between 00:00 and 24:00`);
  }
});

/** A date as YYYY-MM-DD that the calendar has. */
export const isoDate = z.string().superRefine((value, context) => {
  try {
    if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value)) throw new RangeError(value);
    dayOfDate(Temporal.PlainDate.from(value, { overflow: 'reject' }));
  } catch {
    refuse(context, 'impossible_date', `${value} is not a date that exists`);
  }
});

/** An IANA time zone that the runtime knows. */
export const zoneName = z.string().superRefine((value, context) => {
  if (!isZone(value)) refuse(context, 'unknown_zone', `${value} is not a time zone`);
});

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'an id is letters, digits, dot, dash and underscore');
const knownness = { source: z.string().default(''), evidence: z.enum(EVIDENCE_LEVELS), note: z.string().optional() };

const clockRange = (value: { from: string; to: string }, context: z.RefinementCtx): void => {
  if (value.from >= value.to) refuse(context, 'inverted_hours', `hours end (${value.to}) before they begin (${value.from})`);
};

/** Hours on some weekdays (1 = Monday … 7 = Sunday), local to the debtor, [from, to). */
export const hoursSchema = z
  .strictObject({
    days: z.array(z.int().min(1).max(7)).min(1),
    from: clock,
    to: clock,
    channels: z.union([z.literal('all'), z.array(z.enum(CHANNELS)).min(1)]),
    ...knownness,
  })
  .superRefine(clockRange);

/** At most `max` events over `days` rolling calendar days (today included, debtor's zone) or over `minutes`. */
export const capSchema = z
  .strictObject({
    id: id.optional(),
    scope: z.enum(CAP_SCOPES),
    event: z.enum(COUNTED_EVENTS),
    max: z.int().superRefine((max, context) => {
      if (max < 1) refuse(context, 'cap_of_zero', 'a cap of zero would block for ever: stop the campaign instead');
    }),
    days: z.int().min(1).max(366).optional(),
    minutes: z.int().min(1).optional(),
    severity: z.enum(SEVERITIES).default('block'),
    /** Nothing counts before the first conversation with the person. */
    startsAfter: z.literal('first_conversation').optional(),
    ...knownness,
  })
  .superRefine((cap, context) => {
    if ((cap.days === undefined) === (cap.minutes === undefined)) {
      refuse(context, 'cap_without_period', 'a cap needs a period: either days or minutes');
    }
  })
  .transform((cap) => ({ ...cap, id: cap.id ?? `${cap.max}in${cap.days ?? `${cap.minutes}m`}` }));

/** No contact that the rule `blocks` for `days` calendar days after an event; with `dayOneIsEventDay` its own date is day one. */
export const cooloffSchema = z.strictObject({
  id,
  after: z.enum(COOLOFF_CAUSES),
  days: z.int().min(1).max(366),
  dayOneIsEventDay: z.boolean(),
  scope: z.enum(COOLOFF_SCOPES),
  blocks: z.enum(COOLOFF_BLOCKS).default('outbound_call_attempt'),
  severity: z.enum(SEVERITIES).default('block'),
  ...knownness,
});

const holdSchema = z.strictObject({ flag: id, blocks: z.enum(HOLD_BLOCKS), until: z.string().optional(), ...knownness });

const statement = z.strictObject({ when: z.string(), text: z.string(), ...knownness });

const ruleFields = {
  hours: z.array(hoursSchema).default([]),
  ramadanHours: z
    .strictObject({ from: clock, to: clock, ...knownness })
    .superRefine(clockRange)
    .nullable()
    .default(null),
  /** Days on which nobody is called. */
  holidays: z.array(z.strictObject({ date: isoDate, name: z.string(), ...knownness })).default([]),
  caps: z.array(capSchema).default([]),
  cooloffs: z.array(cooloffSchema).default([]),
  channels: z
    .strictObject({ allow: z.array(z.enum(CHANNELS)).optional(), deny: z.array(z.enum(CHANNELS)).default([]), ...knownness })
    .nullable()
    .default(null),
  /** Kinds of number that may not be called, beside those that never may. */
  numberTypes: z
    .strictObject({ deny: z.array(z.enum(NUMBER_TYPES)).min(1), ...knownness })
    .nullable()
    .default(null),
  /** Shares from 0 to 1. A number that was abandoned is not dialed predictively again for `redialBlockHours`. */
  abandonment: z
    .strictObject({
      maxShare: z.number().gt(0).max(0.05),
      period: z.enum(ABANDON_WINDOWS),
      connectWithinMs: z.int().min(1),
      clockStart: z.enum(CLOCK_STARTS),
      minimumRingMs: z.int().min(0),
      redialBlockHours: z
        .int()
        .min(0)
        .max(24 * 366),
      ...knownness,
    })
    .nullable()
    .default(null),
  /** Whoever hears the safe-harbour message can put their number on the do-not-call list with a key, and is told so. */
  optOutByKey: z
    .strictObject({ ...knownness })
    .nullable()
    .default(null),
};

const issueFields = {
  version: z.int().min(1),
  author: z.string().min(1),
  reason: z.string().min(1),
  effectiveFrom: isoDate,
  /** In whose calendar `effectiveFrom` begins. */
  zone: zoneName.default('UTC'),
};

function refuseOverlaps(pack: { hours: readonly HoursRule[] }, context: z.RefinementCtx): void {
  for (const { words, later } of overlappingHours(pack.hours)) refuse(context, 'overlapping_hours', words, ['hours', later]);
}

/** A list that versions of before hold without how well it is known: nobody has verified it. */
function knownList<Item extends z.ZodType<string>>(item: Item) {
  const known = z.strictObject({ items: z.array(item).min(1), ...knownness });
  const bare = z
    .array(item)
    .transform((items) => (items.length === 0 ? null : { items, source: '', evidence: 'V0' as const, note: undefined }));
  return z.union([known, bare]).nullable().default(null);
}

export const rulePackSchema = z
  .strictObject({
    id,
    ...issueFields,
    /** What people call it, beside its id. */
    name: z.string().max(120).default(''),
    /** For people: whom the pack binds. */
    applies: z.string().default(''),
    base: id.nullable().default(null),
    countries: z.array(z.string().regex(/^[A-Z]{2}$/)).default([]),
    /** ISO 3166-2. A pack with regions serves only these, not its whole country. */
    regions: z.array(z.string().regex(/^[A-Z]{2}-[A-Z0-9]{1,3}$/)).default([]),
    ...ruleFields,
    holds: z.array(holdSchema).default([]),
    /** Whether the confirmed holidays of a person's country close too. Null: the law says nothing of them. */
    closedOnHolidays: z
      .strictObject({ ...knownness })
      .nullable()
      .default(null),
    /** A recorded voice to these kinds of number needs the person's consent. */
    recordedSoundNeedsConsent: knownList(z.enum(NUMBER_TYPES)),
    disclosures: z.array(statement).default([]),
    forbiddenWords: knownList(z.string().min(1)),
    retention: z
      .array(z.strictObject({ what: z.string(), years: z.number().nullable(), from: z.string(), ...knownness }))
      .default([]),
  })
  .superRefine((pack, context) => {
    if (pack.base === pack.id) refuse(context, 'inherits_itself', `${pack.id} inherits itself`, ['base']);
    refuseOverlaps(pack, context);
  });

/**
 * What one creditor or campaign asks beyond a pack: the same kinds of rules, which can only be stricter. It binds wherever the pack does,
 * and counts towards the versions that judged a contact under its own name.
 */
export const overrideSchema = z
  .strictObject({ scope: z.enum(['creditor', 'campaign']), subjectId: id, tightens: id, ...issueFields, ...ruleFields })
  .superRefine(refuseOverlaps);

export type RulePack = z.output<typeof rulePackSchema>;
export type RulePackData = z.input<typeof rulePackSchema>;
export type RuleOverride = z.output<typeof overrideSchema>;
export type Cap = z.output<typeof capSchema>;
export type Cooloff = z.output<typeof cooloffSchema>;
export type HoursRule = z.output<typeof hoursSchema>;

/** Names every pair of hours that overlap on one weekday and channel, with the place of the later one; empty when there is none. */
function overlappingHours(hours: readonly HoursRule[]): { words: string; later: number }[] {
  const faults: { words: string; later: number }[] = [];
  for (const [i, a] of hours.entries()) {
    for (const [j, b] of hours.entries()) {
      if (j <= i) continue;
      const day = a.days.find((each) => b.days.includes(each));
      const meet = a.channels === 'all' || b.channels === 'all' || a.channels.some((each) => b.channels.includes(each));
      if (day !== undefined && meet && a.from < b.to && b.from < a.to) {
        faults.push({ words: `hours ${a.from}–${a.to} and ${b.from}–${b.to} overlap on weekday ${day}`, later: j });
      }
    }
  }
  return faults;
}

/** The countries (ISO 3166-1) in which a pack binds anybody, those of its regions included. */
export function countriesOf({ countries, regions }: Pick<RulePack, 'countries' | 'regions'>): string[] {
  return [...new Set([...countries, ...regions.map((region) => region.slice(0, 2))])];
}
