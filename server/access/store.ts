import { sql, type Kysely } from 'kysely';
import type { Language, Role, StationKind } from '../contract/people.ts';
import type { Schema } from '../kernel/schema.ts';

type Store = Kysely<Schema>;

/** Somebody who signed in, as every request knows them. */
export interface SignedIn {
  userId: string;
  login: string;
  displayName: string;
  role: Role;
  language: Language;
  stationKind: StationKind;
  demo: boolean;
  tokenHash: Buffer;
  createdAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
}

/** A user as the sign-in sees them. */
export interface Credentials {
  userId: string;
  passwordHash: string;
  disabled: boolean;
}

export interface User {
  id: string;
  login: string;
  displayName: string;
  role: Role;
  language: Language;
  stationKind: StationKind;
  demo: boolean;
  disabled: boolean;
  languages: string[];
  skills: string[];
  createdAt: Temporal.Instant;
  campaignIds: string[];
}

/** Finds a user by sign-in name. */
export async function readCredentials(database: Store, login: string): Promise<Credentials | null> {
  const row = await database
    .selectFrom('app_user')
    .select(['id', 'password_hash', 'disabled_at'])
    .where('login', '=', login)
    .executeTakeFirst();
  return row ? { userId: row.id, passwordHash: row.password_hash, disabled: row.disabled_at !== null } : null;
}

/** Writes a sign-in session. */
export async function insertSession(
  database: Store,
  session: { tokenHash: Buffer; userId: string; createdAt: Temporal.Instant; expiresAt: Temporal.Instant },
): Promise<void> {
  await database
    .insertInto('sign_in_session')
    .values({
      token_hash: session.tokenHash,
      user_id: session.userId,
      created_at: session.createdAt.toString(),
      expires_at: session.expiresAt.toString(),
    })
    .execute();
}

