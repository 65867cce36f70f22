/** Calls that came in, as overseers see them, and the voice messages that callers left. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { DEFAULT_INBOUND, type InboundList, type InboundResult } from '../contract/inbound.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { keyOf, unseal } from '../kernel/sealed-file.ts';

const SHOWN = 200;

/** What asks for somebody: a caller whom nobody talked with, and a message. */
const TO_DO: readonly InboundResult[] = ['hung_up', 'callback', 'voicemail', 'unserved', 'lost'];

/** The key that voice messages are sealed with, from the secret that is the same on all machines. */
export function voicemailKey(secret: string): Buffer {
  return keyOf(secret, 'voicemail');
}

/** Where voice messages are kept, sealed, by the call's id. */
export function voicemailFile(dataDir: string, callId: string): string {
  return join(dataDir, 'voicemail', `${callId}.wav`);
}

/** The message's length, or null without one. */
const VOICEMAIL = sql<number | null>`case when i.voicemail_deleted_at is null then i.voicemail_seconds end`;
const DAYS = sql`coalesce((c.settings #>> '{inbound,voicemailDays}')::int, ${DEFAULT_INBOUND.voicemailDays})`;

interface Row {
  id: string;
  floorId: string;
  campaignName: string | null;
  number: string | null;
  enteredAt: Temporal.Instant;
  waitedMs: number;
  result: InboundResult | null;
  agentName: string | null;
  partyId: string | null;
  partyName: string | null;
  candidates: number;
  voicemailSeconds: number | null;
  voicemailUntil: Temporal.Instant | null;
  handledAt: Temporal.Instant | null;
  handledBy: string | null;
}

/** The newest calls that came in on any floor, and how many of them somebody should still see to. Index: inbound_call_entered. */
export async function readInboundCalls(database: Kysely<Schema>): Promise<InboundList> {
  const { rows } = await sql<Row>`
    select i.id, i.floor_id as "floorId", c.name as "campaignName", i.number, i.entered_at as "enteredAt",
      greatest(0, extract(epoch from coalesce(i.connected_at, i.ended_at, clock_timestamp()) - i.entered_at) * 1000)::int as "waitedMs",
      i.result, agent.display_name as "agentName", i.party_id as "partyId", p.display_name as "partyName",
      cardinality(i.candidates) as candidates, ${VOICEMAIL} as "voicemailSeconds",
      case when ${VOICEMAIL} is not null then i.ended_at + ${DAYS} * interval '1 day' end as "voicemailUntil",
      i.handled_at as "handledAt", handler.display_name as "handledBy"
    from (
      select newest.* from floor
      cross join lateral (select * from inbound_call where floor_id = floor.id order by entered_at desc limit ${SHOWN}) newest
      order by newest.entered_at desc limit ${SHOWN}
    ) i
    left join campaign c on c.id = i.campaign_id
    left join app_user agent on agent.id = i.agent_id
    left join app_user handler on handler.id = i.handled_by
    left join party p on p.id = i.party_id
    order by i.entered_at desc`.execute(database);
  const calls = rows.map((row) => ({
    ...row,
    enteredAt: row.enteredAt.toString(),
    voicemailUntil: row.voicemailUntil?.toString() ?? null,
    handledAt: row.handledAt?.toString() ?? null,
  }));
  const todo = calls.filter((call) => call.handledAt === null && call.result !== null && TO_DO.includes(call.result)).length;
  return { todo, calls };
}

/** Notes that somebody has seen to a call; once is enough. Throws `unknown_inbound`. */
export async function handleInbound(database: Database, callId: string, userId: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('inbound_call')
      .set({ handled_at: sql<string>`clock_timestamp()`, handled_by: userId })
      .where('id', '=', callId)
      .where('handled_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (!row) {
      await requireCall(transaction, callId);
      return;
    }
    await record(transaction, [event('inbound.handled', callId, userId)]);
  });
}

/**
 * A voice message (WAV) that somebody wants to hear; that is noted. Throws `unknown_inbound` without one, and `voicemail_elsewhere` where the
 * machine of another floor keeps it.
 */
export async function openVoicemail(
  database: Database,
  call: { callId: string; userId: string; dataDir: string; secret: string },
): Promise<Buffer> {
  const bytes = await requireVoicemail(database, call);
  await record(database, [event('inbound.voicemail_played', call.callId, call.userId)]);
  return unseal(voicemailKey(call.secret), bytes);
}

/** Deletes a voice message for good. Throws as `openVoicemail` does. */
export async function deleteVoicemail(
  database: Database,
  call: { callId: string; userId: string; dataDir: string },
): Promise<void> {
  await requireVoicemail(database, call);
  await forget(database, call, call.userId);
}

/** Deletes voice messages that were kept for as long as their campaign says. Returns how many. Index: inbound_call_voicemail. */
export async function deleteOldVoicemails(database: Database, dataDir: string, now: Temporal.Instant): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select i.id from inbound_call i left join campaign c on c.id = i.campaign_id
    where i.voicemail_seconds is not null and i.voicemail_deleted_at is null
      and i.ended_at < ${now.toString()}::timestamptz - ${DAYS} * interval '1 day'`.execute(database);
  for (const { id } of rows) await forget(database, { callId: id, dataDir }, 'retention');
  return rows.length;
}

/** The file first: what is written as deleted is gone. */
async function forget(
  database: Database,
  { callId, dataDir }: { callId: string; dataDir: string },
  actor: string,
): Promise<void> {
  await rm(voicemailFile(dataDir, callId), { force: true });
  await database.transaction().execute(async (transaction) => {
    await transaction
      .updateTable('inbound_call')
      .set({ voicemail_deleted_at: sql<string>`clock_timestamp()` })
      .where('id', '=', callId)
      .execute();
    await record(transaction, [event('inbound.voicemail_deleted', callId, actor)]);
  });
}

/** The message as it lies here. What another machine keeps is not said to be deleted while it is not. */
async function requireVoicemail(
  database: Kysely<Schema>,
  { callId, dataDir }: { callId: string; dataDir: string },
): Promise<Buffer> {
  const row = await database
    .selectFrom('inbound_call')
    .select('floor_id')
    .where('id', '=', callId)
    .where('voicemail_seconds', 'is not', null)
    .where('voicemail_deleted_at', 'is', null)
    .executeTakeFirst();
  if (!row) throw unknown();
  const bytes = await readFile(voicemailFile(dataDir, callId)).catch(() => null);
  if (bytes !== null) return bytes;
  throw new Refusal('voicemail_elsewhere', 'This voice message is kept on the machine of its floor.', {
    status: 404,
    details: { floor: row.floor_id },
  });
}

async function requireCall(database: Kysely<Schema>, callId: string): Promise<void> {
  const row = await database.selectFrom('inbound_call').select('id').where('id', '=', callId).executeTakeFirst();
  if (!row) throw unknown();
}

function unknown(): Refusal {
  return new Refusal('unknown_inbound', 'There is no such call, or no message of it any more.', { status: 404 });
}

function event(kind: string, callId: string, actor: string) {
  return { kind, subject: 'inbound', subjectId: callId, actor, body: {} };
}
