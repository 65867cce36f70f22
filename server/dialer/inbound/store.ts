import { sql, type Kysely } from 'kysely';
import type { InboundResult } from '../../contract/inbound.ts';
import type { Schema } from '../../kernel/schema.ts';
import { iso, type Call, type Floor } from '../floor.ts';

/** Somebody who may be calling. */
interface KnownPerson {
  partyId: string;
  name: string;
  kind: 'person' | 'company';
  language: string | null;
  /** Of the campaigns asked about, the one in whose queue they are. */
  campaignId: string | null;
  /** Who talked with them last. */
  agentId: string | null;
}

/** What is known of a number that calls. */
export interface KnownCaller {
  phoneId: string;
  people: readonly KnownPerson[];
}

const MOST_CANDIDATES = 5;

/**
 * Who may be calling from a number, the likeliest first: people of one of these campaigns, then whom we spoke with last; null for a number
 * that nobody has. Indexes: phone_e164_key, party_phone_by_phone, dial_queue_pkey, contact_attempt_by_party.
 */
export async function readCaller(
  database: Kysely<Schema>,
  number: string,
  campaignIds: readonly string[],
): Promise<KnownCaller | null> {
  const { rows } = await sql<KnownPerson & { phoneId: string }>`
    select link.phone_id as "phoneId", party.id as "partyId", party.display_name as name, party.kind, party.language,
      queued.campaign_id as "campaignId", last.agent_id as "agentId"
    from phone join party_phone link on link.phone_id = phone.id and link.state <> 'wrong'
    join party on party.id = link.party_id and party.merged_into is null
    left join lateral (
      select campaign_id from dial_queue where party_id = party.id and campaign_id = any(${campaignIds}::uuid[])
      order by updated_at desc limit 1
    ) queued on true
    left join lateral (
      select agent_id, reserved_at from contact_attempt where party_id = party.id and agent_id is not null
      order by reserved_at desc limit 1
    ) last on true
    where phone.e164 = ${number}
    order by queued.campaign_id is null, last.reserved_at desc nulls last, link.rank, party.id limit ${MOST_CANDIDATES}`.execute(
    database,
  );
  const [first] = rows;
  return first ? { phoneId: first.phoneId, people: rows } : null;
}

/** Those of these people who are in one of the campaigns, each with what an agent may see of a caller who is not confirmed. */
export async function readPeople(
  database: Kysely<Schema>,
  partyIds: readonly string[],
  campaignIds: readonly string[],
): Promise<Omit<KnownPerson, 'campaignId' | 'agentId'>[]> {
  const { rows } = await sql<Omit<KnownPerson, 'campaignId' | 'agentId'>>`
    select id as "partyId", display_name as name, kind, language from party
    where id = any(${partyIds}::uuid[]) and merged_into is null and exists (
      select from debt_party link join campaign_debt worked on worked.debt_id = link.debt_id
      where link.party_id = party.id and worked.campaign_id = any(${campaignIds}::uuid[])
    ) order by id`.execute(database);
  return rows;
}

/** Notes an inbound call as it is now, behind what was noted of it before; `end`: how it ended, when it has. */
export function noteInbound(floor: Floor, call: Call, end: { result: InboundResult; stampMs: number } | null = null): void {
  const { inbound } = call;
  if (inbound === null) return;
  const row = {
    id: call.attemptId,
    leg_id: call.legId,
    floor_id: floor.floorId,
    campaign_id: call.campaignId,
    called: inbound.called,
    number: call.number === '' ? null : call.number,
    phone_id: call.phoneId,
    candidates: inbound.candidates.map((each) => each.partyId),
    trunk: call.trunk,
    agent_id: call.lastAgentId,
    entered_at: iso(inbound.enteredMs),
    connected_at: call.stamps.connected === undefined ? null : iso(call.stamps.connected),
    ended_at: end === null ? null : iso(end.stampMs),
    result: end?.result ?? null,
  };
  floor.writer.later(call.attemptId, 'inbound call', (database) =>
    database.transaction().execute(async (transaction) => {
      const { id: _, entered_at: __, ...change } = row;
      await transaction
        .insertInto('inbound_call')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(change).where('inbound_call.ended_at', 'is', null))
        .execute();
      await holdLine(transaction, row);
    }),
  );
  floor.journal.event({
    kind: end === null ? (call.state === 'connected' ? 'inbound.connected' : 'inbound.arrived') : 'inbound.ended',
    subject: 'inbound',
    subjectId: call.attemptId,
    actor: 'dialer',
    at: Temporal.Instant.fromEpochMilliseconds(Math.round(end?.stampMs ?? call.stamps.connected ?? inbound.enteredMs)),
    body: { campaignId: call.campaignId, candidates: row.candidates, agentId: row.agent_id, result: row.result },
  });
}

/** Whoever may be on the line is not called meanwhile (invariant I2); a call to them that is under way already keeps its place. */
async function holdLine(
  transaction: Kysely<Schema>,
  row: { id: string; phone_id: string | null; candidates: readonly string[]; ended_at: string | null },
): Promise<void> {
  if (row.ended_at !== null) {
    await transaction.deleteFrom('live_contact').where('attempt_id', '=', row.id).execute();
    return;
  }
  const [partyId] = row.candidates;
  if (row.phone_id === null || partyId === undefined) return;
  await transaction
    .insertInto('live_contact')
    .values({ party_id: partyId, phone_id: row.phone_id, attempt_id: row.id, channel: 'call' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
