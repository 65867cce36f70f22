import { z } from 'zod';
import { EVIDENCE_LEVELS } from './rule-terms.ts';

const evidence = z.enum(EVIDENCE_LEVELS);

const isoDate = z.iso.date();
const country = z.string().regex(/^[A-Z]{2}$/, 'a country is two capital letters (ISO 3166-1)');
const reason = z.string().trim().min(1, 'say why').max(500);

/** Who changed a rule when and why. `inForce`: whoever is judged now is judged by this version. */
export const packVersion = z.object({
  version: z.number().int(),
  author: z.string(),
  reason: z.string(),
  effectiveFrom: isoDate,
  inForce: z.boolean(),
});
export type PackVersion = z.infer<typeof packVersion>;

/** One row of GET /api/v1/rule-packs */
export const packRow = z.object({
  id: z.string(),
  name: z.string(),
  applies: z.string(),
  base: z.string().nullable(),
  countries: z.array(z.string()),
  regions: z.array(z.string()),
  /** Rules by how well they are known; a level without rules is left out. */
  evidence: z.partialRecord(evidence, z.number().int()),
  current: packVersion,
  /** A version that is to come, or null. */
  next: packVersion.nullable(),
});
export type PackRow = z.infer<typeof packRow>;

/** An open range of an ordinary week: weekday 1 is Monday, 7 Sunday; minutes since local midnight, [from, to). */
export const gridRange = z.object({
  channel: z.string(),
  weekday: z.number().int().min(1).max(7),
  from: z.number().int().min(0).max(1440),
  to: z.number().int().min(0).max(1440),
  evidence,
});

/**
 * GET /api/v1/rule-packs/:id, `?version=N` for another version than the one in force: the `shown` version whole, its week with what it
 * inherits, and all versions, newest first.
 */
export const packDetail = packRow.extend({
  shown: z.number().int(),
  rules: z.record(z.string(), z.unknown()),
  grid: z.array(gridRange),
  versions: z.array(packVersion),
});
export type PackDetail = z.infer<typeof packDetail>;

/**
 * GET /api/v1/rule-packs/:id/callable: how many real debtors of the pack's countries may be called by hours and place alone, for each
 * hour of the coming week. `at` is the beginning of the hour in UTC.
 */
export const callableWeek = z.object({
  people: z.number().int(),
  hours: z.array(z.object({ at: z.string(), people: z.number().int() })),
});
export type CallableWeek = z.infer<typeof callableWeek>;

/**
 * POST /api/v1/rule-packs: a new version. `version` is the one the editor was opened with (0: a new pack, whose id must be free); a stale
 * one is refused.
 * Where it would block people for ever it is refused with their count until `acceptBlocked` says that it is meant.
 */
export const savePackBody = z.object({
  id: z.string().min(1).max(80),
  version: z.number().int().min(0),
  reason,
  effectiveFrom: isoDate,
  rules: z.record(z.string(), z.unknown()),
  acceptBlocked: z.boolean().default(false),
});

const fault = z.object({ code: z.string(), field: z.string().nullable(), message: z.string() });
const hourOfWeek = z.object({ at: z.string(), before: z.number().int(), after: z.number().int() });

/** POST /api/v1/rule-packs/preview: what rules would do as a version of the pack in force from now on; nothing is saved. */
export const previewPackBody = savePackBody.pick({ id: true, rules: true });

/**
 * `people` of the pack's places wait in a queue; those who may be called by hours and place alone are counted `now` and in each hour of the
 * coming week, `before` and `after`; `opened` and `closed` are those for whom it changes now. `oneIn`: among very
 * many people only one in so many was looked at, and is counted; 1: all were.
 * `blocked`: debtors, queued or not, whom nobody could ever call any more. With faults there is nothing to count.
 */
