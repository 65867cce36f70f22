import { sql } from 'kysely';
import type { Pool } from 'pg';
import { DEFAULT_CAMPAIGN_SETTINGS, type CampaignSettings } from '../../../server/contract/campaigns.ts';
import type { Database } from '../../../server/kernel/database.ts';

/** A queue laid out for measuring. */
export interface LaidQueue {
  campaignId: string;
  /** The moment by which reservations are judged: a lawful one, so that the hour of the measurement does not matter. */
  now: Temporal.Instant;
  /** Rows by table, as counted afterwards. */
  rows: Record<string, number>;
}

const PEOPLE_AT_ONCE = 250_000;
/** Tables that are filled, the big ones' indexes being made afterwards. */
const TABLES = ['party', 'phone', 'party_phone', 'debt', 'debt_party', 'campaign_debt', 'contact_tally', 'dial_queue'] as const;
const PAST = ['contact_attempt', 'attempt_debt', 'conversation_debt', 'outcome'] as const;

/** As open as settings can be: what is measured is the work of judging, not how many are refused. */
const SETTINGS: CampaignSettings = {
  ...DEFAULT_CAMPAIGN_SETTINGS,
  trunk: 'bench',
  hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
  caps: { personPerDay: 3, personPerWeek: 9, debtPerWeek: 9, minutesBetween: 60 },
};

/**
 * Lays a campaign of `people`, each with a debt, two numbers and three to seven past attempts (five on average) in the last month, one in
 * twenty of them a conversation; scores spread evenly, everybody ready. The pool's user must be a superuser: keys are not checked
 * meanwhile, and indexes are made at the end.
 */
export async function layQueue(pool: Pool, database: Database, people: number): Promise<LaidQueue> {
  const now = lawfulMoment();
  const campaignId = await layCampaign(database);
  const indexes = await dropIndexes(database);
  const connection = await pool.connect();
  try {
    await connection.query(`set session_replication_role = replica; set synchronous_commit = off; set work_mem = '256MB'`);
    for (let from = 1; from <= people; from += PEOPLE_AT_ONCE) {
      const to = Math.min(people, from + PEOPLE_AT_ONCE - 1);
      for (const statement of statements(campaignId, now)) await connection.query(statement, [from, to]);
    }
    await connection.query(`set maintenance_work_mem = '1GB'`);
    for (const index of indexes) await connection.query(index);
    await connection.query('vacuum (analyze)');
    // As on a server that has been at work: what fits into its memory is there.
    await connection.query('create extension pg_prewarm');
    await connection.query(`select pg_prewarm(oid::regclass) from pg_class where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace
      order by relkind = 'r', relpages`);
    await connection.query('checkpoint');
  } finally {
    // Its settings must not serve anybody else.
    connection.release(true);
  }
  const rows: Record<string, number> = {};
  for (const table of [...TABLES, ...PAST]) {
    const counted = await sql<{ count: number }>`select count(*)::int as count from ${sql.table(table)}`.execute(database);
    rows[table] = counted.rows[0]?.count ?? 0;
  }
  return { campaignId, now, rows };
}

/** The last Sunday at half past ten in Riyadh, Ramadan or not: the hours of its pack are open. */
function lawfulMoment(): Temporal.Instant {
  const today = Temporal.Now.zonedDateTimeISO('Asia/Riyadh').startOfDay();
  const days = today.dayOfWeek === 7 ? 7 : today.dayOfWeek;
  return today.subtract({ days }).add({ hours: 10, minutes: 30 }).toInstant();
}

async function layCampaign(database: Database): Promise<string> {
  await sql`insert into trunk (name, kind, uri, armed, channel_limit, calls_per_second) values ('bench', 'real', 'sip:127.0.0.1', false, 100, 100)`.execute(
    database,
  );
  await sql`update floor set epoch = 1 where id = 'main'`.execute(database);
  const creditor = await database.insertInto('creditor').values({ name: 'Bench' }).returning('id').executeTakeFirstOrThrow();
  const campaign = await database
    .insertInto('campaign')
    .values({ name: 'Bench', state: 'running', settings: JSON.stringify(SETTINGS), creditor_id: creditor.id })
    .returning('id')
    .executeTakeFirstOrThrow();
  return campaign.id;
}

