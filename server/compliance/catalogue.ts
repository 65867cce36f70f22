/** The packs in force, and which of them bind a contact. */
import type { CampaignSettings } from '../contract/campaigns.ts';
import {
  closedOn,
  combine,
  compilePack,
  rangesByWeekday,
  type AppliedCap,
  type AppliedRules,
  type CompiledPack,
  type Problem,
} from './applied.ts';
import type { PackFaultCode } from '../contract/rule-terms.ts';
import { rulePackSchema, type RuleOverride, type RulePack } from './packs.ts';
import { dayOfDate } from './zones.ts';
import { weeklyWindow, type RuleOrigin, type WindowRule } from './windows.ts';

/** A campaign's own limits, which only ever add to what the packs forbid. */
export interface CampaignRules {
  windows: readonly WindowRule[];
  caps: readonly AppliedCap[];
  /** For so long a number that was abandoned is dialed only with an agent held for it. */
  redialBlockHours: number;
  /** The hours and caps as text, for the digest of inputs. */
  key: string;
}

/** The packs in force. Create with `createCatalogue`. */
export interface Catalogue {
  packs: ReadonlyMap<string, RulePack>;
  /** What creditors and campaigns add, as packs of their own. */
  overrides: readonly NarrowingPack[];
  /** Days by country (ISO 3166-1), as numbers since 1970-01-01. They close where a pack says so. */
  holidays: ReadonlyMap<string, ReadonlySet<number>>;
  /** In which version a country's calendar is, where it has one. */
  calendarVersions: ReadonlyMap<string, number>;
  /** Chosen before, by countries and regions. */
  chosen: Map<string, AppliedRules>;
  compiled: Map<string, CompiledPack>;
}

interface NarrowingPack {
  tightens: string;
  subjectId: string;
  pack: RulePack;
}

/** On whose behalf a contact is made: what they ask beyond the law counts too. */
export interface Behalf {
  creditorIds: readonly string[];
  campaignId: string | null;
}

/** Nobody asks more than the law does. */
export const NOBODY: Behalf = { creditorIds: [], campaignId: null };

/** A pack or a set of packs that cannot be used, named. `field` is a path into the pack, such as `hours.0.to`. */
export class PackFault extends Error {
  readonly code: PackFaultCode;
  readonly field: string | null;
  constructor(code: PackFaultCode, message: string, field: string | null = null) {
    super(message);
    this.name = 'PackFault';
    this.code = code;
    this.field = field;
  }
}

/** A day that a country (ISO 3166-1) keeps; `date` as YYYY-MM-DD. */
export interface NationalHoliday {
  country: string;
  date: string;
}

/** The days that countries keep, and by country in which version its calendar is. */
export interface Calendar {
  days: readonly NationalHoliday[];
  versions: ReadonlyMap<string, number>;
}

const NO_HOLIDAYS: Calendar = { days: [], versions: new Map() };

/**
 * Gathers packs for use, with what creditors and campaigns add to them and the confirmed holidays of their countries; throws
 * PackFault for an id given twice, a base that is not there, or a pack that inherits itself.
 */
export function createCatalogue(
  packs: readonly RulePack[],
  overrides: readonly RuleOverride[] = [],
  calendar: Calendar = NO_HOLIDAYS,
): Catalogue {
  const byId = new Map<string, RulePack>();
  for (const pack of packs) {
    if (byId.has(pack.id)) throw new PackFault('pack_twice', `pack ${pack.id} is given twice`, 'id');
    byId.set(pack.id, pack);
  }
  for (const pack of packs) withAncestors(byId, pack);
  return {
    packs: byId,
    overrides: overrides.map(narrowingPack),
    holidays: daysByCountry(calendar.days),
    calendarVersions: calendar.versions,
    chosen: new Map(),
    compiled: new Map(),
  };
}

/**
 * The rules that bind a contact with a person of these countries (ISO 3166-1) and regions (ISO 3166-2): every pack that serves
 * one of them, and what creditors and campaign add to it. A country that no pack serves, and an empty list, are problems that refuse.
 */
