/** Changes of rules by people: checked, explained, written as a new version, and kept in the history. */
import type { Kysely } from 'kysely';
import type { OverridePreview } from '../../contract/packs.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import type { Schema } from '../../kernel/schema.ts';
import { PackFault, createCatalogue, withAncestors, type Catalogue } from '../catalogue.ts';
import { weeklyGrid } from '../grid.ts';
import { looseningsOf } from '../loosening.ts';
import { countriesOf, type RuleOverride, type RulePack } from '../packs.ts';
import { blockedForEver, callableByHour, type PeopleOfPlace } from '../reach.ts';
import { readOverride, readPack, type Reading } from '../reading.ts';
import { catalogueIn, inForce, type Dated, type RuleBook } from '../rule-book.ts';
import {
  insertOverride,
  insertPack,
  judgeAgain,
  lockRules,
  overrideKey,
  readPeople,
  readPeopleOf,
  readRuleBook,
  readSubject,
  seedRulePacks,
  type RuleSubject,
} from '../store.ts';

type Store = Kysely<Schema>;

/** Who changes a rule: accounts of the demo only where nobody real can be called. */
export interface RuleAuthor {
  userId: string;
  demo: boolean;
}

interface Change {
  /** The version that the editor was opened with; 0 for something new. */
  version: number;
  reason: string;
  effectiveFrom: string;
  rules: Readonly<Record<string, unknown>>;
}

type WhoseRules = Pick<RuleOverride, 'scope' | 'subjectId' | 'tightens'>;

/**
 * Writes the next version of a pack and returns it. Throws `stale_version`; the pack's first fault by its name, all of them in
 * `details.faults`; and, unless `acceptBlocked`, `blocks_everybody` with the count of people whom nobody could call any more.
 */
export async function savePack(
  database: Kysely<Schema>,
  change: Change & { id: string; acceptBlocked: boolean },
  author: RuleAuthor,
): Promise<RulePack> {
  return database.transaction().execute(async (transaction) => {
    const { book, now } = await openRules(transaction, author);
    const version = nextVersion(book.packs, change.id, change.version);
    const { reason, effectiveFrom, id } = change;
    const pack = orRefuse(readPack({ ...change.rules, id, version, author: author.userId, reason, effectiveFrom }));
    const before = catalogueIn(book, now.epochMilliseconds);
    const after = withPack(before, pack, book);
    if (!change.acceptBlocked) await refuseToBlock(transaction, pack, before, after, now);
    await insertPack(transaction, pack, author.userId);
    await judgeAgain(transaction);
    await record(transaction, [
      {
        kind: 'rule_pack.changed',
        subject: 'rule_pack',
        subjectId: id,
        actor: author.userId,
        body: { version, reason, effectiveFrom },
      },
    ]);
    return pack;
  });
}

/**
 * Writes the next version of what a creditor or campaign asks beyond a pack. Throws `stale_version`, `unknown_creditor` or
 * `unknown_campaign`, the first fault by its name, `loosening_override` where it would be looser than the pack in force, and, unless
 * `acceptBlocked`, `blocks_everybody` with the count of their people whom nobody could call any more.
 */
export async function saveOverride(
  database: Store,
  change: Change & WhoseRules & { acceptBlocked: boolean },
  author: RuleAuthor,
): Promise<RuleOverride> {
  return database.transaction().execute(async (transaction) => {
    const { book, now } = await openRules(transaction, author);
    const { scope, subjectId, tightens, reason, effectiveFrom } = change;
    const subject = await subjectOrRefuse(transaction, change);
    const version = nextVersion(book.overrides, overrideKey(change), change.version);
    const whose = { scope, subjectId, tightens, version, author: author.userId, reason, effectiveFrom };
    const override = orRefuse(readOverride({ ...change.rules, ...whose }));
    const before = catalogueIn(book, now.epochMilliseconds);
    const [first, ...more] = looseningsOf(before, override);
    if (first) throw refusalOf([first, ...more]);
    if (!change.acceptBlocked) {
      const people = await readPeopleOf(transaction, change, null);
      const groups = [...placesOf(packsUnder(before, tightens)), ...people];
      const already = new Set(blockedForEver(before, groups, now, subject.behalf));
      const after = withOverride(book, override, now);
      refuseBlocked(blockedForEver(after, groups, now, subject.behalf).filter((group) => !already.has(group)));
    }
    await insertOverride(transaction, override, author.userId);
    await judgeAgain(transaction);
    const body = { scope, tightens, version, reason, effectiveFrom };
    await record(transaction, [{ kind: 'rule_override.changed', subject: scope, subjectId, actor: author.userId, body }]);
    return override;
  });
}

