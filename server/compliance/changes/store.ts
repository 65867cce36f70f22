/** Changes of rules by people: checked, explained, written as a new version, and kept in the history. */
import type { Kysely } from 'kysely';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import type { Schema } from '../../kernel/schema.ts';
import {
  blockedBy,
  concernedBy,
  countriesIn,
  countriesOfAll,
  packsUnder,
  peopleIn,
  placesOf,
  unknownPlaces,
  withOverride,
  withVersion,
  type WouldBe,
} from '../as-if.ts';
import { PackFault } from '../catalogue.ts';
import { looseningsOf } from '../loosening.ts';
import type { RuleOverride, RulePack } from '../packs.ts';
import { blockedForEver, type PeopleOfPlace } from '../reach.ts';
import { readOverride, readPack, type Reading } from '../reading.ts';
import { catalogueIn, overrideKey, type Dated, type RuleBook } from '../rule-book.ts';
import {
  beginningOf,
  insertOverride,
  insertPack,
  judgeAgain,
  lockRules,
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
 * Writes the next version of a pack, or a new pack, and returns it. Throws `stale_version`; `pack_exists`; the first fault by its name, all
 * of them in `details.faults`; and, unless `acceptBlocked`, `blocks_everybody` with the count of people whom nobody could call any more
 * from the day on which it begins.
 */
export async function savePack(
  database: Kysely<Schema>,
  change: Change & { id: string; acceptBlocked: boolean },
  author: RuleAuthor,
): Promise<RulePack> {
  return database.transaction().execute(async (transaction) => {
    const { book, now } = await openRules(transaction, author);
    if (change.version === 0) refuseTaken(book, change.id);
    const version = nextVersion(book.packs, change.id, change.version);
    const { reason, effectiveFrom, id } = change;
    const pack = orRefuse(readPack({ ...change.rules, id, version, author: author.userId, reason, effectiveFrom }));
    const [unknown, ...more] = unknownPlaces(pack);
    if (unknown) throw refusalOf([unknown, ...more]);
    const begins = Math.max(now.epochMilliseconds, beginningOf(pack).epochMilliseconds);
    const wouldBe = usable(() => withVersion(book, pack, begins));
    if (!change.acceptBlocked) {
      await refuseToBlock(transaction, pack, wouldBe, Temporal.Instant.fromEpochMilliseconds(begins));
    }
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

/** Whose rules these are. Throws `unknown_creditor` or `unknown_campaign`. */
export async function subjectOrRefuse(database: Store, whose: Pick<WhoseRules, 'scope' | 'subjectId'>): Promise<RuleSubject> {
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

/** New packs differ from those there are by more than capital letters, so that nobody takes one for the other. */
function refuseTaken(book: RuleBook, id: string): void {
  const taken = book.packs.find((each) => each.key.toLowerCase() === id.toLowerCase());
  if (taken) {
    throw new Refusal('pack_exists', `There is a pack ${taken.key} already.`, {
      field: 'id',
      status: 409,
      details: { pack: taken.key },
    });
  }
}

function usable(tried: () => WouldBe): WouldBe {
  try {
    return tried();
  } catch (error) {
    if (error instanceof PackFault) throw refusalOf([error]);
    throw error;
  }
}

async function refuseToBlock(transaction: Store, pack: RulePack, wouldBe: WouldBe, begins: Temporal.Instant): Promise<void> {
  const concerned = concernedBy(wouldBe, pack.id);
  const groups = [...placesOf(concerned), ...(await readPeople(transaction, countriesOfAll(concerned)))];
  refuseBlocked(blockedBy(wouldBe, pack, groups, begins));
}

function refuseBlocked(blocked: readonly PeopleOfPlace[]): void {
  if (blocked.length === 0) return;
  const people = peopleIn(blocked);
  throw new Refusal('blocks_everybody', `By these rules ${people} debtors could never be called again.`, {
    field: 'rules',
    status: 409,
    details: { people, countries: countriesIn(blocked) },
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