export function rulesFor(
  catalogue: Catalogue,
  countries: readonly string[],
  regions: readonly string[] = [],
  behalf: Behalf = NOBODY,
): AppliedRules {
  const behalfKey =
    catalogue.overrides.length === 0 ? '' : `${behalf.creditorIds.toSorted().join(',')}|${behalf.campaignId ?? ''}`;
  const key = `${countries.toSorted().join(',')}|${regions.toSorted().join(',')}|${behalfKey}`;
  let rules = catalogue.chosen.get(key);
  if (rules === undefined) {
    rules = chooseRules(catalogue, new Set(countries), new Set(regions), behalf);
    catalogue.chosen.set(key, rules);
  }
  return rules;
}

/** The rules of one pack and what it inherits, whatever the place; an id that is not there is the problem `unknown_pack`. */
export function rulesOfPack(catalogue: Catalogue, packId: string): AppliedRules {
  const key = `pack:${packId}`;
  let rules = catalogue.chosen.get(key);
  if (rules === undefined) {
    const pack = catalogue.packs.get(packId);
    rules = combine(
      (pack === undefined ? [] : withAncestors(catalogue.packs, pack)).map((each) => compiledIn(catalogue, each, true)),
      pack === undefined ? [{ reason: 'unknown_pack', what: packId }] : [],
    );
    catalogue.chosen.set(key, rules);
  }
  return rules;
}

/** Where a campaign's own limits come from. */
export const CAMPAIGN: RuleOrigin = { pack: 'campaign', version: 0, source: '', evidence: 'V1' };

/** A campaign's own hours (local to the debtor) and caps as rules. No hours: the campaign adds none. */
export function campaignRules(
  settings: Pick<CampaignSettings, 'hours' | 'caps'> & Partial<Pick<CampaignSettings, 'abandonment'>>,
): CampaignRules {
  const origin = CAMPAIGN;
  const redialBlockHours = settings.abandonment?.redialBlockHours ?? 0;
  const { personPerDay, personPerWeek, debtPerWeek, minutesBetween } = settings.caps;
  const caps: Pick<AppliedCap['rule'], 'id' | 'scope' | 'max' | 'days' | 'minutes'>[] = [
    { id: 'campaign_person_day', scope: 'person', max: personPerDay, days: 1, minutes: undefined },
    { id: 'campaign_person_week', scope: 'person', max: personPerWeek, days: 7, minutes: undefined },
    { id: 'campaign_debt_week', scope: 'person+debt', max: debtPerWeek, days: 7, minutes: undefined },
    { id: 'campaign_minutes_between', scope: 'person', max: 1, days: undefined, minutes: minutesBetween },
  ];
  return {
    windows: settings.hours.length === 0 ? [] : [weeklyWindow('campaign_hours', origin, rangesByWeekday(settings.hours))],
    caps: caps.map((cap) => ({
      rule: { ...cap, event: 'outbound_call_attempt', severity: 'block', startsAfter: undefined },
      origin,
    })),
    redialBlockHours,
    key: JSON.stringify([
      settings.hours.map(({ days, from, to }) => [days, from, to]),
      [personPerDay, personPerWeek, debtPerWeek, minutesBetween],
      ...(redialBlockHours === 0 ? [] : [redialBlockHours]),
    ]),
  };
}

/** A campaign that adds nothing to the packs. */
export const NO_CAMPAIGN_RULES: CampaignRules = { windows: [], caps: [], redialBlockHours: 0, key: '' };

