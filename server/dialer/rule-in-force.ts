import { sql, type Kysely, type RawBuilder } from 'kysely';
import { answerRule, type AnswerRule } from '../contract/abandonment.ts';
import type { Schema } from '../kernel/schema.ts';

/** Writes down the rule that a campaign's calls are dialed under from now on, where it is another than before. */
export async function noteRule(database: Kysely<Schema>, campaignId: string, rule: AnswerRule): Promise<void> {
  await sql`
    insert into abandonment_rule (campaign_id, rule)
    select ${campaignId}::uuid, ${JSON.stringify(rule)}::jsonb where ${JSON.stringify(rule)}::jsonb is distinct from (
      select rule from abandonment_rule where campaign_id = ${campaignId}::uuid order by since desc limit 1
    )`.execute(database);
}

/** The rule that was in force when an attempt was dialed (of `contact_attempt`, in a query), or null. Index: abandonment_rule_pkey. */
export const RULE_WHEN_DIALED: RawBuilder<unknown> = sql`(
  select rule from abandonment_rule r where r.campaign_id = contact_attempt.campaign_id
    and r.since <= coalesce(contact_attempt.dialing_at, contact_attempt.reserved_at)
  order by r.since desc limit 1)`;

/** A rule as it was written down; null where none was, or it cannot be read. */
export function readRule(stored: unknown): AnswerRule | null {
  return answerRule.safeParse(stored).data ?? null;
}
