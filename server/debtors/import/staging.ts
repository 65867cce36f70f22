import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { sql, type RawBuilder } from 'kysely';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Database, Tx } from '../../kernel/database.ts';
import { idRange } from '../../kernel/ids.ts';
import { LAST_LANE } from './staged-line.ts';

/**
 * The accepted rows of one import, between reading and merging: an unlogged table of its own, so that a list is judged as a whole
 * before anything changes, and a new worker goes on where a dead one stopped.
 */
export interface Staging {
  name: string;
  table: RawBuilder<unknown>;
  /** Beside it: numbers in the list whose ids are not those of their places. */
  phones: RawBuilder<unknown>;
}

/** The staging table of an import, whether it exists or not. */
export function stagingOf(importId: string): Staging {
  const name = `import_rows_${importId.replaceAll('-', '')}`;
  return { name, table: sql.table(name), phones: sql.table(`${name}_phones`) };
}

/** How many rows are staged, or null when there is no staging table. */
export async function stagedRows(database: Database, staging: Staging): Promise<number | null> {
  const there = await sql<{ there: boolean }>`select to_regclass(${staging.name}) is not null as there`.execute(database);
  if (there.rows[0]?.there !== true) return null;
  const counted = await sql<{ rows: bigint }>`select count(*) as rows from ${staging.table}`.execute(database);
  return Number(counted.rows[0]?.rows ?? 0n);
}

/** Drops the staging tables if they exist. */
export async function dropStaging(database: Database, staging: Staging): Promise<void> {
  await sql`drop table if exists ${staging.table}, ${staging.phones}`.execute(database);
}

/** A writer into a new staging table; `commit` makes all rows visible at once, `abandon` leaves nothing. One connection, the caller's. */
export interface StagingWriter {
  /** Takes lines as `stagedLine` makes them. */
  write(lines: string | Uint8Array): Promise<void>;
  commit(): Promise<void>;
  abandon(): Promise<void>;
}

/** Begins a new staging table in place of an older one, and a COPY into it. `relates`: its rows say who else stands for the debts. */
export async function openStaging(client: PoolClient, staging: Staging, relates: boolean): Promise<StagingWriter> {
  await client.query('begin');
  await client.query(`drop table if exists ${staging.name}, ${staging.name}_phones`);
  await client.query(`create unlogged table ${staging.name}_phones (place bigint primary key, phone_id uuid not null)`);
  await client.query(`create unlogged table ${staging.name} (
    row_no integer not null, lane smallint not null, bad_identity boolean not null, amount_minor bigint not null, due_on date not null,
    account text not null, name text not null, folded_name text not null, identity text, iban text, address text not null, zones text not null, regions text not null,
    product text, language text, digest bytea not null,
    e164s text[] not null, phone_facts text not null${relates ? ', related jsonb not null' : ''})`);
  const stream = client.query(copyFrom(`copy ${staging.name} from stdin`));
  let failure: unknown;
  stream.on('error', (error) => {
    failure = error;
  });
  return {
    async write(lines) {
      if (failure !== undefined) throw failure;
      if (!stream.write(lines)) await once(stream, 'drain');
    },
    async commit() {
      if (failure !== undefined) throw failure;
      stream.end();
      await finished(stream);
      await client.query(`create index on ${staging.name} (lane, row_no)`);
      await client.query(`analyze ${staging.name} (account, row_no, lane)`);
      await client.query('commit');
    },
    async abandon() {
      if (!stream.destroyed) {
        const closed = once(stream, 'close');
        stream.destroy(new Error('abandoned'));
        await closed;
      }
      await client.query('rollback');
    },
  };
}

/** New, updated and duplicate rows, accounts whose last row carries an invalid identifier, rows of known accounts, and the rows left to be merged. */
export interface Classes {
  new: number;
  updated: number;
  duplicate: number;
  badIdentities: number;
  known: number;
  kept: number;
}

