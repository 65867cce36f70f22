import { z } from 'zod';
import {
  attemptPage,
  correctionBody,
  debtorFound,
  debtorRecord,
  debtorSearch,
  holdEffect,
  placeHoldBody,
  type DebtorRecord,
} from '../../contract/debtors.ts';
import { findDebtors } from '../../debtors/search.ts';
import { readAttempts, readDebtorRecord } from '../../insight/debtor-record.ts';
import type { Database } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import { correctScreening } from '../../queue/correction.ts';
import { readGuidance } from '../../queue/guidance.ts';
import { placeHold, releaseHold } from '../../queue/hold.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byId = z.object({ id: z.uuid() });
const ofAttempt = z.object({ id: z.uuid(), attemptId: z.uuid() });
const ofHold = z.object({ id: z.uuid(), holdId: z.uuid() });

/** A debtor's whole file. Throws `unknown_debtor`. */
export async function debtorRecordOf(database: Database, id: string): Promise<DebtorRecord> {
  const [found, guidance] = [await readDebtorRecord(database, id), await readGuidance(database, id)];
  if (!found || !guidance) throw new Refusal('unknown_debtor', 'There is no such debtor.', { field: 'id', status: 404 });
  return { ...found, guidance };
}

/** Debtors' files for supervisors and admins: looked for, looked at (which the history keeps), held and released. */
export function debtorRoutes(app: App, { database, floor }: WebServices): void {
  app.post(
    '/api/v1/debtors/search',
    { config: { permission: 'debtors.read' }, schema: { body: debtorSearch, response: { 200: z.array(debtorFound) } } },
    (request) => findDebtors(database, request.body),
  );

  app.get(
    '/api/v1/debtors/:id',
    { config: { permission: 'debtors.read' }, schema: { params: byId, response: { 200: debtorRecord } } },
    async (request) => {
      const { id } = request.params;
      const found = await debtorRecordOf(database, id);
      const actor = signedIn(request).userId;
      await record(database, [{ kind: 'debtor.viewed', subject: 'party', subjectId: id, actor, body: {} }]);
      return found;
    },
  );

  app.get(
    '/api/v1/debtors/:id/attempts',
    {
      config: { permission: 'debtors.read' },
      schema: { params: byId, querystring: z.object({ before: z.uuid() }), response: { 200: attemptPage } },
    },
    (request) => readAttempts(database, request.params.id, request.query.before),
  );

  app.post(
    '/api/v1/debtors/:id/attempts/:attemptId/correction',
    {
      config: { permission: 'debtors.correct' },
      schema: { params: ofAttempt, body: correctionBody, response: { 200: debtorRecord } },
    },
    async (request) => {
      const { id, attemptId } = request.params;
      const { was } = request.body;
      const { userId } = signedIn(request);
      const campaignId = await correctScreening(database, { partyId: id, attemptId, was, userId });
      if (campaignId !== null) await floor.tell({ type: 'corrected', campaignId, was });
      return debtorRecordOf(database, id);
    },
  );

  app.post(
    '/api/v1/debtors/:id/holds',
    {
      config: { permission: 'debtors.hold' },
      schema: { params: byId, body: placeHoldBody, response: { 201: holdEffect } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { userId } = signedIn(request);
      const effect = await placeHold(database, { partyId: id, ...request.body, userId });
      if (effect.calledOff > 0) await floor.tell({ type: 'changed', what: 'calls', id: floor.floorId });
      return reply.status(201).send({ ...effect, record: await debtorRecordOf(database, id) });
    },
  );

  app.post(
    '/api/v1/debtors/:id/holds/:holdId/release',
    { config: { permission: 'debtors.hold' }, schema: { params: ofHold, response: { 200: holdEffect } } },
    async (request) => {
      const { id, holdId } = request.params;
      const effect = await releaseHold(database, { partyId: id, holdId, userId: signedIn(request).userId });
      return { ...effect, record: await debtorRecordOf(database, id) };
    },
  );
}
