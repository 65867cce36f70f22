import { sql, type Kysely } from 'kysely';
import { callable, type Callable } from '../contract/campaigns.ts';
import type { Schema } from '../kernel/schema.ts';
import { readUnverified } from './unverified.ts';

/** Figures of a campaign whose debtors nobody has counted. */
export const NOBODY_CALLABLE: Callable = {
  total: 0,
  now: 0,
  laterToday: 0,
  blocked: 0,
  inFlight: 0,
  done: 0,
  tried: 0,
  contacted: 0,
  rightParty: 0,
  reasons: {},
  endings: {},
  unverified: {},
  zone: 'UTC',
  countedAt: null,
};

/** Figures are good for a second, and for fifty times as long as counting took: counting never takes more than 2 % of the time. */
const GOOD_FOR_MS = 1_000;
const GOOD_FOR_TIMES = 50;
/** Whoever asks waits for a count that took no longer than this the last time; beyond it they get the figures of before. */
const WAITED_FOR_MS = 250;

interface Kept {
  campaignId: string;
  figures: unknown;
  tookMs: number;
  old: boolean;
}

/**
 * How each campaign's debtors stand, by campaign id; unknown campaigns are left out. What was counted lately is read from
 * campaign_callable_pkey; a figure that has grown old is counted anew by the first who asks, for all.
 */
export async function readCallable(database: Kysely<Schema>, campaignIds: readonly string[]): Promise<Map<string, Callable>> {
  if (campaignIds.length === 0) return new Map();
  const kept = await readKept(database, campaignIds);
  const figures = new Map(
    kept.flatMap((each) => (each.figures === null ? [] : [[each.campaignId, callable.parse(each.figures)]])),
  );
  const good = new Set(kept.filter((each) => !each.old).map((each) => each.campaignId));
  const old = campaignIds.filter((id) => !good.has(id));
  if (old.length === 0) return figures;
  const claimed = await claim(database, old);
  for (const id of old) {
    const before = kept.find((each) => each.campaignId === id && each.figures !== null);
    // Where there are no figures at all, a second count at the same time is better than none.
    if (before !== undefined && !claimed.has(id)) continue;
    if (before !== undefined && before.tookMs > WAITED_FOR_MS) {
      // The claim runs out by itself, so that a count which failed is begun again.
      count(database, id).catch(() => undefined);
      continue;
    }
    const counted = await count(database, id);
    if (counted !== null) figures.set(id, counted);
  }
  return figures;
}

async function readKept(database: Kysely<Schema>, campaignIds: readonly string[]): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    select campaign_id as "campaignId", figures, took_ms as "tookMs",
      counted_at < clock_timestamp() - greatest(${GOOD_FOR_MS}, took_ms * ${GOOD_FOR_TIMES}) * interval '1 ms' as old
    from campaign_callable where campaign_id = any(${campaignIds}::uuid[])`.execute(database);
  return rows;
}

/** Of campaigns whose figures are old, those that nobody else is counting just now. */
async function claim(database: Kysely<Schema>, campaignIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    insert into campaign_callable (campaign_id, claimed_at)
    select id, clock_timestamp() from campaign where id = any(${campaignIds}::uuid[]) order by id
    on conflict (campaign_id) do update set claimed_at = clock_timestamp()
    where campaign_callable.claimed_at is null or campaign_callable.claimed_at < clock_timestamp() - interval '5 minutes'
    returning campaign_id as id`.execute(database);
  return new Set(rows.map((row) => row.id));
}

/**
 * Counts a campaign's debtors and keeps the figures; null when the campaign is gone. Reads the campaign's whole queue by
 * dial_queue_pkey; the zone is that of most among five hundred of them.
 */
async function count(database: Kysely<Schema>, campaignId: string): Promise<Callable | null> {
  const sum = (part: string) => sql`coalesce(sum(count) filter (where part = ${sql.lit(part)}), 0)`;
  const reasons = (part: string) =>
    sql`coalesce(jsonb_object_agg(reason, count) filter (where part = ${sql.lit(part)}), '{}'::jsonb)`;
  const unverified = JSON.stringify(await readUnverified(database, campaignId));
  const { rows } = await sql<{ figures: unknown }>`
    with zone as (
      select coalesce((
        select time_zones[1] from (select party_id from dial_queue where campaign_id = ${campaignId} limit 500) sampled
        join party on party.id = sampled.party_id where time_zones[1] is not null group by 1 order by count(*) desc, 1 limit 1), 'UTC') as name
    ), today as materialized (
      select name, clock_timestamp() as now, (date_trunc('day', clock_timestamp() at time zone name) + interval '1 day') at time zone name as ends
      from zone
    ), standing as (
      select case state when 'done' then 'done' when 'reserved' then 'inFlight' when 'ready' then 'now'
          else case when not_before <= today.now then 'now' when not_before < today.ends then 'laterToday' else 'blocked' end end as part,
        coalesce(reason, 'later') as reason, count(*)::int as count, count(*) filter (where tries > 0)::int as tried,
        count(*) filter (where reached >= 1)::int as contacted, count(*) filter (where reached >= 2)::int as right_party
      from dial_queue, today where campaign_id = ${campaignId} group by 1, 2
    ), counted as (
      select jsonb_build_object('total', coalesce(sum(count), 0), 'now', ${sum('now')}, 'laterToday', ${sum('laterToday')},
        'blocked', ${sum('blocked')}, 'inFlight', ${sum('inFlight')}, 'done', ${sum('done')},
        'tried', coalesce(sum(tried), 0), 'contacted', coalesce(sum(contacted), 0), 'rightParty', coalesce(sum(right_party), 0),
        'reasons', ${reasons('blocked')}, 'endings', ${reasons('done')}) as figures
      from standing
    )
    update campaign_callable set figures = counted.figures || jsonb_build_object('zone', today.name, 'countedAt', today.now, 'unverified', ${unverified}::jsonb),
      counted_at = clock_timestamp(), claimed_at = null,
      took_ms = ceil(extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)
    from counted, today where campaign_id = ${campaignId} returning campaign_callable.figures`.execute(database);
  return rows[0] ? callable.parse(rows[0].figures) : null;
}
