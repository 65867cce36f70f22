import {
  CONVERSATION_OUTCOMES,
  OUTCOME_RULES,
  outcomeEffect,
  type Outcome,
  type OutcomeEffect,
  type SystemOutcomeCode,
} from '../contract/outcomes.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import { lockDebtor, otherNumbers, placeDebtor, retireNumber } from './place.ts';

const HOUR_MS = 3_600_000;
/** A number that left makes room for the next one at once; the gate says when. */
const NEXT_NUMBER_MS = 60_000;
/** The gate asks daily whether a hold still stands. */
const HELD_MS = 24 * HOUR_MS;
/** Callbacks go before everything else. */
const CALLBACK_BAND = 10;
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
interface Scene {
  transaction: Tx;
  attemptId: string;
  agentId: string;
  campaignId: string;
  partyId: string;
  phoneId: string;
  timeZone: string;
  now: Temporal.Instant;
}

/**
 * Records an outcome with all that follows from it (promise, hold, callback, retired number, next attempt) in one transaction, and
 * returns its effect. Saying the same again returns the same effect; another outcome for the same call is refused
 * (`already_recorded`), as are a promise above the balance, a past date, or a debt of somebody else, each naming its field.
 */
export async function recordOutcome(database: Database, said: OutcomeToRecord): Promise<OutcomeEffect> {
  return database.transaction().execute(async (transaction) => {
    const attempt = await transaction
      .selectFrom('contact_attempt')
      .leftJoin('outcome', 'outcome.attempt_id', 'contact_attempt.id')
      .select(['campaign_id', 'party_id', 'phone_id', 'connected_at', 'reserved_at', 'outcome.code', 'outcome.effect'])
      .where('contact_attempt.id', '=', said.attemptId)
      .executeTakeFirst();
    if (!attempt) throw new Refusal('unknown_call', 'there is no such call', { field: 'attemptId', status: 404 });
    if (attempt.code === said.outcome.code) return outcomeEffect.parse(attempt.effect);
    if (attempt.code !== null) throw alreadyRecorded();
    const debtor = await lockDebtor(transaction, attempt.campaign_id, attempt.party_id);
    if (!debtor) throw new Refusal('unknown_debtor', 'there is no such debtor', { status: 404 });
    const scene: Scene = {
      transaction,
      attemptId: said.attemptId,
      agentId: said.agentId,
      campaignId: attempt.campaign_id,
      partyId: attempt.party_id,
      phoneId: attempt.phone_id,
      timeZone: debtor.timeZone,
      now: debtor.now,
    };
    const effect = await apply(scene, said.outcome);
    await keep(scene, said, effect, attempt.connected_at ?? attempt.reserved_at);
    return effect;
  });
}

function alreadyRecorded(): Refusal {
  return new Refusal('already_recorded', 'this call already has an outcome', { status: 409 });
}

