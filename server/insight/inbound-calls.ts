/** Calls that came in, as overseers see them. */
import { sql, type Kysely } from 'kysely';
import { DEFAULT_INBOUND, type InboundList, type InboundResult } from '../contract/inbound.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';

const SHOWN = 200;

/** What asks for somebody: a caller whom nobody talked with, and a message. */
const TO_DO: readonly InboundResult[] = ['hung_up', 'callback', 'voicemail', 'unserved', 'lost'];

/** The message's length, or null without one. */
const VOICEMAIL = sql<number | null>`case when i.voicemail_deleted_at is null then i.voicemail_seconds end`;
/** For how many days a voice message is kept, by the settings of the campaign `c`. */
export const DAYS = sql`coalesce((c.settings #>> '{inbound,voicemailDays}')::int, ${DEFAULT_INBOUND.voicemailDays})`;

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
    await record(transaction, [inboundEvent('inbound.handled', callId, userId)]);
  });
}

async function requireCall(database: Kysely<Schema>, callId: string): Promise<void> {
  const row = await database.selectFrom('inbound_call').select('id').where('id', '=', callId).executeTakeFirst();
  if (!row) throw unknownInbound();
}

/** Of a call that there is not, or that has no message (any more). */
export function unknownInbound(): Refusal {
  return new Refusal('unknown_inbound', 'There is no such call, or no message of it any more.', { status: 404 });
}

/** An event of the history of a call that came in. */
export function inboundEvent(kind: string, callId: string, actor: string) {
  return { kind, subject: 'inbound', subjectId: callId, actor, body: {} };
}
