import { z } from 'zod';
import { ABANDON_WINDOWS, CLOCK_STARTS } from '../../../server/contract/abandonment.ts';
import type { LawCap } from '../../../server/contract/packs.ts';
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
  type Evidence,
} from '../../../server/contract/rule-terms.ts';

/** Where a rule is written and how well it is known. */
const known = { source: z.string().default(''), evidence: z.enum(EVIDENCE_LEVELS), note: z.string().optional() };
/** Null: the field is empty, or holds what is no number or time. */
const figure = z.number().nullable();
const clock = z.string().nullable();

const hours = z.object({
  days: z.array(z.number()),
  from: clock,
  to: clock,
  channels: z.union([z.literal('all'), z.array(z.enum(CHANNELS))]),
  ...known,
});
const cap = z
  .object({
    id: z.string().optional(),
    scope: z.enum(CAP_SCOPES),
    event: z.enum(COUNTED_EVENTS),
    max: figure,
    days: z.number().optional(),
    minutes: z.number().optional(),
    severity: z.enum(SEVERITIES).default('block'),
    startsAfter: z.literal('first_conversation').optional(),
    ...known,
  })
  .transform(({ days, minutes, ...rest }) => ({
    ...rest,
    unit: minutes === undefined ? ('days' as const) : ('minutes' as const),
    length: days ?? minutes ?? null,
  }));
const cooloff = z.object({
  id: z.string(),
  after: z.enum(COOLOFF_CAUSES),
  days: figure,
  dayOneIsEventDay: z.boolean(),
  scope: z.enum(COOLOFF_SCOPES),
  blocks: z.enum(COOLOFF_BLOCKS).default('outbound_call_attempt'),
  severity: z.enum(SEVERITIES).default('block'),
  ...known,
});
const abandonment = z.object({
  maxShare: figure,
  period: z.enum(ABANDON_WINDOWS),
  connectWithinMs: figure,
  clockStart: z.enum(CLOCK_STARTS),
  minimumRingMs: figure,
  redialBlockHours: figure,
  ...known,
});
const numberTypeList = z.object({ items: z.array(z.enum(NUMBER_TYPES)), ...known });

const commonShape = z.object({
  zone: z.string().default('UTC'),
  hours: z.array(hours).default([]),
  ramadanHours: z
    .object({ from: clock, to: clock, ...known })
    .nullable()
    .default(null),
  holidays: z.array(z.object({ date: z.string().nullable(), name: z.string(), ...known })).default([]),
  caps: z.array(cap).default([]),
  cooloffs: z.array(cooloff).default([]),
  channels: z
    .object({ allow: z.array(z.enum(CHANNELS)).optional(), deny: z.array(z.enum(CHANNELS)).default([]), ...known })
    .nullable()
    .default(null),
  numberTypes: z
    .object({ deny: z.array(z.enum(NUMBER_TYPES)), ...known })
    .nullable()
    .default(null),
  abandonment: abandonment.nullable().default(null),
  optOutByKey: z.object(known).nullable().default(null),
});

const lawShape = z.object({
  name: z.string().default(''),
  applies: z.string().default(''),
  base: z.string().nullable().default(null),
  countries: z.array(z.string()).default([]),
  regions: z.array(z.string()).default([]),
  holds: z.array(z.object({ flag: z.string(), blocks: z.enum(HOLD_BLOCKS), until: z.string().optional(), ...known })).default([]),
  closedOnHolidays: z.object(known).nullable().default(null),
  recordedSoundNeedsConsent: numberTypeList.nullable().default(null),
  disclosures: z.array(z.object({ when: z.string(), text: z.string(), ...known })).default([]),
  forbiddenWords: z
    .object({ items: z.array(z.string()), ...known })
    .nullable()
    .default(null),
  retention: z.array(z.object({ what: z.string(), years: figure, from: z.string(), ...known })).default([]),
});

export type Known = Readonly<{ source: string; evidence: Evidence; note?: string | undefined }>;
type CommonDraft = z.output<typeof commonShape>;
/** What only a pack has: the places it serves, and rules that nobody else can add. */
export type LawDraft = z.output<typeof lawShape>;
export type HoursRule = CommonDraft['hours'][number];
export type CapRule = CommonDraft['caps'][number];
export type CooloffRule = CommonDraft['cooloffs'][number];
export type HoldRule = LawDraft['holds'][number];
export type AbandonmentRule = z.output<typeof abandonment>;

/** Rules while they are edited. `law` is null for what a creditor or campaign asks beyond a pack. */
export interface RulesDraft extends CommonDraft {
  law: LawDraft | null;
}

/** A pack's rules as the editor begins with them. */
export function draftOfPack(rules: Readonly<Record<string, unknown>>): RulesDraft {
  return { ...commonShape.parse(rules), law: lawShape.parse(rules) };
}

/** What a creditor or campaign asks, as the editor begins with it. */
export function draftOfOverride(rules: Readonly<Record<string, unknown>>): RulesDraft {
  return { ...commonShape.parse(rules), law: null };
}

/** The rules as they are sent; what is empty or no number goes as null, which the server refuses at its field. */
export function rulesOfDraft({ law, ...common }: RulesDraft): Record<string, unknown> {
  return { ...common, caps: common.caps.map(capAsSent), ...law };
}

/** A cap without an id of its own is named after its figures, and keeps that name no longer than them. */
function capAsSent({ id, unit, length, ...rest }: CapRule): Record<string, unknown> {
  return {
    ...(id === undefined || /^[0-9]+in[0-9]+m?$/.test(id) ? {} : { id }),
    ...rest,
    ...(length === null ? {} : { [unit]: length }),
  };
}

/** A rule that somebody begins: known as well as they say. */
export function newKnown(evidence: Evidence): Known {
  return { source: '', evidence };
}

/** A cap of the law as one of one's own, to be made stricter. Its words are the law's, its figure nobody has verified. */
export function capOfLaw({ rule }: LawCap): CapRule {
  const { note: _note, ...read } = cap.parse(rule);
  return { ...read, source: '', evidence: 'V0' };
}
