import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Floor } from '../floor.ts';

/** Less than this is the tone and somebody hanging up. */
const SHORTEST_MS = 1_000;
const HEADER_BYTES = 44;
/** 16-bit samples, 8 000 a second: what the switch writes. */
const BYTES_PER_SECOND = 16_000;

/** Where voice messages are kept, by the call's id. */
export function voicemailFile(dataDir: string, callId: string): string {
  return join(dataDir, 'voicemail', `${callId}.wav`);
}

/**
 * Takes the voice message of a call that has ended from the switch and keeps it, if there is one; the call's row says how long it is.
 * Whatever fails is tried again by `collectVoicemails`.
 */
export async function keepVoicemail(floor: Floor, callId: string, legId: string): Promise<void> {
  try {
    const bytes = await floor.telephone.voicemailOf(legId);
    if (bytes === null) return;
    const seconds = (bytes.length - HEADER_BYTES) / BYTES_PER_SECOND;
    if (seconds * 1_000 >= SHORTEST_MS) {
      await keepFile(voicemailFile(floor.dataDir, callId), withLength(bytes));
      await floor.writer.now(callId, 'voice message', async (database) => {
        await database
          .updateTable('inbound_call')
          .set({ result: 'voicemail', voicemail_seconds: Math.round(seconds) })
          .where('id', '=', callId)
          .where('ended_at', 'is not', null)
          .execute();
      });
    }
    await floor.telephone.dropVoicemail(legId);
  } catch (error) {
    floor.log.warn({ err: error, callId }, 'a voice message could not be kept, it is tried again');
  }
}

async function keepFile(file: string, bytes: Buffer): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.part`, bytes, { mode: 0o600 });
  await rename(`${file}.part`, file);
}

/** A switch that died while it recorded has left a header that says nothing of what follows. */
function withLength(bytes: Buffer): Buffer {
  if (bytes.length < HEADER_BYTES) return bytes;
  const whole = Buffer.from(bytes);
  whole.writeUInt32LE(whole.length - 8, 4);
  whole.writeUInt32LE(whole.length - HEADER_BYTES, 40);
  return whole;
}

/** Voice messages of calls that ended while nobody was watching. Those of other floors, and of calls that last, are left alone. */
export async function collectVoicemails(floor: Floor): Promise<void> {
  if (!floor.switchUp) return;
  const legIds = (await floor.telephone.voicemails()).filter((legId) => !floor.inbound.has(legId));
  if (legIds.length === 0) return;
  const calls = await floor.database
    .selectFrom('inbound_call')
    .select(['id', 'leg_id'])
    .where('leg_id', 'in', legIds)
    .where('floor_id', '=', floor.floorId)
    .where('ended_at', 'is not', null)
    .execute();
  for (const call of calls) await keepVoicemail(floor, call.id, call.leg_id);
}
