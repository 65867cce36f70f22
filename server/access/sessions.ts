import { createHash, randomBytes } from 'node:crypto';

/** Name of the cookie that carries the token. */
export const SESSION_COOKIE = 'wusul_session';

/** A session ends this long after its last use: longer than a shift, shorter than two. */
export const IDLE_HOURS = 12;

/** A session ends this long after sign-in, used or not. */
export const LONGEST_HOURS = 7 * 24;

/** The expiry is written anew at most this often, so that reading a page does not write to the database. */
const SLIDE_EVERY_MINUTES = 10;

/** A new token: 256 random bits in base64url. It goes to the browser; only its hash is stored. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a token, so that a stolen table signs nobody in. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** When a session that is used now will end. */
export function expiryAfterUse(now: Temporal.Instant, createdAt: Temporal.Instant): Temporal.Instant {
  const idle = now.add({ hours: IDLE_HOURS });
  const longest = createdAt.add({ hours: LONGEST_HOURS });
  return Temporal.Instant.compare(idle, longest) < 0 ? idle : longest;
}

/** Whether the stored expiry is far enough behind to be written anew. */
export function shouldSlide(stored: Temporal.Instant, renewed: Temporal.Instant): boolean {
  return Temporal.Instant.compare(stored.add({ minutes: SLIDE_EVERY_MINUTES }), renewed) < 0;
}
