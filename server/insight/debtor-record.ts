import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import { attemptPage, debtorRecord, type AttemptPage, type DebtorRecord } from '../contract/debtors.ts';
import { DEFAULT_SCORECARD, scorecard } from '../contract/scoring.ts';
import { readDebtorFile } from '../debtors/file.ts';
import type { Schema } from '../kernel/schema.ts';
import { explainScore } from '../scoring/scorecard.ts';

const ATTEMPTS_SHOWN = 100;
const REFUSALS_SHOWN = 20;

const parts = debtorRecord.pick({
  holds: true,
  attempts: true,
  refusals: true,
  promises: true,
  consents: true,
  preferences: true,
  callbacks: true,
  overriddenWarnings: true,
});
const keptScore = z.object({ version: z.number().int().default(0), values: z.array(z.number()).default([]) }).catch({
  version: 0,
  values: [],
});

/**
 * Everything known of a debtor: debts over all creditors, the last attempts with the gate's verdict and what became of them, refusals, promises,
 * holds, consents, preferences, overridden warnings, callbacks to come, and their standing in each queue with what the score is made of; null when there is nobody
 * with this id. Indexes begin with the party: contact_attempt_by_party, event_by_subject, dial_queue_by_party.
 */
export async function readDebtorRecord(
  database: Kysely<Schema>,
  partyId: string,
): Promise<Omit<DebtorRecord, 'guidance'> | null> {
  const file = await readDebtorFile(database, partyId);
  if (file === null) return null;
  const { rows } = await sql<{ parts: unknown }>`
    select json_build_object('holds', ${holdsOf(partyId)}, 'attempts', ${attemptsOf(partyId, null)}, 'refusals', ${refusalsOf(partyId)},
      'promises', ${promisesOf(partyId)}, 'consents', ${consentsOf(partyId)}, 'preferences', ${preferencesOf(partyId)},
      'callbacks', ${callbacksOf(partyId)}, 'overriddenWarnings', ${overriddenOf(partyId)}) as parts`.execute(database);
  const {
    holds: _,
    attempts: _attempts,
    promises: _promises,
    score: _score,
    consents: _consents,
    preferences: _preferences,
    ...person
  } = file;
  const { attempts, ...rest } = parts.parse(rows[0]?.parts);
  return {
    ...person,
    ...rest,
    ...pageOf(attempts),
    queues: await readQueues(database, partyId),
  };
}

/** The attempts on a debtor that are older than one of them; index contact_attempt_by_party. */
export async function readAttempts(database: Kysely<Schema>, partyId: string, before: string): Promise<AttemptPage> {
  const { rows } = await sql<{ attempts: unknown }>`select ${attemptsOf(partyId, before)} as attempts`.execute(database);
  return pageOf(attemptPage.shape.attempts.parse(rows[0]?.attempts));
}

/** One more is read than is shown. */
function pageOf(attempts: AttemptPage['attempts']): AttemptPage {
  return { attempts: attempts.slice(0, ATTEMPTS_SHOWN), more: attempts.length > ATTEMPTS_SHOWN };
}

function promisesOf(partyId: string) {
  return sql`(
    select coalesce(json_agg(json_build_object('id', promise.id, 'amountMinor', amount_minor::text, 'currency', promise.currency,
      'dueOn', promise.due_on, 'state', promise.state, 'account', debt.account, 'by', u.display_name, 'madeAt', promise.created_at)
      order by promise.due_on desc, promise.id), '[]')
    from promise left join debt on debt.id = promise.debt_id left join app_user u on u.id = promise.agent_id
    where promise.party_id = ${partyId})`;
}

function consentsOf(partyId: string) {
  return sql`(
    select coalesce(json_agg(json_build_object('id', consent.id, 'kind', consent.kind, 'channel', channel, 'phoneId', phone_id,
      'granted', granted, 'source', source, 'reason', reason, 'at', consent.at, 'by', u.display_name)
      order by consent.at desc, consent.id desc), '[]')
    from consent left join app_user u on u.id = consent.recorded_by where consent.party_id = ${partyId})`;
}

/** Those that stand come before those that were withdrawn. */
function preferencesOf(partyId: string) {
  return sql`(
    select coalesce(json_agg(json_build_object('id', said.id, 'place', place, 'source', source, 'reason', reason, 'at', said.at,
      'time', case when days is not null then json_build_object('days', days, 'from', from_time, 'to', to_time) end,
      'withdrawnAt', ${moment('withdrawn_at')}, 'by', u.display_name)
      order by withdrawn_at desc nulls first, said.at desc, said.id desc), '[]')
    from preference said left join app_user u on u.id = said.recorded_by where said.party_id = ${partyId})`;
}

/** Index: callback_by_party. */
function callbacksOf(partyId: string) {
  return sql`(
    select coalesce(json_agg(json_build_object('id', callback.id, 'campaign', c.name, 'at', callback.at, 'phoneId', phone_id,
      'agent', u.display_name) order by callback.at, callback.id), '[]')
    from callback join campaign c on c.id = callback.campaign_id left join app_user u on u.id = callback.agent_id
    where callback.party_id = ${partyId} and callback.state = 'open')`;
}

