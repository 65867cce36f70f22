import { z } from 'zod';

/** Who says that numbers are not to be called. */
export const DO_NOT_CALL_SOURCES = ['registry', 'creditor', 'court', 'own'] as const;
export type DoNotCallSource = (typeof DO_NOT_CALL_SOURCES)[number];

/** What a list forbids: calls, or every channel there is. */
export const DO_NOT_CALL_BLOCKS = ['calls', 'everything'] as const;
export type DoNotCallBlocks = (typeof DO_NOT_CALL_BLOCKS)[number];

/**
 * POST /api/v1/do-not-call-lists is multipart: `file` (CSV, XLSX or plain numbers), and these. `country`: where numbers in national form are at
 * home, ISO 3166-1. `until`: the last day of it.
 */
export const doNotCallFields = z.object({
  name: z
    .string()
    .max(200)
    .overwrite((text) => text.trim())
    .min(1, 'say where the list comes from'),
  source: z.enum(DO_NOT_CALL_SOURCES),
  blocks: z.enum(DO_NOT_CALL_BLOCKS).default('calls'),
  country: z
    .string()
    .overwrite((text) => text.trim().toUpperCase())
    .regex(/^[A-Z]{2}$/, 'two letters, like SA'),
  until: z.iso.date().optional(),
  dryRun: z.stringbool().default(false),
});

/**
 * What a list came to. `numbers`: different ones in it; `already`: of them, on the do-not-call list before; `rejected`: rows without a number;
 * `people`: whom the numbers reach; `left`: queue rows that left, and `calledOff`: calls ended that nobody had answered. A dry run says what
 * both would be now.
 */
export const doNotCallResult = z.object({
  rows: z.number().int(),
  numbers: z.number().int(),
  new: z.number().int(),
  already: z.number().int(),
  rejected: z.number().int(),
  people: z.number().int(),
  left: z.number().int(),
  calledOff: z.number().int(),
});
export type DoNotCallResult = z.infer<typeof doNotCallResult>;

/** One row of GET /api/v1/do-not-call-lists, newest first. */
export const doNotCallList = z.object({
  id: z.uuid(),
  name: z.string(),
  source: z.enum(DO_NOT_CALL_SOURCES),
  blocks: z.enum(DO_NOT_CALL_BLOCKS),
  country: z.string(),
  until: z.iso.date().nullable(),
  fileName: z.string(),
  dryRun: z.boolean(),
  state: z.enum(['queued', 'running', 'done', 'failed']),
  /** Rows read, or people looked at, so far. */
  done: z.number().int(),
  result: doNotCallResult.nullable(),
  error: z.object({ code: z.string(), message: z.string(), field: z.string().nullable() }).nullable(),
  by: z.string().nullable(),
  createdAt: z.iso.datetime(),
  /** Since when its numbers hold no more; `liftedBy` null: its last day had ended. */
  liftedAt: z.iso.datetime().nullable(),
  liftedBy: z.string().nullable(),
});
export type DoNotCallList = z.infer<typeof doNotCallList>;
