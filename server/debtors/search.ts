import { sql, type Kysely } from 'kysely';
import type { DebtorFound, DebtorSearch } from '../contract/debtors.ts';
import type { Schema } from '../kernel/schema.ts';
import { IDENTITY_KINDS, readIdentity } from './import/identity.ts';

/** More than these and the question was no question. */
const MOST_FOUND = 50;

/**
 * People by an account number, a national id or a creditor's own reference, or an E.164 number; merged ones as whom they became. Every way
 * is a walk along an index: debt_creditor_id_account_key, party_by_identity, phone_e164_key.
 */
export async function findDebtors(database: Kysely<Schema>, search: DebtorSearch): Promise<DebtorFound[]> {
  const { rows } = await sql<DebtorFound>`
    with found as materialized (select distinct id from (${idsOf(search)}) ids limit ${MOST_FOUND})
    select p.id as "partyId", p.display_name as "displayName", p.country, p.demo,
      (select count(*)::int from debt_party where party_id = p.id) as debts
    from found join party p on p.id = found.id order by p.display_name, p.id`.execute(database);
  return rows;
}

/** The few countries that people with an identity live in, found by steps along party_by_identity: a million rows are not read for it. */
const COUNTRIES = sql`
  with recursive step as (
    (select country from party where identity_value is not null order by country limit 1)
    union all
    select (select p.country from party p where p.identity_value is not null and p.country > step.country order by p.country limit 1)
    from step where step.country is not null
  ) select country from step where country is not null`;

function idsOf(search: DebtorSearch) {
  switch (search.by) {
    case 'account':
      return sql`select dp.party_id as id from debt d join debt_party dp on dp.debt_id = d.id
        where d.creditor_id in (select id from creditor) and d.account = ${search.text}`;
    case 'number':
      return sql`select pp.party_id as id from phone n join party_phone pp on pp.phone_id = n.id where n.e164 = ${search.text}`;
    case 'identity': {
      const forms = IDENTITY_KINDS.flatMap((kind) => {
        const value = readIdentity(kind, search.text);
        return value === null ? [] : [{ kind, value }];
      });
      return sql`select coalesce(p.merged_into, p.id) as id
        from unnest(${forms.map((each) => each.kind)}::text[], ${forms.map((each) => each.value)}::text[]) as given (kind, value)
        cross join (${COUNTRIES}) places
        join party p on p.country = places.country and p.identity_kind = given.kind and p.identity_value = given.value`;
    }
  }
}