/** Those that stand come before those that are over. Index: overridden_warning_by_party. */
function overriddenOf(partyId: string) {
  return sql`(
    select coalesce(json_agg(json_build_object('id', w.id, 'rule', rule, 'reason', reason, 'at', w.at, 'endsAt', w.ends_at,
      'withdrawnAt', ${moment('withdrawn_at')}, 'by', u.display_name)
      order by (withdrawn_at is null and ends_at > clock_timestamp()) desc, w.at desc, w.id desc), '[]')
    from overridden_warning w left join app_user u on u.id = w.overridden_by where w.party_id = ${partyId})`;
}

async function readQueues(database: Kysely<Schema>, partyId: string): Promise<DebtorRecord['queues']> {
  const { rows } = await sql<{
    campaignId: string;
    campaign: string;
    state: string;
    reason: string | null;
    notBefore: Temporal.Instant | null;
    tries: number;
    score: number;
    kept: unknown;
    body: unknown;
  }>`
    select q.campaign_id as "campaignId", c.name as campaign, q.state, q.reason, q.not_before as "notBefore", q.tries, q.score,
      q.score_reasons as kept, v.body
    from dial_queue q join campaign c on c.id = q.campaign_id
    left join scorecard_version v on v.campaign_id = q.campaign_id and v.version::text = q.score_reasons ->> 'version'
    where q.party_id = ${partyId} order by c.name, c.id`.execute(database);
  return rows.map(({ kept, body, notBefore, ...row }) => {
    const { version, values } = keptScore.parse(kept);
    const card = body === null ? DEFAULT_SCORECARD : scorecard.parse(body);
    const reasons = values.length === 0 ? [] : explainScore(values, card.weights);
    return { ...row, notBefore: notBefore?.toString() ?? null, scoreVersion: version, reasons };
  });
}

/** A moment as JSON; null where there is no bound. */
function moment(column: string) {
  return sql`case when isfinite(${sql.ref(column)}) then to_json(${sql.ref(column)}) end`;
}

function holdsOf(partyId: string) {
  return sql`(
    select coalesce(json_agg(json_build_object('id', hold.id, 'kind', hold.kind, 'debtId', debt_id, 'phoneId', phone_id,
      'startsAt', ${moment('starts_at')}, 'endsAt', ${moment('ends_at')}, 'releasedAt', ${moment('released_at')}, 'by', u.display_name)
      order by starts_at desc), '[]')
    from hold left join app_user u on u.id = hold.created_by where hold.party_id = ${partyId})`;
}

/** An attempt's id carries its moment, so that the order of ids is that of moments. */
function attemptsOf(partyId: string, before: string | null) {
  return sql`(
    select coalesce(json_agg(json_build_object('id', last.id, 'at', last.reserved_at, 'campaign', c.name, 'number', last.number,
      'state', last.state, 'result', last.result, 'ending', last.ending, 'calledOff', off.reason, 'optedOut', exists (select from do_not_call where source_id = last.id), 'screenedOut', coalesce(ledger.cause = 'machine', false), 'corrected', ledger.corrected, 'outcome', outcome.code,
      'note', coalesce(outcome.note, note.body), 'agent', u.display_name, 'verdict', coalesce(last.verdict ->> 'verdict', 'allow'),
      'packs', coalesce(last.verdict -> 'packs', '{}'), 'overridden', coalesce(last.verdict -> 'overridden', '[]'), 'digest', last.inputs_digest) order by last.reserved_at desc, last.id desc), '[]')
    from (select * from contact_attempt where party_id = ${partyId} and (${before}::uuid is null or id < ${before}::uuid)
      order by reserved_at desc, id desc limit ${ATTEMPTS_SHOWN + 1}) last
    join campaign c on c.id = last.campaign_id
    left join app_user u on u.id = last.agent_id
    left join outcome on outcome.attempt_id = last.id
    left join abandonment_ledger ledger on ledger.attempt_id = last.id
    left join call_off off on off.attempt_id = last.id
    left join attempt_note note on note.attempt_id = last.id)`;
}

function refusalsOf(partyId: string) {
  return sql`(
    select coalesce(json_agg(json_build_object('at', last.at, 'campaign', c.name, 'reason', last.body ->> 'reason',
      'reasons', coalesce(last.body -> 'reasons', '[]'), 'unverified', coalesce(last.body -> 'unverified', '[]'), 'retryAt', last.body -> 'retryAt',
      'packs', coalesce(last.body -> 'packs', '{}')) order by last.at desc), '[]')
    from (select at, body from event where subject_id = ${partyId} and kind = 'queue.refused' and body is not null
      order by id desc limit ${REFUSALS_SHOWN}) last
    left join campaign c on c.id = (last.body ->> 'campaignId')::uuid)`;
}