async function keep(scene: Scene, said: OutcomeToRecord, effect: OutcomeEffect, at: Temporal.Instant): Promise<void> {
  const { transaction, attemptId, agentId } = scene;
  const { code, ...fields } = said.outcome;
  const kept = await transaction
    .insertInto('outcome')
    .values({
      attempt_id: attemptId,
      agent_id: agentId,
      code,
      fields: JSON.stringify(fields),
      effect: JSON.stringify(effect),
      note: said.note === '' ? null : said.note,
    })
    // Somebody was quicker: nothing of this one stays.
    .onConflict((conflict) => conflict.column('attempt_id').doNothing())
    .returning('attempt_id')
    .executeTakeFirst();
  if (!kept) throw alreadyRecorded();
  // Its date is day one of the cool-off, for every debt it was about. What nobody said may have been one.
  if (CONVERSATION_OUTCOMES.has(code) || code === 'wrap_up_expired' || code === 'agent_lost') {
    await transaction
      .insertInto('conversation_debt')
      .columns(['attempt_id', 'debt_id', 'party_id', 'at'])
      .expression((eb) =>
        eb
          .selectFrom('attempt_debt')
          .select((row) => [
            'attempt_debt.attempt_id',
            'attempt_debt.debt_id',
            row.val(scene.partyId).$castTo<string>().as('party_id'),
            row.val(at.toString()).$castTo<Temporal.Instant>().as('at'),
          ])
          .where('attempt_debt.attempt_id', '=', attemptId),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  await record(transaction, [
    {
      kind: 'outcome.recorded',
      subject: 'attempt',
      subjectId: attemptId,
      actor: agentId,
      body: { code, effect: effect.kind },
    },
  ]);
}

/** Does what an outcome's rule says (`contract/outcomes.ts`), and says what it did. */
async function apply(scene: Scene, outcome: OutcomeToRecord['outcome']): Promise<OutcomeEffect> {
  const rule = OUTCOME_RULES[outcome.code];
  if (outcome.code === 'promise') await keepPromise(scene, outcome);
  if (outcome.code === 'paid' || outcome.code === 'dispute') await requireDebt(scene, outcome.debtId);
  switch (rule.kind) {
    case 'after_hours':
      return waitUntil(scene, scene.now.add({ milliseconds: rule.hours * HOUR_MS }), outcome.code);
    case 'days_after_date': {
      const date = outcome.code === 'promise' ? outcome.dueOn : outcome.code === 'paid' ? outcome.paidOn : null;
      const at = date === null ? scene.now : daysAfter(date, rule.days, scene.timeZone);
      return waitUntil(scene, Temporal.Instant.compare(at, scene.now) > 0 ? at : scene.now, outcome.code);
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
    case 'number_leaves':
      return numberLeaves(scene, 'wrong');
    case 'number_or_person_leaves':
      return outcome.code === 'do_not_call' && outcome.scope === 'person' ? personLeaves(scene) : numberLeaves(scene, 'revoked');
  }
}

async function waitUntil(scene: Scene, at: Temporal.Instant, reason: string): Promise<OutcomeEffect> {
  await placeDebtor(scene.transaction, scene, { state: 'waiting', notBefore: at, reason });
  return { kind: 'not_before', at: at.toString() };
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

async function callBack(scene: Scene, callback: Extract<Outcome, { code: 'callback' }>): Promise<OutcomeEffect> {
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
  await placeDebtor(scene.transaction, scene, {
    state: 'waiting',
    notBefore: at,
    reason: 'callback',
    band: CALLBACK_BAND,
    phoneId: scene.phoneId,
    callbackId: row.id,
  });
  return { kind: 'callback', at: at.toString(), timeZone: scene.timeZone };
}

async function hold(scene: Scene, kind: string, debtId: string | null, untilDate: string | null): Promise<OutcomeEffect> {
  if (untilDate !== null) requireDate(scene, untilDate, 'until', LATEST_PROMISE_DAYS);
  const until = untilDate === null ? null : daysAfter(untilDate, 0, scene.timeZone);
  await scene.transaction
    .insertInto('hold')
    .values({
      party_id: scene.partyId,
      debt_id: debtId,
      kind,
      starts_at: scene.now.toString(),
      ends_at: until?.toString() ?? null,
      attempt_id: scene.attemptId,
      created_by: scene.agentId,
    })
    .execute();
  const notBefore = until ?? scene.now.add({ milliseconds: HELD_MS });
  await placeDebtor(scene.transaction, scene, { state: 'waiting', notBefore, reason: kind });
  return { kind: 'held', hold: kind, until: until?.toString() ?? null };
}

async function numberLeaves(scene: Scene, state: 'wrong' | 'revoked'): Promise<OutcomeEffect> {
  await retireNumber(scene.transaction, scene.partyId, scene.phoneId, state);
  const others = await otherNumbers(scene.transaction, scene.partyId, scene.phoneId);
  await placeDebtor(scene.transaction, scene, {
    state: others.length > 0 ? 'waiting' : 'done',
    notBefore: scene.now.add({ milliseconds: NEXT_NUMBER_MS }),
    reason: others.length > 0 ? 'number_left' : 'no_number_left',
    phoneId: others[0] ?? null,
  });
  return { kind: 'number_left', otherNumbers: others.length };
}

/** The person wants no calls at all: every campaign lets go of them at once. */
async function personLeaves(scene: Scene): Promise<OutcomeEffect> {
  await scene.transaction
    .insertInto('hold')
    .values({
      party_id: scene.partyId,
      kind: 'do_not_call',
      starts_at: scene.now.toString(),
      attempt_id: scene.attemptId,
      created_by: scene.agentId,
    })
    .execute();
  await scene.transaction
    .updateTable('dial_queue')
    .set({ state: 'done', reason: 'do_not_call' })
    .where('party_id', '=', scene.partyId)
    .where('state', '!=', 'reserved')
    .execute();
  await placeDebtor(scene.transaction, scene, { state: 'done', notBefore: null, reason: 'do_not_call' });
  return { kind: 'left_queue' };
}

/** The start of the day that lies `days` after a date, in the debtor's zone: the earliest moment an outcome lets us call again. */
function daysAfter(date: string, days: number, timeZone: string): Temporal.Instant {
  return Temporal.PlainDate.from(date).add({ days }).toZonedDateTime({ timeZone }).toInstant();
}
