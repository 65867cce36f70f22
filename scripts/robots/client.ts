import type { z } from 'zod';
import { me, problem, type Me, type Problem } from '../../server/contract/people.ts';

/** The server refused a request, in its own words. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly problem: Problem;
  constructor(what: string, status: number, given: Problem) {
    super(`${what}: ${given.code} (${status}): ${given.message}`);
    this.name = 'ApiRefusal';
    this.status = status;
    this.problem = given;
  }
}

const REQUEST_TIMEOUT_MS = 10_000;

/** A signed-in person at the public HTTP interface. */
export interface Client {
  readonly url: string;
  /** For the `Cookie` header of a socket. */
  readonly cookie: string;
  readonly me: Me;
  get<T>(path: string, answer: z.ZodType<T>): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown, answer: z.ZodType<T>): Promise<T>;
  /** Sends a form with a file. */
  upload<T>(path: string, form: FormData, answer: z.ZodType<T>): Promise<T>;
  signOut(): Promise<void>;
}

/** Signs in as a person would. Throws `ApiRefusal` when the server does not take the password. */
export async function signIn(url: string, login: string, password: string): Promise<Client> {
  const response = await ask(url, 'POST', '/api/v1/session', { login, password }, null);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  await response.body?.cancel();
  const self = await read(await ask(url, 'GET', '/api/v1/session', undefined, cookie), me);
  return {
    url,
    cookie,
    me: self,
    get: async (path, answer) => read(await ask(url, 'GET', path, undefined, cookie), answer),
    send: async (method, path, body, answer) => read(await ask(url, method, path, body, cookie), answer),
    upload: async (path, form, answer) => read(await ask(url, 'POST', path, form, cookie), answer),
    async signOut() {
      const goodbye = await ask(url, 'DELETE', '/api/v1/session', undefined, cookie);
      await goodbye.body?.cancel();
    },
  };
}

async function ask(url: string, method: string, path: string, body: unknown, cookie: string | null): Promise<Response> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      origin: new URL(url).origin,
      ...(cookie === null ? {} : { cookie }),
      ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (response.ok) return response;
  const given = problem.safeParse(await response.json().catch(() => null));
  const words = given.success ? given.data : { code: 'unreadable', message: response.statusText, field: null };
  throw new ApiRefusal(`${method} ${path}`, response.status, words);
}

async function read<T>(response: Response, answer: z.ZodType<T>): Promise<T> {
  return answer.parse(await response.json());
}
