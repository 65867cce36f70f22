/** The abandonment ledger's table: rows come with the ends of calls, and one indexed query counts a window. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { answerRule, type AnswerRule, type LedgerCause } from '../../contract/abandonment.ts';
import { named } from '../../kernel/statements.ts';
import { record } from '../../kernel/history.ts';
import type { Schema } from '../../kernel/schema.ts';
import {
  countOf,
  judgeAnswer,
  type AnsweredCall,
  type Correction,
  type LedgerEntry,
  type LegalCount,
  type WindowCounts,
} from './rules.ts';

/** An answered call as the dialer hands it over with its end. */
export interface LedgerRow extends AnsweredCall {
  attemptId: string;
  campaignId: string;
}

/** What was said of a call by whoever listened to it. */
export interface SaidOfCall {
  correction: Correction;
  by: string | null;
}

/** A ledger row with what the rules say of it. */
export interface JudgedRow extends LedgerRow, LedgerEntry {
  count: LegalCount;
  said: SaidOfCall | null;
}

/** Judges a row; `said`: what is known by now of who answered. */
export function judgeRow(row: LedgerRow, said: SaidOfCall | null): JudgedRow {
  const entry = judgeAnswer(row);
  return { ...row, ...entry, said, count: countOf(entry.cause, row.rule, said?.correction ?? null) };
}

/**
 * The insert of ledger rows, to stand as a part of the statement that ends their attempts; `ended`: a query of attempts' ids, rows of
 * any other are left out. A row that is there stays as it is.
 */
export function ledgering(rows: readonly JudgedRow[], ended: RawBuilder<unknown>): RawBuilder<unknown> {
  const column = (value: (row: JudgedRow) => unknown): unknown[] => rows.map(value);
  return sql`
    insert into abandonment_ledger (attempt_id, campaign_id, answered_at, greeting_ended_at, deadline_at, agent_at, message_at, ended_at,
      detection, rule, cause, answered, abandoned, corrected, corrected_by, corrected_at)
    select attempt_id, campaign_id, answered_at, greeting_ended_at, deadline_at, agent_at, message_at, ended_at,
      detection, rule, cause, answered, abandoned, corrected, corrected_by, case when corrected is not null then clock_timestamp() end
    from unnest(${column((row) => row.attemptId)}::uuid[], ${column((row) => row.campaignId)}::uuid[],
      ${column((row) => iso(row.answeredMs))}::timestamptz[], ${column((row) => iso(row.greetingEndedMs))}::timestamptz[],
      ${column((row) => iso(row.deadlineMs))}::timestamptz[], ${column((row) => iso(row.agentMs))}::timestamptz[],
      ${column((row) => iso(row.messageMs))}::timestamptz[], ${column((row) => iso(row.endedMs))}::timestamptz[],
      ${column((row) => (row.screening === null ? null : `${row.screening.verdict} ${row.screening.cause}`))}::text[], ${column((row) => JSON.stringify(row.rule))}::jsonb[],
      ${column((row) => row.cause)}::text[], ${column((row) => row.count.answered)}::boolean[],
      ${column((row) => row.count.abandoned)}::boolean[], ${column((row) => row.said?.correction ?? null)}::text[],
      ${column((row) => row.said?.by ?? null)}::uuid[])
      as given (attempt_id, campaign_id, answered_at, greeting_ended_at, deadline_at, agent_at, message_at, ended_at, detection, rule,
        cause, answered, abandoned, corrected, corrected_by)
    where attempt_id in (${ended})
    on conflict do nothing`;
}

/**
 * Counts a campaign's window since `since` and its end since `recentSince`, leaving out `except`: calls that the caller counts by
 * itself. Index: abandonment_ledger_window, which is all that is read.
 */
