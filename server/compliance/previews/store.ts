/** What rules would do that are not saved yet, for whoever edits them. */
import type { Kysely } from 'kysely';
import type { OverridePreview, PackPreview } from '../../contract/packs.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { Schema } from '../../kernel/schema.ts';
import {
  blockedBy,
  concernedBy,
  countriesIn,
  countriesOfAll,
  peopleIn,
  placesOf,
  unknownPlaces,
  withOverride,
  withVersion,
  type WouldBe,
} from '../as-if.ts';
import { NOBODY, PackFault, type Behalf } from '../catalogue.ts';
import { subjectOrRefuse } from '../changes/store.ts';
import { weeklyGrid } from '../grid.ts';
import { looseningsOf } from '../loosening.ts';
import type { RuleOverride, RulePack } from '../packs.ts';
import { callableByHour, type PeopleOfPlace } from '../reach.ts';
import { readOverride, readPack } from '../reading.ts';
import { catalogueIn, type RuleBook } from '../rule-book.ts';
import { readPeople, readPeopleOf, readQueuedPeople, readRuleBook } from '../store.ts';

type Store = Kysely<Schema>;
type Rules = { rules: Readonly<Record<string, unknown>> };

/** Of a campaign or a creditor so many debtors are looked at for a preview. */
const LOOKED_AT = 20_000;
const HOURS_OF_WEEK = 7 * 24;

/**
 * What rules would do that are not saved yet: the ordinary week as they narrow it, how many of the people may be called in each hour of
 * the coming week before and after, and everything that is wrong with them. Throws `unknown_creditor`, `unknown_campaign`, `unknown_pack`.
 */
export async function previewOverride(
  database: Store,
  change: Pick<RuleOverride, 'scope' | 'subjectId' | 'tightens'> & Rules,
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
  return {
    grid: weeklyGrid(before, pack, override),
    people: peopleIn(groups),
    partly: peopleIn(groups) >= LOOKED_AT,
    hours: weekOf({ before, after }, groups, now, subject.behalf),
    faults: faults.map(plain),
  };
}

const NOTHING: Omit<PackPreview, 'faults'> = {
  grid: [],
  people: 0,
  oneIn: 1,
  now: { before: 0, after: 0, opened: 0, closed: 0 },
  hours: [],
  blocked: null,
};

/**
 * What rules would do as a version of a pack, new or known, that is in force from `now` on: its week, how many of the debtors who wait in a
 * queue may be called by hours and place before and after, everything that is wrong, and whom it would block for ever.
 */
export async function previewPack(
  database: Store,
  { id, rules }: Rules & { id: string },
  now: Temporal.Instant,
): Promise<PackPreview> {
  const book = await readRuleBook(database);
  const tried = tryPack(book, id, rules, now);
  if (tried.faults !== null) return { ...NOTHING, faults: tried.faults.map(plain) };
  const { pack, wouldBe } = tried;
  const concerned = concernedBy(wouldBe, id);
  const countries = countriesOfAll(concerned);
  const { groups: queued, oneIn } = await readQueuedPeople(database, countries);
  const blocks = blockedBy(wouldBe, pack, [...placesOf(concerned), ...queued], now).length > 0;
  const blocked = blocks
    ? blockedBy(wouldBe, pack, [...placesOf(concerned), ...(await readPeople(database, countries))], now)
    : [];
  return {
    grid: weeklyGrid(wouldBe.after, pack),
    people: peopleIn(queued),
    oneIn,
    now: changesAt(wouldBe, queued, now),
    hours: weekOf(wouldBe, queued, now),
    blocked: blocked.length === 0 ? null : { people: peopleIn(blocked), countries: countriesIn(blocked) },
    faults: [],
  };
}

type Tried = { faults: null; pack: RulePack; wouldBe: WouldBe } | { faults: readonly PackFault[] };

function tryPack(book: RuleBook, id: string, rules: Rules['rules'], now: Temporal.Instant): Tried {
  const versions = book.packs.filter((each) => each.key === id).map((each) => each.version);
  const version = Math.max(0, ...versions) + 1;
  const effectiveFrom = now.toZonedDateTimeISO('UTC').toPlainDate().toString();
  const reading = readPack({ ...rules, id, version, author: 'preview', reason: 'preview', effectiveFrom });
  if (reading.faults !== null) return { faults: reading.faults };
  const pack = reading.item;
  const unknown = unknownPlaces(pack);
  if (unknown.length > 0) return { faults: unknown };
  try {
    return { faults: null, pack, wouldBe: withVersion(book, pack, now.epochMilliseconds) };
  } catch (error) {
    if (error instanceof PackFault) return { faults: [error] };
    throw error;
  }
}

/** How many of the people may be called at a moment, before and after, and for how many that changes. */
function changesAt({ before, after }: WouldBe, groups: readonly PeopleOfPlace[], at: Temporal.Instant): PackPreview['now'] {
  const counts = { before: 0, after: 0, opened: 0, closed: 0 };
  for (const group of groups) {
    const [was] = callableByHour(before, [group], at, 1);
    const [would] = callableByHour(after, [group], at, 1);
    const [then, now] = [was?.people ?? 0, would?.people ?? 0];
    counts.before += then;
    counts.after += now;
    counts.opened += Math.max(0, now - then);
    counts.closed += Math.max(0, then - now);
  }
  return counts;
}

/** How many of the people may be called in each hour of the coming week, before and after. */
function weekOf(
  { before, after }: WouldBe,
  groups: readonly PeopleOfPlace[],
  now: Temporal.Instant,
  behalf: Behalf = NOBODY,
): { at: string; before: number; after: number }[] {
  const from = now.round({ smallestUnit: 'hour', roundingMode: 'floor' });
  const would = callableByHour(after, groups, from, HOURS_OF_WEEK, behalf);
  return callableByHour(before, groups, from, HOURS_OF_WEEK, behalf).map(({ at, people }, index) => ({
    at: at.toString(),
    before: people,
    after: would[index]?.people ?? 0,
  }));
}

function plain({ code, field, message }: PackFault): PackPreview['faults'][number] {
  return { code, field, message };
}