export const packPreview = z.object({
  faults: z.array(fault),
  grid: z.array(gridRange),
  people: z.number().int(),
  oneIn: z.number().int().min(1),
  now: z.object({ before: z.number().int(), after: z.number().int(), opened: z.number().int(), closed: z.number().int() }),
  hours: z.array(hourOfWeek),
  blocked: z.object({ people: z.number().int(), countries: z.array(z.string()) }).nullable(),
});
export type PackPreview = z.infer<typeof packPreview>;

export const OVERRIDE_SCOPES = ['creditor', 'campaign'] as const;
const rulesAsData = z.record(z.string(), z.unknown());
const whoseRules = z.object({ scope: z.enum(OVERRIDE_SCOPES), subjectId: z.uuid(), tightens: z.string().min(1).max(80) });

/**
 * POST /api/v1/rule-overrides: what a creditor or campaign asks beyond a pack. Empty rules withdraw it. Where it would block their people
 * for ever it is refused with their count until `acceptBlocked` says that it is meant.
 */
export const saveOverrideBody = whoseRules.extend({
  version: z.number().int().min(0),
  reason,
  effectiveFrom: isoDate,
  rules: rulesAsData,
  acceptBlocked: z.boolean().default(false),
});

/** One row of GET /api/v1/rule-overrides: the newest version of each. */
export const overrideRow = packVersion.extend({ ...whoseRules.shape, subject: z.string(), rules: rulesAsData });
export type OverrideRow = z.infer<typeof overrideRow>;

/** A cap of the pack or of one that it inherits; `rule` is the whole of it as data. */
const lawCap = z.object({ pack: z.string(), evidence, rule: rulesAsData });
export type LawCap = z.infer<typeof lawCap>;

/**
 * GET /api/v1/rule-overrides/:scope/:subjectId/:packId: what a creditor or campaign asks beyond a pack (`rules`: the newest version, empty
 * where there is none), the pack's own week and caps, and the week that applies now.
 */
export const overrideDetail = z.object({
  ...whoseRules.shape,
  subject: z.string(),
  version: z.number().int(),
  rules: rulesAsData,
  lawGrid: z.array(gridRange),
  grid: z.array(gridRange),
  lawCaps: z.array(lawCap),
  versions: z.array(packVersion),
});
export type OverrideDetail = z.infer<typeof overrideDetail>;

/** POST /api/v1/rule-overrides/preview: what rules would do that are not saved yet. */
export const previewOverrideBody = whoseRules.extend({ rules: rulesAsData });

/** `people` of the creditor or campaign were looked at, `partly` not all; `before` and `after`: how many may be called in each hour by law. */
export const overridePreview = z.object({
  grid: z.array(gridRange),
  people: z.number().int(),
  partly: z.boolean(),
  hours: z.array(hourOfWeek),
  faults: z.array(fault),
});
export type OverridePreview = z.infer<typeof overridePreview>;

/** One row of GET /api/v1/creditors */
export const creditorRow = z.object({ id: z.uuid(), name: z.string(), demo: z.boolean() });
export type CreditorRow = z.infer<typeof creditorRow>;

export const HOLIDAY_STATES = ['confirmed', 'proposed', 'removed'] as const;

/** One row of GET /api/v1/holidays. A proposed one closes nothing until a person confirms it. */
export const holidayRow = z.object({
  id: z.uuid(),
  country: z.string(),
  date: isoDate,
  name: z.string(),
  status: z.enum(HOLIDAY_STATES),
  lunar: z.boolean(),
});
export type HolidayRow = z.infer<typeof holidayRow>;

/** GET /api/v1/holidays?country=SA&year=2026 */
export const holidayQuery = z.object({ country, year: z.coerce.number().int().min(2000).max(2200) });

/** POST /api/v1/holidays/start: lays a year's starting table; what is known or was removed stays as it is. */
export const startHolidaysBody = z.object({ country, year: z.number().int().min(2000).max(2200) });

/** POST /api/v1/holidays */
export const addHolidayBody = z.object({ country, date: z.string(), name: z.string().trim().min(1).max(120) });

/** PATCH /api/v1/holidays/:id */
export const decideHolidayBody = z.object({ status: z.enum(['confirmed', 'removed']) });
