/** People who call us: who they are is confirmed, they ask to be called back, or they turn out to be somebody else. */
import { sql, type Kysely } from 'kysely';
import type { Outcome, OutcomeEffect } from '../contract/outcomes.ts';
import { isPhoneCountry, readPhone } from '../debtors/phones.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { lockPeople } from './locks.ts';
import { keepPhone } from './numbers.ts';
import { lockSharers, optOut } from './opt-out.ts';
import { CALLBACK_BAND, otherNumbers, markNumber } from './place.ts';
import { AWAITING_OUTCOME_MS } from './rules.ts';
import { inTransaction } from './release.ts';

/** An inbound call that an agent has. `at`: when it came in. */
export interface ConfirmedCall {
  attemptId: string;
  campaignId: string;
  floorId: string;
  epoch: bigint;
  partyId: string;
  /** Null: nobody has the number yet. */
  phoneId: string | null;
  /** E.164: the caller's number, and the one called. */
  number: string;
  called: string;
  trunk: string;
  agentId: string;
  enteredAt: string;
  connectedAt: string;
}

/**
 * Notes who is calling, under the person's locks: from here on the call is a contact with them like any other, begun by them, and nobody
 * dials them while it lasts. Calls to them that nobody has answered yet are called off. Saying it again changes nothing. Returns the number's
 * id: one that nobody has is written down, and does not become theirs, since anybody may have lent it to them.
 */
