/** The rules as if a change were in force that is not saved yet, and whom it would block. Pure. */
import { PackFault, createCatalogue, withAncestors, type Catalogue } from './catalogue.ts';
import { zonesOfCountry } from './countries.ts';
import { countriesOf, type RuleOverride, type RulePack } from './packs.ts';
import { blockedForEver, type PeopleOfPlace } from './reach.ts';
import { isRegion } from './regions.ts';
import { calendarIn, catalogueIn, createRuleBook, inForce, overrideKey, type Dated, type RuleBook } from './rule-book.ts';

/** The rules at one moment, without a change and with it. */
export interface WouldBe {
  before: Catalogue;
  after: Catalogue;
}

/**
 * The rules when a version of a pack begins (`fromMs`, epoch milliseconds). Throws PackFault where the packs of that moment, or of any
 * later one that is known by now, could not be used together.
 */
export function withVersion(book: RuleBook, pack: RulePack, fromMs: number): WouldBe {
  const version: Dated<RulePack> = { key: pack.id, version: pack.version, fromMs, rules: pack };
  const changed = createRuleBook([...book.packs, version], book.overrides, book.holidays);
  for (const later of changed.beginnings.filter((each) => each > fromMs)) catalogueIn(changed, later);
  return { before: catalogueIn(book, fromMs), after: catalogueIn(changed, fromMs) };
}

/** The rules of now with an override in place of its version before. */
export function withOverride(book: RuleBook, override: RuleOverride, now: Temporal.Instant): Catalogue {
  const inForceOf = <Rules>(versions: readonly Dated<Rules>[]) => inForce(versions, now.epochMilliseconds);
  const others = inForceOf(book.overrides).filter((each) => each.key !== overrideKey(override));
  return createCatalogue(
    inForceOf(book.packs).map((each) => each.rules),
    [...others.map((each) => each.rules), override],
    calendarIn(book, now.epochMilliseconds),
  );
}

/** What a pack says of places that do not exist. A stored pack that does so is read all the same: it binds nobody there. */
export function unknownPlaces({ countries, regions }: Pick<RulePack, 'countries' | 'regions'>): PackFault[] {
  const faultsIn = (field: string, places: readonly string[]) =>
    places.flatMap((place, index) => {
      const country = place.slice(0, 2);
      if (zonesOfCountry(country).length === 0) {
        return [new PackFault('unknown_country', `${country} is not a country`, `${field}.${index}`)];
      }
      if (place === country || isRegion(place)) return [];
      return [new PackFault('unknown_region', `${place} is no region of ${country} (ISO 3166-2)`, `${field}.${index}`)];
    });
  return [...faultsIn('countries', countries), ...faultsIn('regions', regions)];
}

/** A pack and all that inherit from it, before a change or after it: whoever is bound by them is concerned. */
export function concernedBy({ before, after }: WouldBe, packId: string): RulePack[] {
  return [...packsUnder(before, packId), ...packsUnder(after, packId)];
}

/** A pack and all that inherit from it: who is bound by them is bound by it. */
export function packsUnder(catalogue: Catalogue, packId: string): RulePack[] {
  return [...catalogue.packs.values()].filter((each) => withAncestors(catalogue.packs, each).some(({ id }) => id === packId));
}

/** The places of packs as groups of nobody, so that a place without debtors is judged too. */
export function placesOf(packs: readonly RulePack[]): PeopleOfPlace[] {
  const countries = [...new Set(packs.flatMap((each) => each.countries))];
  return [
    ...countries.map((country) => ({ country, regions: [] })),
    ...packs.flatMap((each) => each.regions.map((region) => ({ country: region.slice(0, 2), regions: [region] }))),
  ].map((place) => ({ ...place, zones: [], people: 0 }));
}

/** The countries in which packs bind anybody. */
export function countriesOfAll(packs: readonly RulePack[]): string[] {
  return [...new Set(packs.flatMap(countriesOf))];
}

/** Of the groups those whom a version of a pack would block for ever from `from` on, and who were not blocked before. */
export function blockedBy(
  { before, after }: WouldBe,
  pack: RulePack,
  groups: readonly PeopleOfPlace[],
  from: Temporal.Instant,
): PeopleOfPlace[] {
  const already = new Set(blockedForEver(before, groups, from));
  // A country that no pack served is no better off with one that closes it.
  return blockedForEver(after, groups, from).filter((group) => !already.has(group) || pack.countries.includes(group.country));
}

/** How many people groups are. */
export function peopleIn(groups: readonly PeopleOfPlace[]): number {
  return groups.reduce((sum, group) => sum + group.people, 0);
}

/** The countries of groups, in order. */
export function countriesIn(groups: readonly PeopleOfPlace[]): string[] {
  return [...new Set(groups.map((group) => group.country))].toSorted();
}
