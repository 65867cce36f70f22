import { execFileSync } from 'node:child_process';
import { sql } from 'kysely';
import { DEFAULT_CAMPAIGN_SETTINGS, type CampaignSettings } from '../../../server/contract/campaigns.ts';
import type { Database } from '../../../server/kernel/database.ts';
import { withPool } from '../../postgres.ts';

/** A queue laid out for measuring. */
export interface LaidQueue {
  campaignId: string;
  /** The moment by which reservations are judged: a lawful one, so that the hour of the measurement does not matter. */
  now: Temporal.Instant;
  /** Rows by table, as counted afterwards. */
  rows: Record<string, number>;
  /** What all tables and indexes of a person take together. */
  bytesPerPerson: number;
}

/** What two connections fill side by side; nobody's rows refer to the other's in a way that the database would look after. */
const PEOPLE = ['party', 'phone', 'party_phone', 'debt', 'debt_party', 'campaign_debt', 'contact_tally', 'dial_queue'] as const;
const ABOUT = ['conversation_debt', 'outcome'] as const;
const ATTEMPTS = ['contact_attempt'] as const;
/** A person was tried at most so often in the last month. */
const MOST_TRIES = 7;
/** No queue is as long: steps of so many meet everybody once, in no order of theirs. */
const STRIDE = 15_485_863;

/** As open as settings can be: what is measured is the work of judging, not how many are refused. */
const SETTINGS: CampaignSettings = {
  ...DEFAULT_CAMPAIGN_SETTINGS,
  trunk: 'bench',
  hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
  caps: { personPerDay: 3, personPerWeek: 9, debtPerWeek: 9, minutesBetween: 60 },
};

/**
 * Lays a campaign of `people`, each with a debt, two numbers and three to seven past attempts (five on average) in the last month, one in
 * twenty of them a conversation; scores spread evenly, everybody ready. Keys are not checked meanwhile and indexes are made at the end. The
 * url's user must be a superuser; on a server whose `wal_level` is minimal nothing of it is written twice.
 */
export function layQueue(url: string, people: number): Promise<LaidQueue> {
  return withPool(url, async (_, database) => {
    const now = lawfulMoment();
    const campaignId = await layCampaign(database);
    const whole = { campaignId, people, now };
    await Promise.all([
      fill(url, [...PEOPLE, ...ABOUT], [...peopleStatements(whole), ...aboutStatements(whole)]),
      fill(url, ATTEMPTS, attemptStatements(whole)),
    ]);
    await sql`checkpoint`.execute(database);
    const rows: Record<string, number> = {};
    for (const table of [...PEOPLE, ...ABOUT, ...ATTEMPTS]) {
      const counted = await sql<{ count: number }>`select count(*)::int as count from ${sql.table(table)}`.execute(database);
      rows[table] = counted.rows[0]?.count ?? 0;
    }
    const size = await sql<{ bytes: number }>`select pg_database_size(current_database())::float8 as bytes`.execute(database);
    return { campaignId, now, rows, bytesPerPerson: Math.round((size.rows[0]?.bytes ?? 0) / people) };
  });
}

/**
 * Brings a server to where one is that has been at work: what fits into its memory is there, and no file system is still busy writing what
 * was laid. The url's user must be a superuser.
 */
