import { z } from 'zod';
import {
  addNumberBody,
  addPreferenceBody,
  addRelationBody,
  byHandEffect,
  overrideWarningBody,
  placeNumberBody,
  reasonBody,
  recordConsentBody,
  removeRelationBody,
  retireNumberBody,
  type ByHandEffect,
} from '../../contract/by-hand.ts';
import { stuckPage, stuckQuery } from '../../contract/stuck.ts';
import { readStuck } from '../../insight/stuck.ts';
import type { Moved } from '../../queue/by-hand.ts';
import { cancelCallback } from '../../queue/callbacks.ts';
import { addPreference, recordConsent, withdrawPreference } from '../../queue/consents.ts';
import { addNumber, placeNumber, retireByHand } from '../../queue/numbers.ts';
import { overrideWarning, withdrawOverride } from '../../queue/overriding.ts';
import { addRelation, removeRelation } from '../../queue/relations.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';
import { debtorRecordOf } from './debtors.ts';

const byId = z.object({ id: z.uuid() });
const ofPhone = z.object({ id: z.uuid(), phoneId: z.uuid() });
const ofPreference = z.object({ id: z.uuid(), preferenceId: z.uuid() });
const ofOverride = z.object({ id: z.uuid(), overrideId: z.uuid() });
const ofRelated = z.object({ id: z.uuid(), relatedId: z.uuid() });
const ofCallback = z.object({ id: z.uuid(), callbackId: z.uuid() });
const answers = { response: { 200: byHandEffect } };

/** What is written into a debtor's file by hand, and the lists of those who wait for it: numbers, consents, preferences, overridden warnings, callbacks. */
export function byHandRoutes(app: App, { database, floor }: WebServices): void {
  /** Tells the dialer of calls to end, and answers with the file as it is now. */
  async function answer(partyId: string, { moved, calledOff, ...more }: Moved & { sharedWith?: number }): Promise<ByHandEffect> {
    if (calledOff > 0) await floor.tell({ type: 'changed', what: 'calls', id: floor.floorId });
    const shared = more.sharedWith === undefined ? {} : { sharedWith: more.sharedWith };
    return { moved, calledOff, ...shared, record: await debtorRecordOf(database, partyId) };
  }

  app.get(
    '/api/v1/stuck-debtors',
    { config: { permission: 'debtors.read' }, schema: { querystring: stuckQuery, response: { 200: stuckPage } } },
    (request) => readStuck(database, request.query),
  );

  app.post(
    '/api/v1/debtors/:id/numbers',
    { config: { permission: 'debtors.numbers' }, schema: { params: byId, body: addNumberBody, ...answers } },
    async (request) => {
      const { id: partyId } = request.params;
      return answer(partyId, await addNumber(database, { ...request.body, partyId, userId: signedIn(request).userId }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/numbers/:phoneId/retire',
    { config: { permission: 'debtors.numbers' }, schema: { params: ofPhone, body: retireNumberBody, ...answers } },
    async (request) => {
      const { id: partyId, phoneId } = request.params;
      const { userId } = signedIn(request);
      return answer(partyId, await retireByHand(database, { ...request.body, partyId, phoneId, userId }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/numbers/:phoneId/place',
    { config: { permission: 'debtors.numbers' }, schema: { params: ofPhone, body: placeNumberBody, ...answers } },
    async (request) => {
      const { id: partyId, phoneId } = request.params;
      const { userId } = signedIn(request);
      return answer(partyId, await placeNumber(database, { ...request.body, partyId, phoneId, userId }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/relations',
    { config: { permission: 'debtors.numbers' }, schema: { params: byId, body: addRelationBody, ...answers } },
    async (request) => {
      const { id: partyId } = request.params;
      return answer(partyId, await addRelation(database, { ...request.body, partyId, userId: signedIn(request).userId }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/relations/:relatedId/remove',
    { config: { permission: 'debtors.numbers' }, schema: { params: ofRelated, body: removeRelationBody, ...answers } },
    async (request) => {
      const { id: partyId, relatedId } = request.params;
      const { userId } = signedIn(request);
      return answer(partyId, await removeRelation(database, { ...request.body, partyId, relatedId, userId }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/consents',
    { config: { permission: 'debtors.consent' }, schema: { params: byId, body: recordConsentBody, ...answers } },
    async (request) => {
      const { id: partyId } = request.params;
      return answer(partyId, await recordConsent(database, { ...request.body, partyId, userId: signedIn(request).userId }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/preferences',
    { config: { permission: 'debtors.consent' }, schema: { params: byId, body: addPreferenceBody, ...answers } },
    async (request) => {
      const { id: partyId } = request.params;
      const { body } = request;
      const wish = body.kind === 'time' ? { time: body.time } : { place: body.place };
      const { source, reason } = body;
      return answer(partyId, await addPreference(database, { partyId, userId: signedIn(request).userId, wish, source, reason }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/preferences/:preferenceId/withdraw',
    { config: { permission: 'debtors.consent' }, schema: { params: ofPreference, body: reasonBody, ...answers } },
    async (request) => {
      const { id: partyId, preferenceId } = request.params;
      const { userId } = signedIn(request);
      return answer(partyId, await withdrawPreference(database, { ...request.body, partyId, preferenceId, userId }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/overridden-warnings',
    { config: { permission: 'debtors.override' }, schema: { params: byId, body: overrideWarningBody, ...answers } },
    async (request) => {
      const { id: partyId } = request.params;
      return answer(partyId, await overrideWarning(database, { ...request.body, partyId, userId: signedIn(request).userId }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/overridden-warnings/:overrideId/withdraw',
    { config: { permission: 'debtors.override' }, schema: { params: ofOverride, body: reasonBody, ...answers } },
    async (request) => {
      const { id: partyId, overrideId } = request.params;
      const { userId } = signedIn(request);
      return answer(partyId, await withdrawOverride(database, { ...request.body, partyId, overrideId, userId }));
    },
  );

  app.post(
    '/api/v1/debtors/:id/callbacks/:callbackId/cancel',
    { config: { permission: 'debtors.callbacks' }, schema: { params: ofCallback, body: reasonBody, ...answers } },
    async (request) => {
      const { id: partyId, callbackId } = request.params;
      const { userId } = signedIn(request);
      return answer(partyId, await cancelCallback(database, { ...request.body, partyId, callbackId, userId }));
    },
  );
}
