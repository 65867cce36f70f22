import { sql } from 'kysely';
import type { LegalCount } from '../../../server/compliance/ledger/rules.ts';
import type { Database } from '../../../server/kernel/database.ts';

/** How answered calls count, by attempt. */
type Counts = ReadonlyMap<string, LegalCount>;

/** The same, and why. */
export type LedgerCounts = ReadonlyMap<string, LegalCount & { cause: string; detection: string | null }>;

/** The ledger's own counts, as they stand before anybody's correction. */
export async function readLedger(database: Database, campaignId: string): Promise<LedgerCounts> {
  const { rows } = await sql<{ id: string; cause: string; detection: string | null } & LegalCount>`
    select attempt_id as id, answered, abandoned, cause, detection from abandonment_ledger where campaign_id = ${campaignId}`.execute(
    database,
  );
  return new Map(rows.map(({ id, ...count }) => [id, count]));
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
