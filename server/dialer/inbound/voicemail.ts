import { randomUUIDv7 } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { voicemailFile, voicemailKey } from '../../insight/inbound-calls.ts';
import { seal } from '../../kernel/sealed-file.ts';
import { floorNowMs, iso, type Floor } from '../floor.ts';

/** Less than this is the tone and somebody hanging up. */
const SHORTEST_MS = 1_000;
/** How far back the switch's record is read for a call that nobody saw. */
const RECORD_MS = 24 * 3_600_000;
const HEADER_BYTES = 44;
/** 16-bit samples, 8 000 a second: what the switch writes. */
const BYTES_PER_SECOND = 16_000;

/**
 * Takes the voice message of a call that has ended from the switch and keeps it sealed, if there is one; the call's row says how long it is.
 * Whatever fails is tried again by `collectVoicemails`.
 */
export async function keepVoicemail(floor: Floor, callId: string, legId: string): Promise<void> {
  try {
    const bytes = await floor.telephone.voicemailOf(legId);
    if (bytes === null) return;
    const seconds = (bytes.length - HEADER_BYTES) / BYTES_PER_SECOND;
    if (seconds * 1_000 >= SHORTEST_MS) {
      await keepFile(voicemailFile(floor.dataDir, callId), seal(voicemailKey(floor.stationKey), withLength(bytes)));
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
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
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

/** Voice messages of calls that ended while nobody was watching, or that no dialer ever saw. Those of other floors, and of calls that last, are left alone. */
export async function collectVoicemails(floor: Floor): Promise<void> {
  if (!floor.switchUp) return;
  const kept = (await floor.telephone.voicemails()).filter((legId) => !floor.inbound.has(legId));
  if (kept.length === 0) return;
  const live = new Set((await floor.telephone.liveLegs()).map((leg) => leg.legId));
  const legIds = kept.filter((legId) => !live.has(legId));
  const calls = await floor.database
    .selectFrom('inbound_call')
    .select(['id', 'leg_id', 'floor_id', 'ended_at'])
    .where('leg_id', 'in', legIds)
    .execute();
  for (const call of calls) {
    if (call.floor_id === floor.floorId && call.ended_at !== null) await keepVoicemail(floor, call.id, call.leg_id);
  }
  const known = new Set(calls.map((call) => call.leg_id));
  await keepUnseen(
    floor,
    legIds.filter((legId) => !known.has(legId)),
  );
}

/** Callers who spoke to the switch alone: which number they called, and so whose they are, is in its record; their own is in no record. */
async function keepUnseen(floor: Floor, legIds: readonly string[]): Promise<void> {
  if (legIds.length === 0) return;
  const record = await floor.telephone.recorded(floorNowMs(floor) - RECORD_MS);
  for (const legId of legIds) {
    const arrival = record.find((event) => event.legId === legId && event.type === 'INBOUND');
    // As the carrier wrote it: at home without the country, from abroad with zeros before it.
    const digits = arrival?.extra.replace(/^0+/, '') ?? '';
    const campaign = [...floor.campaigns.values()].find(({ settings }) => settings.callerId?.endsWith(digits));
    if (!arrival || digits === '' || !campaign) continue;
    const id = randomUUIDv7();
    await floor.database
      .insertInto('inbound_call')
      .values({
        id,
        leg_id: legId,
        floor_id: floor.floorId,
        campaign_id: campaign.id,
        called: campaign.settings.callerId ?? '',
        trunk: campaign.settings.trunk,
        entered_at: iso(arrival.stampMs),
        ended_at: iso(floorNowMs(floor)),
        result: 'unserved',
      })
      .execute();
    await keepVoicemail(floor, id, legId);
  }
}
