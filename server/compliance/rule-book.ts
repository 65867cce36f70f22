/** Every version of every rule, and which of them are in force at a moment. */
import { createCatalogue, type Calendar, type Catalogue } from './catalogue.ts';
import type { RuleOverride, RulePack } from './packs.ts';

/** A version of a pack or an override, in force from `fromMs` (epoch milliseconds; -Infinity: always was). */
export interface Dated<Rules> {
  key: string;
  version: number;
  fromMs: number;
  rules: Rules;
}

/** What was decided of a country's day (YYYY-MM-DD) from `fromMs` on: whether it is kept. */
export interface HolidayChange {
  country: string;
  date: string;
  name: string;
  closes: boolean;
  fromMs: number;
}

/** All versions together, with the catalogues of the spans between their beginnings. Create with `createRuleBook`. */
export interface RuleBook {
  packs: readonly Dated<RulePack>[];
  overrides: readonly Dated<RuleOverride>[];
  holidays: readonly HolidayChange[];
  beginnings: readonly number[];
  compiled: Map<number, Catalogue>;
}

/** Gathers versions; changes of holidays in the order in which they were made. */
export function createRuleBook(
  packs: readonly Dated<RulePack>[],
  overrides: readonly Dated<RuleOverride>[],
  holidays: readonly HolidayChange[],
): RuleBook {
  const beginnings = [...new Set([...packs, ...overrides, ...holidays].map((each) => each.fromMs))].toSorted((a, b) => a - b);
  return { packs, overrides, holidays, beginnings, compiled: new Map() };
}

/** The rules in force at `atMs`; compiled once for each span in which they do not change. Throws PackFault for a set that cannot be. */
export function catalogueIn(book: RuleBook, atMs: number): Catalogue {
  const span = book.beginnings.findLastIndex((fromMs) => fromMs <= atMs);
  let catalogue = book.compiled.get(span);
  if (catalogue === undefined) {
    const packs = inForce(book.packs, atMs).map((each) => each.rules);
    const overrides = inForce(book.overrides, atMs).map((each) => each.rules);
    catalogue = createCatalogue(packs, overrides, calendarIn(book, atMs));
    book.compiled.set(span, catalogue);
  }
  return catalogue;
}

/** The days that countries kept at `atMs`, as decided by then. The version of a country's calendar is how often it was changed. */
export function calendarIn({ holidays }: Pick<RuleBook, 'holidays'>, atMs: number): Calendar {
  const begun = holidays.filter((each) => each.fromMs <= atMs);
  const last = new Map(begun.map((each) => [`${each.country} ${each.date} ${each.name}`, each]));
  const versions = new Map<string, number>();
  for (const { country } of begun) versions.set(country, (versions.get(country) ?? 0) + 1);
  return { days: [...last.values()].filter((each) => each.closes), versions };
}

/** Of each key the newest version that has begun: a newer version supersedes an older one that was still to come. */
export function inForce<Rules>(versions: readonly Dated<Rules>[], atMs: number): Dated<Rules>[] {
  const newest = new Map<string, Dated<Rules>>();
  for (const each of versions) {
    if (each.fromMs <= atMs && each.version > (newest.get(each.key)?.version ?? 0)) newest.set(each.key, each);
  }
  return [...newest.values()];
}

/** Whose override of which pack. */
export function overrideKey({ scope, subjectId, tightens }: Pick<RuleOverride, 'scope' | 'subjectId' | 'tightens'>): string {
  return `${scope} ${subjectId} ${tightens}`;
}
