/** What callers said who left a message: sealed, in the database, so that every machine plays it and what is deleted is gone for all. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { isSealed, keyOf, seal, sealedLength, unseal } from '../kernel/sealed-bytes.ts';
import { DAYS, inboundEvent, unknownInbound } from './inbound-calls.ts';

/** 16-bit samples, 8 000 a second, behind a header: WAV as the switch writes it. */
export const HEADER_BYTES = 44;
const BYTES_PER_SECOND = 16_000;

/** How long a message of so many bytes is, in seconds. */
export function secondsOf(bytes: number): number {
  return (bytes - HEADER_BYTES) / BYTES_PER_SECOND;
}

/** How many bytes a message of so many seconds has. */
export function bytesOf(seconds: number): number {
  return HEADER_BYTES + seconds * BYTES_PER_SECOND;
}

/**
 * Keeps what the caller of a call that has ended said (WAV), however often it is brought; the call's row says how long it is. What was
 * deleted meanwhile stays deleted. Returns whether the call is known and has ended: else it must be brought again.
 */
export async function keepVoicemail(
  database: Kysely<Schema>,
  { callId, sound, secret }: { callId: string; sound: Buffer; secret: string },
): Promise<boolean> {
  return keepSealed(database, callId, seal(keyFrom(secret), sound));
}

/** In one statement: a message is with its call or, after a death, still where it came from. */
async function keepSealed(database: Kysely<Schema>, callId: string, sealed: Buffer): Promise<boolean> {
  const { rows } = await sql`
    with kept as (
      update inbound_call set result = 'voicemail', voicemail_seconds = ${Math.round(secondsOf(sealedLength(sealed)))}
      where id = ${callId} and ended_at is not null and voicemail_deleted_at is null returning id
    ), said as (
      insert into voicemail (call_id, sealed) select id, ${sealed}::bytea from kept on conflict (call_id) do nothing
    )
    select from inbound_call where id = ${callId} and ended_at is not null`.execute(database);
  return rows.length > 0;
}

/** A voice message (WAV) that somebody wants to hear; that is noted. Throws `unknown_inbound` without one, and `voicemail_elsewhere`. */
export async function openVoicemail(
  database: Database,
  { callId, userId, secret }: { callId: string; userId: string; secret: string },
): Promise<Buffer> {
  const row = await database
    .selectFrom('voicemail')
    .innerJoin('inbound_call', 'inbound_call.id', 'voicemail.call_id')
    .select('sealed')
    .where('call_id', '=', callId)
    .executeTakeFirst();
  if (!row) throw await lacking(database, callId);
  await record(database, [inboundEvent('inbound.voicemail_played', callId, userId)]);
  return unseal(keyFrom(secret), row.sealed);
}

/** Deletes a voice message for good. Throws as `openVoicemail` does. */
export async function deleteVoicemail(database: Database, callId: string, userId: string): Promise<void> {
  if (!(await forget(database, callId, userId))) throw await lacking(database, callId);
}

/**
 * Deletes voice messages that were kept for as long as their campaign says. Returns how many. One that still lies on a machine of an earlier
 * version has its turn once it is here.
 */
export async function deleteOldVoicemails(database: Database, now: Temporal.Instant): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select i.id from voicemail v join inbound_call i on i.id = v.call_id left join campaign c on c.id = i.campaign_id
    where i.ended_at < ${now.toString()}::timestamptz - ${DAYS} * interval '1 day'`.execute(database);
  let deleted = 0;
  for (const { id } of rows) if (await forget(database, id, 'retention')) deleted += 1;
  return deleted;
}

/** The call's row first: whoever brings the message once more waits for it, and finds it deleted. */
async function forget(database: Database, callId: string, actor: string): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('inbound_call')
      .set({ voicemail_deleted_at: sql<string>`clock_timestamp()` })
      .where('id', '=', callId)
      .where('voicemail_deleted_at', 'is', null)
      .where('id', 'in', (each) => each.selectFrom('voicemail').select('call_id'))
      .returning('id')
      .executeTakeFirst();
    if (!row) return false;
    await transaction.deleteFrom('voicemail').where('call_id', '=', callId).execute();
    await record(transaction, [inboundEvent('inbound.voicemail_deleted', callId, actor)]);
    return true;
  });
}

/** Files of an earlier version, and what it was writing when it died (the switch still has that). */
const FILE = /^(?<callId>[\da-f-]{36})\.wav(?<unfinished>\.part)?$/;

/** Where an earlier version kept voice messages. */
export function oldVoicemails(dataDir: string): string {
  return join(dataDir, 'voicemail');
}

/**
 * Brings in the voice messages that an earlier version left in this machine's folder, each gone from the disk once it is here or was deleted;
 * those of calls that this database does not know are left. Returns how many files it took and left; throws, after the others, where one failed.
 */
export async function bringInVoicemails(
  database: Kysely<Schema>,
  { dataDir, secret, signal }: { dataDir: string; secret: string; signal: AbortSignal },
): Promise<{ taken: number; left: number }> {
  const done = { taken: 0, left: 0 };
  const failures: unknown[] = [];
  const folder = oldVoicemails(dataDir);
  for (const name of await readdir(folder).catch(() => [])) {
    if (signal.aborted) break;
    const { callId, unfinished } = FILE.exec(name)?.groups ?? {};
    if (callId === undefined) continue;
    const file = join(folder, name);
    try {
      if (unfinished !== undefined || (await bringIn(database, callId, { file, secret }))) {
        await rm(file, { force: true });
        done.taken += 1;
      } else {
        done.left += 1;
      }
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return done;
}

/** Before that, messages were not even sealed. */
async function bringIn(
  database: Kysely<Schema>,
  callId: string,
  { file, secret }: { file: string; secret: string },
): Promise<boolean> {
  const bytes = await readFile(file);
  return keepSealed(database, callId, isSealed(bytes) ? bytes : seal(keyFrom(secret), bytes));
}

function keyFrom(secret: string): Buffer {
  return keyOf(secret, 'voicemail');
}

/** Why there is nothing to hear or delete. */
async function lacking(database: Kysely<Schema>, callId: string): Promise<Refusal> {
  const row = await database
    .selectFrom('inbound_call')
    .select('floor_id')
    .where('id', '=', callId)
    .where('voicemail_seconds', 'is not', null)
    .where('voicemail_deleted_at', 'is', null)
    .executeTakeFirst();
  if (!row) return unknownInbound();
  return new Refusal(
    'voicemail_elsewhere',
    'This voice message is still on the machine of its floor, until that machine is started anew.',
    {
      status: 404,
      details: { floor: row.floor_id },
    },
  );
}
