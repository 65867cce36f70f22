import { z } from 'zod';
import { me, type Language, type Me, type SignInBody } from '../../../server/contract/people.ts';
import { ask, ProblemError, whenSignedOut } from './http.ts';

/** Who is signed in here: `undefined` until the server was asked. */
let current: Me | null | undefined;
const listeners = new Set<() => void>();

function set(next: Me | null): void {
  current = next;
  for (const listener of listeners) listener();
}

whenSignedOut(() => set(null));

/** The signed-in person, null for nobody; asks the server the first time. Throws ProblemError when it cannot be asked. */
export async function whoIsHere(): Promise<Me | null> {
  if (current !== undefined) return current;
  try {
    set(await ask('GET', '/session', me));
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 401) throw error;
    set(null);
  }
  return current ?? null;
}

/** The signed-in person as last known. */
export function sessionNow(): Me | null {
  return current ?? null;
}

/** Tells a listener of every change; returns how to stop. */
export function subscribeSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Signs in; throws ProblemError with the server's code. */
export async function signIn(body: SignInBody): Promise<Me> {
  const person = await ask('POST', '/session', me, { body });
  set(person);
  return person;
}

/** Ends the session here; the page forgets the person even if the server cannot be told. */
export async function signOut(): Promise<void> {
  await ask('DELETE', '/session', z.unknown()).catch(() => undefined);
  set(null);
}

/** The server ended the session (revoked, expired). */
export function sessionEnded(): void {
  set(null);
}

/** Keeps a person's language on the server. */
export async function keepLanguage(language: Language): Promise<void> {
  if (!current) return;
  const person = await ask('PATCH', '/session', me, { body: { language } });
  set(person);
}
