import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { doNotCallList, type DoNotCallList } from '../../../server/contract/do-not-call.ts';
import { ask } from '../connection/http.ts';
import { queries } from './api.ts';

const LOOK_MS = 10_000;
const LOOK_WHILE_AT_WORK_MS = 700;

/** Lists that were asked to be taken back on this page. */
const asked = new Set<string>();

/** The lists of numbers that are not to be called; looked at more often while one of them is being taken, or taken back. */
export const doNotCallQuery = queryOptions({
  queryKey: ['do-not-call'],
  queryFn: () => ask('GET', '/do-not-call-lists', z.array(doNotCallList)),
  refetchInterval: ({ state: { data } }) => (data?.some(isAtWork) ? LOOK_WHILE_AT_WORK_MS : LOOK_MS),
});

function isAtWork({ id, state, liftedAt }: DoNotCallList): boolean {
  return state === 'queued' || state === 'running' || (liftedAt === null && asked.has(id));
}

/** Sends a list. */
export async function sendDoNotCall(form: FormData): Promise<void> {
  await ask('POST', '/do-not-call-lists', doNotCallList, { form });
  await queries.invalidateQueries({ queryKey: doNotCallQuery.queryKey });
}

/** Asks to take a list back; the page says so once it has happened. */
export async function liftDoNotCall(id: string): Promise<void> {
  await ask('POST', `/do-not-call-lists/${id}/undo`, doNotCallList);
  asked.add(id);
  await queries.invalidateQueries({ queryKey: doNotCallQuery.queryKey });
}
