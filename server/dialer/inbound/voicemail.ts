import { randomUUIDv7 } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { bringInVoicemails, bytesOf, HEADER_BYTES, keepVoicemail, secondsOf } from '../../insight/voicemails.ts';
import { INBOUND_FIGURES } from '../../telephony/inbound.ts';
import { floorNowMs, iso, type Floor } from '../floor.ts';

/** Less than this is the tone and somebody hanging up. */
const SHORTEST_S = 1;
/** More than this the switch does not record. */
const LONGEST_BYTES = bytesOf(INBOUND_FIGURES.longestVoicemailMs / 1_000);
/** How far back the switch's record is read for a call that nobody saw. */
const RECORD_MS = 24 * 3_600_000;
const TRY_AGAIN_MS = 60_000;

/**
 * Takes the voice message of a call that has ended from the switch into the database, if there is one. The switch keeps it until it is there:
 * whatever fails, and whoever dies, it is tried again by `collectVoicemails`.
 */
export async function fetchVoicemail(floor: Floor, callId: string, legId: string): Promise<void> {
  try {
    const bytes = await floor.telephone.voicemailOf(legId);
    if (bytes === null) return;
    const isKept =
      secondsOf(bytes.length) < SHORTEST_S ||
      (await floor.writer.now(callId, 'voice message', (database) =>
        keepVoicemail(database, { callId, sound: withLength(bytes), secret: floor.stationKey }),
      ));
    if (isKept) await floor.telephone.dropVoicemail(legId);
  } catch (error) {
    floor.log.warn({ err: error, callId }, 'a voice message could not be kept, it is tried again');
  }
}

/** A switch that died while it recorded has left a header that says nothing of what follows. */
function withLength(bytes: Buffer): Buffer {
  const whole = Buffer.from(bytes.subarray(0, LONGEST_BYTES));
  whole.writeUInt32LE(whole.length - 8, 4);
  whole.writeUInt32LE(whole.length - HEADER_BYTES, 40);
  return whole;
}

/**
 * Brings in what an earlier version took from the switch and left on this machine's disk, also on a machine that waits for its floor; tries
 * until it is done, or `signal` is aborted.
 */
export async function bringInOldVoicemails({
  database,
  log,
  ...from
}: Pick<Floor, 'database' | 'log'> & { dataDir: string; secret: string; signal: AbortSignal }): Promise<void> {
  while (!from.signal.aborted) {
    try {
      const { taken, left } = await bringInVoicemails(database, from);
      if (taken + left > 0)
        log.info({ taken, left }, 'voice messages of an earlier version were brought in; left are those of unknown calls');
      return;
    } catch (error) {
      if (from.signal.aborted) return;
      log.warn({ err: error }, 'voice messages of an earlier version could not be brought in, it is tried again');
      await setTimeout(TRY_AGAIN_MS, undefined, { signal: from.signal }).catch(() => undefined);
    }
  }
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
    if (call.floor_id === floor.floorId && call.ended_at !== null) await fetchVoicemail(floor, call.id, call.leg_id);
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
    await fetchVoicemail(floor, id, legId);
  }
}
