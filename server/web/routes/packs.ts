import { z } from 'zod';
import { refuseDemo, saveOverride, savePack, type RuleAuthor } from '../../compliance/changes/store.ts';
import { addHoliday, decideHoliday, listHolidays, startHolidays } from '../../compliance/holidays/store.ts';
import {
  listCreditors,
  listOverrides,
  listPacks,
  readCallableWeek,
  readOverrideDetail,
  readPackDetail,
} from '../../compliance/listing/store.ts';
import { previewOverride, previewPack } from '../../compliance/previews/store.ts';
import {
  addHolidayBody,
  callableWeek,
  creditorRow,
  decideHolidayBody,
  holidayQuery,
  holidayRow,
  OVERRIDE_SCOPES,
  overrideDetail,
  overridePreview,
  overrideRow,
  packDetail,
  packPreview,
  packRow,
  previewOverrideBody,
  previewPackBody,
  saveOverrideBody,
  savePackBody,
  startHolidaysBody,
  type PackDetail,
} from '../../contract/packs.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byPack = z.object({ id: z.string().min(1).max(80) });
const ofVersion = z.object({ version: z.coerce.number().int().min(1).optional() });
const byId = z.object({ id: z.uuid() });
const whose = z.object({ scope: z.enum(OVERRIDE_SCOPES), subjectId: z.uuid(), packId: z.string().min(1).max(80) });

/** Rule packs, what creditors and campaigns ask beyond them, and holidays: looked at by overseers, changed by admins. */
export function packRoutes(app: App, services: WebServices): void {
  const { database, clock } = services;
  const read = { permission: 'packs.read' } as const;
  const change = { permission: 'packs.change' } as const;

  app.get('/api/v1/rule-packs', { config: read, schema: { response: { 200: z.array(packRow) } } }, () =>
    listPacks(database, clock.now()),
  );

  async function detailOf(id: string, version?: number): Promise<PackDetail> {
    const pack = await readPackDetail(database, id, clock.now(), version);
    if (!pack) throw unknownPack();
    return pack;
  }

  app.get(
    '/api/v1/rule-packs/:id',
    { config: read, schema: { params: byPack, querystring: ofVersion, response: { 200: packDetail } } },
    (request) => detailOf(request.params.id, request.query.version),
  );

  app.get(
    '/api/v1/rule-packs/:id/callable',
    { config: read, schema: { params: byPack, response: { 200: callableWeek } } },
    async (request) => {
      const week = await readCallableWeek(database, request.params.id, clock.now());
      if (!week) throw unknownPack();
      return week;
    },
  );

  app.post(
    '/api/v1/rule-packs',
    { config: change, schema: { body: savePackBody, response: { 201: packDetail } } },
    async (request, reply) => {
      const { id, version } = await savePack(database, request.body, authorOf(request));
      return reply.status(201).send(await detailOf(id, version));
    },
  );

  app.post(
    '/api/v1/rule-packs/preview',
    { config: read, schema: { body: previewPackBody, response: { 200: packPreview } } },
    (request) => previewPack(database, request.body, clock.now()),
  );

  app.get('/api/v1/rule-overrides', { config: read, schema: { response: { 200: z.array(overrideRow) } } }, () =>
    listOverrides(database, clock.now()),
  );

  app.post(
    '/api/v1/rule-overrides',
    { config: change, schema: { body: saveOverrideBody, response: { 201: z.object({ version: z.number().int() }) } } },
    async (request, reply) => {
      const { version } = await saveOverride(database, request.body, authorOf(request));
      return reply.status(201).send({ version });
    },
  );

  app.get(
    '/api/v1/rule-overrides/:scope/:subjectId/:packId',
    { config: read, schema: { params: whose, response: { 200: overrideDetail } } },
    async (request) => {
      const { packId: tightens, ...rest } = request.params;
      const found = await readOverrideDetail(database, { ...rest, tightens }, clock.now());
      if (!found) throw unknownPack();
      return found;
    },
  );

  app.post(
    '/api/v1/rule-overrides/preview',
    { config: read, schema: { body: previewOverrideBody, response: { 200: overridePreview } } },
    (request) => previewOverride(database, request.body, clock.now()),
  );

  app.get('/api/v1/creditors', { config: read, schema: { response: { 200: z.array(creditorRow) } } }, (request) =>
    listCreditors(database, signedIn(request)),
  );

  app.get(
    '/api/v1/holidays',
    { config: read, schema: { querystring: holidayQuery, response: { 200: z.array(holidayRow) } } },
    (request) => listHolidays(database, request.query.country, request.query.year),
  );

  app.post(
    '/api/v1/holidays/start',
    { config: change, schema: { body: startHolidaysBody, response: { 200: z.object({ added: z.number().int() }) } } },
    async (request) => {
      const author = authorOf(request);
      await refuseDemo(database, author);
      const { country, year } = request.body;
      return { added: await startHolidays(database, country, year, author.userId) };
    },
  );

  app.post(
    '/api/v1/holidays',
    { config: change, schema: { body: addHolidayBody, response: { 201: holidayRow } } },
    async (request, reply) => {
      const author = authorOf(request);
      await refuseDemo(database, author);
      return reply.status(201).send(await addHoliday(database, request.body, author.userId));
    },
  );

  app.patch(
    '/api/v1/holidays/:id',
    { config: change, schema: { params: byId, body: decideHolidayBody, response: { 200: holidayRow } } },
    async (request) => {
      const author = authorOf(request);
      await refuseDemo(database, author);
      return decideHoliday(database, request.params.id, request.body.status, author.userId);
    },
  );
}

function unknownPack(): Refusal {
  return new Refusal('unknown_pack', 'There is no such rule pack.', { field: 'id', status: 404 });
}

function authorOf(request: Parameters<typeof signedIn>[0]): RuleAuthor {
  const { userId, demo } = signedIn(request);
  return { userId, demo };
}