/** Of a campaign or creditor so many debtors are looked at for a preview. */
const LOOKED_AT = 20_000;
const HOURS_OF_WEEK = 7 * 24;

/**
 * What rules would do that are not saved yet: the ordinary week as they narrow it, how many of the people may be called in each hour of
 * the coming week before and after, and everything that is wrong with them. Throws `unknown_creditor`, `unknown_campaign`, `unknown_pack`.
 */
export async function previewOverride(
  database: Store,
  change: WhoseRules & Pick<Change, 'rules'>,
  now: Temporal.Instant,
): Promise<OverridePreview> {
  const book = await readRuleBook(database);
  const subject = await subjectOrRefuse(database, change);
  const { scope, subjectId, tightens } = change;
  const before = catalogueIn(book, now.epochMilliseconds);
  const pack = before.packs.get(tightens);
  if (pack === undefined) throw new Refusal('unknown_pack', 'There is no such rule pack.', { field: 'tightens', status: 404 });
  const whose = { scope, subjectId, tightens, version: 1, author: 'preview', reason: 'preview' };
  const effectiveFrom = now.toZonedDateTimeISO('UTC').toPlainDate().toString();
  const reading = readOverride({ ...change.rules, ...whose, effectiveFrom });
  const faults = reading.faults ?? looseningsOf(before, reading.item);
  const override = faults.length === 0 ? reading.item : null;
  const after = override === null ? before : withOverride(book, override, now);
  const groups = await readPeopleOf(database, change, LOOKED_AT);
  const from = now.round({ smallestUnit: 'hour', roundingMode: 'floor' });
  const was = callableByHour(before, groups, from, HOURS_OF_WEEK, subject.behalf);
  const would = callableByHour(after, groups, from, HOURS_OF_WEEK, subject.behalf);
  return {
    grid: weeklyGrid(before, pack, override),
    people: peopleIn(groups),
    partly: peopleIn(groups) >= LOOKED_AT,
    hours: was.map(({ at, people }, index) => ({ at: at.toString(), before: people, after: would[index]?.people ?? 0 })),
    faults: faults.map(({ code, field, message }) => ({ code, field, message })),
  };
}

async function openRules(transaction: Store, author: RuleAuthor): Promise<{ book: RuleBook; now: Temporal.Instant }> {
  await refuseDemo(transaction, author);
  const now = await lockRules(transaction);
  await seedRulePacks(transaction);
  return { book: await readRuleBook(transaction), now };
}

/** Accounts of the demo, whose passwords are printed at each start, change no law that real people are called by. */
export async function refuseDemo(database: Store, author: RuleAuthor): Promise<void> {
  if (!author.demo) return;
  const real = await database.selectFrom('trunk').select('name').where('kind', '=', 'real').executeTakeFirst();
  if (real)
    throw new Refusal('demo_and_real', 'Accounts of the demo change no rules that real people are called by.', { status: 403 });
}

async function subjectOrRefuse(database: Store, whose: Pick<WhoseRules, 'scope' | 'subjectId'>): Promise<RuleSubject> {
  const subject = await readSubject(database, whose);
  if (subject === null) {
    throw new Refusal(`unknown_${whose.scope}`, `There is no such ${whose.scope}.`, { field: 'subjectId', status: 422 });
  }
  return subject;
}

