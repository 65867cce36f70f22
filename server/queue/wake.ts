import { sql, type Kysely } from 'kysely';
import { readRuleBook } from '../compliance/store.ts';
import { OUTCOME_RULES } from '../contract/outcomes.ts';
import type { Schema } from '../kernel/schema.ts';

/** Refusals of the gate that no pack gives a name of its own, and that other rules or settings can lift. */
const REFUSALS = [
  'hours',
  'ramadan',
  'holiday',
  'channel',
  'number_type',
  'redial_block',
  'unknown_pack',
  'unknown_country',
  'country_not_enabled',
  'no_common_window',
  'demo_and_real',
  'no_speaker',
] as const;

/**
 * After a campaign's settings or the rules changed: people whom the gate refused are judged again now, not when the old refusal would have
 * run out. The names of refusals are those of every version of every pack and of the campaign's own limits (`campaign_…`); waits after an
 * attempt or an outcome stay. Returns how many were woken.
 */
export async function wakeRefused(database: Kysely<Schema>, campaignId: string): Promise<number> {
  const names = await refusalNames(database);
  const result = await database
    .updateTable('dial_queue')
    .set({ not_before: sql<string>`clock_timestamp()` })
    .where('campaign_id', '=', campaignId)
    .where('state', '=', 'waiting')
    .where((eb) => eb.or([eb('reason', 'like', 'campaign\\_%'), eb('reason', 'in', names)]))
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Names under which rules, old and new, refuse, and others that do; without those that agents give to waits. */
export async function refusalNames(database: Kysely<Schema>, others: readonly string[] = []): Promise<string[]> {
  const { packs, overrides } = await readRuleBook(database);
  const names = [...packs, ...overrides].flatMap(({ rules }) => [
    ...rules.caps.map((cap) => cap.id),
    ...rules.cooloffs.map((cooloff) => cooloff.id),
    ...('holds' in rules ? rules.holds.map((hold) => hold.flag) : []),
  ]);
  const waits = new Set(Object.entries(OUTCOME_RULES).flatMap(([code, rule]) => (rule.kind.startsWith('hold') ? [] : [code])));
  return [...new Set([...REFUSALS, ...others, ...names])].filter((name) => !waits.has(name));
}
