import { sql, type Kysely } from 'kysely';
import { named } from '../kernel/statements.ts';
import type { Schema } from '../kernel/schema.ts';
import type { HourModel } from '../scoring/hours.ts';
import { readChances } from './hours.ts';

/** So many debtors are looked at ahead: what a few ticks dial. */
const AHEAD = 40;

/**
 * How likely, 0–1, the next debtors of a campaign answer at a moment, in the order of the queue. Who is reserved in fact may be others, since
 * the gate judges then: it helps to decide how many to dial, not whom. Indexes: dial_queue_ready, and those of `readOwnHours`.
 */
export async function foresee(
  database: Kysely<Schema>,
  model: HourModel,
  campaignId: string,
  now: Temporal.Instant,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string }>`${named('foresee')}
    select party_id as id from dial_queue where campaign_id = ${campaignId} and state = 'ready'
    order by band desc, standing desc, party_id limit ${sql.lit(AHEAD)}`.execute(database);
  const ids = rows.map((row) => row.id);
  const chances = await readChances(database, model, ids, now);
  return new Map(ids.flatMap((id) => (chances.has(id) ? [[id, chances.get(id) ?? 0]] : [])));
}