/** Drops the indexes that no key stands on and returns how to make them again. */
async function dropIndexes(database: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select i.indexrelid::regclass::text as name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') as definition
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relname = any(${[...TABLES, ...PAST]}::text[]) and c.relnamespace = 'public'::regnamespace and not i.indisprimary
      and not exists (select from pg_constraint where conindid = i.indexrelid)`.execute(database);
  for (const { name } of rows) await sql`drop index ${sql.raw(name)}`.execute(database);
  return rows.map((row) => row.definition);
}

/** What is laid of the people from $1 to $2, in order. */
function statements(campaignId: string, now: Temporal.Instant): string[] {
  const people = 'generate_series($1::int, $2::int) i';
  const id = (kind: number, number = 'i'): string =>
    `('01900000-0000-7000-8${kind}00-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
  const at = `'${now.toString()}'::timestamptz`;
  return [
    `insert into party (id, display_name, folded_name, country, language, time_zones)
      select ${id(1)}, 'Debtor ' || i, 'debtor ' || i, 'SA', 'ar', '{Asia/Riyadh}' from ${people}`,
    `insert into phone (id, e164, country, number_type, time_zones)
      select ${id(2, 'n')}, '+9665' || lpad(n::text, 8, '0'), 'SA', 'mobile', '{Asia/Riyadh}' from ${people}, generate_series(2 * i - 1, 2 * i) n`,
    `insert into party_phone (party_id, phone_id, rank)
      select ${id(1)}, ${id(2, 'n')}, n - 2 * i + 1 from ${people}, generate_series(2 * i - 1, 2 * i) n`,
    `insert into debt (id, creditor_id, account, product, currency, balance_minor, due_on)
      select ${id(3)}, creditor.id, 'A' || i, case when i % 3 = 0 then 'loan' else 'card' end, 'SAR', 10000 + (random() * 5e6)::int,
        current_date - (30 + random() * 500)::int
      from ${people}, creditor`,
    `insert into debt_party (debt_id, party_id) select ${id(3)}, ${id(1)} from ${people}`,
    `insert into campaign_debt (campaign_id, debt_id) select '${campaignId}', ${id(3)} from ${people}`,
    `insert into contact_tally (party_id, tries, answers, conversations)
      select ${id(1)}, 3 + i % 5, (random() < 0.3)::int, (i % 20 = 0)::int from ${people}`,
    `with tried as materialized (
      select uuidv7(moment - clock_timestamp()) as id, i, place, moment from (
        select i, place, ${at} - (place * 4 + 1 + random() * 3) * interval '1 day' as moment
        from ${people}, generate_series(1, 3 + i % 5) place
      ) past order by moment
    ), written as (
      insert into contact_attempt (id, campaign_id, floor_id, epoch, party_id, phone_id, number, state, result, ending, cause, verdict,
        inputs_digest, permit_until, ring_timeout_ms, reserved_at, dialing_at, ended_at)
      select id, '${campaignId}', 'main', 0, ${id(1)}, ${id(2, '2 * i - place % 2')}, '+9665' || lpad((2 * i - place % 2)::text, 8, '0'), 'ended',
        case when talked then 'connected' else 'no_answer' end, case when talked then 'connected' else 'no_answer' end, 19,
        '{"verdict":"allow","packs":{"SA":1},"zones":["Asia/Riyadh"],"closesAt":null}', repeat('0', 64), moment, 25000, moment, moment, moment
      from tried, lateral (select place = 2 and i % 4 = 0 as talked)
    ), about as (
      insert into attempt_debt (attempt_id, debt_id, reserved_at) select id, ${id(3)}, moment from tried
    ), talks as (
      insert into conversation_debt (attempt_id, debt_id, party_id, at) select id, ${id(3)}, ${id(1)}, moment from tried where place = 2 and i % 4 = 0
    )
    insert into outcome (attempt_id, code, fields, effect) select id, 'refused', '{}', '{}' from tried where place = 2 and i % 4 = 0`,
    `insert into dial_queue (campaign_id, party_id, score, score_reasons, phone_id, tries)
      select '${campaignId}', ${id(1)}, (random() * 1000)::int, '{"version":0,"values":[500,500,500,500,500,500]}', null, 3 + i % 5 from ${people}`,
  ];
}
