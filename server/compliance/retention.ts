/** How long the law of a place wants records of contacts kept. Pure. */
import { withAncestors, type Catalogue } from './catalogue.ts';

/**
 * For how many years after the last dealing with a person of these places records must be kept: the longest period that any pack which binds
 * them names. Null: no pack names one, or one names none that ends; then nothing may be erased because time has passed.
 */
export function yearsToKeep(catalogue: Catalogue, countries: readonly string[], regions: readonly string[]): number | null {
  const binding = [...catalogue.packs.values()].filter(
    (pack) => pack.countries.some((each) => countries.includes(each)) || pack.regions.some((each) => regions.includes(each)),
  );
  const periods = binding
    .flatMap((pack) => withAncestors(catalogue.packs, pack))
    .flatMap((pack) => pack.retention.map((rule) => rule.years));
  const ended = periods.filter((years) => years !== null);
  return ended.length === 0 || ended.length < periods.length ? null : Math.max(...ended);
}
