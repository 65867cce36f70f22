import { sql, type RawBuilder } from 'kysely';
import { judgeRow, ledgering, type JudgedRow, type LedgerRow, type SaidOfCall } from '../compliance/ledger/store.ts';
import { DEFAULT_ABANDONMENT } from '../contract/abandonment.ts';
import { MACHINE_OUTCOME } from '../contract/outcomes.ts';
import { recycling } from '../contract/recycling.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { lastNamed, named } from '../kernel/statements.ts';
import { insertion, type Json } from '../kernel/history.ts';
import {
  CALLBACK_BAND,
  closeCallbacks,
  lockDebtorsOf,
  placing,
  markNumber,
  type LockedAttempt,
  type Placement,
} from './place.ts';
import { readReasons } from './call-off.ts';
import { lockSharers, numbersOf, optOut } from './opt-out.ts';
import { CALLED_OFF, placeAfter, spendsTry, type EndedAttempt, type NextPlace } from './rules.ts';

const USUAL_REDIAL_BLOCK_HOURS = DEFAULT_ABANDONMENT.redialBlockHours;

/** How an attempt ended. `stamps`: what the dialer knows of the call by now, in ISO form; null: nothing new. */
export interface Settlement {
  attemptId: string;
  result: EndedAttempt['result'];
  ending: string;
  counts: boolean;
  cause: number | null;
  techCause: string | null;
  endedAt: Temporal.Instant;
  stamps: CallStamps;
  /** They called us: it is no try of ours. */
  inbound?: true;
  /** For the abandonment ledger; left out where nobody answered. */
  ledger?: LedgerRow;
  /** When the key was pressed that puts the number on the do-not-call list. */
  optedOutAt?: Temporal.Instant;
}

export interface CallStamps {
  agentId: string | null;
  /** What the answering-machine detection said, as JSON. */
  screening: string | null;
  ringing: string | null;
  answered: string | null;
  waiting: string | null;
  connected: string | null;
  message: string | null;
}

/**
 * Ends attempts: their results, the end of their live contacts, and their debtors' next places in the queue, all in one transaction.
 * Attempts that have ended already are left as they are, so repeating it is harmless; what an agent said of a call stands.
 */
export async function settle(database: Database, settlements: readonly Settlement[]): Promise<void> {
  if (settlements.length === 0) return;
  await database.transaction().execute((transaction) => settleIn(transaction, settlements));
}

async function settleIn(transaction: Tx, settlements: readonly Settlement[]): Promise<void> {
  const pressed = settlements.flatMap(({ attemptId, optedOutAt }) => (optedOutAt ? [{ attemptId, at: optedOutAt }] : []));
  const numbers = await numbersOf(
    transaction,
    pressed.map((each) => each.attemptId),
  );
  await lockSharers(
    transaction,
    settlements.map((each) => each.attemptId),
    [...numbers.values()],
  );
  const attempts = await lockDebtorsOf(
    transaction,
    settlements.map((each) => each.attemptId),
  );
  const given = new Map(settlements.map((each) => [each.attemptId, each]));
  const facts = await readFacts(transaction, attempts);
  const calledOff = await readReasons(
    transaction,
    settlements.filter((each) => each.ending === CALLED_OFF).map((each) => each.attemptId),
  );
  const places: Placement[] = [];
  const said: Settlement[] = [];
  const tried: Parameters<typeof closeCallbacks>[1][number][] = [];
  for (const attempt of attempts) {
    const settlement = given.get(attempt.attemptId);
    const known = facts.get(attempt.attemptId);
    if (!settlement || !known || attempt.recycling === null) continue;
    const spends = spendsTry(settlement) && settlement.inbound !== true;
    if (spends || settlement.inbound === true)
      tried.push({ ...attempt, state: settlement.result === 'connected' ? 'done' : 'missed' });
    if (known.saidCode !== null) {
      said.push(settlement);
      continue;
    }
    const next = nextPlace(attempt, settlement, known.otherNumbers, calledOff.get(attempt.attemptId) ?? null);
    if (next.number === 'leaves') await markNumber(transaction, attempt.partyId, attempt.phoneId, 'wrong');
    places.push({
      attemptId: attempt.attemptId,
      campaignId: attempt.campaignId,
      partyId: attempt.partyId,
      state: next.place,
      notBefore: attempt.now.add({ milliseconds: next.waitMs }),
      reason: next.reason,
      phoneId: next.number === 'same' || next.number === 'other' ? attempt.phoneId : null,
      phoneLast: next.number === 'other',
      tried: spends ? 1 : 0,
      ...(spends ? { ending: settlement.result } : {}),
      // What was never tried is promised still.
      ...(spends || settlement.inbound === true || attempt.callbackId === null
        ? {}
        : { band: CALLBACK_BAND, callbackId: attempt.callbackId }),
    });
  }
  await closeCallbacks(transaction, tried);
  const write = pressed.length === 0 ? lastNamed('settle-write') : named('settle-write-before');
  await writeEnds(transaction, write, settlements, { places, said, heard: heardOf(facts) });
  for (const { attemptId: callId, at } of pressed) {
    const number = numbers.get(callId);
    if (number !== undefined) await optOut(transaction, { callId, subject: 'attempt', number, at, actor: 'dialer' });
  }
}

interface SettleFacts {
  attemptId: string;
  /** The outcome, where one is recorded already, and whose it is. */
  saidCode: string | null;
  saidBy: string | null;
  /** Active numbers of the debtor besides the one tried. */
  otherNumbers: number;
}

