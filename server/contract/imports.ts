import { z } from 'zod';

export const REJECT_REASONS = [
  'missing_account',
  'missing_name',
  'no_valid_phone',
  'bad_amount',
  'bad_date',
  'missing_address',
] as const;
/** Why a row of a file of changes is rejected. */
export const CHANGE_REASONS = ['missing_account', 'unknown_account', 'unknown_action', 'bad_amount', 'bad_date'] as const;
export type RejectReason = (typeof REJECT_REASONS)[number] | (typeof CHANGE_REASONS)[number];

/** What a file of changes may say of an account. */
export const CHANGE_ACTIONS = ['payment', 'balance', 'recall', 'closed'] as const;
export type ChangeAction = (typeof CHANGE_ACTIONS)[number];

/** What a list can tell about a debt, its debtor and who else stands for it; the last three are what a file of changes tells of an account. */
export const LIST_FIELDS = [
  'account',
  'name',
  'identity',
  'phone',
  'amount',
  'due',
  'address',
  'product',
  'language',
  'iban',
  'region',
  'guarantor',
  'guarantor_phone',
  'co_debtor',
  'co_debtor_phone',
  'attorney',
  'attorney_phone',
  'action',
  'date',
  'reference',
] as const;
export type ListField = (typeof LIST_FIELDS)[number];

export const IMPORT_PROFILES = ['sa-bank', 'eg-telecom', 'ir-leasing', 'us-agency'] as const;

/** What an import counted. `total` is in major units with all the currency's decimals. */
export const importResult = z.object({
  rows: z.number().int(),
  new: z.number().int(),
  updated: z.number().int(),
  duplicate: z.number().int(),
  rejected: z.number().int(),
  reasons: z.partialRecord(z.enum([...REJECT_REASONS, ...CHANGE_REASONS]), z.number().int()),
  warnings: z.record(z.string(), z.number().int()),
  debtors: z.number().int(),
  total: z.string(),
  currency: z.string(),
  /** Of a file of changes: how many of each kind took effect. */
  actions: z.partialRecord(z.enum(CHANGE_ACTIONS), z.number().int()).optional(),
  /** Of a list with columns of guarantors, co-debtors or attorneys: how many it added, changed (another person, name or number), and took away. */
  related: z.object({ added: z.number().int(), changed: z.number().int(), removed: z.number().int() }).optional(),
  /** Of a full list whose absent accounts are recalled: how many were. */
  recalled: z.number().int().optional(),
  /** What payments, recalls and closed accounts did to the queues at once: debtors who left, and ringing calls that were ended. */
  atOnce: z.object({ left: z.number().int(), calledOff: z.number().int() }).optional(),
});
export type ImportResult = z.infer<typeof importResult>;

/**
 * How far an import is: first the whole list is read, then its rows are merged up to `mergedThrough`, a row number of the list; then, where it
 * has columns of them, it is taken row by row who else stands for the debts.
 */
export const importProgress = z
  .object({
    phase: z.enum(['reading', 'merging']),
    bytesRead: z.number(),
    bytesTotal: z.number(),
    rows: z.number().int(),
    mergedThrough: z.number().int(),
    related: z.object({ through: z.number().int() }),
  })
  .partial();
export type ImportProgress = z.infer<typeof importProgress>;

/**
 * POST /api/v1/imports is multipart: `file`, and the text fields below. One row of GET /api/v1/imports, and GET
 * /api/v1/imports/:id; GET /api/v1/imports/:id/errors downloads the error file (row, column, reason).
 */
export const importFields = z.object({
  campaignId: z.uuid(),
  profile: z.enum(IMPORT_PROFILES).optional(),
  /** A profile that an admin keeps, in its place. */
  profileId: z.uuid().optional(),
  dryRun: z.stringbool().default(false),
  /** JSON: single settings, which win over the profile's. */
  options: z.string().max(20_000).optional(),
});

/**
 * What POST /api/v1/imports/preview (multipart: `file`, or the beginning of a text file, and `profile`, `options` as above) finds: the header,
 * which of its columns (from 0) each field was found in, the required fields without one, and the first rows.
 */
export const importPreview = z.object({
  header: z.array(z.string()),
  columns: z.record(z.enum(LIST_FIELDS), z.array(z.number().int())),
  missing: z.array(z.enum(LIST_FIELDS)),
  samples: z.array(z.array(z.string())),
  /** The own profile that was made from a file with the same header, where none was given. */
  proposed: z.object({ id: z.uuid(), name: z.string() }).nullable().default(null),
  /** Columns of the own profile that the file lacks: it is refused until they are there, or others are chosen. */
  absent: z.array(z.object({ field: z.enum(LIST_FIELDS), column: z.string() })).default([]),
});
export type ImportPreview = z.infer<typeof importPreview>;
export const importRow = z.object({
  id: z.uuid(),
  fileName: z.string(),
  campaignId: z.uuid().nullable(),
  profile: z.string().nullable(),
  dryRun: z.boolean(),
  state: z.enum(['queued', 'running', 'done', 'failed']),
  progress: importProgress,
  result: importResult.nullable(),
  error: z
    .object({ code: z.string(), message: z.string(), field: z.string().nullable(), column: z.string().optional() })
    .nullable(),
  createdAt: z.iso.datetime(),
  /** When it was taken back again. */
  undoneAt: z.iso.datetime().nullable(),
  /** A list of debts, or a file of what happened to them. */
  kind: z.enum(['list', 'changes']),
});
export type ImportRow = z.infer<typeof importRow>;
