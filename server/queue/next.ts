/** Who is next in a queue: the ready rows in their order and, where agents state what they speak, those with whom somebody can speak. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { OpenLanguages } from '../agents/seats.ts';
import type { Schema } from '../kernel/schema.ts';

/** How far a reservation looks for people whose language has room. */
const WINDOW = 1_000;
/** So many of a language that is spoken here stay in line while all who speak it are taken. */
const STAY_IN_LINE = 100;
/** Whoever was set aside is looked at again after this long, unless somebody comes who speaks their language. */
const ASIDE_MINUTES = 15;

/** What a reservation may take. */
export interface Terms {
  /** Who may be given callbacks that were promised in person while that still stands. */
  agents: readonly string[];
  /** Null: whatever the debtors speak. */
  languages: OpenLanguages | null;
}

/** The languages that have room, or null where all of them do, so that nobody's need be asked. */
export function restriction(languages: OpenLanguages | null): OpenLanguages | null {
  return languages !== null && languages.rest && languages.closed.length === 0 ? null : languages;
}

/**
 * Parts of a statement, `picked` the last of them, that lock a campaign's next ready rows; `name` tells their text from others. A part before
 * them, `running`, says whether it may dial at all (`kind`) and since when a promise in person still stands (`mine_since`).
 * Callbacks that wait for an agent of their own are passed over. Index: dial_queue_ready.
 */
export function nextRows(campaignId: string, limit: number, terms: Terms): { name: string; picked: RawBuilder<unknown> } {
  const { agents, languages } = terms;
  const ready = sql`
      select party_id, band, standing, callback_id, phone_id, phone_last, ctid as place from dial_queue
      where campaign_id = ${campaignId} and state = 'ready' and (select kind from running) is not null
        and (callback_id is null or not exists (
          select from callback c where c.id = callback_id and c.at > (select mine_since from running)
            and c.agent_id is not null and c.agent_id <> all(${agents}::uuid[])))
      order by band desc, standing desc, party_id`;
  if (languages !== null) {
    const name = `${limit}-${languages.rest ? 'except' : 'only'}`;
    return { name, picked: nextSpoken(campaignId, ready, { agents, languages, limit }) };
  }
  return {
    name: String(limit),
    picked: sql`picked as materialized (${ready} limit ${sql.lit(limit)} for no key update skip locked)`,
  };
}

/**
 * The next ready rows of people with whom somebody can speak, or whose language is not known. It looks through the first thousand of `ready`
 * at most, in their order, which the walk keeps. A callback promised in person by one of `agents` goes to them whatever the language: they
 * have spoken with one another. Index: party_pkey.
 */
function nextSpoken(
  campaignId: string,
  ready: RawBuilder<unknown>,
  { agents, languages, limit }: { agents: readonly string[]; languages: OpenLanguages; limit: number },
): RawBuilder<unknown> {
  return sql`
    ahead as materialized (${ready} limit ${sql.lit(WINDOW)}
    ), near as materialized (
      select ahead.place from ahead cross join lateral (
        select from party p where p.id = ahead.party_id and (${hasRoom(languages)} or exists (
          select from callback c where c.id = ahead.callback_id and c.agent_id = any(${agents}::uuid[]))) offset 0
      ) spoken limit ${sql.lit(limit)}
    ), picked as materialized (
      select party_id, band, standing, callback_id, phone_id, phone_last, ctid as place from dial_queue
      where ctid = any(array(select place from near)) and campaign_id = ${campaignId} and state = 'ready'
      for no key update skip locked
    )`;
}

/**
 * Moves people aside with whom nobody can speak now, where they fill all that a reservation looks through, so that the others get their
 * turn and no walk grows longer. The first hundred of languages that are spoken here stay. Callbacks are left alone. Returns how many went.
 */
export async function setAside(
  transaction: Kysely<Schema>,
  { campaignId, now }: { campaignId: string; now?: Temporal.Instant },
  languages: OpenLanguages,
): Promise<number> {
  const spoken = languages.spoken === null ? sql`true` : sql`language = any(${languages.spoken}::text[])`;
  const result = await sql`
    with ahead as materialized (
      select party_id, band, standing, callback_id, ctid as place from dial_queue where campaign_id = ${campaignId} and state = 'ready'
      order by band desc, standing desc, party_id limit ${sql.lit(WINDOW)}
    ), closed as materialized (
      select ahead.place, p.language, row_number() over (order by band desc, standing desc, party_id) as turn
      from ahead join party p on p.id = ahead.party_id where not (${hasRoom(languages)}) and ahead.callback_id is null
    ), moved as materialized (
      select ctid as place from dial_queue
      where ctid = any(array(select place from closed where turn > ${sql.lit(STAY_IN_LINE)} or not (${spoken})))
        and (select count(*) from ahead) >= ${sql.lit(WINDOW)} and campaign_id = ${campaignId} and state = 'ready'
      for no key update skip locked
    )
    update dial_queue q set state = 'waiting', reason = 'no_speaker', updated_at = clock_timestamp(),
      not_before = coalesce(${now?.toString() ?? null}::timestamptz, clock_timestamp()) + ${sql.lit(ASIDE_MINUTES)} * interval '1 minute'
    from moved where q.ctid = moved.place`.execute(transaction);
  return Number(result.numAffectedRows ?? 0n);
}

/** Brought back in one statement: each is locked until it ends. */
const BACK_AT_ONCE = 2_000;

/**
 * Brings those back who were set aside since nobody spoke one of these languages (none stated: any), now that somebody does. Returns how many
 * came. Index: dial_queue_waiting.
 */
export async function bringBackSpoken(
  database: Kysely<Schema>,
  { campaignId, languages, now }: { campaignId: string; languages: readonly string[]; now?: Temporal.Instant },
): Promise<number> {
  const moment = sql`coalesce(${now?.toString() ?? null}::timestamptz, clock_timestamp())`;
  let came = 0;
  for (let last = BACK_AT_ONCE; last === BACK_AT_ONCE; came += last) {
    const result = await sql`
      with back as materialized (
        select q.party_id from dial_queue q join party p on p.id = q.party_id
        where q.state = 'waiting' and q.not_before > ${moment} and q.not_before <= ${moment} + ${sql.lit(ASIDE_MINUTES)} * interval '1 minute'
          and q.campaign_id = ${campaignId} and q.reason = 'no_speaker'
          and (cardinality(${languages}::text[]) = 0 or p.language = any(${languages}::text[]))
        limit ${BACK_AT_ONCE} for no key update of q skip locked
      )
      update dial_queue q set state = 'ready', reason = null, updated_at = clock_timestamp()
      from back where q.campaign_id = ${campaignId} and q.party_id = back.party_id`.execute(database);
    last = Number(result.numAffectedRows ?? 0n);
  }
  return came;
}

/** Whether the language of `p` is not known or has room; `p.language` is never null in the second part. */
function hasRoom({ open, closed, rest }: OpenLanguages): RawBuilder<unknown> {
  return rest
    ? sql`p.language is null or p.language <> all(${closed}::text[])`
    : sql`p.language is null or p.language = any(${open}::text[])`;
}
