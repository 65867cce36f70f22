/** Packs and overrides as people look at them: every version with its author, and the week of the one in force. */
import type { Kysely } from 'kysely';
import type {
  CallableWeek,
  CreditorRow,
  LawCap,
  OverrideDetail,
  OverrideRow,
  PackDetail,
  PackRow,
  PackVersion,
} from '../../contract/packs.ts';
import type { Schema } from '../../kernel/schema.ts';
import { withAncestors } from '../catalogue.ts';
import { weeklyGrid } from '../grid.ts';
import type { Evidence } from '../../contract/rule-terms.ts';
import { countriesOf, type RuleOverride, type RulePack } from '../packs.ts';
import { catalogueIn, inForce, overrideKey, type Dated, type RuleBook } from '../rule-book.ts';
import { callableByHour } from '../reach.ts';
import { readPeople, readRuleBook, readSubject } from '../store.ts';

type Store = Kysely<Schema>;

const HOURS_OF_WEEK = 7 * 24;

/** Every pack, by id, with the version in force at `now` and the one to come. */
export async function listPacks(database: Store, now: Temporal.Instant): Promise<PackRow[]> {
  const book = await readRuleBook(database);
  const names = await namesOf(database, book);
  return [...new Set(book.packs.map((each) => each.key))].toSorted().map((id) => rowOf(book, id, now, names));
}

/** One pack whole, by the version in force at `now` or another one; null where there is none. */
export async function readPackDetail(
  database: Store,
  id: string,
  now: Temporal.Instant,
  version?: number,
): Promise<PackDetail | null> {
  const book = await readRuleBook(database);
  const versions = versionsOf(book.packs, id);
  const shown = version === undefined ? shownOf(versions, now) : versions.find((each) => each.version === version);
  if (shown === undefined) return null;
  const names = await namesOf(database, book);
  const current = inForceOf(versions, now);
  return {
    ...rowOf(book, id, now, names),
    shown: shown.version,
    rules: rulesOnly(shown.rules),
    // What is to come may build on what is to come.
    grid: weeklyGrid(catalogueIn(book, Math.max(now.epochMilliseconds, shown.fromMs)), shown.rules),
    versions: versions.map((each) => versionOf(each, current, names)),
  };
}

/** Who of a pack's countries is callable when, for the week from `now` on; null where there is no such pack in force. */
export async function readCallableWeek(database: Store, id: string, now: Temporal.Instant): Promise<CallableWeek | null> {
  const catalogue = catalogueIn(await readRuleBook(database), now.epochMilliseconds);
  const pack = catalogue.packs.get(id);
  if (pack === undefined) return null;
  const groups = (await readPeople(database, countriesOf(pack))).filter(
    ({ regions }) => pack.regions.length === 0 || regions.some((region) => pack.regions.includes(region)),
  );
  const from = now.round({ smallestUnit: 'hour', roundingMode: 'floor' });
  return {
    people: groups.reduce((sum, group) => sum + group.people, 0),
    hours: callableByHour(catalogue, groups, from, HOURS_OF_WEEK).map(({ at, people }) => ({ at: at.toString(), people })),
  };
}

/** What creditors and campaigns ask beyond the packs, in force or to come: the newest version of each. */
export async function listOverrides(database: Store, now: Temporal.Instant): Promise<OverrideRow[]> {
  const book = await readRuleBook(database);
  const [names, subjects] = [await namesOf(database, book), await subjectNames(database, book)];
  return [...new Set(book.overrides.map((each) => each.key))].toSorted().flatMap((key) => {
    const versions = versionsOf(book.overrides, key);
    const [newest] = versions;
    if (newest === undefined) return [];
    const { scope, subjectId, tightens, ...rest } = newest.rules;
    const whose = { scope, subjectId, tightens, subject: subjects.get(subjectId) ?? subjectId };
    return [{ ...whose, rules: rulesOnly(rest), ...versionOf(newest, inForceOf(versions, now), names) }];
  });
}

/** What one of them asks beyond a pack, with what the pack says and what applies now; null where there is no such pack or subject. */
export async function readOverrideDetail(
  database: Store,
  whose: Pick<RuleOverride, 'scope' | 'subjectId' | 'tightens'>,
  now: Temporal.Instant,
): Promise<OverrideDetail | null> {
  const book = await readRuleBook(database);
  const catalogue = catalogueIn(book, now.epochMilliseconds);
  const pack = catalogue.packs.get(whose.tightens);
  const subject = await readSubject(database, whose);
  if (pack === undefined || subject === null) return null;
  const versions = versionsOf(book.overrides, overrideKey(whose));
  const current = inForceOf(versions, now);
  const names = await namesOf(database, book);
  const { scope: _scope, subjectId: _subjectId, tightens: _tightens, ...rules } = versions[0]?.rules ?? whose;
  return {
    ...whose,
    subject: subject.name,
    version: versions[0]?.version ?? 0,
    rules: rulesOnly(rules),
    lawGrid: weeklyGrid(catalogue, pack),
    grid: weeklyGrid(catalogue, pack, current?.rules ?? null),
    lawCaps: withAncestors(catalogue.packs, pack).flatMap((law) =>
      law.caps.map((rule) => ({
        pack: law.id,
        evidence: rule.evidence,
        rule: JSON.parse(JSON.stringify(rule)) as LawCap['rule'],
      })),
    ),
    versions: versions.map((each) => versionOf(each, current, names)),
  };
}

