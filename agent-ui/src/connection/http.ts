import { problem as problemSchema, type Problem } from '../../../server/contract/people.ts';

/** A refusal of the server, or the lack of one: `code` is stable, `field` names what was wrong in the request. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;

  constructor(problem: Problem, status: number) {
    super(problem.code);
    this.name = 'ProblemError';
    this.problem = problem;
    this.status = status;
  }
}

interface Schema<T> {
  parse(value: unknown): T;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const TIME_OUT_MS = 15_000;
const API = '/api/v1';

/** Called whenever the server no longer knows this session; set once by the session store. */
let onSignedOut: () => void = () => undefined;

/** Names who is told that the sign-in session has ended. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/**
 * Asks the API and checks the answer against the contract. `keepalive` lets a save outlive the page. Throws ProblemError for every
 * refusal, with code `unreachable` when no answer came.
 */
export async function ask<T>(
  method: Method,
  path: string,
  answer: Schema<T>,
  options: { body?: unknown; form?: FormData; keepalive?: boolean } = {},
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(API + path, {
      method,
      credentials: 'same-origin',
      headers: options.body === undefined ? {} : { 'content-type': 'application/json' },
      ...(options.form ? { body: options.form } : options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.keepalive ? { keepalive: true } : {}),
      // An upload may be long; everything else answers at once or not at all.
      ...(options.form ? {} : { signal: AbortSignal.timeout(TIME_OUT_MS) }),
    });
  } catch {
    throw new ProblemError({ code: 'unreachable', message: 'No answer from the server', field: null }, 0);
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    if (response.status === 401 && path !== '/session') onSignedOut();
    const known = problemSchema.safeParse(body);
    throw new ProblemError(
      known.success ? known.data : { code: 'internal', message: `HTTP ${response.status}`, field: null },
      response.status,
    );
  }
  try {
    return answer.parse(body);
  } catch (cause) {
    // A page from before an upgrade, most often: reloading brings both to one version.
    throw new ProblemError({ code: 'unexpected_answer', message: String(cause), field: null }, response.status);
  }
}

/** The address of a file the browser downloads by itself, with the session's cookie. */
export function downloadAddress(path: string): string {
  return API + path;
}

/** The problem behind any thrown value; what is not a refusal becomes `internal`. */
export function problemOf(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : { code: 'internal', message: String(error), field: null };
}