/**
 * Counts what the staged rows are to what is known, and leaves only the last row of each account. A list states each account as its last
 * row for it says; where that equals what the account's last list said, all its rows are duplicates, so that the same list again
 * changes nothing. One pass over the staged rows of one half of the accounts (0 or 1), sorted by account.
 */
export async function classify(transaction: Tx, staging: Staging, creditorId: string, half: number): Promise<Classes> {
  await moreMemory(transaction);
  const { rows } = await sql<{ new: bigint; updated: bigint; duplicate: bigint; bad: bigint; known: bigint; kept: bigint }>`
    with seen as materialized (
      select staged.row_no, staged.digest, staged.bad_identity, debt.id is not null as known, debt.row_digest,
        lag(staged.digest) over account as before,
        last_value(staged.digest) over (account rows between unbounded preceding and unbounded following) as final,
        lead(staged.row_no) over account is not null as replaced
      from ${staging.table} staged
      left join debt on debt.creditor_id = ${creditorId} and debt.account = staged.account
      where ${ofHalf(half)}
      window account as (partition by staged.account order by staged.row_no)
    ), gone as (
      delete from ${staging.table} staged using seen where staged.row_no = seen.row_no and seen.replaced
    ), classed as (
      select replaced, bad_identity, known,
        case
          when known and final = row_digest then 'duplicate'
          when coalesce(before, row_digest) = digest then 'duplicate'
          when before is null and not known then 'new'
          else 'updated'
        end as class
      from seen
    )
    select count(*) filter (where class = 'new') as new, count(*) filter (where class = 'updated') as updated,
      count(*) filter (where class = 'duplicate') as duplicate, count(*) filter (where bad_identity and not replaced) as bad,
      count(*) filter (where known) as known, count(*) filter (where not replaced) as kept
    from classed`.execute(transaction);
  const [counted] = rows;
  return {
    new: Number(counted?.new ?? 0n),
    updated: Number(counted?.updated ?? 0n),
    duplicate: Number(counted?.duplicate ?? 0n),
    badIdentities: Number(counted?.bad ?? 0n),
    known: Number(counted?.known ?? 0n),
    kept: Number(counted?.kept ?? 0n),
  };
}

function ofHalf(half: number): RawBuilder<unknown> {
  return sql`hashtext(staged.account) & 1 = ${half}`;
}

/**
 * Moves known accounts of which something differs, and whose debtor is not the one the row identifies, into the last lane: their debtor may
 * be anybody.
 */
export async function chooseLanes(
  transaction: Tx,
  staging: Staging,
  creditorId: string,
  identityKind: string,
  half: number,
): Promise<void> {
  await sql`
    update ${staging.table} staged set lane = ${LAST_LANE} from debt
    where debt.creditor_id = ${creditorId} and debt.account = staged.account and debt.row_digest is distinct from staged.digest
      and ${ofHalf(half)} and staged.lane <> ${LAST_LANE} and not exists (
        select from debt_party link join party on party.id = link.party_id
        where link.debt_id = debt.id and link.role = 'debtor' and party.identity_kind = ${identityKind} and party.identity_value = staged.identity)`.execute(
    transaction,
  );
}

/** More than the numbers that fit into a row of a list. */
const PLACES = 131_072n;

