import type { Kysely } from 'kysely';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { hashOfNobody, verifyPassword } from './passwords.ts';
import { expiryAfterUse, hashOfToken, newToken, shouldSlide } from './sessions.ts';
import { insertSession, readCredentials, readSession, writeExpiry, type SignedIn } from './store.ts';

/**
 * Signs somebody in and returns the token for their cookie. Throws `wrong_credentials` without saying which part was wrong; an
 * unknown name takes as long as a wrong password.
 */
export async function signIn(
  database: Kysely<Schema>,
  clock: Clock,
  attempt: { login: string; password: string },
): Promise<{ token: string; session: SignedIn }> {
  const user = await readCredentials(database, attempt.login);
  const right = await verifyPassword(attempt.password, user?.passwordHash ?? hashOfNobody());
  if (!user || !right || user.disabled) {
    throw new Refusal('wrong_credentials', 'The sign-in name or the password is wrong.', { field: 'password', status: 401 });
  }
  const now = clock.now();
  const token = newToken();
  const tokenHash = hashOfToken(token);
  await database.transaction().execute(async (transaction) => {
    await insertSession(transaction, { tokenHash, userId: user.userId, createdAt: now, expiresAt: expiryAfterUse(now, now) });
    await record(transaction, [
      { kind: 'user.signed_in', subject: 'user', subjectId: user.userId, actor: user.userId, body: {} },
    ]);
  });
  const session = await readSession(database, tokenHash, now);
  if (!session) throw new Refusal('wrong_credentials', 'The account was disabled just now.', { status: 401 });
  return { token, session };
}

/** Who a cookie's token signs in, or null. Using a session moves its end. */
export async function whoIs(database: Kysely<Schema>, clock: Clock, token: string): Promise<SignedIn | null> {
  const now = clock.now();
  const session = await readSession(database, hashOfToken(token), now);
  if (!session) return null;
  const renewed = expiryAfterUse(now, session.createdAt);
  if (shouldSlide(session.expiresAt, renewed)) await writeExpiry(database, session.tokenHash, renewed);
  return session;
}
