/** Every version of every rule, and which of them are in force at a moment. */
import { createCatalogue, type Catalogue, type NationalHoliday } from './catalogue.ts';
import type { RuleOverride, RulePack } from './packs.ts';

/** A version of a pack or an override, in force from `fromMs` (epoch milliseconds; -Infinity: always was). */
export interface Dated<Rules> {
  key: string;
  version: number;
  fromMs: number;
  rules: Rules;
}

/** All versions together, with the catalogues of the spans between their beginnings. Create with `createRuleBook`. */
export interface RuleBook {
  packs: readonly Dated<RulePack>[];
  overrides: readonly Dated<RuleOverride>[];
  holidays: readonly NationalHoliday[];
  beginnings: readonly number[];
  compiled: Map<number, Catalogue>;
}

/** Gathers versions; `holidays` are the confirmed ones. */
export function createRuleBook(
  packs: readonly Dated<RulePack>[],
  overrides: readonly Dated<RuleOverride>[],
  holidays: readonly NationalHoliday[],
): RuleBook {
  const beginnings = [...new Set([...packs, ...overrides].map((each) => each.fromMs))].toSorted((a, b) => a - b);
  return { packs, overrides, holidays, beginnings, compiled: new Map() };
}

/** The rules in force at `atMs`; compiled once for each span in which they do not change. Throws PackFault for a set that cannot be. */
export function catalogueIn(book: RuleBook, atMs: number): Catalogue {
  const span = book.beginnings.findLastIndex((fromMs) => fromMs <= atMs);
  let catalogue = book.compiled.get(span);
  if (catalogue === undefined) {
    const packs = inForce(book.packs, atMs).map((each) => each.rules);
    const overrides = inForce(book.overrides, atMs).map((each) => each.rules);
    catalogue = createCatalogue(packs, overrides, book.holidays);
    book.compiled.set(span, catalogue);
  }
  return catalogue;
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
