import { sql, type Kysely } from 'kysely';
import { debtorFile, type DebtorFile } from '../contract/desk.ts';
import type { Schema } from '../kernel/schema.ts';

/** How many of a debtor's last attempts the file shows. */
const ATTEMPTS_SHOWN = 20;
/** How many promises. */
const PROMISES_SHOWN = 10;

const parts = debtorFile.pick({
  phones: true,
  debts: true,
  promises: true,
  holds: true,
  consents: true,
  preferences: true,
  attempts: true,
  score: true,
});

/** Reads everything an agent sees of a debtor, or null when there is nobody with this id. */
export async function readDebtorFile(database: Kysely<Schema>, partyId: string): Promise<DebtorFile | null> {
  return (await readDebtorFiles(database, [partyId])).get(partyId) ?? null;
}

/**
 * Reads the files of several debtors, by their ids; whoever does not exist is left out. One statement, a few milliseconds: every part is
 * found by an index that begins with the party. Money in minor units as text, moments in ISO form.
 */
export async function readDebtorFiles(database: Kysely<Schema>, partyIds: readonly string[]): Promise<Map<string, DebtorFile>> {
  if (partyIds.length === 0) return new Map();
  const found = await database
    .selectFrom('party')
    .select(['id', 'display_name', 'kind', 'country', 'address', 'language', 'time_zones'])
    .select(
      sql`json_build_object(
        'phones', ${PHONES},
        'debts', ${DEBTS},
        'promises', ${PROMISES},
        'holds', ${HOLDS},
        'consents', ${CONSENTS},
        'preferences', ${PREFERENCES},
        'attempts', ${ATTEMPTS},
        'score', (select max(score) from dial_queue where party_id = party.id)
      )`.as('parts'),
    )
    .where(sql<boolean>`party.id = any(${partyIds}::uuid[])`)
    .execute();
  return new Map(
    found.map((row) => [
      row.id,
      {
        partyId: row.id,
        displayName: row.display_name,
        kind: row.kind,
        country: row.country,
        address: row.address,
        language: row.language,
        timeZones: row.time_zones,
        ...parts.parse(row.parts),
      },
    ]),
  );
}

/** A moment as JSON: Postgres writes `2026-11-21T22:00:00.123+00:00`; null where there is no bound. */
function moment(column: string) {
  return sql`case when isfinite(${sql.ref(column)}) then to_json(${sql.ref(column)}) end`;
}

const PHONES = sql`(
    select coalesce(json_agg(json_build_object('id', phone.id, 'number', phone.e164, 'type', phone.number_type, 'state', link.state,
      'place', link.place)
      order by link.rank, phone.id), '[]')
    from party_phone link join phone on phone.id = link.phone_id
    where link.party_id = party.id)`;

const DEBTS = sql`(
    select coalesce(json_agg(json_build_object('id', debt.id, 'creditor', creditor.name, 'account', debt.account,
      'product', debt.product, 'currency', debt.currency, 'balanceMinor', debt.balance_minor::text, 'dueOn', debt.due_on,
      'state', debt.state, 'role', link.role, 'others', (
        select coalesce(json_agg(json_build_object('partyId', other.id, 'name', other.display_name, 'role', beside.role) order by beside.role, other.id), '[]')
        from debt_party beside join party other on other.id = beside.party_id
        where beside.debt_id = debt.id and beside.party_id <> party.id)) order by debt.balance_minor desc, debt.id), '[]')
    from debt_party link join debt on debt.id = link.debt_id join creditor on creditor.id = debt.creditor_id
    where link.party_id = party.id)`;

const PROMISES = sql`(
    select coalesce(json_agg(json_build_object('amountMinor', amount_minor::text, 'currency', currency, 'dueOn', due_on,
      'state', state) order by due_on desc), '[]')
    from (select * from promise where party_id = party.id order by due_on desc limit ${PROMISES_SHOWN}) last)`;

const HOLDS = sql`(
    select coalesce(json_agg(json_build_object('kind', kind, 'endsAt', ${moment('ends_at')}) order by starts_at), '[]')
    from hold
    where party_id = party.id and released_at is null and (ends_at is null or ends_at > clock_timestamp()))`;

const CONSENTS = sql`(
    select coalesce(json_agg(json_build_object('kind', kind, 'channel', channel, 'phoneId', phone_id, 'granted', granted, 'at', at)
      order by at desc), '[]')
    from (select distinct on (kind, channel, phone_id) kind, channel, phone_id, granted, at from consent
      where party_id = party.id order by kind, channel, phone_id, at desc, granted) last)`;

const PREFERENCES = sql`(
    select coalesce(json_agg(json_build_object('place', place,
      'time', case when days is not null then json_build_object('days', days, 'from', from_time, 'to', to_time) end) order by at, id), '[]')
    from preference where party_id = party.id and withdrawn_at is null)`;

const ATTEMPTS = sql`(
    select coalesce(json_agg(json_build_object('at', last.reserved_at, 'number', last.number, 'result', last.result,
      'outcome', outcome.code, 'note', coalesce(outcome.note, note.body)) order by last.reserved_at desc), '[]')
    from (select id, reserved_at, number, result from contact_attempt where party_id = party.id
      order by reserved_at desc limit ${ATTEMPTS_SHOWN}) last
    left join outcome on outcome.attempt_id = last.id
    left join attempt_note note on note.attempt_id = last.id)`;
