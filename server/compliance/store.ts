/** Rules as versioned data: reading what is in force, cached by the version of the whole set, and writing new versions. */
import { sql, type Kysely } from 'kysely';
import { enqueue } from '../kernel/outbox.ts';
import type { Schema } from '../kernel/schema.ts';
import type { Behalf, Catalogue } from './catalogue.ts';
import { overrideSchema, rulePackSchema, type RuleOverride, type RulePack } from './packs.ts';
import { SHIPPED_BEFORE, SHIPPED_PACKS } from './packs/shipped.ts';
import type { PeopleOfPlace } from './reach.ts';
import { catalogueIn, createRuleBook, overrideKey, type Dated, type HolidayChange, type RuleBook } from './rule-book.ts';

type Store = Kysely<Schema>;

/** Who wrote the packs that ship, in place of a user's id. */
export const SHIPPED = 'shipped';
/** Books kept compiled; a process mostly works with one database. */
const MAX_BOOKS_KEPT = 4;

/** Which state of which database's rules, and its clock: equal states, equal rules. */
export interface RuleMark {
  ruleDatabase: string;
  ruleSet: bigint;
  ruleClock: Temporal.Instant;
}

/** The rules in force, and the version of the whole set that they are of. */
export interface CurrentRules {
  catalogue: Catalogue;
  setVersion: bigint;
}

const books = new Map<string, RuleBook>();

/**
 * The rules in force by the database's clock: one read of one row, and the compiled catalogue from memory unless a rule has changed.
 * A database without packs has those that ship. Throws what the database throws, and for a stored rule that cannot be read.
 */
export async function currentCatalogue(database: Store): Promise<CurrentRules> {
  const mark = await readMark(database);
  return (
    knownCatalogue(mark) ?? {
      catalogue: catalogueIn(await readBook(database, mark), mark.ruleClock.epochMilliseconds),
      setVersion: mark.ruleSet,
    }
  );
}

/** The rules that are in force at any moment, past or to come, as they are known now. */
export async function catalogueAt(database: Store, moment: Temporal.Instant): Promise<CurrentRules> {
  const mark = await readMark(database);
  const book = books.get(keyOf(mark)) ?? (await readBook(database, mark));
  return { catalogue: catalogueIn(book, moment.epochMilliseconds), setVersion: mark.ruleSet };
}

/**
 * The rules in force for whoever read the mark along with something else (`ruleMark`), or null where they are not compiled yet and
 * `currentCatalogue` must read them.
 */
export function knownCatalogue(mark: RuleMark): CurrentRules | null {
  const book = books.get(keyOf(mark));
  return book === undefined ? null : { catalogue: catalogueIn(book, mark.ruleClock.epochMilliseconds), setVersion: mark.ruleSet };
}

/** The columns of a mark, to stand in the select list of a statement that is read anyway. */
export const ruleMark = sql<RuleMark>`
  (select version from rule_set) as "ruleSet", current_database() as "ruleDatabase", clock_timestamp() as "ruleClock"`;

/** Every version of packs, overrides and holidays, from the database. */
export async function readRuleBook(database: Store): Promise<RuleBook> {
  const [packs, overrides, holidays] = [
    await readPacks(database),
    await readOverrides(database),
    await readHolidayChanges(database),
  ];
  return createRuleBook(packs.length > 0 ? packs : shippedVersions(), overrides, holidays);
}

/**
 * Writes the versions of packs that ship and are not there yet; returns how many. Where somebody wrote a version of the same number,
 * theirs stays.
 */
export async function seedRulePacks(database: Store): Promise<number> {
  const there = await database.selectFrom('rule_pack').select(['pack', 'version']).execute();
  const known = new Set(there.map(({ pack, version }) => `${pack} ${version}`));
  const missing = [...SHIPPED_BEFORE, ...SHIPPED_PACKS].filter(({ id, version }) => !known.has(`${id} ${version}`));
  if (missing.length === 0) return 0;
  const written = await database
    .insertInto('rule_pack')
    .values(missing.map((pack) => packRow(pack, SHIPPED)))
    .onConflict((conflict) => conflict.columns(['pack', 'version']).doNothing())
    .returning('pack')
    .execute();
  return written.length;
}

