import { sql, type RawBuilder } from 'kysely';
import { CURRENCY_EXPONENTS } from '../contract/money.ts';
import type { Segment, SegmentCondition } from '../contract/segments.ts';

/**
 * Whether a segment holds a debtor, as a condition on the queue row `q` and the party `p`. A condition on debts holds where one open debt of
 * the campaign fulfils it. Indexes: debt_party_by_party, campaign_debt_pkey.
 */
export function holding(campaignId: string, segment: Segment): RawBuilder<unknown> {
  return joined(
    segment.match,
    segment.groups.map((group) =>
      joined(
        group.match,
        group.conditions.map((each) => conditionOf(campaignId, each)),
      ),
    ),
  );
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
