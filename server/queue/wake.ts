import { sql, type Kysely, type RawBuilder } from 'kysely';
import { readRuleBook } from '../compliance/store.ts';
import { OUTCOME_RULES } from '../contract/outcomes.ts';
import { LEAST_ID } from '../kernel/database.ts';
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

/** People in one statement. */
const BATCH = 2_000;

/**
 * After a campaign's settings or the rules changed: people whom the gate refused are judged again now, not when the old refusal would have
 * run out. The names of refusals are those of every version of every pack and of the campaign's own limits (`campaign_…`); waits after an
 * attempt or an outcome stay, but whoever had used up their tries and has some by now is called again. A batch at a time; ends early when `signal` is aborted. Returns how many were woken.
 */
export async function wakeRefused(database: Kysely<Schema>, campaignId: string, signal?: AbortSignal): Promise<number> {
  const names = await refusalNames(database);
  let woken = 0;
  for (let after: string | null = LEAST_ID; after !== null && signal?.aborted !== true;) {
    const batch: { last: string | null; woken: number } | undefined = await wakeBatch(database, { campaignId, after, names });
    woken += batch?.woken ?? 0;
    after = batch?.last ?? null;
  }
  return woken;
}

/** Rows are locked in the order that everybody keeps (`lockPeople`), and only for a moment. Index: dial_queue_pkey. */
async function wakeBatch(
  database: Kysely<Schema>,
  { campaignId, after, names }: { campaignId: string; after: string; names: readonly string[] },
): Promise<{ last: string | null; woken: number } | undefined> {
  const wakes = sql`(state = 'waiting' and (reason like 'campaign\\_%' or reason = any(${names}::text[])) or ${hasTriesAgain(campaignId)})`;
  const { rows } = await sql<{ last: string | null; woken: number }>`
    with next as materialized (
      select party_id, ${wakes} as wakes from dial_queue where campaign_id = ${campaignId} and party_id > ${after}
      order by party_id limit ${BATCH}
    ), locked as materialized (
      select party_id from dial_queue
      where campaign_id = ${campaignId} and party_id in (select party_id from next where wakes) and ${wakes}
      order by party_id for no key update
    ), woken as (
      update dial_queue q set state = 'waiting', reason = nullif(q.reason, 'tries_used_up'), not_before = clock_timestamp() from locked
      where q.campaign_id = ${campaignId} and q.party_id = locked.party_id returning q.party_id
    )
    select (select party_id from next order by party_id desc limit 1) as last, (select count(*)::int from woken) as woken`.execute(
    database,
  );
  return rows[0];
}

/** Whether a row that is done has tries again by the campaign's recycling as it is now. */
function hasTriesAgain(campaignId: string): RawBuilder<unknown> {
  return sql`(state = 'done' and reason = 'tries_used_up' and exists (
    select from campaign c where c.id = ${campaignId} and tries < (c.settings #>> '{recycling,maxTries}')::int and not exists (
      select from jsonb_each(c.settings #> '{recycling,after}') rule
      where (endings ->> rule.key)::int >= (rule.value ->> 'most')::int)))`;
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