/** After a change of rules: asks, in its transaction, that the debtors whom the old ones refused are judged again in every campaign. */
export async function judgeAgain(transaction: Store): Promise<void> {
  const { version } = await transaction.selectFrom('rule_set').select('version').executeTakeFirstOrThrow();
  const campaigns = await transaction.selectFrom('campaign').select('id').where('state', '!=', 'ended').execute();
  for (const { id } of campaigns) {
    await enqueue(transaction, 'campaign.requeue', `campaign.requeue:${id}:rules:${version}`, { campaignId: id });
  }
}

/**
 * Asks that debtors be judged again in the campaigns that were there when rules began which had been written for a later day: packs and
 * overrides. Once for each such moment however often it is called; `now` is the database's clock when left out. Returns how many were asked
 * for. Holidays and the hours of Ramadan need no such day: the gate looks ahead to them when it says when to ask again.
 */
export async function judgeBegun(database: Store, now: Temporal.Instant | null = null): Promise<number> {
  const asked = await sql`
    insert into outbox (job, key, payload)
    select 'campaign.requeue', 'campaign.requeue:' || campaign.id || ':begun:' || floor(extract(epoch from begun.at)), jsonb_build_object('campaignId', campaign.id)
    from campaign join (
      select effective_at as at, created_at from rule_pack union select effective_at, created_at from rule_override
    ) begun on begun.at > begun.created_at and begun.at >= campaign.created_at
    where campaign.state <> 'ended' and begun.at <= coalesce(${now?.toString() ?? null}::timestamptz, clock_timestamp())
    on conflict (key) do nothing`.execute(database);
  return Number(asked.numAffectedRows ?? 0n);
}

/** Writes a version of a pack. The caller has checked it and holds the lock of the rules. */
export async function insertPack(transaction: Store, pack: RulePack, author: string): Promise<void> {
  await transaction.insertInto('rule_pack').values(packRow(pack, author)).execute();
}

/** Writes a version of an override. The caller has checked it and holds the lock of the rules. */
export async function insertOverride(transaction: Store, override: RuleOverride, author: string): Promise<void> {
  const { scope, subjectId, tightens, version, reason, effectiveFrom } = override;
  await transaction
    .insertInto('rule_override')
    .values({
      scope,
      subject_id: subjectId,
      tightens,
      version,
      author,
      reason,
      effective_from: effectiveFrom,
      effective_at: beginningOf(override).toString(),
      body: JSON.stringify(override),
    })
    .execute();
}

/** Holds off whoever else changes rules until the transaction ends; returns the database's clock. */
export async function lockRules(transaction: Store): Promise<Temporal.Instant> {
  const row = await transaction
    .selectFrom('rule_set')
    .select(sql<Temporal.Instant>`clock_timestamp()`.as('now'))
    .forUpdate()
    .executeTakeFirstOrThrow();
  return row.now;
}

/** Real debtors of countries, counted by country, regions and zones; reads the whole table of parties, which only pages and changes of law do. */
export async function readPeople(database: Store, countries: readonly string[]): Promise<PeopleOfPlace[]> {
  if (countries.length === 0) return [];
  const rows = await database
    .selectFrom('party')
    .select(['country', 'regions', 'time_zones as zones'])
    .select(sql<number>`count(*)::int`.as('people'))
    .where('country', 'in', countries)
    .where('demo', '=', false)
    .groupBy(['country', 'regions', 'time_zones'])
    .execute();
  return rows;
}

/** Of how many people a sample is drawn, and how many of those asked for must be in it, lest all be looked at. */
const SAMPLE = { of: 200_000, atLeast: 1_000 };
/** Bytes that a person takes in their table, about, where it was never analyzed. */
const BYTES_OF_PERSON = 250;

