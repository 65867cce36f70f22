import { sql, type Kysely } from 'kysely';
import { correct } from '../compliance/ledger/store.ts';
import {
  CONVERSATION_OUTCOMES,
  MACHINE_OUTCOME,
  OUTCOME_RULES,
  outcomeEffect,
  type Outcome,
  type OutcomeEffect,
  type SystemOutcomeCode,
} from '../contract/outcomes.ts';
import { recycling, recyclingAfter, type RecycledOutcome } from '../contract/recycling.ts';
import type { Database } from '../kernel/database.ts';
import { named } from '../kernel/statements.ts';
import { Refusal } from '../kernel/errors.ts';
import { insertion, record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { callOff } from './call-off.ts';
import { requireHoldKind } from './hold.ts';
import { isUsedUp } from './rules.ts';
import { lockSharers, numbersOf, optOut } from './opt-out.ts';
import {
  CALLBACK_BAND,
  debtorLocks,
  lockDebtorsOf,
  otherNumbers,
  placing,
  markNumber,
  type LockedAttempt,
  type Placement,
} from './place.ts';

/** A number that left makes room for the next one at once; the gate says when. */
const NEXT_NUMBER_MS = 60_000;
/** The gate asks daily whether a hold still stands. */
const HELD_MS = 24 * 3_600_000;
const LATEST_CALLBACK_DAYS = 90;
const LATEST_PROMISE_DAYS = 366;

/** What an agent, or the system for them, says of a call. */
export interface OutcomeToRecord {
  attemptId: string;
  agentId: string;
  outcome: Outcome | { code: SystemOutcomeCode };
  note: string;
}

/** Everything the recording of an outcome needs to know. */
interface Scene extends LockedAttempt {
  transaction: Kysely<Schema>;
  agentId: string;
  timeZone: string;
}

/** What an outcome came to: what the agent is told, and where the debtor stands next. */
interface Consequence {
  effect: OutcomeEffect;
  place: Omit<Placement, 'attemptId' | 'campaignId' | 'partyId'>;
}

/**
 * Records an outcome with all that follows from it (promise, hold, callback, retired number, next attempt) in one transaction, and
 * returns its effect. Saying the same again returns the same effect; another outcome for the same call is refused
 * (`already_recorded`), as are a promise above the balance, a past date, or a debt of somebody else, each naming its field.
 */
export async function recordOutcome(database: Database, said: OutcomeToRecord): Promise<OutcomeEffect> {
  // Most only make the debtor wait: nothing they are decided by can change, and their one write takes the locks itself.
  const { code } = said.outcome;
  // A correction of the ledger must see what the locks were waited for: it is a statement of its own, behind them.
  const onlyWaits = OUTCOME_RULES[code].kind === 'recycled' && code !== MACHINE_OUTCOME;
  return onlyWaits ? recordIn(database, said) : database.transaction().execute((transaction) => recordIn(transaction, said));
}

async function recordIn(transaction: Kysely<Schema>, said: OutcomeToRecord): Promise<OutcomeEffect> {
  if (endsNumber(said.outcome)) {
    const numbers = await numbersOf(transaction, [said.attemptId]);
    await lockSharers(transaction, [said.attemptId], [...numbers.values()]);
  }
  const [attempt] = await lockDebtorsOf(transaction, [said.attemptId]);
  if (!attempt) throw new Refusal('unknown_call', 'there is no such call', { field: 'attemptId', status: 404 });
  if (attempt.saidCode === said.outcome.code) return outcomeEffect.parse(attempt.saidEffect);
  if (attempt.saidCode !== null) throw alreadyRecorded();
  const { timeZone } = attempt;
  if (timeZone === null) throw new Refusal('unknown_debtor', 'there is no such debtor', { status: 404 });
  const scene: Scene = { ...attempt, transaction, agentId: said.agentId, timeZone };
  const consequence = await apply(scene, said.outcome);
  await keep(scene, said, consequence);
  if (said.outcome.code === MACHINE_OUTCOME)
    await correct(transaction, said.attemptId, { correction: 'machine', by: said.agentId });
  // Another campaign may be ringing them while this call is wrapped up.
  if (OUTCOME_RULES[said.outcome.code].kind !== 'recycled' && !WAITS.has(consequence.effect.kind)) {
    await callOff(transaction, { partyIds: [scene.partyId], actor: said.agentId, exceptAttemptId: scene.attemptId });
  }
  return consequence.effect;
}

/** Whether nobody is to be called on the number any more, whomever it reaches. */
function endsNumber(outcome: OutcomeToRecord['outcome']): boolean {
  return outcome.code === 'do_not_call' && 'scope' in outcome && outcome.scope === 'number';
}

/** Effects that leave the debtor's facts as they are: other campaigns may go on. */
const WAITS: ReadonlySet<OutcomeEffect['kind']> = new Set(['not_before', 'callback']);

function alreadyRecorded(): Refusal {
  return new Refusal('already_recorded', 'this call already has an outcome', { status: 409 });
}

/** Outcome, history, cool-offs, the callback that this call was, and the debtor's next place, in one statement, under the debtor's locks. */
async function keep(scene: Scene, said: OutcomeToRecord, { effect, place }: Consequence): Promise<void> {
  const { attemptId, campaignId, partyId } = scene;
  const { code, ...fields } = said.outcome;
  // Its date is day one of the cool-off, for every debt it was about. What nobody said may have been one.
  const conversation = CONVERSATION_OUTCOMES.has(code) || code === 'wrap_up_expired' || code === 'agent_lost';
  const event = {
    kind: 'outcome.recorded',
    subject: 'attempt',
    subjectId: attemptId,
    actor: said.agentId,
    body: { code, effect: effect.kind },
  };
  const { rows } = await sql<{ kept: boolean }>`${named('outcome-write')}
    with ${debtorLocks([attemptId])}, kept as (
      insert into outcome (attempt_id, agent_id, code, fields, effect, note)
      select ${attemptId}::uuid, ${said.agentId}::uuid, ${code}, ${JSON.stringify(fields)}::jsonb, ${JSON.stringify(effect)}::jsonb,
        ${said.note || null} from person
      on conflict (attempt_id) do nothing returning attempt_id
    ), told as (
      ${insertion([event], sql`select attempt_id::text from kept`)}
    ), cooled as (
      insert into conversation_debt (attempt_id, debt_id, party_id, at)
      select kept.attempt_id, about.debt_id, ${partyId}::uuid, ${scene.at.toString()}::timestamptz
      from kept, contact_attempt a, unnest(a.debt_ids) about (debt_id)
      where a.id = ${attemptId}::uuid and ${conversation} on conflict do nothing
    ), closed as (
      update callback c set state = 'done' from kept
      where c.id = ${scene.callbackId} and c.state = 'open' and c.attempt_id <> kept.attempt_id
    ), placed as (
      ${placing([{ attemptId, campaignId, partyId, reached: reachedBy(code), ...place }], sql`select attempt_id from kept`)}
    )
    select exists (select from kept) as kept`.execute(scene.transaction);
  // Somebody was quicker: nothing of this one stays.
  if (!rows[0]?.kept) throw alreadyRecorded();
}

/** Does what an outcome's rule says (`contract/outcomes.ts`), and says what it did. */
async function apply(scene: Scene, outcome: OutcomeToRecord['outcome']): Promise<Consequence> {
  const rule = OUTCOME_RULES[outcome.code];
  if (outcome.code === 'promise') await keepPromise(scene, outcome);
  if (outcome.code === 'paid' || outcome.code === 'dispute') await requireDebt(scene, outcome.debtId);
  switch (rule.kind) {
    case 'recycled':
      return recycle(scene, rule.as);
    case 'days_after_date': {
      const date = outcome.code === 'promise' ? outcome.dueOn : outcome.code === 'paid' ? outcome.paidOn : null;
      const at = date === null ? scene.now : daysAfter(date, rule.days, scene.timeZone);
      return waitUntil(Temporal.Instant.compare(at, scene.now) > 0 ? at : scene.now, outcome.code);
    }
    case 'at_given_time':
      if (outcome.code !== 'callback') throw new Error(`${outcome.code} has no time`);
      return callBack(scene, outcome);
    case 'hold_debt':
      return hold(scene, rule.hold, outcome.code === 'dispute' ? outcome.debtId : null, null);
    case 'hold_person':
      return hold(scene, rule.hold, null, null);
    case 'hold_until_date':
      return hold(scene, rule.hold, null, outcome.code === 'hardship' ? outcome.until : null);
    case 'named_hold':
      if (outcome.code !== 'restriction') throw new Error(`${outcome.code} names no hold`);
      return restrict(scene, outcome);
    case 'number_leaves':
      return numberLeaves(scene, 'wrong');
    case 'number_or_person_leaves':
      return endsNumber(outcome) ? numberEnds(scene) : personLeaves(scene);
  }
}

/** Waits as the campaign's recycling says, or leaves once it has happened often enough. */
function recycle(scene: Scene, ending: RecycledOutcome): Consequence {
  const { minutes, most, number } = recyclingAfter(recycling.parse(scene.recycling), ending);
  if (isUsedUp(most, (scene.endings[ending] ?? 0) + 1)) {
    return { effect: { kind: 'left_queue' }, place: { state: 'done', notBefore: null, reason: 'tries_used_up', ending } };
  }
  const { effect, place } = waitUntil(scene.now.add({ minutes }), ending);
  return { effect, place: { ...place, ending, ...(number === 'best' ? { phoneId: null } : { phoneLast: number === 'other' }) } };
}

/** Whether the agent spoke with the debtor (2), with somebody (1), or heard nobody (0). */
function reachedBy(code: string): 0 | 1 | 2 {
  if (CONVERSATION_OUTCOMES.has(code)) return 2;
  return code === 'no_contact' || code === MACHINE_OUTCOME ? 0 : 1;
}

function waitUntil(at: Temporal.Instant, reason: string): Consequence {
  return { effect: { kind: 'not_before', at: at.toString() }, place: { state: 'waiting', notBefore: at, reason } };
}

async function requireDebt(scene: Scene, debtId: string): Promise<{ balance: bigint; currency: string }> {
  const debt = await scene.transaction
    .selectFrom('debt_party')
    .innerJoin('debt', 'debt.id', 'debt_party.debt_id')
    .select(['debt.balance_minor', 'debt.currency'])
    .where('debt_party.party_id', '=', scene.partyId)
    .where('debt.id', '=', debtId)
    .executeTakeFirst();
  if (!debt) throw new Refusal('not_their_debt', 'this debt is not the debtor’s', { field: 'debtId' });
  return { balance: debt.balance_minor, currency: debt.currency };
}

async function keepPromise(scene: Scene, promise: Extract<Outcome, { code: 'promise' }>): Promise<void> {
  const debt = await requireDebt(scene, promise.debtId);
  const amount = BigInt(promise.amountMinor);
  if (promise.currency !== debt.currency) {
    throw new Refusal('wrong_currency', `the debt is in ${debt.currency}`, { field: 'currency' });
  }
  if (amount > debt.balance) throw new Refusal('above_balance', 'more than is owed', { field: 'amountMinor' });
  requireDate(scene, promise.dueOn, 'dueOn', LATEST_PROMISE_DAYS);
  await scene.transaction
    .insertInto('promise')
    .values({
      attempt_id: scene.attemptId,
      party_id: scene.partyId,
      debt_id: promise.debtId,
      amount_minor: amount,
      currency: promise.currency,
      due_on: promise.dueOn,
      agent_id: scene.agentId,
    })
    .execute();
}

function requireDate(scene: Scene, date: string, field: string, latestDays: number): void {
  const today = scene.now.toZonedDateTimeISO(scene.timeZone).toPlainDate();
  const given = Temporal.PlainDate.from(date);
  if (Temporal.PlainDate.compare(given, today) < 0) throw new Refusal('date_passed', 'the date has passed', { field });
  if (Temporal.PlainDate.compare(given, today.add({ days: latestDays })) > 0) {
    throw new Refusal('date_too_far', `the date is more than ${latestDays} days away`, { field });
  }
}

async function callBack(scene: Scene, callback: Extract<Outcome, { code: 'callback' }>): Promise<Consequence> {
  const at = Temporal.Instant.from(callback.at);
  if (Temporal.Instant.compare(at, scene.now) <= 0) throw new Refusal('date_passed', 'the time has passed', { field: 'at' });
  if (Temporal.Instant.compare(at, scene.now.add({ hours: 24 * LATEST_CALLBACK_DAYS })) > 0) {
    throw new Refusal('date_too_far', `the time is more than ${LATEST_CALLBACK_DAYS} days away`, { field: 'at' });
  }
  const row = await scene.transaction
    .insertInto('callback')
    .values({
      campaign_id: scene.campaignId,
      party_id: scene.partyId,
      phone_id: scene.phoneId,
      attempt_id: scene.attemptId,
      at: at.toString(),
      agent_id: callback.mine ? scene.agentId : null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return {
    effect: { kind: 'callback', at: at.toString(), timeZone: scene.timeZone },
    place: {
      state: 'waiting',
      notBefore: at,
      reason: 'callback',
      band: CALLBACK_BAND,
      phoneId: scene.phoneId,
      callbackId: row.id,
    },
  };
}

/** A hold that a pack names. Where it leaves some ways open, the next call waits as after a refusal, on whichever number may be called. */
async function restrict(scene: Scene, { kind, atWork }: Extract<Outcome, { code: 'restriction' }>): Promise<Consequence> {
  const { transaction, partyId, phoneId, now } = scene;
  const { blocks } = await requireHoldKind(transaction, partyId, kind);
  if (blocks === 'all') return hold(scene, kind, null, null);
  if (blocks === 'workplace' && atWork) await placeAtWork(scene);
  await insertHold(scene, { kind, phone_id: blocks === 'that_number' ? phoneId : null });
  const at = now.add({ minutes: recyclingAfter(recycling.parse(scene.recycling), 'refused').minutes });
  const { place } = waitUntil(at, 'restriction');
  return { effect: { kind: 'limited', hold: kind, blocks, at: at.toString() }, place: { ...place, phoneId: null } };
}

async function placeAtWork({ transaction, partyId, phoneId, agentId, attemptId }: Scene): Promise<void> {
  await transaction
    .updateTable('party_phone')
    .set({ place: 'work' })
    .where('party_id', '=', partyId)
    .where('phone_id', '=', phoneId)
    .execute();
  const body = { phoneId, place: 'work', attemptId };
  await record(transaction, [{ kind: 'number.placed', subject: 'party', subjectId: partyId, actor: agentId, body }]);
}

async function hold(scene: Scene, kind: string, debtId: string | null, untilDate: string | null): Promise<Consequence> {
  if (untilDate !== null) requireDate(scene, untilDate, 'until', LATEST_PROMISE_DAYS);
  const until = untilDate === null ? null : daysAfter(untilDate, 0, scene.timeZone);
  await insertHold(scene, { kind, debt_id: debtId, ends_at: until?.toString() ?? null });
  const notBefore = until ?? scene.now.add({ milliseconds: HELD_MS });
  return {
    effect: { kind: 'held', hold: kind, until: until?.toString() ?? null },
    place: { state: 'waiting', notBefore, reason: kind },
  };
}

/** From now on, as said in this call. */
async function insertHold(
  { transaction, partyId, attemptId, agentId, now }: Scene,
  hold: { kind: string; debt_id?: string | null; phone_id?: string | null; ends_at?: string | null },
): Promise<void> {
  const { id } = await transaction
    .insertInto('hold')
    .values({ party_id: partyId, starts_at: now.toString(), attempt_id: attemptId, created_by: agentId, ...hold })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { kind, debt_id: debtId = null, phone_id: phoneId = null, ends_at: until = null } = hold;
  const body = { holdId: id, kind, debtId, phoneId, until, attemptId };
  await record(transaction, [{ kind: 'hold.placed', subject: 'party', subjectId: partyId, actor: agentId, body }]);
}

async function numberLeaves(scene: Scene, state: 'wrong' | 'revoked'): Promise<Consequence> {
  await markNumber(scene.transaction, scene.partyId, scene.phoneId, state);
  const others = await otherNumbers(scene.transaction, scene.partyId, scene.phoneId);
  return {
    effect: { kind: 'number_left', otherNumbers: others.length },
    place: {
      state: others.length > 0 ? 'waiting' : 'done',
      notBefore: scene.now.add({ milliseconds: NEXT_NUMBER_MS }),
      reason: others.length > 0 ? 'number_left' : 'no_number_left',
      phoneId: null,
    },
  };
}

/** The number goes on the do-not-call list, as by the key in the message. */
async function numberEnds(scene: Scene): Promise<Consequence> {
  const { transaction, attemptId: callId, now: at, agentId: actor } = scene;
  const number = (await numbersOf(transaction, [callId])).get(callId);
  if (number !== undefined) await optOut(transaction, { callId, subject: 'attempt', number, at, actor });
  return numberLeaves(scene, 'revoked');
}

/** The person wants no calls at all: every campaign lets go of them at once. */
async function personLeaves(scene: Scene): Promise<Consequence> {
  await insertHold(scene, { kind: 'do_not_call' });
  await scene.transaction
    .updateTable('dial_queue')
    .set({ state: 'done', reason: 'do_not_call' })
    .where('party_id', '=', scene.partyId)
    .where('campaign_id', '!=', scene.campaignId)
    .where('state', '!=', 'reserved')
    .execute();
  return { effect: { kind: 'left_queue' }, place: { state: 'done', notBefore: null, reason: 'do_not_call' } };
}

/** The start of the day that lies `days` after a date, in the debtor's zone: the earliest moment an outcome lets us call again. */
function daysAfter(date: string, days: number, timeZone: string): Temporal.Instant {
  return Temporal.PlainDate.from(date).add({ days }).toZonedDateTime({ timeZone }).toInstant();
}
