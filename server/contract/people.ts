import { z } from 'zod';
import { normaliseDigits } from './digits.ts';
import { skillNames, spokenLanguages } from './skills.ts';

/** Who may sign in. Each role is told apart at every route and socket event; nothing is allowed by default. */
export const ROLES = ['agent', 'supervisor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const LANGUAGES = ['en', 'ar', 'fa'] as const;
export type Language = (typeof LANGUAGES)[number];

export const STATION_KINDS = ['browser', 'sip'] as const;
export type StationKind = (typeof STATION_KINDS)[number];

export const loginName = z
  .string()
  .overwrite(normaliseDigits)
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9._-]{2,40}$/, 'a sign-in name has 2 to 40 of a-z, 0-9, dot, hyphen, underscore');

/** POST /api/v1/session */
export const signInBody = z.object({ login: loginName, password: z.string().min(1).max(200) });
export type SignInBody = z.infer<typeof signInBody>;

/** What a signed-in person knows of themselves: GET /api/v1/session */
export const me = z.object({
  id: z.uuid(),
  login: z.string(),
  displayName: z.string(),
  role: z.enum(ROLES),
  language: z.enum(LANGUAGES),
  stationKind: z.enum(STATION_KINDS),
  demo: z.boolean(),
  /** The floor that this server shows. */
  floorId: z.string(),
});
export type Me = z.infer<typeof me>;

/** PATCH /api/v1/session: a person's own preferences. */
export const preferencesBody = z.object({ language: z.enum(LANGUAGES) });

/** One row of GET /api/v1/users */
export const userRow = z.object({
  ...me.omit({ floorId: true }).shape,
  disabled: z.boolean(),
  /** What an agent speaks; none: all. */
  languages: z.array(z.string()),
  skills: z.array(z.string()),
  campaignIds: z.array(z.uuid()),
  createdAt: z.iso.datetime(),
});
export type UserRow = z.infer<typeof userRow>;

export const password = z.string().min(10, 'a password has at least 10 characters').max(200);

/** POST /api/v1/users */
export const createUserBody = z.object({
  login: loginName,
  displayName: z.string().trim().min(1).max(80),
  password,
  role: z.enum(ROLES),
  language: z.enum(LANGUAGES).default('en'),
  stationKind: z.enum(STATION_KINDS).default('browser'),
  languages: spokenLanguages.default([]),
  skills: skillNames.default([]),
  campaignIds: z.array(z.uuid()).default([]),
});
export type CreateUserBody = z.input<typeof createUserBody>;

/** PATCH /api/v1/users/:id: what is left out stays. Disabling ends the user's sign-in sessions at once. */
export const changeUserBody = z
  .object({
    displayName: z.string().trim().min(1).max(80),
    password,
    role: z.enum(ROLES),
    language: z.enum(LANGUAGES),
    stationKind: z.enum(STATION_KINDS),
    languages: spokenLanguages,
    skills: skillNames,
    campaignIds: z.array(z.uuid()),
    disabled: z.boolean(),
  })
  .partial();
export type ChangeUserBody = z.infer<typeof changeUserBody>;

/** GET /api/v1/station: the SIP account of the signed-in agent's station. A browser registers over `/sip` on the same origin. */
export const stationAccount = z.object({
  kind: z.enum(STATION_KINDS),
  user: z.string(),
  secret: z.string(),
  domain: z.string(),
  /** Host and port for a SIP phone (UDP). */
  host: z.string(),
  port: z.number().int(),
});
export type StationAccountBody = z.infer<typeof stationAccount>;

/** The body of every error answer. `code` is stable; `field` names what is wrong in the request. */
export const problem = z.object({
  code: z.string(),
  message: z.string(),
  field: z.string().nullable(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type Problem = z.infer<typeof problem>;