function chooseRules(
  catalogue: Catalogue,
  countries: ReadonlySet<string>,
  regions: ReadonlySet<string>,
  behalf: Behalf,
): AppliedRules {
  const problems: Problem[] = countries.size === 0 ? [{ reason: 'unknown_country', what: '' }] : [];
  const chosen = new Map<string, { pack: RulePack; countries: Set<string> }>();
  const served = new Set<string>();
  for (const pack of catalogue.packs.values()) {
    const ofCountry = pack.countries.filter((each) => countries.has(each));
    const ofRegion = pack.regions.filter((each) => regions.has(each));
    if (ofCountry.length === 0 && ofRegion.length === 0) continue;
    const bound = [...ofCountry, ...ofRegion].map((place) => place.slice(0, 2));
    for (const country of bound) served.add(country);
    for (const each of withAncestors(catalogue.packs, pack)) {
      chosen.set(each.id, { pack: each, countries: new Set([...(chosen.get(each.id)?.countries ?? []), ...bound]) });
    }
  }
  for (const country of countries) {
    if (!/^[A-Z]{2}$/.test(country)) problems.push({ reason: 'unknown_country', what: country });
    else if (!served.has(country)) problems.push({ reason: 'unknown_pack', what: country });
  }
  const narrowing = catalogue.overrides.filter(
    ({ tightens, subjectId }) =>
      chosen.has(tightens) && (behalf.campaignId === subjectId || behalf.creditorIds.includes(subjectId)),
  );
  const rules = combine(
    [
      ...[...chosen.values()].map(({ pack, countries: bound }) =>
        closedOn(compiledIn(catalogue, pack, true), daysOf(catalogue.holidays, bound)),
      ),
      ...narrowing.map(({ pack }) => compiledIn(catalogue, pack, false)),
    ],
    problems,
  );
  const kept = [...chosen.values()].filter(({ pack }) => pack.closedOnHolidays !== null);
  return kept.length === 0 ? rules : { ...rules, packVersions: { ...rules.packVersions, ...calendarsOf(catalogue, kept) } };
}

/** The calendars by which packs close, under names of their own beside the packs' versions. */
function calendarsOf(
  { calendarVersions }: Catalogue,
  packs: readonly { countries: ReadonlySet<string> }[],
): Record<string, number> {
  const countries = new Set(packs.flatMap((each) => [...each.countries]));
  return Object.fromEntries([...countries].map((country) => [`holidays.${country}`, calendarVersions.get(country) ?? 0]));
}

function compiledIn(catalogue: Catalogue, pack: RulePack, opens: boolean): CompiledPack {
  const kept = catalogue.compiled.get(pack.id);
  if (kept !== undefined) return kept;
  const compiled = compilePack(pack, opens);
  catalogue.compiled.set(pack.id, compiled);
  return compiled;
}

function daysByCountry(holidays: readonly NationalHoliday[]): Map<string, Set<number>> {
  const days = new Map<string, Set<number>>();
  for (const { country, date } of holidays) {
    const known = days.get(country) ?? new Set();
    days.set(country, known.add(dayOfDate(Temporal.PlainDate.from(date))));
  }
  return days;
}

function daysOf(holidays: Catalogue['holidays'], countries: ReadonlySet<string>): Set<number> {
  return new Set([...countries].flatMap((country) => [...(holidays.get(country) ?? [])]));
}

/** An override as a pack that serves no place by itself, under a name that says whose it is. */
function narrowingPack({ scope, subjectId, tightens, ...rules }: RuleOverride): NarrowingPack {
  return { tightens, subjectId, pack: rulePackSchema.parse({ ...rules, id: `${scope}.${subjectId}.${tightens}` }) };
}

/** A pack and all it inherits from, itself first. */
export function withAncestors(packs: ReadonlyMap<string, RulePack>, pack: RulePack): RulePack[] {
  const chain = [pack];
  for (let at = pack; at.base !== null;) {
    const base = packs.get(at.base);
    if (base === undefined) throw new PackFault('unknown_base', `pack ${at.id} inherits ${at.base}, which is not there`, 'base');
    if (chain.includes(base))
      throw new PackFault('inherits_itself', `pack ${pack.id} inherits itself by way of ${at.id}`, 'base');
    chain.push(base);
    at = base;
  }
  return chain;
}
