import { z } from 'zod';
import { CALENDARS, DATE_ORDERS } from './dates.ts';
import { CHANGE_ACTIONS, IMPORT_PROFILES, LIST_FIELDS } from './imports.ts';

const column = z.string().max(500);

/**
 * How files are read, as an admin keeps it: what is left out is told by the file itself, or goes as usual. `columns`: our field → the file's
 * column or columns, empty for none; each of them must be in a file that is read by the profile.
 */
export const profileSettings = z
  .strictObject({
    country: z.string().max(2),
    currency: z.string().max(3),
    calendar: z.enum(CALENDARS),
    order: z.enum(DATE_ORDERS),
    decimal: z.enum(['.', ',']),
    toman: z.boolean(),
    identity: z.string().max(40),
    encoding: z.string().max(40),
    delimiter: z.string().max(1),
    columns: z.partialRecord(z.enum(LIST_FIELDS), z.union([column, z.array(column).min(1).max(50)])),
    kind: z.enum(['list', 'changes']),
    action: z.enum(CHANGE_ACTIONS),
    absent: z.enum(['kept', 'recalled']),
  })
  .partial();
export type ProfileSettings = z.infer<typeof profileSettings>;

/** POST /api/v1/import-profiles. `base`: the shipped profile whose settings hold where these say nothing; `header`: of the file it was made from. */
export const saveProfileBody = z.object({
  name: z
    .string()
    .max(100)
    .overwrite((text) => text.trim())
    .min(1, 'a name'),
  /** Whose accounts the files hold; null: the campaign's creditor. */
  creditor: z
    .string()
    .max(200)
    .overwrite((text) => text.trim())
    .min(1)
    .nullable(),
  base: z.enum(IMPORT_PROFILES).nullable().default(null),
  settings: profileSettings,
  header: z.array(column).min(1).max(2_000),
});
export type SaveProfileBody = z.input<typeof saveProfileBody>;

/** PUT /api/v1/import-profiles/:id; `version`: the one that was changed, so that nobody overwrites another's change unseen. */
export const changeProfileBody = saveProfileBody.extend({ version: z.int().min(1) });
export type ChangeProfileBody = z.input<typeof changeProfileBody>;

/** One row of GET /api/v1/import-profiles, by name. */
export const importProfile = z.object({
  id: z.uuid(),
  name: z.string(),
  version: z.int(),
  creditor: z.string().nullable(),
  settings: profileSettings,
  changedBy: z.string().nullable(),
  changedAt: z.iso.datetime(),
  /** Who made each version before, newest first. */
  versions: z.array(z.object({ version: z.int(), name: z.string(), by: z.string().nullable(), at: z.iso.datetime() })),
});
export type ImportProfile = z.infer<typeof importProfile>;
