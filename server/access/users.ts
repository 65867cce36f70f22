import type { Kysely } from 'kysely';
import type { Language, Role, StationKind } from '../contract/people.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { hashPassword } from './passwords.ts';
import { countOtherAdmins, insertUser, readUser, revokeSessionsOf, updateUser, type User } from './store.ts';

/** A user to be made. */
export interface NewUser {
  login: string;
  displayName: string;
  password: string;
  role: Role;
  language: Language;
  stationKind: StationKind;
  languages?: readonly string[] | undefined;
  skills?: readonly string[] | undefined;
  demo: boolean;
}

/** What of a user is to change. */
export interface UserChanges {
  displayName?: string | undefined;
  password?: string | undefined;
  role?: Role | undefined;
  language?: Language | undefined;
  stationKind?: StationKind | undefined;
  languages?: readonly string[] | undefined;
  skills?: readonly string[] | undefined;
  disabled?: boolean | undefined;
}

/** Makes a user in the caller's transaction. Throws `login_taken`. */
export async function createUser(transaction: Kysely<Schema>, user: NewUser, actor: string): Promise<string> {
  const { password, ...rest } = user;
  const id = await insertUser(transaction, { ...rest, passwordHash: await hashPassword(password) });
  if (id === null) {
    throw new Refusal('login_taken', 'Somebody already signs in with this name.', { field: 'login', status: 409 });
  }
  await record(transaction, [{ kind: 'user.created', subject: 'user', subjectId: id, actor, body: { role: user.role } }]);
  return id;
}

/**
 * Changes a user in the caller's transaction and returns them as they are now. A new password, another role and disabling end
 * their sign-in sessions; `spare` is the session of one who changes their own password. Throws `unknown_user`, `last_admin`.
 */
export async function changeUser(
  transaction: Kysely<Schema>,
  userId: string,
  change: UserChanges,
  actor: { id: string; spare: Buffer | null },
): Promise<{ user: User; revoked: boolean }> {
  const before = await readUser(transaction, userId);
  if (!before) throw unknownUser();
  const losesAdmin =
    before.role === 'admin' && (change.disabled === true || (change.role !== undefined && change.role !== 'admin'));
  if (losesAdmin && !before.disabled && (await countOtherAdmins(transaction, userId)) === 0) {
    throw new Refusal('last_admin', 'This is the last admin: make another one first.', {
      field: change.disabled === true ? 'disabled' : 'role',
      status: 409,
    });
  }
  const { password, ...rest } = change;
  await updateUser(transaction, userId, {
    ...rest,
    ...(password === undefined ? {} : { passwordHash: await hashPassword(password) }),
  });
  const revoked =
    password !== undefined || change.disabled === true || (change.role !== undefined && change.role !== before.role);
  if (revoked) await revokeSessionsOf(transaction, userId, actor.id === userId ? actor.spare : null);
  await record(transaction, [
    {
      kind: 'user.changed',
      subject: 'user',
      subjectId: userId,
      actor: actor.id,
      // Which fields, never their values: names and passwords stay out of the history.
      body: { fields: Object.keys(change).toSorted(), role: change.role, disabled: change.disabled, sessionsRevoked: revoked },
    },
  ]);
  const user = await readUser(transaction, userId);
  if (!user) throw unknownUser();
  return { user, revoked };
}

/** Ends every sign-in session of a user and returns how many there were. Throws `unknown_user`. */
export async function revokeUser(database: Database | Tx, userId: string, actor: string): Promise<number> {
  if (!(await readUser(database, userId))) throw unknownUser();
  const count = await revokeSessionsOf(database, userId);
  await record(database, [{ kind: 'user.revoked', subject: 'user', subjectId: userId, actor, body: { sessions: count } }]);
  return count;
}

/** The refusal for an id that is nobody's. */
export function unknownUser(): Refusal {
  return new Refusal('unknown_user', 'There is no such user.', { field: 'id', status: 404 });
}
