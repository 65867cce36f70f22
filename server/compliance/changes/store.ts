/** Changes of rules by people: checked, explained, written as a new version, and kept in the history. */
import type { Kysely } from 'kysely';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import type { Schema } from '../../kernel/schema.ts';
import { PackFault, createCatalogue, type Catalogue } from '../catalogue.ts';
import { looseningsOf } from '../loosening.ts';
import type { RuleOverride, RulePack } from '../packs.ts';
import { blockedForEver, type PeopleOfPlace } from '../reach.ts';
import { readOverride, readPack, type Reading } from '../reading.ts';
import { catalogueIn, type Dated, type RuleBook } from '../rule-book.ts';
import {
  insertOverride,
  insertPack,
  judgeAgain,
  lockRules,
  overrideKey,
  readPeople,
  readRuleBook,
  seedRulePacks,
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
 * `unknown_campaign`, the first fault by its name, and `loosening_override` where it would be looser than the pack in force.
 */
export async function saveOverride(
  database: Kysely<Schema>,
  change: Change & Pick<RuleOverride, 'scope' | 'subjectId' | 'tightens'>,
  author: RuleAuthor,
): Promise<RuleOverride> {
  return database.transaction().execute(async (transaction) => {
    const { book, now } = await openRules(transaction, author);
    const { scope, subjectId, tightens, reason, effectiveFrom } = change;
    await refuseStranger(transaction, scope, subjectId);
    const version = nextVersion(book.overrides, overrideKey(change), change.version);
    const whose = { scope, subjectId, tightens, version, author: author.userId, reason, effectiveFrom };
    const override = orRefuse(readOverride({ ...change.rules, ...whose }));
    const [first, ...more] = looseningsOf(catalogueIn(book, now.epochMilliseconds), override);
    if (first) throw refusalOf([first, ...more]);
    await insertOverride(transaction, override, author.userId);
    await judgeAgain(transaction);
    const body = { scope, tightens, version, reason, effectiveFrom };
    await record(transaction, [{ kind: 'rule_override.changed', subject: scope, subjectId, actor: author.userId, body }]);
    return override;
  });
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

async function refuseStranger(transaction: Store, scope: RuleOverride['scope'], subjectId: string): Promise<void> {
  const found = await transaction.selectFrom(scope).select('id').where('id', '=', subjectId).executeTakeFirst();
  if (!found) throw new Refusal(`unknown_${scope}`, `There is no such ${scope}.`, { field: 'subjectId', status: 422 });
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

async function refuseToBlock(
  transaction: Store,
  pack: RulePack,
  before: Catalogue,
  after: Catalogue,
  now: Temporal.Instant,
): Promise<void> {
  // Whoever inherits from the pack is blocked with it.
  const concerned = [...after.packs.values()].filter((each) => each.id === pack.id || each.base === pack.id);
  const countries = [...new Set(concerned.flatMap((each) => each.countries))];
  const places = [
    ...countries.map((country) => ({ country, regions: [] })),
    ...concerned.flatMap((each) => each.regions.map((region) => ({ country: region.slice(0, 2), regions: [region] }))),
  ].map((place) => ({ ...place, zones: [], people: 0 }));
  const groups: PeopleOfPlace[] = [...places, ...(await readPeople(transaction, countries))];
  const already = new Set(blockedForEver(before, groups, now));
  // A country that no pack served is no better off with one that closes it.
  const isNew = (group: PeopleOfPlace): boolean => !already.has(group) || pack.countries.includes(group.country);
  const blocked = blockedForEver(after, groups, now).filter(isNew);
  if (blocked.length === 0) return;
  const people = blocked.reduce((sum, group) => sum + group.people, 0);
  throw new Refusal('blocks_everybody', `By these rules ${people} debtors could never be called again.`, {
    field: 'rules',
    status: 409,
    details: { people, countries: [...new Set(blocked.map((group) => group.country))].toSorted() },
  });
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