/** The place of a number in the list, by its row and its place in that row. */
export function placeOf(row: RawBuilder<unknown>, place: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(${row}::bigint * ${PLACES.toString()}::bigint + ${place})`;
}

/** Rows among which the middle of the numbers is looked for. */
const SAMPLE = 10_000;

/** A number about in the middle of those of the list, of which so many rows are staged; empty where no number was met. */
export async function middleNumber(database: Database | Tx, staging: Staging, rows: number): Promise<string> {
  const percent = Math.min(100, (100 * SAMPLE) / Math.max(1, rows));
  const found = await sql<{ middle: string | null }>`
    select percentile_disc(0.5) within group (order by e164s[1]) as middle from ${staging.table} tablesample system (${percent})`.execute(
    database,
  );
  return found.rows[0]?.middle ?? '';
}

/** The numbers below one, or those from it on. */
export interface NumberRange {
  middle: string;
  below: boolean;
}

/**
 * Inserts those of the list's numbers that are not known yet, in a range: two ranges beside each other do not write the same pages. Their ids
 * count on with their first places in the list, so that the batches know them, and write them to their indexes page by page; the ids of other
 * places are noted beside the staged rows. A number alone says nothing of anybody. Another import that inserts one of them meanwhile makes it
 * fail with a unique violation.
 */
export async function insertPhones(
  transaction: Tx,
  staging: Staging,
  phoneIds: string,
  { middle, below }: NumberRange,
): Promise<void> {
  const ids = idRange(phoneIds);
  await moreMemory(transaction);
  await sql`
    with numbers as materialized (
      select given.e164, place, first_value(place) over (partition by given.e164 order by place) as first_place, phone.id as known_id, facts
      from (
        select e164, ${placeOf(sql`row_no`, sql`place`)} as place, split_part(phone_facts, ';', place) as facts
        from (
          select row_no, unnest(e164s) as e164, generate_subscripts(e164s, 1) as place, phone_facts from ${staging.table} offset 0
        ) staged where (e164 < ${middle}) = ${below}
      ) given left join phone on phone.e164 = given.e164
    ), inserted as (
      insert into phone (id, e164, country, number_type, time_zones)
      select ${ids.at(sql`place`)}, e164, facts[1], facts[2], facts[3:]
      from (
        select place, e164, string_to_array(facts, ' ') as facts from numbers where known_id is null and place = first_place offset 0
      ) fresh
    )
    insert into ${staging.phones} (place, phone_id)
    select place, coalesce(known_id, ${ids.at(sql`first_place`)}) from numbers
    where case when known_id is null then place <> first_place else known_id <> ${ids.at(sql`place`)} end
    on conflict (place) do nothing`.execute(transaction);
}

/** The row with which so many wait in the last lane behind a row; null where there are fewer. */
export async function waitingRow(database: Database, staging: Staging, behind: number, count: number): Promise<number | null> {
  const { rows } = await sql<{ row_no: number }>`
    select row_no from ${staging.table} where lane = ${LAST_LANE} and row_no > ${behind}
    order by row_no offset ${count - 1} limit 1`.execute(database);
  return rows[0]?.row_no ?? null;
}

/** Accounts of the list that are known in another currency; merging them would mix money. */
export async function countOtherCurrency(
  database: Database,
  staging: Staging,
  creditorId: string,
  currency: string,
): Promise<number> {
  const { rows } = await sql<{ accounts: bigint }>`
    select count(*) as accounts from debt
    where creditor_id = ${creditorId} and currency <> ${currency} and account in (select account from ${staging.table})`.execute(
    database,
  );
  return Number(rows[0]?.accounts ?? 0n);
}

/** Distinct debtors of the list's accounts, as they are now. */
export async function countDebtors(transaction: Tx, staging: Staging, creditorId: string): Promise<number> {
  await moreMemory(transaction);
  const { rows } = await sql<{ debtors: bigint }>`
    select count(*) as debtors from (
      select distinct link.party_id from debt join debt_party link on link.debt_id = debt.id and link.role = 'debtor'
      where debt.creditor_id = ${creditorId} and debt.account in (select account from ${staging.table})
    ) debtor`.execute(transaction);
  return Number(rows[0]?.debtors ?? 0n);
}

/** The sum of the balances of the list's accounts in minor units, as they are now. */
export async function sumBalances(transaction: Tx, staging: Staging, creditorId: string): Promise<bigint> {
  await moreMemory(transaction);
  const { rows } = await sql<{ total: string }>`
    select coalesce(sum(balance_minor), 0)::text as total from debt
    where creditor_id = ${creditorId} and account in (select account from ${staging.table})`.execute(transaction);
  return BigInt(rows[0]?.total ?? '0');
}

/** A million rows sort in memory; only one such statement runs at a time per import and lane. */
async function moreMemory(transaction: Tx): Promise<void> {
  await sql`set local work_mem = '96MB'`.execute(transaction);
}