/** Every creditor by name; those of the demo only for a viewer of the demo, who sees no others. */
export async function listCreditors(database: Store, viewer: { demo: boolean }): Promise<CreditorRow[]> {
  return database
    .selectFrom('creditor')
    .select(['id', 'name', 'demo'])
    .$if(viewer.demo, (query) => query.where('demo', '=', true))
    .orderBy('name')
    .execute();
}

/** Names of the creditors and campaigns that ask more than the law. */
async function subjectNames(database: Store, book: RuleBook): Promise<Map<string, string>> {
  const ids = [...new Set(book.overrides.map((each) => each.rules.subjectId))];
  if (ids.length === 0) return new Map();
  const creditors = await database.selectFrom('creditor').select(['id', 'name']).where('id', 'in', ids).execute();
  const campaigns = await database.selectFrom('campaign').select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map([...creditors, ...campaigns].map((row) => [row.id, row.name]));
}

type Issued = Pick<RulePack, 'version' | 'author' | 'reason' | 'effectiveFrom'>;

/** Newest first. */
function versionsOf<Rules>(all: readonly Dated<Rules>[], key: string): Dated<Rules>[] {
  return all.filter((each) => each.key === key).toSorted((a, b) => b.version - a.version);
}

function inForceOf<Rules>(versions: readonly Dated<Rules>[], now: Temporal.Instant): Dated<Rules> | undefined {
  return inForce(versions, now.epochMilliseconds)[0];
}

/** The version in force, or the first to come of a pack that is new. */
function shownOf<Rules>(versions: readonly Dated<Rules>[], now: Temporal.Instant): Dated<Rules> | undefined {
  return inForceOf(versions, now) ?? versions.at(-1);
}

function rowOf(book: RuleBook, id: string, now: Temporal.Instant, names: ReadonlyMap<string, string>): PackRow {
  const versions = versionsOf(book.packs, id);
  const current = inForceOf(versions, now);
  const shown = shownOf(versions, now);
  if (shown === undefined) throw new Error(`Pack ${id} has no version`);
  const [newest] = versions;
  const { name, applies, base, countries, regions } = shown.rules;
  return {
    id,
    name,
    applies,
    base,
    countries,
    regions,
    evidence: evidenceOf(shown.rules),
    current: versionOf(shown, current, names),
    next: newest === undefined || newest.version <= shown.version ? null : versionOf(newest, current, names),
  };
}

function versionOf<Rules extends Issued>(
  { rules, version }: Dated<Rules>,
  current: Dated<Rules> | undefined,
  names: ReadonlyMap<string, string>,
): PackVersion {
  const { author, reason, effectiveFrom } = rules;
  return { version, author: names.get(author) ?? author, reason, effectiveFrom, inForce: version === current?.version };
}

/** How many of a pack's rules are known how well. */
function evidenceOf(pack: RulePack): Partial<Record<Evidence, number>> {
  const counts: Partial<Record<Evidence, number>> = {};
  const single = [
    pack.ramadanHours,
    pack.closedOnHolidays,
    pack.channels,
    pack.numberTypes,
    pack.recordedSoundNeedsConsent,
    pack.abandonment,
    pack.optOutByKey,
    pack.forbiddenWords,
  ];
  const lists = [pack.hours, pack.holidays, pack.caps, pack.cooloffs, pack.holds, pack.disclosures, pack.retention];
  for (const rule of [...single, ...lists.flat()]) {
    if (rule !== null) counts[rule.evidence] = (counts[rule.evidence] ?? 0) + 1;
  }
  return counts;
}

/** Without what stands beside the rules; as JSON has it. */
function rulesOnly(rules: object): Record<string, unknown> {
  const {
    id: _id,
    version: _version,
    author: _author,
    reason: _reason,
    effectiveFrom: _from,
    ...rest
  } = rules as Partial<RulePack>;
  return JSON.parse(JSON.stringify(rest)) as Record<string, unknown>;
}

/** Display names of the people who wrote versions, by their ids. */
async function namesOf(database: Store, book: RuleBook): Promise<Map<string, string>> {
  const isUser = /^[0-9a-f-]{36}$/;
  const ids = [...new Set([...book.packs, ...book.overrides].map((each) => each.rules.author))].filter((id) => isUser.test(id));
  if (ids.length === 0) return new Map();
  const rows = await database.selectFrom('app_user').select(['id', 'display_name']).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row.display_name]));
}
