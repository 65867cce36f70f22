import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import {
  attemptPage,
  debtorFound,
  debtorRecord,
  holdEffect,
  type CorrectionBody,
  type DebtorFound,
  type DebtorSearch,
  type HoldEffect,
  type PlaceHoldBody,
} from '../../../server/contract/debtors.ts';
import { queries } from '../admin/api.ts';
import { ask } from '../connection/http.ts';

/** People by what identifies them; it goes in the body, so that no address holds it. */
export function findDebtors(search: DebtorSearch): Promise<DebtorFound[]> {
  return ask('POST', '/debtors/search', z.array(debtorFound), { body: search });
}

/** A debtor's whole file. Each look is kept in the history, so it is not looked at again by itself. */
export function debtorQuery(partyId: string) {
  return queryOptions({
    queryKey: ['debtors', partyId],
    queryFn: () => ask('GET', `/debtors/${partyId}`, debtorRecord),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
}

/** The attempts older than those of the file, page by page; asked for when somebody wants to see them. */
export function olderAttemptsQuery(partyId: string, before: string | null) {
  return infiniteQueryOptions({
    queryKey: ['debtors', partyId, 'attempts', before],
    queryFn: ({ pageParam }) => ask('GET', `/debtors/${partyId}/attempts?before=${pageParam ?? ''}`, attemptPage),
    initialPageParam: before,
    getNextPageParam: (page) => (page.more ? (page.attempts.at(-1)?.id ?? null) : null),
    enabled: false,
  });
}

/** Says who answered a call that was taken for a machine's. */
export async function correctScreening(partyId: string, attemptId: string, body: CorrectionBody): Promise<void> {
  const record = await ask('POST', `/debtors/${partyId}/attempts/${attemptId}/correction`, debtorRecord, { body });
  queries.setQueryData(debtorQuery(partyId).queryKey, record);
  await queries.invalidateQueries({ queryKey: ['debtors', partyId, 'attempts'] });
}

function keepRecord(effect: HoldEffect): HoldEffect {
  queries.setQueryData(debtorQuery(effect.record.partyId).queryKey, effect.record);
  return effect;
}

/** Places a hold; the debtor leaves at once every queue from which the gate now forbids the call. */
export async function placeHold(partyId: string, body: PlaceHoldBody): Promise<HoldEffect> {
  return keepRecord(await ask('POST', `/debtors/${partyId}/holds`, holdEffect, { body }));
}

/** Releases a hold. */
export async function releaseHold(partyId: string, holdId: string): Promise<HoldEffect> {
  return keepRecord(await ask('POST', `/debtors/${partyId}/holds/${holdId}/release`, holdEffect, { body: {} }));
}
