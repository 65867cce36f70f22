import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hasSound, readSound } from '../../campaigns/messages/files.ts';
import { chooseMessage, keepMessage, recordingRefused } from '../../campaigns/messages/keep.ts';
import { listMessages, readMessage, withFiles } from '../../campaigns/messages/store.ts';
import { ruleOf } from '../../campaigns/pacing.ts';
import { readCampaign } from '../../campaigns/store.ts';
import { currentCatalogue } from '../../compliance/store.ts';
import { campaignMessages, chooseMessageBody, LARGEST_MESSAGE_BYTES, type CampaignMessages } from '../../contract/messages.ts';
import { LANGUAGES } from '../../contract/people.ts';
import { Refusal } from '../../kernel/errors.ts';
import { wavOf } from '../../telephony/recording.ts';
import { OPT_OUT_KEY, soundName } from '../../telephony/sounds.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

/** The recordings that come with Wusul. */
const SOUNDS = join(import.meta.dirname, '../../../dialplans/sounds');

const byId = z.object({ id: z.uuid() });
const ofLanguage = byId.extend({ language: z.enum(LANGUAGES) });
const ofMessage = byId.extend({ messageId: z.uuid() });
const answer = { 200: campaignMessages };

/** What callers hear whom nobody could take in time: a campaign's own recordings, by language, or those that come with Wusul. */
export function messageRoutes(app: App, services: WebServices): void {
  const { database, dataDir, floor } = services;

  async function stateOf(id: string): Promise<CampaignMessages> {
    const campaign = await readCampaign(database, id);
    if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'id', status: 404 });
    const [languages, { catalogue }] = await Promise.all([listMessages(database, id), currentCatalogue(database)]);
    return withFiles(languages, ruleOf(campaign, catalogue).optOutKey ? OPT_OUT_KEY : null, (each) => hasSound(dataDir, each));
  }

  async function changed(id: string): Promise<CampaignMessages> {
    await floor.tell({ type: 'changed', what: 'campaign', id });
    return stateOf(id);
  }

  app.get(
    '/api/v1/campaigns/:id/messages',
    { config: { permission: 'campaigns.read' }, schema: { params: byId, response: answer } },
    (request) => stateOf(request.params.id),
  );

  app.post(
    '/api/v1/campaigns/:id/messages/:language',
    {
      config: { permission: 'campaigns.change' },
      schema: { consumes: ['multipart/form-data'], params: ofLanguage, response: answer },
    },
    async (request) => {
      const { id, language } = request.params;
      const who = signedIn(request);
      const given = await receive(request);
      await keepMessage(database, dataDir, { campaignId: id, language, ...given }, { userId: who.userId, demo: who.demo });
      return changed(id);
    },
  );

  app.put(
    '/api/v1/campaigns/:id/messages/:language',
    {
      config: { permission: 'campaigns.change' },
      schema: { params: ofLanguage, body: chooseMessageBody, response: answer },
    },
    async (request) => {
      const { id, language } = request.params;
      const who = signedIn(request);
      const chosen = { campaignId: id, language, messageId: request.body.messageId };
      await chooseMessage(database, chosen, { userId: who.userId, demo: who.demo });
      return changed(id);
    },
  );

  app.get(
    '/api/v1/campaigns/:id/messages/sounds/:messageId',
    { config: { permission: 'campaigns.read' }, schema: { params: ofMessage } },
    async (request, reply) => {
      const { id, messageId } = request.params;
      const message = await readMessage(database, messageId);
      const sound = message?.campaignId === id ? await readSound(dataDir, messageId) : null;
      if (sound === null)
        throw new Refusal('unknown_message', 'There is no such recording.', { field: 'messageId', status: 404 });
      return sendSound(reply, sound);
    },
  );

  app.get(
    '/api/v1/messages/:language/default',
    {
      config: { permission: 'campaigns.read' },
      schema: {
        params: z.object({ language: z.enum(LANGUAGES) }),
        querystring: z.object({ key: z.enum(['yes', 'no']).default('no') }),
      },
    },
    async (request, reply) => {
      const { language } = request.params;
      const name = soundName(request.query.key === 'yes' ? 'opt-out-key' : 'safe-harbour', language);
      return sendSound(reply, await readFile(join(SOUNDS, `${name}.ulaw`)));
    },
  );
}

function sendSound(reply: FastifyReply, sound: Uint8Array): FastifyReply {
  return reply.type('audio/wav').header('cache-control', 'private, no-cache').send(wavOf(sound));
}

/** The one file of the request; it fits into memory by its limit. */
async function receive(request: FastifyRequest): Promise<{ fileName: string; file: Uint8Array }> {
  const part = await request.file({ limits: { fileSize: LARGEST_MESSAGE_BYTES, files: 1 }, throwFileSizeLimit: false });
  if (part?.fieldname !== 'file') throw new Refusal('file_missing', 'Choose a file.', { field: 'file' });
  const file = await part.toBuffer();
  if (part.file.truncated) throw recordingRefused('recording_too_large');
  const fileName = (part.filename.split(/[/\\]/).at(-1) ?? '').replaceAll(/\p{Cc}/gu, '').slice(0, 200);
  return { fileName: fileName || 'message.wav', file };
}
