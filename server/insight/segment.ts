import { sql, type Kysely, type RawBuilder } from 'kysely';
import { CURRENCY_EXPONENTS } from '../contract/money.ts';
import type { Segment, SegmentCondition, SegmentCount } from '../contract/segments.ts';
import type { Schema } from '../kernel/schema.ts';

const SAMPLE = 10;

/**
 * Counts the debtors of a campaign's queue that a segment holds, and shows the first of them by score. A condition on debts holds where one
 * open debt of the campaign fulfils it. Reads the campaign's whole queue (dial_queue_pkey); debts by debt_party_by_party.
 */
export async function countSegment(database: Kysely<Schema>, campaignId: string, segment: Segment): Promise<SegmentCount> {
  const inside = joined(
    segment.match,
    segment.groups.map((group) =>
      joined(
        group.match,
        group.conditions.map((each) => conditionOf(campaignId, each)),
      ),
    ),
  );
  const { rows } = await sql<SegmentCount>`
    with held as materialized (
      select q.party_id, q.state, q.reason, q.score, q.standing, q.band from dial_queue q join party p on p.id = q.party_id
      where q.campaign_id = ${campaignId} and ${inside}
    ), first as (
      select held.*, p.display_name, p.country from held join party p on p.id = held.party_id
      order by band desc, standing desc, party_id limit ${SAMPLE}
    )
    select (select count(*)::int from dial_queue where campaign_id = ${campaignId}) as total, (select count(*)::int from held) as count,
      (select coalesce(json_agg(json_build_object('partyId', party_id, 'displayName', display_name, 'country', country, 'state', state,
        'reason', reason, 'score', score) order by band desc, standing desc, party_id), '[]') from first) as sample`.execute(
    database,
  );
  return rows[0] ?? { total: 0, count: 0, sample: [] };
}

function joined(match: 'all' | 'any', parts: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`(${sql.join(parts, match === 'all' ? sql` and ` : sql` or `)})`;
}

function conditionOf(campaignId: string, { field, test, value }: SegmentCondition): RawBuilder<unknown> {
  const compare = (column: RawBuilder<unknown>): RawBuilder<unknown> => {
    switch (test) {
      case 'is':
        return sql`lower(${column}) = lower(${value})`;
      case 'is_not':
        return sql`lower(${column}) is distinct from lower(${value})`;
      case 'at_least':
        return sql`${column} >= ${value}::bigint`;
      case 'at_most':
        return sql`${column} <= ${value}::bigint`;
    }
  };
  const debt = (column: RawBuilder<unknown>): RawBuilder<unknown> => sql`exists (
    select from debt_party dp join debt d on d.id = dp.debt_id
    where dp.party_id = q.party_id and d.state = 'open' and ${compare(column)}
      and exists (select from campaign_debt cd where cd.campaign_id = ${campaignId} and cd.debt_id = d.id offset 0))`;
  switch (field) {
    case 'country':
      return compare(sql`p.country`);
    case 'language':
      return compare(sql`p.language`);
    case 'product':
      return debt(sql`d.product`);
    case 'currency':
      return debt(sql`d.currency`);
    case 'balance':
      return debt(sql`d.balance_minor / ${UNIT}`);
    case 'daysOverdue':
      return debt(sql`(current_date - d.due_on)`);
    case 'score':
      return compare(sql`q.score`);
    case 'tries':
      return compare(sql`q.tries`);
    case 'queueState':
      return compare(sql`q.state`);
    case 'reason':
      return compare(sql`q.reason`);
  }
}

/** Minor units in one whole unit of a debt's currency. */
const UNIT = sql`(case d.currency ${sql.join(
  Object.entries(CURRENCY_EXPONENTS)
    .filter(([, exponent]) => exponent !== 2)
    .map(([currency, exponent]) => sql`when ${currency} then ${10 ** exponent}::bigint`),
  sql` `,
)} else 100 end)`;