/** Read after the locks, with a snapshot that sees what their former holders committed. Attempts that have ended are left out. */
async function readFacts(transaction: Tx, attempts: readonly LockedAttempt[]): Promise<Map<string, SettleFacts>> {
  const { rows } = await sql<SettleFacts>`${named('settle-facts')}
    select a.id as "attemptId", outcome.code as "saidCode", outcome.agent_id as "saidBy",
      (select count(*)::int from party_phone pp where pp.party_id = a.party_id and pp.phone_id <> a.phone_id and pp.state = 'active') as "otherNumbers"
    from contact_attempt a left join outcome on outcome.attempt_id = a.id where a.id = any(${attempts.map((each) => each.attemptId)}::uuid[]) and a.state <> 'ended'`.execute(
    transaction,
  );
  return new Map(rows.map((row) => [row.attemptId, row]));
}

/** What agents have said by now of who answered. */
function heardOf(facts: ReadonlyMap<string, SettleFacts>): Map<string, SaidOfCall> {
  const machines = [...facts.values()].filter((each) => each.saidCode === MACHINE_OUTCOME);
  return new Map(machines.map((each) => [each.attemptId, { correction: 'machine', by: each.saidBy }]));
}

function nextPlace(
  attempt: LockedAttempt,
  { result, ending, counts }: Settlement,
  others: number,
  calledOff: string | null,
): NextPlace {
  return placeAfter({
    result,
    ending,
    counts,
    tries: attempt.tries + (counts ? 1 : 0),
    recycling: recycling.parse(attempt.recycling),
    endedSo: (attempt.endings[result] ?? 0) + 1,
    // Progressive pacing places no call without an agent of its own.
    redialBlockMs: attempt.pacingMode === 'progressive' ? 0 : (attempt.redialBlockHours ?? USUAL_REDIAL_BLOCK_HOURS) * 3_600_000,
    otherNumbers: others,
    calledOff,
  });
}

/** How an answered call was counted belongs to what is sealed. */
function inHistory(row: JudgedRow | undefined): Record<string, Json> {
  return row === undefined ? {} : { ledger: { cause: row.cause, ...row.count } };
}

/**
 * Everything that an end changes, in one statement, whose name is `write`. `said`: calls whose place an outcome has decided; only their tries
 * are counted.
 */
async function writeEnds(
  transaction: Tx,
  write: RawBuilder<unknown>,
  settlements: readonly Settlement[],
  { places, said, heard }: { places: readonly Placement[]; said: readonly Settlement[]; heard: ReadonlyMap<string, SaidOfCall> },
): Promise<void> {
  const column = (value: (settlement: Settlement) => unknown): unknown[] => settlements.map(value);
  const judged = new Map(
    settlements.flatMap(({ attemptId, ledger }) => (ledger ? [[attemptId, judgeRow(ledger, heard.get(attemptId) ?? null)]] : [])),
  );
  const events = settlements.map(({ attemptId, result, ending, counts, cause, techCause, endedAt }) => ({
    kind: 'attempt.ended',
    subject: 'attempt',
    subjectId: attemptId,
    actor: 'dialer',
    body: { result, ending, counts, cause, techCause, endedAt: endedAt.toString(), ...inHistory(judged.get(attemptId)) },
  }));
  const counted = said.filter((each) => each.counts && each.inbound !== true).map((each) => each.attemptId);
  await sql`${write}
    with ended as (
      update contact_attempt a set state = 'ended', result = given.result, ending = given.ending, counts = given.counts, cause = given.cause,
        tech_cause = given.tech_cause, ended_at = given.ended_at, agent_id = coalesce(given.agent_id, a.agent_id),
        screening = coalesce(given.screening, a.screening), ringing_at = coalesce(given.ringing, a.ringing_at),
        answered_at = coalesce(given.answered, a.answered_at), waiting_at = coalesce(given.waiting, a.waiting_at),
        connected_at = coalesce(given.connected, a.connected_at), message_at = coalesce(given.message, a.message_at)
      from unnest(${column((each) => each.attemptId)}::uuid[], ${column((each) => each.result)}::text[],
        ${column((each) => each.ending)}::text[], ${column((each) => each.counts)}::boolean[], ${column((each) => each.cause)}::int[],
        ${column((each) => each.techCause)}::text[], ${column((each) => each.endedAt.toString())}::timestamptz[],
        ${column((each) => each.stamps.agentId)}::uuid[], ${column((each) => each.stamps.screening)}::jsonb[],
        ${column((each) => each.stamps.ringing)}::timestamptz[], ${column((each) => each.stamps.answered)}::timestamptz[],
        ${column((each) => each.stamps.waiting)}::timestamptz[], ${column((each) => each.stamps.connected)}::timestamptz[],
        ${column((each) => each.stamps.message)}::timestamptz[])
        as given (id, result, ending, counts, cause, tech_cause, ended_at, agent_id, screening, ringing, answered, waiting, connected, message)
      where a.id = any(${settlements.map((each) => each.attemptId)}::uuid[]) and a.id = given.id and a.state <> 'ended'
      returning a.id, a.campaign_id, a.party_id
    ), ledgered as (
      ${ledgering([...judged.values()], sql`select id from ended`)}
    ), freed as (
      delete from live_contact using ended where live_contact.attempt_id = ended.id
    ), told as (
      ${insertion(events, sql`select id::text from ended`)}
    ), tried as (
      update dial_queue q set tries = q.tries + 1 from ended
      where ended.id = any(${counted}::uuid[]) and q.campaign_id = ended.campaign_id and q.party_id = ended.party_id
    )
    ${placing(places, sql`select id from ended`)}`.execute(transaction);
}