export function warmUp(url: string): Promise<void> {
  return withPool(url, async (pool) => {
    await pool.query('create extension if not exists pg_prewarm');
    // Indexes first, and of either the small ones: what is left out at ten million is read as it is needed.
    await pool.query(`select pg_prewarm(relation) from (
        select oid::regclass as relation, sum(relpages) over (order by relkind = 'r', relpages, oid) as pages
        from pg_class where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace
      ) each where pages < (select 0.9 * setting::int from pg_settings where name = 'shared_buffers')`);
    // As much log as the server keeps for using again (`min_wal_size`): after the checkpoint its files are there.
    await pool.query(
      `select count(pg_logical_emit_message(false, 'warm-up', repeat('x', 16000000))) from generate_series(1, 64)`,
    );
    await pool.query('checkpoint');
    execFileSync('sync');
  });
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

/** Fills empty tables in one transaction that begins by emptying them: at `wal_level` minimal such a one writes only the tables. */
function fill(url: string, tables: readonly string[], statements: readonly string[]): Promise<void> {
  return withPool(url, async (pool) => {
    const connection = await pool.connect();
    try {
      // Keys of tables that are filled elsewhere are not checked.
      await connection.query(`set session_replication_role = replica; set synchronous_commit = off`);
      await connection.query(
        `set work_mem = '256MB'; set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 1`,
      );
      await connection.query('begin');
      await connection.query(`truncate ${tables.join(', ')} cascade`);
      const { rows: indexes } = await connection.query<{ name: string; definition: string }>(
        `select i.indexrelid::regclass::text as name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') as definition
        from pg_index i join pg_class c on c.oid = i.indrelid
        where c.relname = any($1) and c.relnamespace = 'public'::regnamespace and not i.indisprimary
          and not exists (select from pg_constraint where conindid = i.indexrelid)`,
        [tables],
      );
      for (const { name } of indexes) await connection.query(`drop index ${name}`);
      for (const statement of statements) await connection.query(statement);
      for (const { definition } of indexes) await connection.query(definition);
      await connection.query('commit');
      await connection.query(`vacuum (analyze) ${tables.join(', ')}`);
    } finally {
      // Its settings must not serve anybody else.
      connection.release(true);
    }
  });
}

interface Whole {
  campaignId: string;
  people: number;
  now: Temporal.Instant;
}

const id = (kind: number, number = 'i'): string => `('01900000-0000-7000-8${kind}00-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

function peopleStatements({ campaignId, people }: Whole): string[] {
  const everybody = `generate_series(1, ${people}) i`;
  const numbers = `generate_series(1, ${2 * people}) n`;
  return [
    `insert into party (id, display_name, folded_name, country, language, time_zones)
      select ${id(1)}, 'Debtor ' || i, 'debtor ' || i, 'SA', 'ar', '{Asia/Riyadh}' from ${everybody}`,
    `insert into phone (id, e164, country, number_type, time_zones)
      select ${id(2, 'n')}, '+9665' || lpad(n::text, 8, '0'), 'SA', 'mobile', '{Asia/Riyadh}' from ${numbers}`,
    `insert into party_phone (party_id, phone_id, rank) select ${id(1, '((n + 1) / 2)')}, ${id(2, 'n')}, 1 - n % 2 from ${numbers}`,
    `insert into debt (id, creditor_id, account, product, currency, balance_minor, due_on)
      select ${id(3)}, creditor.id, 'A' || i, case when i % 3 = 0 then 'loan' else 'card' end, 'SAR', 10000 + (random() * 5e6)::int,
        current_date - (30 + random() * 500)::int
      from ${everybody}, creditor`,
    `insert into debt_party (debt_id, party_id) select ${id(3)}, ${id(1)} from ${everybody}`,
    `insert into campaign_debt (campaign_id, debt_id) select '${campaignId}', ${id(3)} from ${everybody}`,
    `insert into contact_tally (party_id, tries, answers, conversations)
      select ${id(1)}, 3 + i % 5, (random() < 0.3)::int, (i % 20 = 0)::int from ${everybody}`,
    `insert into dial_queue (campaign_id, party_id, score, score_reasons, phone_id, tries)
      select '${campaignId}', ${id(1)}, (random() * 1000)::int, '{"version":0,"values":[500,500,500,500,500,500]}', null, 3 + i % 5 from ${everybody}`,
  ];
}

/**
 * The last tries of everybody in the order of time, and their ids, which two connections must make alike: the first tries of all lie
 * before the second ones of all, each in three days of its own. `place`: how many tries ago.
 */
function tried({ people, now }: Whole, place: number): string {
  const ms = now.epochMilliseconds - (place * 4 + 4) * 86_400_000;
  return `(
    select (lpad(to_hex(ms), 12, '0') || '7${String(place).padStart(3, '0')}8000' || lpad(to_hex(i), 12, '0'))::uuid as id, i,
      to_timestamp(ms / 1000.0) as moment
    from (select ${ms} + step * 259200000::bigint / ${people} as ms, 1 + ((step + 1) * ${STRIDE}::bigint % ${people})::int as i
      from generate_series(0, ${people - 1}) step offset 0) each
    where 3 + i % 5 >= ${place}
  ) tried`;
}

const places = Array.from({ length: MOST_TRIES }, (_, index) => MOST_TRIES - index);
/** One in four has talked with us. */
const talked = (place: number): string => (place === 2 ? 'i % 4 = 0' : 'false');

function attemptStatements(whole: Whole): string[] {
  return places.map(
    (place) => `
      insert into contact_attempt (id, campaign_id, floor_id, epoch, party_id, phone_id, debt_ids, number, state, result, ending, cause,
        verdict, inputs_digest, permit_until, ring_timeout_ms, reserved_at)
      select id, '${whole.campaignId}', 'main', 0, ${id(1)}, ${id(2, `(2 * i - ${place % 2})`)}, array[${id(3)}],
        '+9665' || lpad((2 * i - ${place % 2})::text, 8, '0'), 'ended', case when talked then 'connected' else 'no_answer' end,
        case when talked then 'connected' else 'no_answer' end, 19, '{"verdict":"allow"}', '', moment, 25000, moment
      from ${tried(whole, place)}, lateral (select ${talked(place)} as talked) talk`,
  );
}

function aboutStatements(whole: Whole): string[] {
  return places
    .filter((place) => talked(place) !== 'false')
    .flatMap((place) => [
      `insert into conversation_debt (attempt_id, debt_id, party_id, at)
        select id, ${id(3)}, ${id(1)}, moment from ${tried(whole, place)} where ${talked(place)}`,
      `insert into outcome (attempt_id, code, fields, effect) select id, 'refused', '{}', '{}' from ${tried(whole, place)} where ${talked(place)}`,
    ]);
}
