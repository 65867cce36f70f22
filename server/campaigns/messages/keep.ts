import { createHash, randomUUIDv7 } from 'node:crypto';
import type { Language } from '../../contract/people.ts';
import type { RecordingFaultCode } from '../../contract/messages.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record, type Json } from '../../kernel/history.ts';
import { readRecording, RecordingFault } from '../../telephony/recording.ts';
import { refuseReal, type Actor } from '../lifecycle.ts';
import { lockCampaign } from '../store.ts';
import { dropSound, writeSound } from './files.ts';
import { insertMessage, putInForce, readMessage } from './store.ts';

const WHY: Readonly<Record<RecordingFaultCode, string>> = {
  recording_not_wav: 'This is not a WAV file.',
  recording_broken: 'This WAV file is not whole.',
  recording_encoding: 'A recording is PCM of 8 to 32 bit, 8 to 48 kHz, with one channel or two.',
  recording_too_short: 'A recording takes three seconds at least.',
  recording_too_long: 'A recording takes thirty seconds at most.',
  recording_too_large: 'The file is too large.',
  recording_silent: 'Nothing is heard in this recording.',
};

/** A recording that is refused, by name. */
export function recordingRefused(code: RecordingFaultCode): Refusal {
  return new Refusal(code, WHY[code], { field: 'file', status: code === 'recording_too_large' ? 413 : 422 });
}

/**
 * Keeps a recording as the next version of a campaign's message in a language, and has it speak from the next call on. The file comes
 * first: a row never names one that is not there.
 * @throws Refusal by the name of what is wrong with the file, `unknown_campaign`, `campaign_ended`
 */
export async function keepMessage(
  database: Database,
  dataDir: string,
  given: { campaignId: string; language: Language; fileName: string; file: Uint8Array },
  actor: Actor,
): Promise<void> {
  const { campaignId, language, fileName } = given;
  const { sound, durationMs } = readOrRefuse(given.file);
  const id = randomUUIDv7();
  const sha256 = createHash('sha256').update(sound).digest('hex');
  try {
    await database.transaction().execute(async (transaction) => {
      await lockOpen(transaction, campaignId, actor);
      await writeSound(dataDir, id, sound);
      const version = await insertMessage(transaction, {
        id,
        campaignId,
        language,
        fileName,
        sha256,
        durationMs,
        userId: actor.userId,
      });
      await putInForce(transaction, { campaignId, language, id });
      await told(transaction, 'campaign.message_kept', campaignId, actor, { language, version, sha256, durationMs });
    });
  } catch (error) {
    await dropSound(dataDir, id);
    throw error;
  }
}

/** Has an earlier recording speak again, or (null) the one that comes with Wusul. @throws Refusal `unknown_message` and as above */
export async function chooseMessage(
  database: Database,
  chosen: { campaignId: string; language: Language; messageId: string | null },
  actor: Actor,
): Promise<void> {
  const { campaignId, language, messageId } = chosen;
  await database.transaction().execute(async (transaction) => {
    await lockOpen(transaction, campaignId, actor);
    const found = messageId === null ? null : await readMessage(transaction, messageId);
    if (messageId !== null && (found?.campaignId !== campaignId || found.language !== language))
      throw new Refusal('unknown_message', 'There is no such recording.', { field: 'messageId', status: 404 });
    await putInForce(transaction, { campaignId, language, id: messageId });
    await told(transaction, 'campaign.message_chosen', campaignId, actor, { language, version: found?.version ?? null });
  });
}

function readOrRefuse(file: Uint8Array): ReturnType<typeof readRecording> {
  try {
    return readRecording(file);
  } catch (error) {
    if (error instanceof RecordingFault) throw recordingRefused(error.code);
    throw error;
  }
}

async function lockOpen(transaction: Tx, campaignId: string, actor: Actor): Promise<void> {
  const campaign = await lockCampaign(transaction, campaignId);
  if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'id', status: 404 });
  refuseReal(actor, campaign);
  if (campaign.state === 'ended') throw new Refusal('campaign_ended', 'This campaign has ended.', { status: 409 });
}

async function told(transaction: Tx, kind: string, campaignId: string, actor: Actor, body: Record<string, Json>): Promise<void> {
  await record(transaction, [{ kind, subject: 'campaign', subjectId: campaignId, actor: actor.userId, body }]);
}