function nextVersion(versions: readonly Dated<unknown>[], key: string, opened: number): number {
  const newest = Math.max(0, ...versions.filter((each) => each.key === key).map((each) => each.version));
  if (newest !== opened) {
    throw new Refusal('stale_version', 'Somebody else changed these rules meanwhile: look at them anew.', {
      field: 'version',
      status: 409,
      details: { version: newest },
    });
  }
  return newest + 1;
}

/** The catalogue as if the pack were in force already. */
function withPack(before: Catalogue, pack: RulePack, book: RuleBook): Catalogue {
  try {
    const others = [...before.packs.values()].filter((each) => each.id !== pack.id);
    return createCatalogue([...others, pack], [], book.holidays);
  } catch (error) {
    if (error instanceof PackFault) throw refusalOf([error]);
    throw error;
  }
}

/** The catalogue as if the override were in force already, in place of its version before. */
function withOverride(book: RuleBook, override: RuleOverride, now: Temporal.Instant): Catalogue {
  const inForceOf = <Rules>(versions: readonly Dated<Rules>[]) => inForce(versions, now.epochMilliseconds);
  const others = inForceOf(book.overrides).filter((each) => each.key !== overrideKey(override));
  return createCatalogue(
    inForceOf(book.packs).map((each) => each.rules),
    [...others.map((each) => each.rules), override],
    book.holidays,
  );
}

async function refuseToBlock(
  transaction: Store,
  pack: RulePack,
  before: Catalogue,
  after: Catalogue,
  now: Temporal.Instant,
): Promise<void> {
  const concerned = packsUnder(after, pack.id);
  const countries = [...new Set(concerned.flatMap(countriesOf))];
  const groups = [...placesOf(concerned), ...(await readPeople(transaction, countries))];
  const already = new Set(blockedForEver(before, groups, now));
  // A country that no pack served is no better off with one that closes it.
  const isNew = (group: PeopleOfPlace): boolean => !already.has(group) || pack.countries.includes(group.country);
  refuseBlocked(blockedForEver(after, groups, now).filter(isNew));
}

/** A pack and all that inherit from it: who is bound by them is bound by it. */
function packsUnder(catalogue: Catalogue, packId: string): RulePack[] {
  return [...catalogue.packs.values()].filter((each) => withAncestors(catalogue.packs, each).some(({ id }) => id === packId));
}

/** The places of packs as groups of nobody, so that a place without debtors is judged too. */
function placesOf(packs: readonly RulePack[]): PeopleOfPlace[] {
  const countries = [...new Set(packs.flatMap((each) => each.countries))];
  return [
    ...countries.map((country) => ({ country, regions: [] })),
    ...packs.flatMap((each) => each.regions.map((region) => ({ country: region.slice(0, 2), regions: [region] }))),
  ].map((place) => ({ ...place, zones: [], people: 0 }));
}

function refuseBlocked(blocked: readonly PeopleOfPlace[]): void {
  if (blocked.length === 0) return;
  const people = peopleIn(blocked);
  throw new Refusal('blocks_everybody', `By these rules ${people} debtors could never be called again.`, {
    field: 'rules',
    status: 409,
    details: { people, countries: [...new Set(blocked.map((group) => group.country))].toSorted() },
  });
}

function peopleIn(groups: readonly PeopleOfPlace[]): number {
  return groups.reduce((sum, group) => sum + group.people, 0);
}

function orRefuse<Item>(reading: Reading<Item>): Item {
  if (reading.faults !== null) throw refusalOf(reading.faults);
  return reading.item;
}

/** The first fault by its name, with all of them for the form. */
function refusalOf(faults: readonly PackFault[]): Refusal {
  const [first] = faults;
  return new Refusal(first?.code ?? 'invalid', first?.message ?? 'These rules cannot be used.', {
    ...(first?.field ? { field: first.field } : {}),
    status: 422,
    details: { faults: faults.map(({ code, field, message }) => ({ code, field, message })) },
  });
}