export async function confirmCaller(database: Kysely<Schema>, call: ConfirmedCall): Promise<string> {
  return inTransaction(database, async (transaction) => {
    await lockPeople(transaction, [call.partyId]);
    const phoneId = call.phoneId ?? (await keepStranger(transaction, call));
    const debts = await debtsOf(transaction, call);
    const written = await transaction
      .insertInto('contact_attempt')
      .values({
        id: call.attemptId,
        direction: 'inbound',
        campaign_id: call.campaignId,
        floor_id: call.floorId,
        epoch: call.epoch,
        party_id: call.partyId,
        phone_id: phoneId,
        creditor_id: debts[0]?.creditorId ?? null,
        debt_ids: debts.map((debt) => debt.id),
        number: call.number,
        state: 'connected',
        verdict: JSON.stringify({ verdict: 'inbound' }),
        inputs_digest: '',
        permit_until: call.enteredAt,
        ring_timeout_ms: 0,
        trunk: call.trunk,
        caller_id: call.called,
        agent_id: call.agentId,
        reserved_at: call.enteredAt,
        answered_at: call.enteredAt,
        connected_at: call.connectedAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!written) return phoneId;
    await takeLine(transaction, { ...call, phoneId });
    await sql`
      update dial_queue set state = 'waiting', reason = 'awaiting_outcome', updated_at = clock_timestamp(),
        not_before = clock_timestamp() + ${AWAITING_OUTCOME_MS} * interval '1 millisecond'
      where campaign_id = ${call.campaignId} and party_id = ${call.partyId} and state in ('ready', 'waiting')`.execute(
      transaction,
    );
    await transaction.updateTable('inbound_call').set({ party_id: call.partyId }).where('id', '=', call.attemptId).execute();
    await record(transaction, [
      {
        kind: 'inbound.confirmed',
        subject: 'attempt',
        subjectId: call.attemptId,
        actor: call.agentId,
        body: { partyId: call.partyId, campaignId: call.campaignId, debtIds: debts.map((debt) => debt.id) },
      },
    ]);
    return phoneId;
  });
}

/** A number that nobody has: as it is written in the person's country, or else with nothing known of it. */
async function keepStranger(transaction: Kysely<Schema>, { partyId, number }: ConfirmedCall): Promise<string> {
  const { country } = await transaction.selectFrom('party').select('country').where('id', '=', partyId).executeTakeFirstOrThrow();
  const read = isPhoneCountry(country) ? readPhone(number, country) : null;
  return keepPhone(transaction, read ?? { e164: number, country, type: 'unknown', zones: [] });
}

/** What the call is about: the person's open debts in the campaign, or else all of them. */
async function debtsOf(
  transaction: Kysely<Schema>,
  { partyId, campaignId }: ConfirmedCall,
): Promise<{ id: string; creditorId: string }[]> {
  const { rows } = await sql<{ id: string; creditorId: string; here: boolean }>`
    select d.id, d.creditor_id as "creditorId",
      exists (select from campaign_debt cd where cd.campaign_id = ${campaignId} and cd.debt_id = d.id) as here
    from debt_party dp join debt d on d.id = dp.debt_id
    where dp.party_id = ${partyId} and dp.role <> 'attorney' and d.state = 'open' order by d.id`.execute(transaction);
  const here = rows.filter((row) => row.here);
  return here.length > 0 ? here : rows;
}

/** The live contact is this call's. One that is being dialed and has nobody on the line yet gives way. */
async function takeLine(
  transaction: Kysely<Schema>,
  { attemptId, partyId, phoneId }: { attemptId: string; partyId: string; phoneId: string },
): Promise<void> {
  await sql`
    with rival as (
      select live.attempt_id, a.floor_id from live_contact live
      cross join lateral (select floor_id, state from contact_attempt where id = live.attempt_id offset 0) a
      where (live.party_id = ${partyId} or live.phone_id = ${phoneId}) and live.attempt_id <> ${attemptId}
        and a.state in ('reserved', 'dialing', 'ringing')
    ), off as (
      insert into call_off (attempt_id, floor_id, reason) select attempt_id, floor_id, 'on_the_line' from rival on conflict do nothing
    )
    delete from live_contact where attempt_id = ${attemptId} or attempt_id in (select attempt_id from rival)`.execute(
    transaction,
  );
  await transaction
    .insertInto('live_contact')
    .values({ party_id: partyId, phone_id: phoneId, attempt_id: attemptId, channel: 'call' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * A caller asked to be called back: the one person who may be theirs goes to the front of the campaign's queue, for any agent. False where
 * nobody's place in the queue can say so: then somebody must see to it.
 */
export async function promiseCallback(
  database: Kysely<Schema>,
  asked: { attemptId: string; campaignId: string; partyId: string; phoneId: string },
): Promise<boolean> {
  return inTransaction(database, async (transaction) => {
    await lockPeople(transaction, [asked.partyId]);
    const { rows } = await sql<{ promised: boolean }>`
      with place as (
        select 1 from dial_queue where campaign_id = ${asked.campaignId} and party_id = ${asked.partyId} and state in ('ready', 'waiting')
      ), promised as (
        insert into callback (campaign_id, party_id, phone_id, attempt_id, at)
        select ${asked.campaignId}::uuid, ${asked.partyId}::uuid, ${asked.phoneId}::uuid, ${asked.attemptId}::uuid, clock_timestamp() from place
        returning id, at
      ), placed as (
        update dial_queue q set state = 'waiting', not_before = promised.at, reason = 'callback', band = ${CALLBACK_BAND},
          callback_id = promised.id, phone_id = ${asked.phoneId}::uuid, updated_at = clock_timestamp()
        from promised where q.campaign_id = ${asked.campaignId} and q.party_id = ${asked.partyId}
      )
      select exists (select from promised) as promised`.execute(transaction);
    const promised = rows[0]?.promised ?? false;
    if (promised) {
      await sql`update inbound_call set handled_at = clock_timestamp() where id = ${asked.attemptId}`.execute(transaction);
    }
    await record(transaction, [
      {
        kind: 'inbound.callback_asked',
        subject: 'inbound',
        subjectId: asked.attemptId,
        actor: 'dialer',
        body: { campaignId: asked.campaignId, partyId: asked.partyId, queued: promised },
      },
    ]);
    return promised;
  });
}

/** What an agent says of a caller whom nobody confirmed. */
export interface UnknownCaller {
  attemptId: string;
  agentId: string;
  outcome: Outcome | { code: 'wrap_up_expired' | 'agent_lost' };
  note: string;
  phoneId: string | null;
  /** E.164, where the carrier told it. */
  number: string | null;
  candidates: readonly string[];
}

/** What may be said where nobody was confirmed: that the number is wrong, that it shall not be called, or that nothing came of it. */
const OUTCOMES_OF_NOBODY: ReadonlySet<string> = new Set([
  'wrong_person',
  'do_not_call',
  'no_contact',
  'wrap_up_expired',
  'agent_lost',
]);

/**
 * Records the outcome of a call whose caller nobody confirmed; where the caller says that the number is wrong
 * it leaves those who may have been calling, and one not to be called goes on the do-not-call list, for whomever it reaches. Refuses what needs a person (`caller_not_confirmed`), and a second, other outcome (`already_recorded`).
 */
export async function recordUnknownCaller(database: Kysely<Schema>, said: UnknownCaller): Promise<OutcomeEffect> {
  const { code } = said.outcome;
  if (!OUTCOMES_OF_NOBODY.has(code)) {
    throw new Refusal('caller_not_confirmed', 'confirm first who is calling', { field: 'outcome', status: 409 });
  }
  return inTransaction(database, async (transaction) => {
    const ends = code === 'do_not_call' && said.number !== null ? [said.number] : [];
    if (ends.length > 0) await lockSharers(transaction, [], ends);
    else await lockPeople(transaction, said.candidates);
    const kept = await transaction
      .updateTable('inbound_call')
      .set({ outcome: code, note: said.note === '' ? null : said.note, agent_id: said.agentId })
      .where('id', '=', said.attemptId)
      .where('outcome', 'is', null)
      .returning('id')
      .executeTakeFirst();
    const effect = await numberLeaves(transaction, said);
    if (!kept) {
      const before = await readUnknownOutcome(transaction, said.attemptId);
      if (before?.code === code) return effect;
      throw before
        ? new Refusal('already_recorded', 'this call already has an outcome', { status: 409 })
        : new Refusal('unknown_call', 'there is no such call', { field: 'attemptId', status: 404 });
    }
    await record(transaction, [
      {
        kind: 'outcome.recorded',
        subject: 'inbound',
        subjectId: said.attemptId,
        actor: said.agentId,
        body: { code, effect: effect.kind },
      },
    ]);
    return effect;
  });
}

async function numberLeaves(
  transaction: Kysely<Schema>,
  { attemptId: callId, agentId: actor, outcome: { code }, phoneId, number, candidates }: UnknownCaller,
): Promise<OutcomeEffect> {
  const [first] = candidates;
  if (code === 'do_not_call' && number !== null) {
    await optOut(transaction, { callId, subject: 'inbound', number, at: Temporal.Now.instant(), actor });
  }
  if ((code !== 'wrong_person' && code !== 'do_not_call') || phoneId === null || first === undefined) return { kind: 'noted' };
  if (code === 'wrong_person') for (const partyId of candidates) await markNumber(transaction, partyId, phoneId, 'wrong');
  return { kind: 'number_left', otherNumbers: (await otherNumbers(transaction, first, phoneId)).length };
}

/** The outcome of a call whose caller nobody confirmed, or null. */
export async function readUnknownOutcome(
  database: Kysely<Schema>,
  attemptId: string,
): Promise<{ agentId: string | null; code: string } | null> {
  const row = await database
    .selectFrom('inbound_call')
    .select(['agent_id', 'outcome'])
    .where('id', '=', attemptId)
    .executeTakeFirst();
  return row?.outcome ? { agentId: row.agent_id, code: row.outcome } : null;
}
