import { infiniteQueryOptions } from '@tanstack/react-query';
import {
  byHandEffect,
  type AddNumberBody,
  type AddPreferenceBody,
  type AddRelationBody,
  type ByHandEffect,
  type OverrideWarningBody,
  type PlaceNumberBody,
  type RecordConsentBody,
  type RetireNumberBody,
} from '../../../server/contract/by-hand.ts';
import { stuckPage } from '../../../server/contract/stuck.ts';
import { queries } from '../admin/api.ts';
import { ask } from '../connection/http.ts';
import { debtorQuery } from './api.ts';

/** Writes a fact into a debtor's file; the answer brings the file as it is then. */
async function write(partyId: string, path: string, body: object): Promise<ByHandEffect> {
  const effect = await ask('POST', `/debtors/${partyId}/${path}`, byHandEffect, { body });
  queries.setQueryData(debtorQuery(partyId).queryKey, effect.record);
  void queries.invalidateQueries({ queryKey: ['stuck'] });
  return effect;
}

/** Adds a number; whoever had none left is in the queue again. */
export function addNumber(partyId: string, body: AddNumberBody): Promise<ByHandEffect> {
  return write(partyId, 'numbers', body);
}

/** Says that a number is wrong, or in use no more. */
export function retireNumber(partyId: string, phoneId: string, body: RetireNumberBody): Promise<ByHandEffect> {
  return write(partyId, `numbers/${phoneId}/retire`, body);
}

/** Says whether a number rings at work. */
export function placeNumber(partyId: string, phoneId: string, body: PlaceNumberBody): Promise<ByHandEffect> {
  return write(partyId, `numbers/${phoneId}/place`, body);
}

/** Says that somebody else stands for a debt. */
export function addRelation(partyId: string, body: AddRelationBody): Promise<ByHandEffect> {
  return write(partyId, 'relations', body);
}

/** Says that somebody stands for a debt no more. */
export function removeRelation(
  partyId: string,
  relatedId: string,
  body: { debtId: string; reason: string },
): Promise<ByHandEffect> {
  return write(partyId, `relations/${relatedId}/remove`, body);
}

/** Records a consent given or taken back. */
export function recordConsent(partyId: string, body: RecordConsentBody): Promise<ByHandEffect> {
  return write(partyId, 'consents', body);
}

/** Writes down an inconvenient time or place. */
export function addPreference(partyId: string, body: AddPreferenceBody): Promise<ByHandEffect> {
  return write(partyId, 'preferences', body);
}

/** Takes an inconvenient time or place back. */
export function withdrawPreference(partyId: string, preferenceId: string, reason: string): Promise<ByHandEffect> {
  return write(partyId, `preferences/${preferenceId}/withdraw`, { reason });
}

/** Lets contact go on in spite of a rule that only warns. */
export function overrideWarning(partyId: string, body: OverrideWarningBody): Promise<ByHandEffect> {
  return write(partyId, 'overridden-warnings', body);
}

/** Lets a warning count again. */
export function withdrawOverride(partyId: string, overrideId: string, reason: string): Promise<ByHandEffect> {
  return write(partyId, `overridden-warnings/${overrideId}/withdraw`, { reason });
}

/** Cancels a callback that is still to come. */
export function cancelCallback(partyId: string, callbackId: string, reason: string): Promise<ByHandEffect> {
  return write(partyId, `callbacks/${callbackId}/cancel`, { reason });
}

/** Debtors who are stuck for a reason, page by page. */
export function stuckQuery(reason: string, campaign: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['stuck', reason, campaign ?? null],
    queryFn: ({ pageParam }) => {
      const query = new URLSearchParams({
        reason,
        ...(campaign ? { campaign } : {}),
        ...(pageParam ? { before: pageParam } : {}),
      });
      return ask('GET', `/stuck-debtors?${query}`, stuckPage);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}