/** The session of a token hash while it is neither revoked, expired nor its user disabled. By primary key. */
export async function readSession(database: Store, tokenHash: Buffer, now: Temporal.Instant): Promise<SignedIn | null> {
  const row = await database
    .selectFrom('sign_in_session as session')
    .innerJoin('app_user as user', 'user.id', 'session.user_id')
    .select([
      'user.id',
      'user.login',
      'user.display_name',
      'user.role',
      'user.language',
      'user.station_kind',
      'user.demo',
      'session.token_hash',
      'session.created_at',
      'session.expires_at',
    ])
    .where('session.token_hash', '=', tokenHash)
    .where('session.revoked_at', 'is', null)
    .where('session.expires_at', '>', sql<Temporal.Instant>`${now.toString()}::timestamptz`)
    .where('user.disabled_at', 'is', null)
    .executeTakeFirst();
  if (!row) return null;
  return {
    userId: row.id,
    login: row.login,
    displayName: row.display_name,
    role: row.role,
    language: row.language,
    stationKind: row.station_kind,
    demo: row.demo,
    tokenHash: row.token_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** Moves a session's expiry. */
export async function writeExpiry(database: Store, tokenHash: Buffer, expiresAt: Temporal.Instant): Promise<void> {
  await database
    .updateTable('sign_in_session')
    .set({ expires_at: expiresAt.toString() })
    .where('token_hash', '=', tokenHash)
    .execute();
}

/** Ends one session. */
export async function revokeSession(database: Store, tokenHash: Buffer): Promise<void> {
  await database
    .updateTable('sign_in_session')
    .set({ revoked_at: sql<string>`clock_timestamp()` })
    .where('token_hash', '=', tokenHash)
    .where('revoked_at', 'is', null)
    .execute();
}

/** Ends every session of a user and returns how many there were; `except` spares the one that asks. */
export async function revokeSessionsOf(database: Store, userId: string, except: Buffer | null = null): Promise<number> {
  const result = await database
    .updateTable('sign_in_session')
    .set({ revoked_at: sql<string>`clock_timestamp()` })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .$if(except !== null, (query) => query.where('token_hash', '!=', except))
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Of these sessions, the token hashes (hex) that still sign somebody in; by primary key. */
export async function stillSignedIn(
  database: Store,
  tokenHashes: readonly Buffer[],
  now: Temporal.Instant,
): Promise<Set<string>> {
  if (tokenHashes.length === 0) return new Set();
  const rows = await database
    .selectFrom('sign_in_session as session')
    .innerJoin('app_user as user', 'user.id', 'session.user_id')
    .select('session.token_hash')
    .where('session.token_hash', 'in', tokenHashes)
    .where('session.revoked_at', 'is', null)
    .where('session.expires_at', '>', sql<Temporal.Instant>`${now.toString()}::timestamptz`)
    .where('user.disabled_at', 'is', null)
    .execute();
  return new Set(rows.map((row) => row.token_hash.toString('hex')));
}

/** Forgets sessions that ended over 30 days ago and returns how many. */
export async function forgetOldSessions(database: Store): Promise<number> {
  const result = await database
    .deleteFrom('sign_in_session')
    .where('expires_at', '<', sql<Temporal.Instant>`clock_timestamp() - interval '30 days'`)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** All users by sign-in name, each with the campaigns they may serve. */
export function listUsers(database: Store): Promise<User[]> {
  return selectUsers(database, null);
}

/** One user, or null. */
export async function readUser(database: Store, userId: string): Promise<User | null> {
  return (await selectUsers(database, userId))[0] ?? null;
}

async function selectUsers(database: Store, userId: string | null): Promise<User[]> {
  const rows = await database
    .selectFrom('app_user as user')
    .leftJoin('campaign_agent as serves', 'serves.user_id', 'user.id')
    .select(['user.id', 'user.login', 'user.display_name', 'user.role', 'user.language', 'user.station_kind', 'user.demo'])
    .select(['user.disabled_at', 'user.created_at', 'user.languages', 'user.skills'])
    .select(
      sql<string[]>`coalesce(array_agg(serves.campaign_id) filter (where serves.campaign_id is not null), '{}')`.as('campaigns'),
    )
    .groupBy('user.id')
    .orderBy('user.login')
    .$if(userId !== null, (query) => query.where('user.id', '=', userId))
    .execute();
  return rows.map((row) => ({
    id: row.id,
    login: row.login,
    displayName: row.display_name,
    role: row.role,
    language: row.language,
    stationKind: row.station_kind,
    demo: row.demo,
    disabled: row.disabled_at !== null,
    languages: row.languages,
    skills: row.skills,
    createdAt: row.created_at,
    campaignIds: row.campaigns,
  }));
}

/** Writes a new user and returns the id, or null when the sign-in name is taken. */
export async function insertUser(
  database: Store,
  user: {
    login: string;
    displayName: string;
    role: Role;
    passwordHash: string;
    language: Language;
    stationKind: StationKind;
    languages?: readonly string[] | undefined;
    skills?: readonly string[] | undefined;
    demo: boolean;
  },
): Promise<string | null> {
  const row = await database
    .insertInto('app_user')
    .values({
      login: user.login,
      display_name: user.displayName,
      role: user.role,
      password_hash: user.passwordHash,
      language: user.language,
      station_kind: user.stationKind,
      languages: [...(user.languages ?? [])],
      skills: [...(user.skills ?? [])],
      demo: user.demo,
    })
    .onConflict((conflict) => conflict.column('login').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** What of a user may change; what is left out stays. */
export interface UserChange {
  displayName?: string | undefined;
  passwordHash?: string | undefined;
  role?: Role | undefined;
  language?: Language | undefined;
  stationKind?: StationKind | undefined;
  languages?: readonly string[] | undefined;
  skills?: readonly string[] | undefined;
  disabled?: boolean | undefined;
}

/** Changes a user. */
export async function updateUser(database: Store, userId: string, change: UserChange): Promise<void> {
  const values = {
    ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
    ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
    ...(change.role === undefined ? {} : { role: change.role }),
    ...(change.language === undefined ? {} : { language: change.language }),
    ...(change.stationKind === undefined ? {} : { station_kind: change.stationKind }),
    ...(change.languages === undefined ? {} : { languages: [...change.languages] }),
    ...(change.skills === undefined ? {} : { skills: [...change.skills] }),
    ...(change.disabled === undefined ? {} : { disabled_at: change.disabled ? sql<string>`clock_timestamp()` : null }),
  };
  if (Object.keys(values).length === 0) return;
  await database.updateTable('app_user').set(values).where('id', '=', userId).execute();
}

/** Locks every admin's row and counts those enabled besides one: the last one must stay. */
export async function countOtherAdmins(database: Store, userId: string): Promise<number> {
  const rows = await database
    .selectFrom('app_user')
    .select('id')
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.filter((row) => row.id !== userId).length;
}

/** Disables every account of the demo, whose passwords are known; their sign-in sessions end with it. Returns how many there were. */
export async function disableDemoAccounts(database: Store): Promise<number> {
  const result = await database
    .updateTable('app_user')
    .set({ disabled_at: sql<string>`clock_timestamp()` })
    .where('demo', '=', true)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Whether accounts of the demo can still sign in: they refuse any bind but loopback. */
export async function demoAccountsExist(database: Store): Promise<boolean> {
  const row = await database
    .selectFrom('app_user')
    .select('id')
    .where('demo', '=', true)
    .where('disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