/**
 * Real debtors of countries who wait in the queue of a campaign that goes on, counted by country, regions and zones. Among very many people
 * one in `oneIn` is looked at, always the same ones, drawn from all over the table; 1 where all are. Index: dial_queue_by_party.
 */
export async function readQueuedPeople(
  database: Store,
  countries: readonly string[],
  sample = SAMPLE,
): Promise<{ groups: PeopleOfPlace[]; oneIn: number }> {
  if (countries.length === 0) return { groups: [], oneIn: 1 };
  const known = await sql<{ people: number }>`
    select case when reltuples > 0 then reltuples else pg_relation_size(oid) / ${BYTES_OF_PERSON}::float end as people
    from pg_class where oid = 'party'::regclass`.execute(database);
  const oneIn = Math.max(1, Math.round((known.rows[0]?.people ?? 0) / sample.of));
  const drawn = oneIn === 1 ? [] : await countQueued(database, countries, oneIn);
  const found = drawn.reduce((sum, group) => sum + group.people, 0);
  if (oneIn > 1 && found >= sample.atLeast) return { groups: drawn, oneIn };
  return { groups: await countQueued(database, countries, 1), oneIn: 1 };
}

async function countQueued(database: Store, countries: readonly string[], oneIn: number): Promise<PeopleOfPlace[]> {
  const drawn = oneIn === 1 ? sql`` : sql`tablesample system (${100 / oneIn}) repeatable (1)`;
  const { rows } = await sql<PeopleOfPlace>`
    select country, regions, time_zones as zones, count(*)::int as people
    from party ${drawn} where country = any(${countries}) and not demo and exists (
      select 1 from dial_queue row join campaign on campaign.id = row.campaign_id and campaign.state <> 'ended'
      where row.party_id = party.id and row.state in ('ready', 'waiting'))
    group by country, regions, time_zones`.execute(database);
  return rows;
}

/** Whose rules are asked about: the name people know them by, and on whose behalf contacts are judged. */
export interface RuleSubject {
  name: string;
  behalf: Behalf;
}

/** A creditor or a campaign, or null where there is none. */
export async function readSubject(
  database: Store,
  { scope, subjectId }: Pick<RuleOverride, 'scope' | 'subjectId'>,
): Promise<RuleSubject | null> {
  if (scope === 'creditor') {
    const found = await database.selectFrom('creditor').select('name').where('id', '=', subjectId).executeTakeFirst();
    return found ? { name: found.name, behalf: { creditorIds: [subjectId], campaignId: null } } : null;
  }
  const found = await database
    .selectFrom('campaign')
    .select(['name', 'creditor_id'])
    .where('id', '=', subjectId)
    .executeTakeFirst();
  if (!found) return null;
  return {
    name: found.name,
    behalf: { creditorIds: found.creditor_id === null ? [] : [found.creditor_id], campaignId: subjectId },
  };
}

/**
 * The debtors of a creditor or in a campaign's queue, counted by country and zones; at most `limit` of them are looked at. Indexes:
 * dial_queue_pkey, the unique accounts of a creditor, debt_party_pkey.
 */
export async function readPeopleOf(
  database: Store,
  { scope, subjectId }: Pick<RuleOverride, 'scope' | 'subjectId'>,
  limit: number | null,
): Promise<PeopleOfPlace[]> {
  const theirs =
    scope === 'campaign'
      ? sql`select party_id as id from dial_queue where campaign_id = ${subjectId} limit ${limit}`
      : sql`select distinct link.party_id as id from (select id from debt where creditor_id = ${subjectId} limit ${limit}) owed
          join debt_party link on link.debt_id = owed.id and link.role = 'debtor'`;
  const { rows } = await sql<PeopleOfPlace>`
    select country, regions, time_zones as zones, count(*)::int as people from (${theirs}) theirs join party on party.id = theirs.id
    group by country, regions, time_zones`.execute(database);
  return rows;
}

