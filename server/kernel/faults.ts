/** What went wrong without being expected: what may be logged of it, and whether it passes by itself. */

/** What the network says when the other side cannot be reached. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** What may be logged of an unexpected error: never its message or fields, in which a database quotes whole rows. */
export function faultFields(error: unknown): { name: string; code: string | null; at: string[] } {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return {
    name: error instanceof Error ? error.name : typeof error,
    code: codeOf(error),
    at: stack
      .split('\n')
      .filter((line) => line.startsWith('    at '))
      .slice(0, 6)
      .map((line) => line.trim()),
  };
}

/**
 * Trouble of PostgreSQL or Redis that passes, as against a refusal: connections (SQLSTATE classes 08 and 57), a deadlock or a
 * serialisation failure (40), too many connections (53), the network's own codes, and what the drivers say without any code.
 */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code === null) return error.name === 'MaxRetriesPerRequestError' || /connection|terminated|timeout/i.test(error.message);
  if (/^[0-9A-Z]{5}$/.test(code) && !NETWORK_CODES.has(code)) return ['08', '40', '53', '57'].includes(code.slice(0, 2));
  return NETWORK_CODES.has(code);
}

/** The `code` that an error carries, or null. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
