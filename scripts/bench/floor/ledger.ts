import { sql } from 'kysely';
import { countOf, type LegalCount } from '../../../server/compliance/ledger/rules.ts';
import type { AnswerRule, LedgerCause } from '../../../server/contract/abandonment.ts';
import type { Database } from '../../../server/kernel/database.ts';

/** How answered calls count, by attempt. */
type Counts = ReadonlyMap<string, LegalCount>;

/** The same, why, and how it counts with what agents said of it. */
export type LedgerCounts = ReadonlyMap<
  string,
  LegalCount & { cause: LedgerCause; detection: string | null; corrected: LegalCount }
>;

/** The ledger's counts under this rule: as they were before anybody's correction, and as they stand. */
export async function readLedger(database: Database, campaignId: string, rule: AnswerRule): Promise<LedgerCounts> {
  const { rows } = await sql<{ id: string; cause: LedgerCause; detection: string | null } & LegalCount>`
    select attempt_id as id, answered, abandoned, cause, detection from abandonment_ledger where campaign_id = ${campaignId}`.execute(
    database,
  );
  return new Map(
    rows.map(({ id, cause, detection, ...corrected }) => [id, { ...countOf(cause, rule, null), cause, detection, corrected }]),
  );
}

/** How calls count with what agents said of them. */
export function asCorrected(counts: LedgerCounts): Counts {
  return new Map([...counts].map(([id, { corrected }]) => [id, corrected]));
}

/** The calls that count otherwise in one than in the other; a call that only one of them knows counts as none in the other. */
export function differing(one: Counts, other: Counts): string[] {
  const none: LegalCount = { answered: false, abandoned: false };
  return [...new Set([...one.keys(), ...other.keys()])].filter((id) => {
    const [a, b] = [one.get(id) ?? none, other.get(id) ?? none];
    return a.answered !== b.answered || a.abandoned !== b.abandoned;
  });
}

/** How many calls ended in each way, by what detection said of them. */
export function byCause(counts: LedgerCounts): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { cause, detection } of counts.values()) {
    const name = `${cause} ${detection?.split('-')[0] ?? '—'}`;
    found[name] = (found[name] ?? 0) + 1;
  }
  return found;
}

/** Abandoned of those answered, 0–1. */
export function rateOf(counts: Counts): number {
  const answered = [...counts.values()].filter((count) => count.answered).length;
  const abandoned = [...counts.values()].filter((count) => count.abandoned).length;
  return answered === 0 ? 0 : abandoned / answered;
}