async function readMark(database: Store): Promise<RuleMark> {
  const { rows } = await sql<RuleMark>`select ${ruleMark}`.execute(database);
  const [mark] = rows;
  if (mark === undefined) throw new Error('The database says nothing of its rules');
  return mark;
}

/** Read after its mark, so that a book under a mark is never older than it; a newer one is replaced when the mark is next read. */
async function readBook(database: Store, mark: RuleMark): Promise<RuleBook> {
  const book = await readRuleBook(database);
  if (books.size >= MAX_BOOKS_KEPT) books.clear();
  books.set(keyOf(mark), book);
  return book;
}

function keyOf({ ruleDatabase, ruleSet }: RuleMark): string {
  return `${ruleDatabase} ${ruleSet}`;
}

async function readPacks(database: Store): Promise<Dated<RulePack>[]> {
  const rows = await database
    .selectFrom('rule_pack')
    .select(['pack', 'version', 'author', 'effective_at', 'created_at', 'body'])
    .orderBy('pack')
    .orderBy('version')
    .execute();
  return rows.map((row) => ({
    key: row.pack,
    version: row.version,
    fromMs: fromMs(row),
    rules: readable(rulePackSchema, row.body, `pack ${row.pack} version ${row.version}`),
  }));
}

async function readOverrides(database: Store): Promise<Dated<RuleOverride>[]> {
  const rows = await database
    .selectFrom('rule_override')
    .select(['scope', 'subject_id', 'tightens', 'version', 'author', 'effective_at', 'created_at', 'body'])
    .execute();
  return rows.map((row) => {
    const key = overrideKey({ scope: row.scope, subjectId: row.subject_id, tightens: row.tightens });
    const rules = readable(overrideSchema, row.body, `override ${key} version ${row.version}`);
    return { key, version: row.version, fromMs: fromMs(row), rules };
  });
}

async function readHolidayChanges(database: Store): Promise<HolidayChange[]> {
  const rows = await database
    .selectFrom('holiday_change')
    .select(['country', 'date', 'name', 'closes'])
    .select(sql<number | null>`case when isfinite(at) then floor(extract(epoch from at) * 1000)::float8 end`.as('atMs'))
    .orderBy('id')
    .execute();
  return rows.map(({ atMs, ...row }) => ({ ...row, fromMs: atMs ?? Number.NEGATIVE_INFINITY }));
}

/** What ships first always was; what people write binds from its date, but never before it was written. */
function fromMs(row: { author: string; version: number; effective_at: Temporal.Instant; created_at: Temporal.Instant }): number {
  if (row.author === SHIPPED && row.version === 1) return Number.NEGATIVE_INFINITY;
  return Math.max(row.effective_at.epochMilliseconds, row.created_at.epochMilliseconds);
}

function shippedVersions(): Dated<RulePack>[] {
  return SHIPPED_PACKS.map((rules) => ({ key: rules.id, version: rules.version, fromMs: Number.NEGATIVE_INFINITY, rules }));
}

/** A rule that cannot be read stops whoever would judge: to leave it out could allow what it forbids. */
function readable<Rules>(schema: { parse(body: unknown): Rules }, body: unknown, name: string): Rules {
  try {
    return schema.parse(body);
  } catch (error) {
    throw new Error(`The stored ${name} cannot be read`, { cause: error });
  }
}

function packRow(pack: RulePack, author: string) {
  return {
    pack: pack.id,
    version: pack.version,
    author,
    reason: pack.reason,
    effective_from: pack.effectiveFrom,
    effective_at: beginningOf(pack).toString(),
    body: JSON.stringify(pack),
  };
}

/** When a version begins that is written to begin on a day: with the day in its own zone. */
export function beginningOf({ effectiveFrom, zone }: Pick<RulePack, 'effectiveFrom' | 'zone'>): Temporal.Instant {
  return Temporal.PlainDate.from(effectiveFrom).toZonedDateTime(zone).toInstant();
}