export async function readCounts(
  database: Kysely<Schema>,
  asked: { campaignId: string; since: Temporal.Instant; recentSince: Temporal.Instant; except: readonly string[] },
): Promise<WindowCounts> {
  const recent = sql`answered_at >= ${asked.recentSince.toString()}::timestamptz`;
  const { rows } = await sql<WindowCounts>`${named('ledger-counts')}
    select count(*)::int as answered, (count(*) filter (where abandoned))::int as abandoned,
      (count(*) filter (where ${recent}))::int as "recentAnswered", (count(*) filter (where abandoned and ${recent}))::int as "recentAbandoned"
    from abandonment_ledger
    where campaign_id = ${asked.campaignId}::uuid and answered and answered_at >= ${asked.since.toString()}::timestamptz
      and attempt_id <> all(${asked.except}::uuid[])`.execute(database);
  return rows[0] ?? { answered: 0, abandoned: 0, recentAnswered: 0, recentAbandoned: 0 };
}

/**
 * Writes what a call's other side turned out to be, in the caller's transaction, which holds the debtor's locks. False where the ledger
 * has no such call, or knows it already.
 */
export async function correct(transaction: Kysely<Schema>, attemptId: string, { correction, by }: SaidOfCall): Promise<boolean> {
  const row = await transaction
    .selectFrom('abandonment_ledger')
    .select(['cause', 'rule', 'corrected'])
    .where('attempt_id', '=', attemptId)
    .forUpdate()
    .executeTakeFirst();
  if (!row || row.corrected === correction) return false;
  const rule: AnswerRule = answerRule.parse(row.rule);
  const count = countOf(row.cause, rule, correction);
  await transaction
    .updateTable('abandonment_ledger')
    .set({ ...count, corrected: correction, corrected_by: by, corrected_at: sql<string>`clock_timestamp()` })
    .where('attempt_id', '=', attemptId)
    .execute();
  await record(transaction, [
    {
      kind: 'ledger.corrected',
      subject: 'attempt',
      subjectId: attemptId,
      actor: by ?? 'dialer',
      body: { correction, cause: row.cause, ...count },
    },
  ]);
  return true;
}

/** One answered call as the ledger has it; times in ms since the epoch. */
export interface WrittenCall {
  attemptId: string;
  answeredMs: number;
  greetingEndedMs: number | null;
  deadlineMs: number;
  agentMs: number | null;
  messageMs: number | null;
  endedMs: number | null;
  detection: string | null;
  rule: AnswerRule;
  cause: LedgerCause;
  answered: boolean;
  abandoned: boolean;
  corrected: Correction | null;
}

/** Every answered call of a campaign between two moments, oldest first. */
export async function readLedger(
  database: Kysely<Schema>,
  asked: { campaignId: string; since: Temporal.Instant; until: Temporal.Instant },
): Promise<WrittenCall[]> {
  const rows = await database
    .selectFrom('abandonment_ledger')
    .selectAll()
    .where('campaign_id', '=', asked.campaignId)
    .where('answered_at', '>=', sql<Temporal.Instant>`${asked.since.toString()}::timestamptz`)
    .where('answered_at', '<', sql<Temporal.Instant>`${asked.until.toString()}::timestamptz`)
    .orderBy('answered_at')
    .orderBy('attempt_id')
    .execute();
  return rows.map((row) => ({
    attemptId: row.attempt_id,
    answeredMs: row.answered_at.epochMilliseconds,
    greetingEndedMs: row.greeting_ended_at?.epochMilliseconds ?? null,
    deadlineMs: row.deadline_at.epochMilliseconds,
    agentMs: row.agent_at?.epochMilliseconds ?? null,
    messageMs: row.message_at?.epochMilliseconds ?? null,
    endedMs: row.ended_at?.epochMilliseconds ?? null,
    detection: row.detection,
    rule: answerRule.parse(row.rule),
    cause: row.cause,
    answered: row.answered,
    abandoned: row.abandoned,
    corrected: row.corrected,
  }));
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(Math.round(ms)).toISOString();
}
